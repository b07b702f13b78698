// Phase correlation against a running mean.
#include "kinema/restore/drift.h"

#include "kinema/base/error.h"
#include "kinema/base/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace kinema::restore {
namespace {

constexpr double least_peak = 6.0;    // of the correlation, in its root mean square
constexpr Index longest_side = 1024;  // beyond it frames are binned
constexpr double forgets = 0.05;      // share of a new frame in the mean, at least
constexpr Index upsampling = 8;       // of the correlation around its peak
constexpr Index around = upsampling + upsampling / 2;  // 1.5 pixels, in those fine steps

/// Weight of position i of n: 1 inside, falling to 0 over an eighth at either end.
double soft_edge(Index i, Index n) {
  const double edge = std::max(1.0, static_cast<double>(n) / 8.0);
  const double inside = std::min(static_cast<double>(i), static_cast<double>(n - 1 - i)) + 0.5;
  if (inside >= edge) return 1.0;
  return 0.5 - 0.5 * std::cos(std::numbers::pi * inside / edge);
}

Array<Complex, 2> soft_spectrum(ArrayView<const float, 2> frame) {
  const auto [height, width] = frame.shape();
  double mean = 0.0;
  for (const float pixel : frame.flat()) mean += pixel;
  mean /= static_cast<double>(frame.size());
  Array<Complex, 2> soft(frame.shape());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      soft(y, x) =
          static_cast<float>((frame(y, x) - mean) * soft_edge(y, height) * soft_edge(x, width));
    }
  }
  return fft2(soft);
}

/// Cycles a pixel of index k of n.
double frequency(Index k, Index n) {
  const Index wrapped = k <= n / 2 ? k : k - n;
  return static_cast<double>(wrapped) / static_cast<double>(n);
}

/// Gaussian weight over frequencies, so that the peak is a smooth bell.
double weight_of(double fy, double fx, double cutoff) {
  const double radius = fy * fy + fx * fx, bound = cutoff * cutoff;
  return radius > bound ? 0.0 : std::exp(-3.0 * radius / bound);
}

/// The cross spectrum (Y, X) over the root of its modulus: halfway between phase correlation, which
/// hears the noise of all frequencies alike, and plain correlation, which a slope or a fixed
/// pattern leads astray.
Array<Complex, 2> cross_spectrum(ArrayView<const float, 2> reference,
                                 ArrayView<const float, 2> moved,
                                 double cutoff) {
  const auto [height, width] = reference.shape();
  const Array<Complex, 2> a = soft_spectrum(reference), b = soft_spectrum(moved);
  Array<Complex, 2> cross(reference.shape());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const Complex product = b(y, x) * std::conj(a(y, x));
      const float size = std::abs(product);
      const double weight = weight_of(frequency(y, height), frequency(x, width), cutoff);
      if (size > 0.0F) cross(y, x) = product * (static_cast<float>(weight) / std::sqrt(size));
    }
  }
  return cross;
}

/// Place of the top of the parabola through three values around a maximum, within half a step.
double parabola_top(double before, double at, double after) {
  const double curvature = before - 2.0 * at + after;
  if (!(curvature < 0.0)) return 0.0;
  return std::clamp(0.5 * (before - after) / curvature, -0.5, 0.5);
}

/// The whole pixel with the largest correlation; none where noise could have made it.
std::optional<Shift> coarse_peak(const Array<Complex, 2>& cross, const DriftOptions& options) {
  const auto [height, width] = cross.shape();
  const Array<Complex, 2> peaks = inverse_fft2(cross);
  const Index most_y = options.most > 0 ? std::min<Index>(options.most, height / 2) : height / 4;
  const Index most_x = options.most > 0 ? std::min<Index>(options.most, width / 2) : width / 4;
  const auto at = [&, height = height, width = width](Index y, Index x) {
    return peaks((y + height) % height, (x + width) % width).real();
  };
  Index top_y = 0, top_x = 0;
  for (Index y = -most_y; y <= most_y; ++y) {
    for (Index x = -most_x; x <= most_x; ++x) {
      if (at(y, x) > at(top_y, top_x)) top_y = y, top_x = x;
    }
  }
  double squares = 0.0;
  for (const Complex& value : peaks.flat()) squares += std::norm(value);
  const double deviation = std::sqrt(squares / static_cast<double>(peaks.size()));
  if (at(top_y, top_x) <= least_peak * deviation) return std::nullopt;
  return Shift{static_cast<double>(top_y), static_cast<double>(top_x)};
}

/// e^(2 pi i f s) for every frequency of an axis of n and every fine step s around `centre`,
/// one step a row.
Array<Complex, 2> waves(Index n, double centre) {
  Array<Complex, 2> out({2 * around + 1, n});
  for (Index i = 0; i < out.shape()[0]; ++i) {
    const double at = centre + static_cast<double>(i - around) / upsampling;
    for (Index k = 0; k < n; ++k) {
      const double angle = 2.0 * std::numbers::pi * frequency(k, n) * at;
      out(i, k) = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
    }
  }
  return out;
}

/// The correlation on a fine grid around `centre`, by two products of matrices.
Array<double, 2> fine_correlation(const Array<Complex, 2>& cross, const Shift& centre) {
  const auto [height, width] = cross.shape();
  const Array<Complex, 2> down = waves(height, centre.y), across = waves(width, centre.x);
  const Index steps = 2 * around + 1;
  Array<double, 2> fine({steps, steps});
  std::vector<std::complex<double>> sums(static_cast<std::size_t>(steps));
  for (Index y = 0; y < height; ++y) {
    for (Index j = 0; j < steps; ++j) {
      Complex sum{};
      for (Index x = 0; x < width; ++x) sum += cross(y, x) * across(j, x);
      sums[static_cast<std::size_t>(j)] = sum;
    }
    for (Index i = 0; i < steps; ++i) {
      const std::complex<double> wave = down(i, y);
      for (Index j = 0; j < steps; ++j) {
        fine(i, j) += (sums[static_cast<std::size_t>(j)] * wave).real();
      }
    }
  }
  return fine;
}

Array<float, 2> binned(ArrayView<const float, 2> frame, Index n) {
  Array<float, 2> out({frame.shape()[0] / n, frame.shape()[1] / n});
  for (Index y = 0; y < out.shape()[0] * n; ++y) {
    for (Index x = 0; x < out.shape()[1] * n; ++x) out(y / n, x / n) += frame(y, x);
  }
  return out;
}

/// Where the correlation peaks: drawn a little towards no shift, by the soft edges that stand
/// still.
std::optional<Shift> peak(ArrayView<const float, 2> reference,
                          ArrayView<const float, 2> moved,
                          const DriftOptions& options) {
  const Array<Complex, 2> cross = cross_spectrum(reference, moved, options.cutoff);
  const std::optional<Shift> centre = coarse_peak(cross, options);
  if (!centre) return std::nullopt;
  const Array<double, 2> fine = fine_correlation(cross, *centre);
  Index i = around, j = around;
  for (Index y = 1; y < 2 * around; ++y) {
    for (Index x = 1; x < 2 * around; ++x) {
      if (fine(y, x) > fine(i, j)) i = y, j = x;
    }
  }
  const double y = parabola_top(fine(i - 1, j), fine(i, j), fine(i + 1, j));
  const double x = parabola_top(fine(i, j - 1), fine(i, j), fine(i, j + 1));
  return Shift{centre->y + (static_cast<double>(i - around) + y) / upsampling,
               centre->x + (static_cast<double>(j - around) + x) / upsampling};
}

}  // namespace

std::optional<Shift> phase_shift(ArrayView<const float, 2> reference,
                                 ArrayView<const float, 2> moved,
                                 const DriftOptions& options) {
  if (moved.shape() != reference.shape() || reference.shape()[0] < 8 || reference.shape()[1] < 8) {
    throw InputError("drift: frames must be of one size, at least 8 x 8 pixels");
  }
  const std::optional<Shift> first = peak(reference, moved, options);
  if (!first) return std::nullopt;
  const Array<float, 2> back = moved_by(moved, {-first->y, -first->x});
  const Shift rest = peak(reference, back.view(), options).value_or(Shift{});
  return Shift{first->y + rest.y, first->x + rest.x};
}

Shift DriftTracker::add(ArrayView<const float, 2> frame) {
  if (seen_ == 0) bin_ = (std::max(frame.shape()[0], frame.shape()[1]) - 1) / longest_side + 1;
  const Array<float, 2> small = binned(frame, bin_);
  if (seen_++ == 0) {
    mean_ = small;
    return place_;
  }
  // The mean follows in whole pixels, which costs it nothing.
  const Shift carry{std::round(place_.y) - anchor_.y, std::round(place_.x) - anchor_.x};
  if (carry != Shift{}) mean_ = moved_by(mean_.view(), carry);
  anchor_ = {anchor_.y + carry.y, anchor_.x + carry.x};
  const std::optional<Shift> found = phase_shift(mean_.view(), small.view(), options_);
  if (!found) ++untold_;
  const Shift step = found.value_or(Shift{place_.y - anchor_.y, place_.x - anchor_.x});
  const Array<float, 2> back = moved_by(small.view(), {-step.y, -step.x});
  place_ = {anchor_.y + step.y, anchor_.x + step.x};
  const auto share = static_cast<float>(std::max(forgets, 1.0 / static_cast<double>(seen_)));
  for (Index i = 0; i < mean_.size(); ++i) {
    mean_.data()[i] += share * (back.data()[i] - mean_.data()[i]);
  }
  const auto scale = static_cast<double>(bin_);
  return {scale * place_.y, scale * place_.x};
}

}  // namespace kinema::restore
