// Poisson draws a row at a time, and filters by curves over spatial frequency.
#include "kinema/imaging/detector.h"

#include "kinema/base/fft.h"

#include <algorithm>
#include <cmath>

namespace kinema::imaging {
namespace {

/// The curve at `f` Nyquist frequencies, linear in between; beyond Nyquist its last value.
double curve_at(const Curve& curve, double f) {
  if (curve.size() < 2) return curve.empty() ? 1.0 : curve[0];
  const double place = std::min(f, 1.0) * static_cast<double>(curve.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(place), curve.size() - 2);
  const double rest = place - static_cast<double>(i);
  return (1.0 - rest) * curve[i] + rest * curve[i + 1];
}

/// The image with every frequency times curve(f)^power.
Array<float, 2> filtered(const Array<float, 2>& image, const Curve& curve, double power) {
  const auto [height, width] = image.shape();
  Array<Complex, 2> values({height, width});
  std::copy_n(image.data(), image.size(), values.data());
  Array<Complex, 2> spectrum = fft2(values);
  const auto in_nyquist = [](Index i, Index n) {
    return 2.0 * static_cast<double>(std::min(i, n - i)) / static_cast<double>(n);
  };
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double f = std::hypot(in_nyquist(x, width), in_nyquist(y, height));
      spectrum(y, x) *= static_cast<float>(std::pow(curve_at(curve, f), power));
    }
  }
  const Array<Complex, 2> back = inverse_fft2(spectrum);
  auto out = Array<float, 2>::uninitialised({height, width});
  for (Index i = 0; i < out.size(); ++i) out.data()[i] = back.data()[i].real();
  return out;
}

Array<float, 2> spread_by_mtf(const Array<float, 2>& electrons, const Detector& detector) {
  return detector.mtf ? filtered(electrons, *detector.mtf, 1.0) : electrons;
}

/// Poisson draws around `mean`, a stream a row; `less_mean` gives what they differ by.
Array<float, 2> draw(const Array<float, 2>& mean, const Rng& rng, bool less_mean) {
  const auto [height, width] = mean.shape();
  auto out = Array<float, 2>::uninitialised({height, width});
  for (Index y = 0; y < height; ++y) {
    Rng row = rng.stream(static_cast<std::uint64_t>(y));
    for (Index x = 0; x < width; ++x) {
      const double expected = std::max(0.0F, mean(y, x));
      out(y, x) = static_cast<float>(row.poisson(expected) - (less_mean ? expected : 0.0));
    }
  }
  return out;
}

}  // namespace

Array<float, 2> mean_recording(const Array<float, 2>& electrons, const Detector& detector) {
  Array<float, 2> mean = spread_by_mtf(electrons, detector);
  for (float& value : mean.flat()) value *= static_cast<float>(detector.gain);
  return mean;
}

Array<float, 2> record(const Array<float, 2>& electrons, const Detector& detector, const Rng& rng) {
  Array<float, 2> signal = spread_by_mtf(electrons, detector);
  const auto gain = static_cast<float>(detector.gain);
  if (detector.counting) {
    Array<float, 2> counts = draw(signal, rng, false);
    for (float& value : counts.flat()) value *= gain;
    return counts;
  }
  Array<float, 2> noise = draw(electrons, rng, true);
  if (detector.noise_power) {
    noise = filtered(noise, *detector.noise_power, 0.5);
  } else if (detector.mtf) {
    noise = filtered(noise, *detector.mtf, 1.0);
  }
  const auto [height, width] = electrons.shape();
  for (Index y = 0; y < height; ++y) {
    Rng row = rng.stream(static_cast<std::uint64_t>(height + y));
    for (Index x = 0; x < width; ++x) {
      const double read = detector.read_noise > 0.0 ? detector.read_noise * row.normal() : 0.0;
      signal(y, x) = gain * (signal(y, x) + noise(y, x)) + static_cast<float>(read);
    }
  }
  return signal;
}

std::vector<Index> dead_pixels(Index height, Index width, double fraction, Rng rng) {
  std::vector<Index> dead;
  for (Index i = 0; i < height * width; ++i) {
    if (rng.uniform() < fraction) dead.push_back(i);
  }
  return dead;
}

Curve gaussian_mtf(double at_nyquist) {
  constexpr int points = 65;
  Curve curve;
  for (int i = 0; i < points; ++i) {
    const double f = static_cast<double>(i) / (points - 1);
    curve.push_back(std::pow(at_nyquist, f * f));
  }
  return curve;
}

}  // namespace kinema::imaging
