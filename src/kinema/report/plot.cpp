#include "kinema/report/plot.h"

#include "kinema/report/text.h"

#include <cmath>
#include <stdexcept>

namespace kinema::report {

namespace {

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) {
    list.push_back(std::isfinite(value) ? Json(rounded(value)) : Json(nullptr));
  }
  return list;
}

}  // namespace

Json to_json(const Plot& plot) {
  Json series = Json::array();
  for (const Series& curve : plot.series) {
    if (curve.y.size() != plot.x.size()) {
      throw std::logic_error("plot '" + plot.title + "': curve '" + curve.name +
                             "' is not as long as x");
    }
    series.push_back({{"name", curve.name},
                      {"colour", static_cast<int>(curve.colour)},
                      {"dashed", curve.dashed},
                      {"y", numbers(curve.y)}});
  }
  return {{"kind", "plot"},
          {"title", plot.title},
          {"x_label", plot.x_label},
          {"y_label", plot.y_label},
          {"log_y", plot.log_y},
          {"over_frames", plot.over_frames},
          {"x", numbers(plot.x)},
          {"series", std::move(series)}};
}

}  // namespace kinema::report
