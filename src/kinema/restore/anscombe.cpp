// The transform works on electrons: pixels are freed of offset and gain first.
#include "kinema/restore/anscombe.h"

#include "kinema/base/error.h"

#include <algorithm>
#include <cmath>

namespace kinema::restore {
namespace {

/// Variance of the read noise in electrons squared.
double read_variance(const CountingNoise& noise) {
  if (!(noise.gain > 0.0) || !(noise.read_noise >= 0.0)) {
    throw InputError("Anscombe: the gain must be positive and the read noise not negative");
  }
  return noise.read_noise * noise.read_noise / (noise.gain * noise.gain);
}

}  // namespace

void stabilise(std::span<float> pixels, const CountingNoise& noise) {
  if (!(noise.gain > 0.0) && !(noise.read_noise > 0.0)) {
    throw InputError("restore: there is no noise to take away; choose --denoise none");
  }
  if (noise.counts()) return anscombe(pixels, noise);
  const auto scale = static_cast<float>(1.0 / noise.read_noise);
  for (float& pixel : pixels) pixel *= scale;
}

void destabilise(std::span<float> pixels, const CountingNoise& noise) {
  if (noise.counts()) return inverse_anscombe(pixels, noise);
  const auto scale = static_cast<float>(noise.read_noise);
  for (float& pixel : pixels) pixel *= scale;
}

void anscombe(std::span<float> pixels, const CountingNoise& noise) {
  const double read = read_variance(noise);
  for (float& pixel : pixels) {
    const double electrons = (pixel - noise.offset) / noise.gain;
    pixel = static_cast<float>(2.0 * std::sqrt(std::max(0.0, electrons + 0.375 + read)));
  }
}

void inverse_anscombe(std::span<float> pixels, const CountingNoise& noise) {
  const double read = read_variance(noise), root = std::sqrt(1.5);
  const double darkest = 2.0 * std::sqrt(0.375 + read);  // no electrons
  for (float& pixel : pixels) {
    const double d = std::max<double>(pixel, darkest);
    const double electrons = 0.25 * d * d + 0.25 * root / d - 1.375 / (d * d) +
                             0.625 * root / (d * d * d) - 0.125 - read;
    pixel = static_cast<float>(noise.offset + noise.gain * std::max(0.0, electrons));
  }
}

}  // namespace kinema::restore
