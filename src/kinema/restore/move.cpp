// Rows are combined first, then pixels within each row: the weights are those of the whole frame.
#include "kinema/restore/move.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace kinema::restore {
namespace {

constexpr Index reach = 8;  // pixels on either side
constexpr double kaiser_beta = 5.0;
constexpr Index rows_at_once = 32;

/// One axis: pixel i of the result is the sum of weights[k] * pixel (i + first + k).
struct Axis {
  Index first = 0;
  std::array<float, 2 * reach> weights{};
};

Axis axis_of(double shift) {
  const double floor = std::floor(-shift), fraction = -shift - floor;
  Axis axis{static_cast<Index>(floor) - reach + 1, {}};
  std::array<double, 2 * reach> weights{};
  double sum = 0.0;
  for (Index k = 0; k < 2 * reach; ++k) {
    const double x = static_cast<double>(k - reach + 1) - fraction;
    const double inside = 1.0 - x * x / static_cast<double>(reach * reach);
    const double window = std::cyl_bessel_i(0.0, kaiser_beta * std::sqrt(std::max(0.0, inside)));
    const double angle = std::numbers::pi * x;
    const double sinc = std::abs(x) < 1e-9 ? 1.0 : std::sin(angle) / angle;
    weights[static_cast<std::size_t>(k)] = fraction == 0.0 && x != 0.0 ? 0.0 : sinc * window;
    sum += weights[static_cast<std::size_t>(k)];
  }
  for (std::size_t k = 0; k < weights.size(); ++k) {
    axis.weights[k] = static_cast<float>(weights[k] / sum);
  }
  return axis;
}

/// Index i of n, mirrored at both ends as often as it takes.
Index mirrored(Index i, Index n) {
  const Index period = 2 * n;
  const Index wrapped = ((i % period) + period) % period;
  return wrapped < n ? wrapped : period - 1 - wrapped;
}

}  // namespace

Array<float, 2> moved_by(ArrayView<const float, 2> frame, const Shift& shift) {
  const auto [height, width] = frame.shape();
  const Axis down = axis_of(shift.y), across = axis_of(shift.x);
  std::vector<Index> columns(static_cast<std::size_t>(width + 2 * reach));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i] = mirrored(static_cast<Index>(i) + across.first, width);
  }
  auto out = Array<float, 2>::uninitialised(frame.shape());
  const auto move_rows = [&, height = height, width = width](Index strip) {
    std::vector<float> row(static_cast<std::size_t>(width)), wide(columns.size());
    for (Index y = strip * rows_at_once; y < std::min(height, (strip + 1) * rows_at_once); ++y) {
      std::fill(row.begin(), row.end(), 0.0F);
      for (Index k = 0; k < 2 * reach; ++k) {
        const float weight = down.weights[static_cast<std::size_t>(k)];
        const float* in = frame[mirrored(y + down.first + k, height)].data();
        for (std::size_t x = 0; x < row.size(); ++x) row[x] += weight * in[x];
      }
      for (std::size_t i = 0; i < wide.size(); ++i) {
        wide[i] = row[static_cast<std::size_t>(columns[i])];
      }
      float* result = out[y].data();
      std::fill_n(result, width, 0.0F);
      for (std::size_t k = 0; k < across.weights.size(); ++k) {
        const float weight = across.weights[k];
        for (std::size_t x = 0; x < row.size(); ++x) result[x] += weight * wide[x + k];
      }
    }
  };
  parallel_for((height + rows_at_once - 1) / rows_at_once, move_rows);
  return out;
}

}  // namespace kinema::restore
