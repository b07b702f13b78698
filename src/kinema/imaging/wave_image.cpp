// Foci and directions of the beam, and the way from the wave's field to pixels.
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

/// One direction of the beam.
struct Direction {
  double x, y;  // 1/angstrom
  double weight;
};

std::vector<Direction> directions_of(const Optics& optics, double lambda) {
  const auto nodes = normal_quadrature(optics.convergence > 0.0 ? direction_nodes : 1);
  const double spread = optics.convergence / (std::numbers::sqrt2 * lambda);
  std::vector<Direction> all;
  for (const QuadratureNode& x : nodes) {
    for (const QuadratureNode& y : nodes) {
      all.push_back({spread * x.at, spread * y.at, x.weight * y.weight});
    }
  }
  return all;
}

std::vector<QuadratureNode> foci_of(const Optics& optics, double lambda) {
  const double k =
      optics.aperture > 0.0 ? std::min(informative_k, optics.aperture / lambda) : informative_k;
  return normal_quadrature(quadrature_nodes(pi * lambda * optics.focal_spread_rms() * k * k));
}

inline Complex turned(Complex in, Complex by) {
  return {in.real() * by.real() - in.imag() * by.imag(),
          in.real() * by.imag() + in.imag() * by.real()};
}

Complex unit(double phase) {
  return {static_cast<float>(std::cos(phase)), static_cast<float>(std::sin(phase))};
}

/// Frequencies of one axis as the lens meets them: a tilted beam meets it off its axis.
std::vector<double> frequencies(Index n, double step, double tilt) {
  std::vector<double> k;
  for (Index i = 0; i < n; ++i) {
    k.push_back(frequency(i, n, static_cast<double>(n) * step) + tilt);
  }
  return k;
}

/// The wave times exp(-i chi) of the lens at its middle focus.
Array<Complex, 2> through_lens(const Wave& wave,
                               Optics optics,
                               const std::vector<double>& kx,
                               const std::vector<double>& ky) {
  optics.voltage = wave.voltage;
  const Coefficients values = coefficients(optics);
  const double lambda = wavelength(wave.voltage);
  const auto [height, width] = wave.spectrum.shape();
  Array<Complex, 2> out({height, width});
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const Complex in = wave.spectrum(y, x);
      if (in == Complex{} || !passes_aperture(optics, kx[x], ky[y])) continue;
      const Coefficients terms = chi_terms(lambda, kx[x], ky[y]);
      double phase = 0.0;
      for (int c = 0; c < coefficient_count; ++c) phase += values[c] * terms[c];
      out(y, x) = turned(in, unit(-phase));
    }
  }
  return out;
}

/// The spectrum with C10 larger by `focus` angstrom.
Array<Complex, 2> refocused(const Array<Complex, 2>& spectrum,
                            double lambda,
                            double focus,
                            const std::vector<double>& kx,
                            const std::vector<double>& ky) {
  std::vector<Complex> along_x;
  for (const double k : kx) along_x.push_back(unit(-pi * lambda * focus * k * k));
  const auto [height, width] = spectrum.shape();
  auto out = Array<Complex, 2>::uninitialised({height, width});
  for (Index y = 0; y < height; ++y) {
    const Complex row = unit(-pi * lambda * focus * ky[y] * ky[y]);
    for (Index x = 0; x < width; ++x) {
      out(y, x) = turned(spectrum(y, x), turned(row, along_x[x]));
    }
  }
  return out;
}

/// Adds |psi|^2 of one direction of the beam, averaged over the foci.
void add_intensity(const Wave& wave,
                   const Optics& optics,
                   const Direction& direction,
                   const std::vector<QuadratureNode>& foci,
                   Array<Complex, 2>& intensity) {
  const Field& field = wave.field;
  const double lambda = wavelength(wave.voltage);
  const std::vector<double> kx = frequencies(field.width, field.step_x, direction.x);
  const std::vector<double> ky = frequencies(field.height, field.step_y, direction.y);
  const Array<Complex, 2> middle = through_lens(wave, optics, kx, ky);
  for (const QuadratureNode& focus : foci) {
    const double change = optics.focal_spread_rms() * focus.at;
    const Array<Complex, 2> arrived = inverse_fft2(refocused(middle, lambda, change, kx, ky));
    const auto weight = static_cast<float>(direction.weight * focus.weight);
    for (Index i = 0; i < intensity.size(); ++i) {
      intensity.data()[i] += weight * std::norm(arrived.data()[i]);
    }
  }
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
  const double lambda = wavelength(wave.voltage);
  const std::vector<QuadratureNode> foci = foci_of(optics, lambda);
  for (const Direction& direction : directions_of(optics, lambda)) {
    add_intensity(wave, optics, direction, foci, intensity);
  }
  return to_pixels(fft2(intensity), wave.field, optics.blur.value, height, width);
}

}  // namespace kinema::imaging
