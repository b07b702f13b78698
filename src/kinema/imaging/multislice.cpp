// Spectra of slices from plane waves of their atoms, two slices to a transform; phases, free
// flight.
#include "kinema/imaging/multislice.h"

#include "kinema/base/error.h"
#include "kinema/imaging/ctf.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <stdexcept>
#include <vector>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double thinnest_slice = 0.01;  // angstrom
constexpr double most_slices = 1e5;

/// a * b without the care for infinities that operator* takes.
inline Complex product(Complex a, Complex b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// Frequencies of one axis, in FFT order, and how many of them a round band limit admits.
struct Axis {
  std::vector<double> k;  // 1/angstrom
  Axis(Index n, double step) : k(static_cast<std::size_t>(n)) {
    for (Index i = 0; i < n; ++i) {
      k[static_cast<std::size_t>(i)] =
          static_cast<double>(i <= n / 2 ? i : i - n) / (static_cast<double>(n) * step);
    }
  }
};

/// Everything of one field that all slices share.
class Plane {
 public:
  Plane(const Field& field, Voltage voltage)
      : field_(field),
        x_(field.width, field.step_x),
        y_(field.height, field.step_y),
        lambda_(wavelength(voltage)),
        sigma_(interaction_constant(voltage)) {
    const double nyquist = 0.5 / std::max(field.step_x, field.step_y);
    band_ = 2.0 / 3.0 * nyquist;
    for (const double ky : y_.k) {
      const double rest = band_ * band_ - ky * ky;
      const double widest = rest > 0.0 ? std::sqrt(rest) * span_x() : -1.0;
      admitted_.push_back(static_cast<Index>(std::floor(widest)));
    }
  }

  Shape<2> shape() const { return {field_.height, field_.width}; }
  double band() const { return band_; }
  double span_x() const { return static_cast<double>(field_.width) * field_.step_x; }
  double span_y() const { return static_cast<double>(field_.height) * field_.step_y; }
  /// Largest index |x| of row y inside the band; negative: none.
  Index admitted(Index y) const { return admitted_[static_cast<std::size_t>(y)]; }
  const Axis& x() const { return x_; }
  const Axis& y() const { return y_; }
  double lambda() const { return lambda_; }
  double sigma() const { return sigma_; }

 private:
  Field field_;
  Axis x_, y_;
  double lambda_, sigma_, band_ = 0.0;
  std::vector<Index> admitted_;
};

/// sigma times the transform of one atom's projected potential, per frequency of the half plane
/// kx >= 0 within the band: (Y, X / 2 + 1), scaled so that the inverse FFT gives radian.
Array<float, 2> phase_spectrum(const Plane& plane, int atomic_number, Potential potential) {
  const auto [height, width] = plane.shape();
  Array<float, 2> table({height, width / 2 + 1});
  const double scale = plane.sigma() * volt_angstrom2_per_scattering *
                       static_cast<double>(height * width) / (plane.span_x() * plane.span_y());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= plane.admitted(y); ++x) {
      const double k = std::hypot(plane.x().k[static_cast<std::size_t>(x)],
                                  plane.y().k[static_cast<std::size_t>(y)]);
      table(y, x) = static_cast<float>(scale * scattering_factor(atomic_number, k, potential));
    }
  }
  return table;
}

/// exp(-2 pi i k r) exp(-2 pi^2 k^2 msd) of one atom along one axis.
void plane_waves(const Axis& axis, double at, double msd, std::span<Complex> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double k = axis.k[i];
    const double angle = 2.0 * pi * std::remainder(k * at, 1.0);
    const double size = std::exp(-2.0 * pi * pi * k * k * msd);
    out[i] = {static_cast<float>(size * std::cos(angle)),
              static_cast<float>(-size * std::sin(angle))};
  }
}

/// row += a * wave, written for the compiler to vectorise.
void add_wave(Complex a, const Complex* wave, Index count, Complex* row) {
  const float re = a.real(), im = a.imag();
  const auto* in = reinterpret_cast<const float*>(wave);
  auto* out = reinterpret_cast<float*>(row);
  for (Index i = 0; i < count; ++i) {
    out[2 * i] += re * in[2 * i] - im * in[2 * i + 1];
    out[2 * i + 1] += re * in[2 * i + 1] + im * in[2 * i];
  }
}

/// An atom's share in a slice.
struct Share {
  std::size_t atom;
  double weight;
};

/// One slice: its height and its atoms.
struct Slice {
  double height;
  std::vector<Share> shares;
};

/// Slices that hold atoms, from low to high, the first at the lowest atom. An atom between two of
/// them belongs to both, in parts that keep its mean height: what is left of the error of height
/// goes with the square of the thickness.
std::vector<Slice> slices_of(const AtomicModel& atoms, double thickness) {
  if (!(thickness >= thinnest_slice)) {
    throw InputError("multislice: a slice of " + shortest_text(thickness) +
                     " A is too thin; give 0.01 A or more");
  }
  double low = std::numeric_limits<double>::max(), high = -low;
  for (const Vec3& at : atoms.positions) {
    low = std::min(low, at[2]);
    high = std::max(high, at[2]);
  }
  if (high - low > most_slices * thickness) {
    throw InputError("multislice: atoms over " + shortest_text(high - low) +
                     " A of height need thicker slices");
  }
  std::map<Index, Slice> found;
  for (std::size_t j = 0; j < atoms.positions.size(); ++j) {
    const double place = (atoms.positions[j][2] - low) / thickness;
    const auto below = static_cast<Index>(std::floor(place));
    const double upper = place - static_cast<double>(below);
    for (const auto& [number, weight] : {std::pair{below, 1.0 - upper}, {below + 1, upper}}) {
      if (weight < 1e-6) continue;
      Slice& slice = found[number];
      slice.height = low + static_cast<double>(number) * thickness;
      slice.shares.push_back({j, weight});
    }
  }
  std::vector<Slice> slices;
  for (auto& [number, slice] : found) slices.push_back(std::move(slice));
  return slices;
}

/// The phase that slices of atoms give to the wave.
class Gratings {
 public:
  Gratings(const Plane& plane,
           const AtomicModel& atoms,
           std::span<const double> msd,
           Potential potential)
      : plane_(plane),
        atoms_(atoms),
        along_x_({atoms.size(), plane.shape()[1] / 2 + 1}),
        along_y_({atoms.size(), plane.shape()[0]}) {
    for (Index j = 0; j < atoms.size(); ++j) {
      const auto& at = atoms.positions[static_cast<std::size_t>(j)];
      const double spread = msd.size() == 1 ? msd[0] : msd[static_cast<std::size_t>(j)];
      plane_waves(plane.x(), at[0], spread, along_x_[j].flat());
      plane_waves(plane.y(), at[1], spread, along_y_[j].flat());
    }
    for (const std::uint8_t z : atoms.atomic_numbers) {
      if (!atom_.contains(z)) atom_.emplace(z, phase_spectrum(plane, z, potential));
    }
  }

  /// Phase in radian of two slices at once, as real and imaginary part (Y, X).
  Array<Complex, 2> phases(const Slice& first, const Slice* second) const {
    const auto [height, width] = plane_.shape();
    const Array<Complex, 2> a = spectrum_of(first);
    const Array<Complex, 2> b =
        second == nullptr ? Array<Complex, 2>({height, width / 2 + 1}) : spectrum_of(*second);
    Array<Complex, 2> both({height, width});
    for (Index y = 0; y < height; ++y) {
      const Index mirror = y == 0 ? 0 : height - y;
      for (Index x = 0; x <= plane_.admitted(y); ++x) {
        const Complex p = a(y, x), q = b(y, x);  // of real images: the other half is the conjugate
        both(y, x) = {p.real() - q.imag(), p.imag() + q.real()};
        if (x > 0) both(mirror, width - x) = {p.real() + q.imag(), q.real() - p.imag()};
      }
    }
    return inverse_fft2(both);
  }

 private:
  Array<Complex, 2> spectrum_of(const Slice& slice) const {
    const auto [height, width] = plane_.shape();
    Array<Complex, 2> sum({height, width / 2 + 1});
    for (const auto& [z, atom] : atom_) {
      Array<Complex, 2> waves({height, width / 2 + 1});
      for (const auto& [j, weight] : slice.shares) {
        if (atoms_.atomic_numbers[j] != z) continue;
        for (Index y = 0; y < height; ++y) {
          add_wave(static_cast<float>(weight) * along_y_(j, y),
                   &along_x_(j, 0),
                   plane_.admitted(y) + 1,
                   waves[y].data());
        }
      }
      for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += atom.data()[i] * waves.data()[i];
    }
    return sum;
  }

  const Plane& plane_;
  const AtomicModel& atoms_;
  Array<Complex, 2> along_x_, along_y_;  // (N, X / 2 + 1) and (N, Y): plane waves of every atom
  std::map<std::uint8_t, Array<float, 2>> atom_;
};

/// exp(i phase); polynomials where all phases are small, which the compiler vectorises.
void turn(Array<Complex, 2>& wave, const Array<Complex, 2>& phases, bool imaginary_part) {
  const auto* phase = reinterpret_cast<const float*>(phases.data()) + (imaginary_part ? 1 : 0);
  auto* out = reinterpret_cast<float*>(wave.data());
  float largest = 0.0F;
  for (Index i = 0; i < wave.size(); ++i) largest = std::max(largest, std::abs(phase[2 * i]));
  const bool is_small = largest < 0.6F;
  const auto rotate = [&](Index i, float c, float s) {
    const float re = out[2 * i], im = out[2 * i + 1];
    out[2 * i] = re * c - im * s;
    out[2 * i + 1] = re * s + im * c;
  };
  if (is_small) {
    for (Index i = 0; i < wave.size(); ++i) {
      const float p = phase[2 * i], q = p * p;
      rotate(i,
             1.0F - q * (0.5F - q * (1.0F / 24 - q * (1.0F / 720))),
             p * (1.0F - q * (1.0F / 6 - q * (1.0F / 120 - q * (1.0F / 5040)))));
    }
  } else {
    for (Index i = 0; i < wave.size(); ++i) {
      rotate(i, std::cos(phase[2 * i]), std::sin(phase[2 * i]));
    }
  }
}

/// Free flight over `distance` angstrom, and the band limit: the spectrum times
/// exp(-i pi lambda distance k^2).
void propagate(const Plane& plane, double distance, Array<Complex, 2>& spectrum) {
  const auto [height, width] = spectrum.shape();
  const auto phases = [&](const Axis& axis) {
    std::vector<Complex> out;
    for (const double k : axis.k) {
      const double angle = -pi * plane.lambda() * distance * k * k;
      out.emplace_back(static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle)));
    }
    return out;
  };
  const std::vector<Complex> along_x = phases(plane.x()), along_y = phases(plane.y());
  for (Index y = 0; y < height; ++y) {
    const Complex row = along_y[static_cast<std::size_t>(y)];
    const Index inside = plane.admitted(y);
    for (Index x = 0; x < width; ++x) {
      const bool is_inside = x <= inside || (inside >= 0 && width - x <= inside);
      Complex& value = spectrum(y, x);
      value = is_inside ? product(value, product(row, along_x[static_cast<std::size_t>(x)]))
                        : Complex{0.0F, 0.0F};
    }
  }
}

/// The smallest number from `least` on whose prime factors are 2, 3 and 5.
Index smooth_size(Index least) {
  for (Index n = std::max<Index>(least, 4);; ++n) {
    Index rest = n;
    for (const Index prime : {2, 3, 5}) {
      while (rest % prime == 0) rest /= prime;
    }
    if (rest == 1 && n % 2 == 0) return n;
  }
}

}  // namespace

Wave exit_wave(const AtomicModel& atoms,
               std::span<const double> thermal_msd,
               const Field& field,
               Voltage voltage,
               const MultisliceOptions& options) {
  if (thermal_msd.size() != 1 && std::ssize(thermal_msd) != atoms.size()) {
    throw std::logic_error("multislice: a mean square displacement for each atom, or one for all");
  }
  const Plane plane(field, voltage);
  Array<Complex, 2> wave({field.height, field.width}, Complex{1.0F, 0.0F});
  if (atoms.positions.empty()) return {field, voltage, fft2(wave)};
  const std::vector<Slice> slices = slices_of(atoms, options.slice);
  const Gratings gratings(plane, atoms, thermal_msd, options.potential);

  Array<Complex, 2> phases;
  for (std::size_t s = 0; s < slices.size(); ++s) {
    const bool is_last = s + 1 == slices.size();
    if (s % 2 == 0) phases = gratings.phases(slices[s], is_last ? nullptr : &slices[s + 1]);
    turn(wave, phases, s % 2 == 1);
    Array<Complex, 2> spectrum = fft2(wave);
    const double next = is_last ? 0.0 : slices[s + 1].height;  // in the end back to z = 0
    propagate(plane, next - slices[s].height, spectrum);
    if (is_last) return {field, voltage, std::move(spectrum)};
    wave = inverse_fft2(spectrum);
  }
  return {};
}

Field multislice_field(Index height, Index width, double pixel, double longest_step) {
  const auto points = [&](Index pixels) {
    const double extent = static_cast<double>(pixels) * pixel;
    const auto by_step = static_cast<Index>(std::ceil(extent / longest_step));
    return smooth_size(std::max(by_step, pixels + (pixels + 1) / 2));
  };
  const Index rows = points(height), columns = points(width);
  return {rows,
          columns,
          static_cast<double>(width) * pixel / static_cast<double>(columns),
          static_cast<double>(height) * pixel / static_cast<double>(rows)};
}

}  // namespace kinema::imaging
