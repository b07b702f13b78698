// Phase correlation against a running mean, and interpolation.
#include "kinema/restore/drift.h"

#include "kinema/base/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::restore {
namespace {

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

/// Gaussian weight over frequencies: the peak becomes a bell that a parabola fits.
double weight_of(double fy, double fx, double cutoff) {
  const double radius = fy * fy + fx * fx, bound = cutoff * cutoff;
  return radius > bound ? 0.0 : std::exp(-3.0 * radius / bound);
}

/// Place of the top of the parabola through three values around a maximum, within half a step.
double parabola_top(double before, double at, double after) {
  const double curvature = before - 2.0 * at + after;
  if (!(curvature < 0.0)) return 0.0;
  return std::clamp(0.5 * (before - after) / curvature, -0.5, 0.5);
}

/// Catmull-Rom weights of the four pixels around a fraction in [0, 1).
void cubic_weights(double f, double (&weights)[4]) {
  weights[0] = f * (-0.5 + f * (1.0 - 0.5 * f));
  weights[1] = 1.0 + f * f * (-2.5 + 1.5 * f);
  weights[2] = f * (0.5 + f * (2.0 - 1.5 * f));
  weights[3] = f * f * (-0.5 + 0.5 * f);
}

}  // namespace

Shift phase_shift(ArrayView<const float, 2> reference,
                  ArrayView<const float, 2> moved,
                  const DriftOptions& options) {
  const auto [height, width] = reference.shape();
  if (moved.shape() != reference.shape() || height < 8 || width < 8) {
    throw InputError("drift: frames must be of one size, at least 8 x 8 pixels");
  }
  const Array<Complex, 2> a = soft_spectrum(reference), b = soft_spectrum(moved);
  Array<Complex, 2> cross(reference.shape());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const Complex product = b(y, x) * std::conj(a(y, x));
      const float size = std::abs(product);
      const double weight = weight_of(frequency(y, height), frequency(x, width), options.cutoff);
      cross(y, x) = size > 0.0F ? product * static_cast<float>(weight / size) : Complex{};
    }
  }
  const Array<Complex, 2> peaks = inverse_fft2(cross);
  const Index most_y = options.most > 0 ? std::min<Index>(options.most, height / 2) : height / 4;
  const Index most_x = options.most > 0 ? std::min<Index>(options.most, width / 2) : width / 4;
  const auto at = [&](Index y, Index x) {
    return static_cast<double>(peaks((y + height) % height, (x + width) % width).real());
  };
  Index top_y = 0, top_x = 0;
  for (Index y = -most_y; y <= most_y; ++y) {
    for (Index x = -most_x; x <= most_x; ++x) {
      if (at(y, x) > at(top_y, top_x)) {
        top_y = y;
        top_x = x;
      }
    }
  }
  const double top = at(top_y, top_x);
  return {
      static_cast<double>(top_y) + parabola_top(at(top_y - 1, top_x), top, at(top_y + 1, top_x)),
      static_cast<double>(top_x) + parabola_top(at(top_y, top_x - 1), top, at(top_y, top_x + 1))};
}

std::vector<Shift> estimate_drift(ArrayView<const float, 3> frames,
                                  const DriftOptions& options,
                                  Progress& progress) {
  constexpr double memory = 0.9;  // of the running mean, a frame
  const Index count = frames.shape()[0];
  std::vector<Shift> places(static_cast<std::size_t>(count));
  if (count == 0) return places;
  progress.begin("drift", count, "frames");
  // The mean is kept where the frame before lies, so that only the step is sought.
  Array<float, 2> mean({frames.shape()[1], frames.shape()[2]});
  std::copy_n(frames[0].data(), mean.size(), mean.data());
  for (Index t = 1; t < count; ++t) {
    progress.check();
    const Shift step = phase_shift(mean.view(), frames[t], options);
    const auto i = static_cast<std::size_t>(t);
    places[i] = {places[i - 1].y + step.y, places[i - 1].x + step.x};
    const double keep = std::min(memory, static_cast<double>(t) / static_cast<double>(t + 1));
    const Array<float, 2> carried = moved_by(mean.view(), step);
    for (Index p = 0; p < mean.size(); ++p) {
      mean.data()[p] =
          static_cast<float>(keep * carried.data()[p] + (1.0 - keep) * frames[t].data()[p]);
    }
    progress.advance(1);
  }
  progress.end();
  return places;
}

Array<float, 2> moved_by(ArrayView<const float, 2> frame, const Shift& shift) {
  const auto [height, width] = frame.shape();
  const double floor_y = std::floor(-shift.y), floor_x = std::floor(-shift.x);
  double wy[4], wx[4];
  cubic_weights(-shift.y - floor_y, wy);
  cubic_weights(-shift.x - floor_x, wx);
  const auto first_y = static_cast<Index>(floor_y) - 1, first_x = static_cast<Index>(floor_x) - 1;
  Array<float, 2> out(frame.shape());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      double sum = 0.0;
      for (Index j = 0; j < 4; ++j) {
        const Index v = std::clamp<Index>(y + first_y + j, 0, height - 1);
        double row = 0.0;
        for (Index i = 0; i < 4; ++i) {
          row += wx[i] * frame(v, std::clamp<Index>(x + first_x + i, 0, width - 1));
        }
        sum += wy[j] * row;
      }
      out(y, x) = static_cast<float>(sum);
    }
  }
  return out;
}

}  // namespace kinema::restore
