#include "kinema/imaging/nufft.h"

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

constexpr int half_width = SpreadKernel::width / 2;
constexpr int samples_per_step = 1024;
constexpr double beta = 1.9 * SpreadKernel::width;  // for spectra that fill 0.75 of the band

double kernel_at(double t) {
  const double u = t / half_width;
  return std::abs(u) >= 1.0 ? 0.0 : std::exp(beta * (std::sqrt(1.0 - u * u) - 1.0));
}

double kernel_slope_at(double t) {
  const double u = t / half_width, root = std::sqrt(std::max(0.0, 1.0 - u * u));
  return root < 1e-6 ? 0.0 : -beta * u / (root * half_width) * kernel_at(t);
}

/// The eight grid indices of one axis, wrapped.
std::array<Index, SpreadKernel::width> wrapped(Index first, Index n) {
  std::array<Index, SpreadKernel::width> index{};
  Index at = first % n;
  if (at < 0) at += n;
  for (Index& i : index) {
    i = at;
    if (++at == n) at = 0;
  }
  return index;
}

}  // namespace

SpreadKernel::SpreadKernel() {
  const int count = half_width * samples_per_step + 2;
  for (int i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / samples_per_step;
    table_.push_back(static_cast<float>(kernel_at(t)));
    slope_table_.push_back(static_cast<float>(kernel_slope_at(t)));
  }
}

Index SpreadKernel::values(double at, std::array<float, width>& value) const {
  const auto first = static_cast<Index>(std::ceil(at - half_width));
  for (int i = 0; i < width; ++i) {
    const double place = std::abs(static_cast<double>(first + i) - at) * samples_per_step;
    const auto cell = static_cast<std::size_t>(place);
    const auto part = static_cast<float>(place - static_cast<double>(cell));
    value[i] = table_[cell] + part * (table_[cell + 1] - table_[cell]);
  }
  return first;
}

Index SpreadKernel::values(double at,
                           std::array<float, width>& value,
                           std::array<float, width>& slope) const {
  const Index first = values(at, value);
  for (int i = 0; i < width; ++i) {
    const double t = at - static_cast<double>(first + i);
    const double place = std::abs(t) * samples_per_step;
    const auto cell = static_cast<std::size_t>(place);
    const auto part = static_cast<float>(place - static_cast<double>(cell));
    const float size = slope_table_[cell] + part * (slope_table_[cell + 1] - slope_table_[cell]);
    slope[i] = t < 0.0 ? -size : size;
  }
  return first;
}

std::vector<float> SpreadKernel::correction(Index n) const {
  std::vector<float> factors(static_cast<std::size_t>(n));
  const double step = 1.0 / 64.0;
  for (Index i = 0; i < n; ++i) {
    const double k = static_cast<double>(i <= n / 2 ? i : i - n) / static_cast<double>(n);
    double sum = 0.5 * kernel_at(0.0);
    for (double t = step; t < half_width; t += step) {
      sum += kernel_at(t) * std::cos(2.0 * std::numbers::pi * k * t);
    }
    factors[static_cast<std::size_t>(i)] = static_cast<float>(1.0 / (2.0 * step * sum));
  }
  return factors;
}

void spread(const SpreadKernel& kernel,
            std::span<const GridPoint> points,
            ArrayView<const float, 2> weights,
            ArrayView<float, 3> grids) {
  const auto [count, height, width] = grids.shape();
  std::array<float, SpreadKernel::width> across{}, down{};
  for (std::size_t j = 0; j < points.size(); ++j) {
    const auto columns = wrapped(kernel.values(points[j].x, across), width);
    const auto rows = wrapped(kernel.values(points[j].y, down), height);
    for (Index p = 0; p < count; ++p) {
      const float weight = weights(p, j);
      for (int b = 0; b < SpreadKernel::width; ++b) {
        float* const row = &grids(p, rows[b], 0);
        const float part = weight * down[b];
        for (int a = 0; a < SpreadKernel::width; ++a) row[columns[a]] += part * across[a];
      }
    }
  }
}

void gather(const SpreadKernel& kernel,
            std::span<const GridPoint> points,
            ArrayView<const float, 3> grids,
            ArrayView<float, 3> out) {
  const auto [count, height, width] = grids.shape();
  std::array<float, SpreadKernel::width> across{}, down{}, across_slope{}, down_slope{};
  for (std::size_t j = 0; j < points.size(); ++j) {
    const auto columns = wrapped(kernel.values(points[j].x, across, across_slope), width);
    const auto rows = wrapped(kernel.values(points[j].y, down, down_slope), height);
    for (Index p = 0; p < count; ++p) {
      float sum = 0.0F, by_x = 0.0F, by_y = 0.0F;
      for (int b = 0; b < SpreadKernel::width; ++b) {
        const float* const row = &grids(p, rows[b], 0);
        float line = 0.0F, line_slope = 0.0F;
        for (int a = 0; a < SpreadKernel::width; ++a) {
          line += row[columns[a]] * across[a];
          line_slope += row[columns[a]] * across_slope[a];
        }
        sum += down[b] * line;
        by_x += down[b] * line_slope;
        by_y += down_slope[b] * line;
      }
      out(p, j, 0) = sum;
      out(p, j, 1) = by_x;
      out(p, j, 2) = by_y;
    }
  }
}

}  // namespace kinema::imaging
