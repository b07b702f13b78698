// The film is made once, in Fourier space, and then moved by cubic interpolation.
#include "kinema/simulate/support_film.h"

#include "kinema/base/fft.h"
#include "kinema/base/parallel.h"

#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

constexpr double wavelength = 0.0196875;  // of 300 kV electrons, angstrom

Index film_extent(Index frame_extent) {
  const auto wanted = static_cast<std::size_t>(std::clamp<Index>(frame_extent, 64, 2048));
  return static_cast<Index>(std::bit_ceil(wanted));
}

Array<Complex, 2> white_noise(Index extent, const Rng& rng) {
  Array<Complex, 2> noise({extent, extent});
  parallel_for(extent, [&](Index y) {
    Rng row = rng.stream(static_cast<std::uint64_t>(y));
    for (Index x = 0; x < extent; ++x) noise(y, x) = static_cast<float>(row.normal());
  });
  return noise;
}

void scale_to(Array<float, 2>& film, double contrast) {
  double sum = 0.0, squares = 0.0;
  for (const float value : film.flat()) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const auto count = static_cast<double>(film.size());
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(squares / count - mean * mean, 1e-30));
  for (float& value : film.flat()) {
    value = static_cast<float>(1.0 + contrast * (value - mean) / deviation);
  }
}

/// Catmull-Rom weights of the four samples around a point `fraction` after the second.
std::array<float, 4> cubic_weights(double fraction) {
  const double f = fraction, f2 = f * f, f3 = f2 * f;
  return {static_cast<float>(0.5 * (-f3 + 2.0 * f2 - f)),
          static_cast<float>(0.5 * (3.0 * f3 - 5.0 * f2 + 2.0)),
          static_cast<float>(0.5 * (-3.0 * f3 + 4.0 * f2 + f)),
          static_cast<float>(0.5 * (f3 - f2))};
}

}  // namespace

double film_contrast(double k, double defocus) {
  const double chi = -std::numbers::pi * wavelength * defocus * k * k;
  const double transfer = -0.9975 * std::sin(chi) + 0.07 * std::cos(chi);
  const double coherence = std::exp(-std::pow(k / 0.38, 4.0));
  const double scattering = 1.0 / (1.0 + std::pow(k / 0.25, 2.0));  // of a carbon atom, roughly
  return transfer * coherence * scattering;
}

SupportFilm::SupportFilm(
    Index frame_extent, double contrast, double pixel, double defocus, Rng rng) {
  const Index n = film_extent(frame_extent);
  Array<Complex, 2> spectrum = fft2(white_noise(n, rng));
  const double dk = 1.0 / (static_cast<double>(n) * pixel);
  for (Index y = 0; y < n; ++y) {
    for (Index x = 0; x < n; ++x) {
      const double k = dk * std::hypot(std::min(y, n - y), std::min(x, n - x));
      spectrum(y, x) *= static_cast<float>(film_contrast(k, defocus));
    }
  }
  const Array<Complex, 2> image = inverse_fft2(spectrum);
  film_ = Array<float, 2>({n, n});
  for (Index i = 0; i < image.size(); ++i) film_.data()[i] = image.data()[i].real();
  scale_to(film_, contrast);
}

void SupportFilm::row(Index y, Vec2 drift, std::span<float> out) const {
  const Index n = extent();
  const auto wrap = [n](Index i) { return i & (n - 1); };  // n is a power of two
  const double from_y = static_cast<double>(y) - drift.y, from_x = -drift.x;
  const auto y0 = static_cast<Index>(std::floor(from_y)),
             x0 = static_cast<Index>(std::floor(from_x));
  const auto wy = cubic_weights(from_y - static_cast<double>(y0));
  const auto wx = cubic_weights(from_x - static_cast<double>(x0));

  std::vector<float> column(
      static_cast<std::size_t>(n + 3));  // interpolated in y, film columns -1...
  const float* rows[4];
  for (Index i = 0; i < 4; ++i) rows[i] = film_[wrap(y0 + i - 1)].data();
  for (Index x = 0; x < n; ++x) {
    column[static_cast<std::size_t>(x + 1)] =
        wy[0] * rows[0][x] + wy[1] * rows[1][x] + wy[2] * rows[2][x] + wy[3] * rows[3][x];
  }
  column[0] = column[static_cast<std::size_t>(n)];
  column[static_cast<std::size_t>(n + 1)] = column[1];
  column[static_cast<std::size_t>(n + 2)] = column[2];

  const auto width = static_cast<Index>(out.size());
  Index at = wrap(x0);
  for (Index x = 0; x < width;) {
    const Index run = std::min(n - at, width - x);
    const float* c = column.data() + at;
    float* o = out.data() + x;
    for (Index i = 0; i < run; ++i) {
      o[i] = wx[0] * c[i] + wx[1] * c[i + 1] + wx[2] * c[i + 2] + wx[3] * c[i + 3];
    }
    x += run;
    at = 0;
  }
}

float SupportFilm::at(double y, double x) const {
  const Index n = extent();
  const double y0 = std::floor(y), x0 = std::floor(x);
  const auto fy = static_cast<float>(y - y0), fx = static_cast<float>(x - x0);
  const Index top = static_cast<Index>(y0) & (n - 1), left = static_cast<Index>(x0) & (n - 1);
  const Index low = (top + 1) & (n - 1), right = (left + 1) & (n - 1);
  return (1.0F - fy) * ((1.0F - fx) * film_(top, left) + fx * film_(top, right)) +
         fy * ((1.0F - fx) * film_(low, left) + fx * film_(low, right));
}

}  // namespace kinema::simulate
