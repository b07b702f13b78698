#include "kinema/atoms/likelihood.h"

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr double margin = 6.0;           // angstrom to each side
constexpr double strength_sigma = 0.05;  // of the contrast against the model's

/// The next number of points that transforms like.
Index smooth_size(Index n) {
  for (;; ++n) {
    Index rest = n;
    for (const Index factor : {2, 3, 5, 7}) {
      while (rest % factor == 0) rest /= factor;
    }
    if (rest == 1 && n % 2 == 0) return n;
  }
}

}  // namespace

PaddedField padded_field(Index height, Index width, PixelSize pixel, bool periodic) {
  PaddedField padded{{height, width, pixel.x.value, pixel.y.value}, 0, 0};
  if (periodic) return padded;
  padded.margin_x = static_cast<Index>(std::ceil(margin / pixel.x.value));
  padded.margin_y = static_cast<Index>(std::ceil(margin / pixel.y.value));
  padded.field.width = smooth_size(width + 2 * padded.margin_x);
  padded.field.height = smooth_size(height + 2 * padded.margin_y);
  return padded;
}

FrameLikelihood::FrameLikelihood(std::shared_ptr<const imaging::FresnelModel> model,
                                 const PaddedField& field,
                                 ArrayView<const float, 2> frame,
                                 const Recording& recording)
    : model_(std::move(model)),
      field_(field),
      counts_(frame.shape()),
      read_variance_(recording.read_variance),
      intensity_({field.field.height, field.field.width}),
      adjoint_({field.field.height, field.field.width}) {
  const auto per_electron = static_cast<float>(1.0 / recording.units_per_electron);
  for (Index i = 0; i < counts_.size(); ++i) counts_.data()[i] = frame.data()[i] * per_electron;
}

double FrameLikelihood::information() const {
  return mean_counts_ * mean_counts_ / (mean_counts_ + read_variance_);
}

Array<float, 2> FrameLikelihood::expected() const {
  Array<float, 2> mean(counts_.shape());
  for (Index y = 0; y < mean.shape()[0]; ++y) {
    for (Index x = 0; x < mean.shape()[1]; ++x) {
      const auto part =
          static_cast<double>(intensity_(y + field_.margin_y, x + field_.margin_x)) - 1.0;
      mean(y, x) = static_cast<float>(mean_counts_ * (1.0 + strength_ * part));
    }
  }
  return mean;
}

/// What the atoms add to an intensity of 1 in a pixel of the frame.
double FrameLikelihood::contrast(Index y, Index x) const {
  return static_cast<double>(intensity_(y + field_.margin_y, x + field_.margin_x)) - 1.0;
}

/// Mean counts of vacuum and, where it is free, strength: least squares of n = mean (1 + strength
/// c), the strength known to a few per cent before.
void FrameLikelihood::fit_brightness() {
  const auto [height, width] = counts_.shape();
  double counts = 0.0, part = 0.0, product = 0.0, square = 0.0;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double c = contrast(y, x), n = counts_(y, x);
      counts += n, part += c, product += n * c, square += c * c;
    }
  }
  const auto pixels = static_cast<double>(counts_.size());
  mean_counts_ = counts / (pixels + strength_ * part);
  if (!fit_strength) return;
  const double per_square = mean_counts_ / (1.0 + read_variance_ / mean_counts_);
  const double known = 1.0 / (strength_sigma * strength_sigma);
  strength_ =
      ((product / mean_counts_ - part) * per_square + known) / (square * per_square + known);
  mean_counts_ = counts / (pixels + strength_ * part);
}

/// Minus log likelihood of the counts under the intensity; its derivative by that goes to adjoint_.
double FrameLikelihood::compare() {
  const auto [height, width] = counts_.shape();
  const double vacuum = mean_counts_ + read_variance_;
  std::fill_n(adjoint_.data(), adjoint_.size(), 0.0F);
  double relative_total = 0.0, n_total = 0.0;
  chi_squared_ = 0.0;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double n = static_cast<double>(counts_(y, x)) + read_variance_;
      const double mean =
          std::max(1e-6, mean_counts_ * (1.0 + strength_ * contrast(y, x))) + read_variance_;
      relative_total += mean - vacuum - n * std::log(mean / vacuum);
      n_total += n;
      chi_squared_ += (n - mean) * (n - mean) / mean;
      adjoint_(y + field_.margin_y, x + field_.margin_x) =
          static_cast<float>(mean_counts_ * strength_ * (1.0 - n / mean));
    }
  }
  const auto pixels = static_cast<double>(counts_.size());
  chi_squared_ /= pixels;
  return relative_total + pixels * vacuum - n_total * std::log(vacuum);
}

double FrameLikelihood::value(std::span<const double> coordinates, std::span<double> gradient) {
  std::vector<Vec3> positions(coordinates.size() / 3);
  const imaging::Field& grid = field_.field;
  for (std::size_t j = 0; j < positions.size(); ++j) {
    positions[j] = {coordinates[3 * j] + static_cast<double>(field_.margin_x) * grid.step_x,
                    coordinates[3 * j + 1] + static_cast<double>(field_.margin_y) * grid.step_y,
                    coordinates[3 * j + 2]};
  }
  model_->image(positions, intensity_.view(), scratch_);
  fit_brightness();
  double total = compare();
  if (fit_strength) {
    const double off = (strength_ - 1.0) / strength_sigma;
    total += 0.5 * off * off;
  }
  if (gradient.empty()) return total;
  last_ = model_->gradient(positions, std::as_const(adjoint_).view(), scratch_);
  for (std::size_t j = 0; j < positions.size(); ++j) {
    for (std::size_t axis = 0; axis < 3; ++axis) gradient[3 * j + axis] += last_.positions[j][axis];
  }
  return total;
}

double FrameLikelihood::fit(std::span<const Vec3> positions) {
  std::vector<double> coordinates;
  for (const Vec3& p : positions) coordinates.insert(coordinates.end(), p.begin(), p.end());
  fit_strength = true;
  return value(coordinates, {});
}

}  // namespace kinema::atoms
