// Forward, gradient, and the derivative by latents. Waves along y carry the amplitudes.
#include "kinema/dynamics/gaussian_model.h"

#include "kinema/imaging/point_sum.h"

#include <cmath>
#include <numbers>

namespace kinema::dynamics {
namespace {

using std::numbers::pi;

/// exp(-2 pi^2 s^2 k^2 / L^2) for k = 0 .. n-1: (n, M).
Array<float, 2> fall_off(std::span<const float> widths, Index n, double length) {
  const auto count = static_cast<Index>(widths.size());
  Array<float, 2> weights({n, count});
  for (Index m = 0; m < count; ++m) {
    const double s = pi * static_cast<double>(widths[static_cast<std::size_t>(m)]) / length;
    for (Index k = 0; k < n; ++k) {
      weights(k, m) = static_cast<float>(std::exp(-2.0 * s * s * static_cast<double>(k * k)));
    }
  }
  return weights;
}

std::vector<float> exponentials(const float* logs, Index count) {
  std::vector<float> out;
  for (Index m = 0; m < count; ++m) out.push_back(std::exp(logs[m]));
  return out;
}

void scale_columns(Array<float, 2>& waves, const std::vector<float>& factors) {
  const auto [rows, count] = waves.shape();
  for (Index row = 0; row < rows; ++row) {
    for (Index m = 0; m < count; ++m) waves(row, m) *= factors[static_cast<std::size_t>(m)];
  }
}

/// Per column: turn sum_k k (d_s w_c - d_c w_s), the derivative by the point's place, and
/// sum_k k^2 (d_c w_c + d_s w_s), from which that by its width follows.
void contract(const Array<float, 2>& derivative,
              const Array<float, 2>& waves,
              float turn,
              float* place,
              float* spread) {
  const Index n = waves.shape()[0] / 2, count = waves.shape()[1];
  std::fill_n(place, count, 0.0F);
  std::fill_n(spread, count, 0.0F);
  for (Index k = 1; k < n; ++k) {
    const float *dc = derivative.data() + k * count, *ds = dc + n * count;
    const float *wc = waves.data() + k * count, *ws = wc + n * count;
    const auto order = static_cast<float>(k);
    const float by_place = turn * order, by_spread = order * order;
    for (Index m = 0; m < count; ++m) {
      place[m] += by_place * (ds[m] * wc[m] - dc[m] * ws[m]);
      spread[m] += by_spread * (dc[m] * wc[m] + ds[m] * ws[m]);
    }
  }
}

/// How waves change when the points move by `steps`.
void moved(const Array<float, 2>& waves,
           const std::vector<float>& steps,
           float turn,
           Array<float, 2>& out) {
  const Index n = waves.shape()[0] / 2, count = waves.shape()[1];
  for (Index k = 0; k < n; ++k) {
    const float *wc = waves.data() + k * count, *ws = wc + n * count;
    float *oc = out.data() + k * count, *os = oc + n * count;
    const float factor = turn * static_cast<float>(k);
    for (Index m = 0; m < count; ++m) {
      const float step = factor * steps[static_cast<std::size_t>(m)];
      oc[m] = -step * ws[m];
      os[m] = step * wc[m];
    }
  }
}

}  // namespace

GaussianModel::GaussianModel(Index gaussians, Index latents, Index box, Length pixel_size)
    : count_(gaussians),
      latents_(latents),
      box_(box),
      length_(static_cast<double>(box) * pixel_size.value),
      parameters_(static_cast<std::size_t>(gaussians * (5 + 3 * latents))) {}

Array<float, 3> GaussianModel::volume(const double* latents) const {
  imaging::PointCloud points;
  for (Index m = 0; m < count_; ++m) {
    std::array<float, 3> place{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      place[axis] = parameters_[static_cast<std::size_t>(3 * m) + axis];
      for (Index k = 0; k < latents_; ++k) {
        place[axis] +=
            static_cast<float>(latents[k]) *
            parameters_[modes_at() + static_cast<std::size_t>(3 * (k * count_ + m)) + axis];
      }
    }
    points.x.push_back(place[0]);
    points.y.push_back(place[1]);
    points.z.push_back(place[2]);
  }
  const std::vector<float> amplitudes = exponentials(parameters_.data() + amplitudes_at(), count_);
  const std::vector<float> widths = exponentials(parameters_.data() + widths_at(), count_);
  const Array<float, 2> weights = fall_off(widths, box_ / 2, length_);
  Array<Complex, 3> spectrum({box_, box_, box_});
  imaging::add_point_spectrum(
      points, amplitudes, length_, weights.view(), [](double) { return 1.0F; }, spectrum.view());
  return imaging::volume_of_spectrum(spectrum.view());
}

GaussianImage::GaussianImage(const GaussianModel& model, const imaging::SliceLattice& lattice)
    : model_(model),
      lattice_(lattice),
      amplitudes_(exponentials(model.parameters_.data() + model.amplitudes_at(), model.count_)),
      widths_(exponentials(model.parameters_.data() + model.widths_at(), model.count_)),
      x_(widths_.size()),
      y_(widths_.size()),
      waves_x_({model.box_, model.count_}),
      waves_y_({model.box_, model.count_}),
      product_({model.box_, model.box_}),
      derivative_x_({model.box_, model.count_}),
      derivative_y_({model.box_, model.count_}) {
  weights_ = fall_off(widths_, model.box_ / 2, model.length_);
}

void GaussianImage::project(const double* latents, const Rotation& lab_from_body, Complex* out) {
  rotation_ = lab_from_body;
  latents_.assign(latents, latents + model_.latents_);
  const auto count = static_cast<std::size_t>(model_.count_);
  std::vector<float> place(model_.parameters_.begin(),
                           model_.parameters_.begin() + static_cast<std::ptrdiff_t>(3 * count));
  const float* modes = model_.parameters_.data() + model_.modes_at();
  for (const double latent : latents_) {
    const auto z = static_cast<float>(latent);
    for (std::size_t i = 0; i < 3 * count; ++i) place[i] += z * modes[i];
    modes += 3 * count;
  }
  std::array<float, 9> r{};
  for (std::size_t i = 0; i < 9; ++i) r[i] = static_cast<float>(rotation_.rows[i]);
  for (std::size_t m = 0; m < count; ++m) {
    const float* p = place.data() + 3 * m;
    x_[m] = r[0] * p[0] + r[1] * p[1] + r[2] * p[2];
    y_[m] = r[3] * p[0] + r[4] * p[1] + r[5] * p[2];
  }
  imaging::fill_waves(x_, model_.length_, weights_.view(), waves_x_.view());
  imaging::fill_waves(y_, model_.length_, weights_.view(), waves_y_.view());
  scale_columns(waves_y_, amplitudes_);
  gemm(Op::none, Op::transpose, 1.0F, waves_x_.view(), waves_y_.view(), 0.0F, product_.view());
  imaging::spectrum_of_product(product_.view(), lattice_, out);
}

void GaussianImage::add_gradient(const Complex* derivative, std::span<float> gradient) {
  const auto count = static_cast<std::size_t>(model_.count_);
  imaging::product_of_spectrum(derivative, lattice_, product_.view());
  gemm(Op::none, Op::none, 1.0F, product_.view(), waves_y_.view(), 0.0F, derivative_x_.view());
  gemm(Op::transpose, Op::none, 1.0F, product_.view(), waves_x_.view(), 0.0F, derivative_y_.view());

  const auto turn = static_cast<float>(2.0 * pi / model_.length_);
  std::vector<float> dx(count), dy(count), spread_x(count), spread_y(count);
  contract(derivative_x_, waves_x_, turn, dx.data(), spread_x.data());
  contract(derivative_y_, waves_y_, turn, dy.data(), spread_y.data());
  // By the log of an amplitude: sum of derivative times wave, over all orders.
  float* by_amplitude = gradient.data() + model_.amplitudes_at();
  for (Index row = 0; row < waves_y_.shape()[0]; ++row) {
    const float *d = derivative_y_[row].data(), *w = waves_y_[row].data();
    for (std::size_t m = 0; m < count; ++m) by_amplitude[m] += d[m] * w[m];
  }
  float* by_width = gradient.data() + model_.widths_at();
  for (std::size_t m = 0; m < count; ++m) {
    const float s = widths_[m] * turn;
    by_width[m] -= s * s * (spread_x[m] + spread_y[m]);
  }
  std::array<float, 9> r{};
  for (std::size_t i = 0; i < 9; ++i) r[i] = static_cast<float>(rotation_.rows[i]);
  std::vector<float> by_place(3 * count);
  for (std::size_t m = 0; m < count; ++m) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      by_place[3 * m + axis] = r[axis] * dx[m] + r[3 + axis] * dy[m];
    }
  }
  for (std::size_t i = 0; i < 3 * count; ++i) gradient[i] += by_place[i];
  float* by_mode = gradient.data() + model_.modes_at();
  for (const double latent : latents_) {
    const auto z = static_cast<float>(latent);
    for (std::size_t i = 0; i < 3 * count; ++i) by_mode[i] += z * by_place[i];
    by_mode += 3 * count;
  }
}

void GaussianImage::latent_derivative(Index k, Complex* out) {
  const auto count = static_cast<std::size_t>(model_.count_);
  const float* step =
      model_.parameters_.data() + model_.modes_at() + 3 * static_cast<std::size_t>(k) * count;
  std::vector<float> dx(count), dy(count);
  for (std::size_t m = 0; m < count; ++m) {
    for (int axis = 0; axis < 3; ++axis) {
      const float along = step[3 * m + static_cast<std::size_t>(axis)];
      dx[m] += static_cast<float>(rotation_.at(0, axis)) * along;
      dy[m] += static_cast<float>(rotation_.at(1, axis)) * along;
    }
  }
  const auto turn = static_cast<float>(2.0 * pi / model_.length_);
  moved(waves_x_, dx, turn, derivative_x_);
  moved(waves_y_, dy, turn, derivative_y_);
  gemm(Op::none, Op::transpose, 1.0F, derivative_x_.view(), waves_y_.view(), 0.0F, product_.view());
  gemm(Op::none, Op::transpose, 1.0F, waves_x_.view(), derivative_y_.view(), 1.0F, product_.view());
  imaging::spectrum_of_product(product_.view(), lattice_, out);
}

}  // namespace kinema::dynamics
