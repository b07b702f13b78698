#include "kinema/atoms/evidence.h"

#include "kinema/imaging/ctf.h"
#include "kinema/imaging/potential.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::atoms {
namespace {

constexpr double thermal_rms = 0.06;       // angstrom along each axis, graphene in its plane, 300 K
constexpr double finest_step = 0.2;        // angstrom between samples of the maps
constexpr double table_step = 0.125;       // angstrom, of the overlap and the image
constexpr double longest_reach = 14.0;     // angstrom
constexpr double background_scale = 0.11;  // 1/angstrom: slower changes are background

double frequency(Index i, Index count, double extent) {
  return static_cast<double>(i <= (count - 1) / 2 ? i : i - count) / extent;
}

/// The spectrum of the linear image of one carbon atom of strength 1 at the origin, in square
/// angstrom: i sigma V (t(k) - conj t(-k)) and the envelopes.
std::complex<double> atom_spectrum(const Optics& optics, double kx, double ky) {
  const double k = std::hypot(kx, ky);
  if (k < 1e-9) return 0.0;
  const double envelope = imaging::temporal_envelope(optics, k) *
                          imaging::blur_envelope(optics, k) *
                          std::exp(-2.0 * std::pow(std::numbers::pi * thermal_rms * k, 2));
  if (envelope < 1e-5) return 0.0;
  const double potential = imaging::volt_angstrom2_per_scattering *
                           imaging::scattering_factor(6, k, imaging::Potential::lobato);
  const std::complex<double> i(0.0, 1.0);
  return i * imaging::interaction_constant(optics.voltage) * potential * envelope *
         (imaging::transfer(optics, kx, ky) - std::conj(imaging::transfer(optics, -kx, -ky)));
}

/// Weight of a spatial frequency: slow changes of brightness tell nothing about atoms.
double weight(double kx, double ky) {
  const double k2 = (kx * kx + ky * ky) / (background_scale * background_scale);
  return 1.0 - std::exp(-k2 * k2);
}

/// The next size that the FFT takes quickly (2^a 3^b 5^c, even).
Index quick_size(Index at_least) {
  for (Index n = at_least + at_least % 2;; n += 2) {
    Index rest = n;
    for (const Index factor : {2, 3, 5}) {
      while (rest % factor == 0) rest /= factor;
    }
    if (rest == 1) return n;
  }
}

/// A map in the box of `extent` angstrom around 0 from a function of (kx, ky) in square angstrom.
template <class Spectrum>
SplineMap table(double extent, Spectrum&& of) {
  const Index n = quick_size(static_cast<Index>(std::ceil(extent / table_step)));
  const double step = extent / static_cast<double>(n);
  Array<Complex, 2> spectrum({n, n});
  for (Index y = 0; y < n; ++y) {
    for (Index x = 0; x < n; ++x) {
      spectrum(y, x) =
          Complex(of(frequency(x, n, extent), frequency(y, n, extent)) / (step * step));
    }
  }
  return {std::move(spectrum), {n, n, {0.0, 0.0}, {step, step}}};
}

/// The farthest shift at which the overlap is still seen beside its peak.
double reach_of(const SplineMap& overlap) {
  const double threshold = 0.004 * overlap.value(0.0, 0.0);
  for (double r = longest_reach; r > 2.0; r -= 0.25) {
    for (int direction = 0; direction < 12; ++direction) {
      const double angle = direction * std::numbers::pi / 12.0;
      if (std::abs(overlap.value(r * std::cos(angle), r * std::sin(angle))) > threshold) return r;
    }
  }
  return 2.0;
}

double mean_of(ArrayView<const float, 2> counts) {
  double sum = 0.0;
  for (const float count : counts.flat()) sum += count;
  return sum / static_cast<double>(std::max<Index>(counts.size(), 1));
}

/// The frame around which the maps are made.
struct Padding {
  Index height = 0, width = 0, before = 0;  // pixels
};

Padding padding(const Frame& frame, double reach) {
  const auto [height, width] = frame.counts.shape();
  if (frame.periodic) return {height, width, 0};
  const double pixel = std::min(frame.pixel.x.value, frame.pixel.y.value);
  const auto margin = static_cast<Index>(std::ceil(reach / pixel));
  return {quick_size(height + 2 * margin), quick_size(width + 2 * margin), margin};
}

/// counts / mean - 1 in the view, and around it what `positions` would show.
Array<Complex, 2> padded(const Frame& frame,
                         const Padding& pad,
                         const Evidence& evidence,
                         const std::vector<Vec2>& positions,
                         double strength) {
  const auto [height, width] = frame.counts.shape();
  const double px = frame.pixel.x.value, py = frame.pixel.y.value;
  Array<Complex, 2> field({pad.height, pad.width});
  for (const auto& [x, y] : positions) {
    if (frame.depth(x, y) > evidence.reach) continue;
    const auto first = [&](double at, double step) {
      return std::max<Index>(
          static_cast<Index>(std::ceil((at - evidence.reach) / step)) + pad.before, 0);
    };
    const auto last = [&](double at, double step, Index size) {
      return std::min<Index>(
          static_cast<Index>(std::floor((at + evidence.reach) / step)) + pad.before, size - 1);
    };
    for (Index j = first(y, py); j <= last(y, py, pad.height); ++j) {
      const bool row_inside = j >= pad.before && j < pad.before + height;
      for (Index i = first(x, px); i <= last(x, px, pad.width); ++i) {
        if (row_inside && i >= pad.before && i < pad.before + width) continue;
        field(j, i) += static_cast<float>(
            strength * evidence.image.value(static_cast<double>(i - pad.before) * px - x,
                                            static_cast<double>(j - pad.before) * py - y));
      }
    }
  }
  for (Index j = 0; j < height; ++j) {
    for (Index i = 0; i < width; ++i) {
      field(j + pad.before, i + pad.before) =
          static_cast<float>(frame.counts(j, i) / evidence.mean - 1.0);
    }
  }
  return field;
}

/// Index in a spectrum of `size` of frequency number `i` of one of `other` samples; -1: not there.
Index same_frequency(Index i, Index other, Index size) {
  const Index signed_index = i <= (other - 1) / 2 ? i : i - other;
  if (2 * std::abs(signed_index) >= size) return -1;
  return signed_index < 0 ? signed_index + size : signed_index;
}

/// c on a grid of its own: the spectrum is cut or padded to steps of about `finest_step`.
void correlate(Evidence& evidence,
               const Frame& frame,
               const Array<Complex, 2>& field,
               Index before) {
  const Array<Complex, 2> data = fft2(field);
  const auto [height, width] = field.shape();
  const double px = frame.pixel.x.value, py = frame.pixel.y.value;
  const Vec2 extent{static_cast<double>(width) * px, static_cast<double>(height) * py};
  Grid grid;
  grid.height = quick_size(static_cast<Index>(std::ceil(extent[1] / finest_step)));
  grid.width = quick_size(static_cast<Index>(std::ceil(extent[0] / finest_step)));
  grid.origin = {-static_cast<double>(before) * px, -static_cast<double>(before) * py};
  grid.step = {extent[0] / static_cast<double>(grid.width),
               extent[1] / static_cast<double>(grid.height)};
  const double scale = static_cast<double>(grid.height * grid.width) /
                       static_cast<double>(height * width) / (px * py) / evidence.variance;
  evidence.spectrum = Array<Complex, 2>({grid.height, grid.width});
  for (Index y = 0; y < grid.height; ++y) {
    const Index from_y = same_frequency(y, grid.height, height);
    if (from_y < 0) continue;
    const double ky = frequency(y, grid.height, extent[1]);
    for (Index x = 0; x < grid.width; ++x) {
      const Index from_x = same_frequency(x, grid.width, width);
      if (from_x < 0) continue;
      const double kx = frequency(x, grid.width, extent[0]);
      const std::complex<double> filter =
          std::conj(atom_spectrum(frame.optics, kx, ky)) * weight(kx, ky) * scale;
      evidence.spectrum(y, x) = data(from_y, from_x) * Complex(filter);
    }
  }
  evidence.correlation = SplineMap(evidence.spectrum, grid);
}

void require_contrast(const Evidence& evidence) {
  if (evidence.self > 0.0 && std::isfinite(evidence.self)) return;
  throw InputError(
      "locate: these optics show no contrast of atoms; give the voltage and the defocus at which "
      "the frame was taken");
}

}  // namespace

double Frame::depth(double x, double y) const {
  if (periodic) return 1e9;
  return std::min(std::min(x + 0.5 * pixel.x.value, width() - 0.5 * pixel.x.value - x),
                  std::min(y + 0.5 * pixel.y.value, height() - 0.5 * pixel.y.value - y));
}

Evidence evidence(const Frame& frame, const std::vector<Vec2>& positions, double strength) {
  Evidence found;
  found.mean = mean_of(frame.counts);
  if (!(found.mean > 0.0)) throw InputError("locate: the frame holds no electrons");
  const double area = frame.pixel.x.value * frame.pixel.y.value;
  found.variance = 1.0 / (frame.dose > 0.0 ? frame.dose * area : found.mean);
  if (frame.periodic) found.period = {frame.width(), frame.height()};
  const double per_pixel = 1.0 / (found.variance * area);
  found.overlap = table(2.0 * longest_reach, [&](double kx, double ky) {
    return std::norm(atom_spectrum(frame.optics, kx, ky)) * weight(kx, ky) * per_pixel;
  });
  found.image = table(2.0 * longest_reach,
                      [&](double kx, double ky) { return atom_spectrum(frame.optics, kx, ky); });
  found.self = found.overlap.value(0.0, 0.0);
  require_contrast(found);
  found.reach = reach_of(found.overlap);
  const Padding pad = padding(frame, found.reach);
  correlate(found, frame, padded(frame, pad, found, positions, strength), pad.before);
  return found;
}

}  // namespace kinema::atoms
