#include "kinema/atoms/fisher.h"

#include "kinema/base/fourier.h"

#include <cmath>

namespace kinema::atoms {
namespace {

constexpr double table_step = 0.1;  // angstrom, at most

/// Weights of the four points around a place between the second and the third (Catmull and Rom).
std::array<double, 4> cubic_weights(double t) {
  return {((-t + 2.0) * t - 1.0) * t / 2.0,
          ((3.0 * t - 5.0) * t * t + 2.0) / 2.0,
          ((-3.0 * t + 4.0) * t + 1.0) * t / 2.0,
          (t - 1.0) * t * t / 2.0};
}

}  // namespace

FisherTable::FisherTable(const imaging::FresnelModel& model,
                         double information,
                         double z,
                         double reach)
    : reach_(reach) {
  const imaging::Field& field = model.field();
  const Index finer = std::max<Index>(
      1, static_cast<Index>(std::ceil(std::max(field.step_x, field.step_y) / table_step)));
  step_x_ = field.step_x / static_cast<double>(finer);
  step_y_ = field.step_y / static_cast<double>(finer);
  const Index height = field.height * finer, width = field.width * finer;
  half_x_ = std::min(width / 2 - 3, static_cast<Index>(std::ceil(reach / step_x_)) + 3);
  half_y_ = std::min(height / 2 - 3, static_cast<Index>(std::ceil(reach / step_y_)) + 3);
  reach_ = std::min({reach,
                     static_cast<double>(half_x_ - 2) * step_x_,
                     static_cast<double>(half_y_ - 2) * step_y_});
  table_ = Array<float, 3>({9, 2 * half_y_ + 1, 2 * half_x_ + 1});

  const Array<Complex, 3> response = model.response(z);
  const RealFourier2 plan(height, width);
  Array<Complex, 2> product(plan.half_shape());
  Array<float, 2> plane({height, width});
  const auto scale = static_cast<float>(information * static_cast<double>(finer * finer));
  for (int ab = 0; ab < 9; ++ab) {
    std::fill_n(product.data(), product.size(), Complex());
    for (Index y = 0; y < field.height; ++y) {
      const Index to = y <= field.height / 2 ? y : y + height - field.height;
      for (Index x = 0; x <= field.width / 2; ++x) {
        product(to, x) = scale * response(ab / 3, y, x) * std::conj(response(ab % 3, y, x));
      }
    }
    plan.inverse(product.view(), plane.view());
    for (Index y = -half_y_; y <= half_y_; ++y) {
      for (Index x = -half_x_; x <= half_x_; ++x) {
        table_(ab, y + half_y_, x + half_x_) = plane((y + height) % height, (x + width) % width);
      }
    }
  }
}

FisherTable::Block FisherTable::block(double dx, double dy) const {
  const double px = dx / step_x_ + static_cast<double>(half_x_),
               py = dy / step_y_ + static_cast<double>(half_y_);
  const auto x = static_cast<Index>(px), y = static_cast<Index>(py);
  const auto across = cubic_weights(px - static_cast<double>(x)),
             down = cubic_weights(py - static_cast<double>(y));
  Block block{};
  for (int ab = 0; ab < 9; ++ab) {
    double sum = 0.0;
    for (int b = 0; b < 4; ++b) {
      const float* const row = &table_(ab, y + b - 1, x - 1);
      sum += down[b] *
             (across[0] * row[0] + across[1] * row[1] + across[2] * row[2] + across[3] * row[3]);
    }
    block[ab / 3][ab % 3] = sum;
  }
  return block;
}

}  // namespace kinema::atoms
