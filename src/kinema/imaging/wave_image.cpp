#include "kinema/imaging/wave_image.h"

#include "kinema/base/error.h"
#include "kinema/imaging/ctf.h"
#include "kinema/imaging/quadrature.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double informative_k = 1.6;  // 1/angstrom: beyond, thermal motion and blur hide all
constexpr int direction_nodes = 3;     // along x, and along y

double frequency(Index i, Index n, double extent) {
  return static_cast<double>(i <= n / 2 ? i : i - n) / extent;
}

double sinc(double x) {
  return x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x);
}

/// One focus and one direction of the beam.
struct Illumination {
  double focus;           // added to C10, angstrom
  double tilt_x, tilt_y;  // 1/angstrom
  double weight;
};

std::vector<Illumination> illuminations(const Optics& optics, double lambda) {
  const double rms = optics.focal_spread_rms();
  const double k =
      optics.aperture > 0.0 ? std::min(informative_k, optics.aperture / lambda) : informative_k;
  const auto foci = normal_quadrature(quadrature_nodes(pi * lambda * rms * k * k));
  const auto directions = normal_quadrature(optics.convergence > 0.0 ? direction_nodes : 1);
  const double spread = optics.convergence / (std::numbers::sqrt2 * lambda);
  std::vector<Illumination> all;
  for (const QuadratureNode& focus : foci) {
    for (const QuadratureNode& x : directions) {
      for (const QuadratureNode& y : directions) {
        all.push_back(
            {rms * focus.at, spread * x.at, spread * y.at, focus.weight * x.weight * y.weight});
      }
    }
  }
  return all;
}

/// The wave times exp(-i chi) of the lens at one illumination. A tilted beam meets the lens off its
/// axis.
Array<Complex, 2> through_lens(const Wave& wave, Optics optics, const Illumination& light) {
  const Field& field = wave.field;
  optics.voltage = wave.voltage;
  optics.defocus.value -= light.focus;
  optics.convergence = 0.0;  // the mean over directions stands for its envelope
  const Coefficients values = coefficients(optics);
  const double lambda = wavelength(wave.voltage);
  const double extent_x = static_cast<double>(field.width) * field.step_x;
  const double extent_y = static_cast<double>(field.height) * field.step_y;
  Array<Complex, 2> out(wave.spectrum.shape());
  for (Index y = 0; y < field.height; ++y) {
    const double ky = frequency(y, field.height, extent_y) + light.tilt_y;
    for (Index x = 0; x < field.width; ++x) {
      const Complex in = wave.spectrum(y, x);
      if (in == Complex{}) continue;
      const double kx = frequency(x, field.width, extent_x) + light.tilt_x;
      if (!passes_aperture(optics, kx, ky)) continue;
      const Coefficients terms = chi_terms(lambda, kx, ky);
      double phase = 0.0;
      for (int c = 0; c < coefficient_count; ++c) phase += values[c] * terms[c];
      const auto re = static_cast<float>(std::cos(phase)),
                 im = static_cast<float>(-std::sin(phase));
      out(y, x) = {in.real() * re - in.imag() * im, in.real() * im + in.imag() * re};
    }
  }
  return out;
}

/// The frequencies of the pixels cut out of an image's spectrum, blurred by `rms` and by the
/// pixel's own area.
Array<float, 2> to_pixels(
    const Array<Complex, 2>& spectrum, const Field& field, double rms, Index height, Index width) {
  const double extent_x = static_cast<double>(field.width) * field.step_x;
  const double extent_y = static_cast<double>(field.height) * field.step_y;
  const auto envelope = [&](Index i, Index n, double extent) {
    const double k = frequency(i, n, extent);
    return std::exp(-2.0 * pi * pi * k * k * rms * rms) * sinc(k * extent / static_cast<double>(n));
  };
  const double scale = static_cast<double>(height * width) / static_cast<double>(spectrum.size());
  Array<Complex, 2> cut({height, width});
  for (Index y = 0; y < height; ++y) {
    const Index from_y = y <= height / 2 ? y : field.height + y - height;
    const double row = scale * envelope(y, height, extent_y);
    for (Index x = 0; x < width; ++x) {
      const Index from_x = x <= width / 2 ? x : field.width + x - width;
      cut(y, x) = static_cast<float>(row * envelope(x, width, extent_x)) * spectrum(from_y, from_x);
    }
  }
  const Array<Complex, 2> image = inverse_fft2(cut);
  auto pixels = Array<float, 2>::uninitialised({height, width});
  for (Index i = 0; i < pixels.size(); ++i) pixels.data()[i] = image.data()[i].real();
  return pixels;
}

}  // namespace

Array<float, 2> image_of(const Wave& wave, const Optics& optics, Index height, Index width) {
  if (height > wave.field.height || width > wave.field.width) {
    throw std::logic_error("an image has more pixels than its wave has points");
  }
  Array<Complex, 2> intensity(wave.spectrum.shape());
  for (const Illumination& light : illuminations(optics, wavelength(wave.voltage))) {
    const Array<Complex, 2> arrived = inverse_fft2(through_lens(wave, optics, light));
    const auto weight = static_cast<float>(light.weight);
    for (Index i = 0; i < intensity.size(); ++i) {
      intensity.data()[i] += weight * std::norm(arrived.data()[i]);
    }
  }
  return to_pixels(fft2(intensity), wave.field, optics.blur.value, height, width);
}

}  // namespace kinema::imaging
