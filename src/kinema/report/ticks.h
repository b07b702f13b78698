// Round numbers along an axis, and their texts.
#pragma once

#include <string>
#include <vector>

namespace kinema::report {

struct Ticks {
  std::vector<double> values;       // rising, 1, 2 or 5 times a power of ten apart
  std::vector<std::string> labels;  // with as many decimals as the step needs, and a true minus
};

/// The ticks in [low, high], about `wanted` of them; one where the range is empty.
Ticks ticks_between(double low, double high, int wanted = 5);

/// The largest of 1, 2 or 5 times a power of ten that is at most `most` (above 0).
double round_length(double most);

}  // namespace kinema::report
