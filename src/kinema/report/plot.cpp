#include "kinema/report/plot.h"

#include "kinema/report/text.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kinema::report {

namespace {

Json number(double value) {
  return std::isfinite(value) ? Json(rounded(value)) : Json(nullptr);
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

void require_length(const Plot& plot, const std::string& what, std::size_t length) {
  if (length == plot.x.size()) return;
  throw std::logic_error("plot '" + plot.title + "': " + what + " is not as long as x");
}

Json to_json(const Plot& plot, const Series& curve) {
  require_length(plot, "curve '" + curve.name + "'", curve.y.size());
  Json json{{"name", curve.name},
            {"colour", static_cast<int>(curve.colour)},
            {"dashed", curve.dashed},
            {"style", to_text(curve.style)},
            {"y", numbers(curve.y)}};
  if (!curve.error.empty()) {
    require_length(plot, "error of '" + curve.name + "'", curve.error.size());
    json["error"] = numbers(curve.error);
  }
  if (!curve.value.empty()) {
    require_length(plot, "value of '" + curve.name + "'", curve.value.size());
    json["value"] = numbers(curve.value);
  }
  return json;
}

Json to_json(const Field& field) {
  Json rows = Json::array();
  for (Index y = 0; y < field.values.shape()[0]; ++y) {
    Json& row = rows.emplace_back(Json::array());
    for (Index x = 0; x < field.values.shape()[1]; ++x) {
      const double value = field.values(y, x);
      row.push_back(std::isfinite(value) ? Json(rounded(value, 4)) : Json(nullptr));
    }
  }
  return {{"x", field.x},
          {"y", field.y},
          {"values", std::move(rows)},
          {"low", rounded(field.low, 4)},
          {"high", rounded(field.high, 4)},
          {"map", field.diverging ? "diverging" : "viridis"}};
}

}  // namespace

Plot histogram(const std::string& title,
               const std::string& x_label,
               const std::string& y_label,
               std::vector<double> values,
               int bins) {
  Plot plot{.title = title,
            .x_label = x_label,
            .y_label = y_label,
            .series = {{.name = "all", .style = Style::bars}}};
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return plot;
  std::sort(values.begin(), values.end());
  const double low = values[values.size() / 500];
  const double width = std::max(1e-9, values[values.size() - 1 - values.size() / 500] - low) / bins;
  plot.series[0].y.assign(static_cast<std::size_t>(bins), 0.0);
  for (const double value : values) {
    const double place = (value - low) / width;
    if (place < 0.0 || place > bins) continue;
    plot.series[0].y[static_cast<std::size_t>(std::min(bins - 1, static_cast<int>(place)))] += 1.0;
  }
  for (int bin = 0; bin < bins; ++bin) plot.x.push_back(low + width * (bin + 0.5));
  return plot;
}

Json to_json(const Plot& plot) {
  Json series = Json::array();
  for (const Series& curve : plot.series) series.push_back(to_json(plot, curve));
  Json json{{"kind", "plot"},
            {"title", plot.title},
            {"x_label", plot.x_label},
            {"y_label", plot.y_label},
            {"log_y", plot.log_y},
            {"over_frames", plot.over_frames},
            {"equal_units", plot.equal_units},
            {"x", numbers(plot.x)},
            {"series", std::move(series)}};
  if (!plot.value_label.empty()) json["value_label"] = plot.value_label;
  if (plot.field) json["field"] = to_json(*plot.field);
  if (!plot.frames.empty()) {
    require_length(plot, "the list of frames", plot.frames.size());
    json["frames"] = plot.frames;
  }
  return json;
}

}  // namespace kinema::report
