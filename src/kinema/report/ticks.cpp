#include "kinema/report/ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::report {

double round_length(double most) {
  const double decade = std::pow(10.0, std::floor(std::log10(most)));
  double length = decade;
  for (const double step : {2.0, 5.0}) {
    if (step * decade <= most * (1.0 + 1e-9)) length = step * decade;
  }
  return length;
}

Ticks ticks_between(double low, double high, int wanted) {
  if (!(high > low)) return {{low}, {fmt::format("{:g}", low)}};
  const double step = round_length(1.4 * (high - low) / wanted);
  const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 12);
  Ticks ticks;
  const double slack = 1e-9 * (high - low);
  for (double i = std::ceil((low - slack) / step); i * step <= high + slack; ++i) {
    const double value = i == 0.0 ? 0.0 : i * step;
    std::string label = fmt::format("{:.{}f}", std::abs(value), decimals);
    if (value < 0.0) label = "−" + label;
    ticks.values.push_back(value);
    ticks.labels.push_back(std::move(label));
  }
  return ticks;
}

}  // namespace kinema::report
