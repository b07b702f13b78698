#include "kinema/imaging/fresnel.h"

#include "kinema/base/error.h"
#include "kinema/imaging/atom_wave.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double used_band = 0.75;        // of Nyquist: where the spread points are exact
constexpr double coarsest_step = 0.45;    // angstrom
constexpr double faint = 1e-3;            // of the strongest frequency: what is left out
constexpr double expansion_error = 3e-4;  // of the strongest frequency
constexpr int most_powers = 12;

struct Node {
  double at, weight;  // in standard deviations; weights sum to 1
};

/// Gauss-Hermite nodes for the mean over a Gaussian of unit variance (Abramowitz and
/// Stegun 25.4.46).
std::vector<Node> gauss_hermite(int count) {
  switch (count) {
    case 1:
      return {{0.0, 1.0}};
    case 3:
      return {{-1.7320508075688772, 1.0 / 6}, {0.0, 2.0 / 3}, {1.7320508075688772, 1.0 / 6}};
    default:
      return {{-2.8569700138728056, 0.011257411327720688},
              {-1.3556261799742657, 0.22207592200561263},
              {0.0, 8.0 / 15},
              {1.3556261799742657, 0.22207592200561263},
              {2.8569700138728056, 0.011257411327720688}};
  }
}

int nodes_for(double rms, double lambda, double largest_k) {
  const double phase =
      pi * lambda * rms * largest_k * largest_k / 2.0;  // of a typical pair of waves
  return phase < 0.05 ? 1 : phase < 0.6 ? 3 : 5;
}

double frequency(Index i, Index n, double step) {
  return static_cast<double>(i <= n / 2 ? i : i - n) / (static_cast<double>(n) * step);
}

Index mirrored(Index i, Index n) {
  return i == 0 ? 0 : n - i;
}

}  // namespace

double FresnelModel::kx(Index x) const {
  return frequency(x, field_.width, field_.step_x);
}
double FresnelModel::ky(Index y) const {
  return frequency(y, field_.height, field_.step_y);
}

FresnelModel::FresnelModel(const Field& field, const Optics& optics, const FresnelOptions& options)
    : field_(field),
      optics_(optics),
      options_(options),
      lambda_(wavelength(optics.voltage)),
      real_(field.height, field.width),
      complex_(field.height, field.width),
      bare_({field.height, field.width}),
      lens_({field.height, field.width}),
      envelope_({field.height, field.width / 2 + 1}),
      blur_({field.height, field.width / 2 + 1}),
      fresnel_({field.height, field.width}) {
  const double step = std::max(field.step_x, field.step_y);
  if (!(step > 0.0) || step > coarsest_step) {
    throw InputError("images of single atoms need pixels of at most 0.45 A, and these have " +
                     shortest_text(step) + " A");
  }
  const double band = used_band / (2.0 * step);
  table_step_ = 0.02;
  for (const auto& value : imaging::atom_wave(options.atomic_number,
                                              options.potential,
                                              optics.voltage,
                                              options.thermal_msd,
                                              table_step_,
                                              band)) {
    atom_.emplace_back(static_cast<float>(value.real()), static_cast<float>(value.imag()));
  }
  choose_expansion(band);
  fill_bare();
  set_optics(optics);
}

std::complex<float> FresnelModel::atom_wave(double k) const {
  const double place = k / table_step_;
  const auto cell = std::min(static_cast<std::size_t>(place), atom_.size() - 2);
  const auto part = static_cast<float>(place - static_cast<double>(cell));
  return atom_[cell] + part * (atom_[cell + 1] - atom_[cell]);
}

/// Up to which frequency, with how many powers of z and how many foci, so that what is left out is
/// faint; fixed for the life of the model, so that derivatives by the optics are smooth.
void FresnelModel::choose_expansion(double band) {
  const auto strength = [&](double k) {
    return static_cast<double>(std::abs(atom_wave(k))) * temporal_envelope(optics_, k) *
           blur_envelope(optics_, k);
  };
  largest_k_ = 0.5;
  while (largest_k_ < band && strength(largest_k_) > faint * strength(0.0)) largest_k_ += 0.02;
  largest_k_ = std::min(largest_k_, band);
  for (powers_ = 2; powers_ < most_powers; ++powers_) {
    double worst = 0.0;
    for (double k = 0.0; k < largest_k_; k += 0.02) {
      const double phase = pi * lambda_ * k * k * options_.largest_z;
      worst = std::max(
          worst,
          strength(k) / strength(0.0) * std::pow(phase, powers_) / std::tgamma(powers_ + 1.0));
    }
    if (worst < expansion_error) break;
  }
  for (const Node& node :
       gauss_hermite(nodes_for(optics_.focal_spread_rms(), lambda_, largest_k_))) {
    foci_.push_back(node.at);
    focus_weights_.push_back(node.weight);
  }
}

void FresnelModel::set_optics(const Optics& optics) {
  optics_ = optics;
  const Coefficients values = coefficients(optics);
  for (Index y = 0; y < field_.height; ++y) {
    for (Index x = 0; x < field_.width; ++x) {
      if (bare_(y, x) == Complex()) continue;
      const double qx = kx(x), qy = ky(y);
      lens_(y, x) = 0.0F;
      if (!passes_aperture(optics, qx, qy)) continue;
      const Coefficients terms = chi_terms(lambda_, qx, qy);
      double phase = 0.0;
      for (int c = 0; c < coefficient_count; ++c) phase += values[c] * terms[c];
      lens_(y, x) = bare_(y, x) * Complex(std::polar(spatial_envelope(optics, qx, qy), -phase));
    }
    for (Index x = 0; x <= field_.width / 2; ++x) {
      const double k = std::hypot(kx(x), ky(y));
      envelope_(y, x) = static_cast<float>(temporal_envelope(optics, k));
      blur_(y, x) = static_cast<float>(blur_envelope(optics, k));
    }
  }
}

/// What does not depend on the lens: the atom's wave over the kernel's transform, and pi lambda
/// k^2.
void FresnelModel::fill_bare() {
  const auto across = kernel_.correction(field_.width), down = kernel_.correction(field_.height);
  const double density = 1.0 / (field_.step_x * field_.step_y);
  for (Index y = 0; y < field_.height; ++y) {
    for (Index x = 0; x < field_.width; ++x) {
      const double k = std::hypot(kx(x), ky(y));
      fresnel_(y, x) = static_cast<float>(pi * lambda_ * k * k);
      if (k < largest_k_)
        bare_(y, x) = atom_wave(k) * static_cast<float>(density * across[x] * down[y]);
    }
  }
}

/// Fills spectra with those of the sums of z^p / p! over the atoms, and `wave` with psi(k).
void FresnelModel::expand(std::span<const Vec3> positions, Scratch& scratch) const {
  const auto count = static_cast<Index>(positions.size());
  const Index height = field_.height, width = field_.width;
  if (scratch.grids.shape() != Shape<3>{powers_, height, width}) {
    scratch.grids = Array<float, 3>({powers_, height, width});
    scratch.spectra = Array<Complex, 3>({powers_, height, width / 2 + 1});
    scratch.wave = Array<Complex, 2>({height, width});
    scratch.half = scratch.other_half = Array<Complex, 2>({height, width / 2 + 1});
    scratch.plane = Array<float, 2>({height, width});
  }
  if (scratch.waves.shape() != Shape<3>{static_cast<Index>(foci_.size()), height, width}) {
    scratch.waves = Array<Complex, 3>({static_cast<Index>(foci_.size()), height, width});
  }
  std::vector<GridPoint> points(positions.size());
  scratch.weights = Array<float, 2>({powers_, count});
  for (Index j = 0; j < count; ++j) {
    const auto& [x, y, z] = positions[static_cast<std::size_t>(j)];
    points[static_cast<std::size_t>(j)] = {x / field_.step_x, y / field_.step_y};
    double term = 1.0;
    for (int p = 0; p < powers_; ++p) {
      scratch.weights(p, j) = static_cast<float>(term);
      term *= z / (p + 1);
    }
  }
  std::fill_n(scratch.grids.data(), scratch.grids.size(), 0.0F);
  spread(kernel_, points, std::as_const(scratch.weights).view(), scratch.grids.view());
  for (int p = 0; p < powers_; ++p) {
    real_.forward(std::as_const(scratch.grids).view()[p], scratch.spectra.view()[p]);
  }
  // i^p: even powers are Hermitian with real factors, odd ones with i in front of them.
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= width / 2; ++x) {
      Complex even = 0.0F, odd = 0.0F;
      const float f = fresnel_(y, x);
      float factor = 1.0F;
      for (int p = 0; p < powers_; ++p) {
        (p % 2 == 0 ? even : odd) += factor * scratch.spectra(p, y, x);
        factor *= p % 2 == 0 ? f : -f;
      }
      const Complex turned(-odd.imag(), odd.real());
      const Index ym = mirrored(y, height), xm = mirrored(x, width);
      scratch.wave(y, x) = lens_(y, x) * (even + turned);
      scratch.wave(ym, xm) = lens_(ym, xm) * std::conj(even - turned);
    }
  }
}

void FresnelModel::image(std::span<const Vec3> positions,
                         ArrayView<float, 2> intensity,
                         Scratch& scratch) const {
  const Index height = field_.height, width = field_.width;
  if (intensity.shape() != Shape<2>{height, width}) throw std::logic_error("another field");
  expand(positions, scratch);
  std::fill_n(scratch.plane.data(), scratch.plane.size(), 0.0F);
  const auto rms = static_cast<float>(optics_.focal_spread_rms());
  for (std::size_t n = 0; n < foci_.size(); ++n) {
    const ArrayView<Complex, 2> wave = scratch.waves.view()[static_cast<Index>(n)];
    const float focus = rms * static_cast<float>(foci_[n]);
    for (Index i = 0; i < wave.size(); ++i) {
      const Complex psi = scratch.wave.data()[i];
      wave.data()[i] = psi == Complex() || focus == 0.0F
                           ? psi
                           : psi * std::polar(1.0F, -focus * fresnel_.data()[i]);
    }
    complex_.inverse(wave);
    const auto weight = static_cast<float>(focus_weights_[n]);
    for (Index i = 0; i < wave.size(); ++i)
      scratch.plane.data()[i] += weight * std::norm(wave.data()[i]);
  }
  real_.forward(std::as_const(scratch.plane).view(), scratch.half.view());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= width / 2; ++x) {
      const Complex mirror = scratch.wave(mirrored(y, height), mirrored(x, width));
      scratch.half(y, x) += envelope_(y, x) * (scratch.wave(y, x) + std::conj(mirror));
      scratch.other_half(y, x) = blur_(y, x) * scratch.half(y, x);
    }
  }
  real_.inverse(scratch.other_half.view(), intensity);
  for (float& value : intensity.flat()) value += 1.0F;
}

/// Derivative by the blur, then back through it: leaves blur * adjoint in scratch.plane and its
/// spectrum in scratch.other_half.
void FresnelModel::back_through_blur(ArrayView<const float, 2> adjoint,
                                     Scratch& scratch,
                                     FresnelGradient& result) const {
  const Index height = field_.height, width = field_.width;
  const double per_point = 1.0 / static_cast<double>(height * width);
  real_.forward(adjoint, scratch.other_half.view());
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= width / 2; ++x) {
      const double twice = x == 0 || 2 * x == width ? 1.0 : 2.0;
      const double k2 = static_cast<double>(fresnel_(y, x)) / (pi * lambda_);
      const Complex product = std::conj(scratch.other_half(y, x)) * scratch.half(y, x);
      scratch.other_half(y, x) *= blur_(y, x);
      result.blur -= twice * 4.0 * pi * pi * k2 * optics_.blur.value *
                     static_cast<double>(blur_(y, x) * product.real()) * per_point;
    }
  }
  Array<Complex, 2> blurred = scratch.other_half;
  real_.inverse(blurred.view(), scratch.plane.view());
}

/// The adjoint of psi(k), times the number of points: of the linear term ...
Array<Complex, 2> FresnelModel::adjoint_of_wave(Scratch& scratch, FresnelGradient& result) const {
  const Index height = field_.height, width = field_.width;
  const double per_point = 1.0 / static_cast<double>(height * width);
  const double rms = optics_.focal_spread_rms();
  auto back = Array<Complex, 2>::uninitialised({height, width});
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= width / 2; ++x) {
      const Complex q = envelope_(y, x) * scratch.other_half(y, x);
      const Index ym = mirrored(y, height), xm = mirrored(x, width);
      back(y, x) = q;
      back(ym, xm) = std::conj(q);
      const auto f = static_cast<double>(fresnel_(y, x));
      const Complex pair = scratch.wave(y, x) + std::conj(scratch.wave(ym, xm));
      const double twice = x == 0 || 2 * x == width ? 1.0 : 2.0;
      result.focal_spread_rms -=
          twice * f * f * rms * static_cast<double>((std::conj(q) * pair).real()) * per_point;
    }
  }
  add_quadratic_adjoint(scratch, back.view(), result);
  return back;
}

/// ... and of the quadratic one at each focus.
void FresnelModel::add_quadratic_adjoint(Scratch& scratch,
                                         ArrayView<Complex, 2> back,
                                         FresnelGradient& result) const {
  const double per_point = 1.0 / static_cast<double>(field_.height * field_.width);
  const double rms = optics_.focal_spread_rms();
  for (std::size_t n = 0; n < foci_.size(); ++n) {
    const ArrayView<Complex, 2> wave = scratch.waves.view()[static_cast<Index>(n)];
    const auto weight = static_cast<float>(focus_weights_[n]);
    for (Index i = 0; i < wave.size(); ++i) wave.data()[i] *= weight * scratch.plane.data()[i];
    complex_.forward(wave);
    const auto focus = static_cast<float>(rms * foci_[n]);
    for (Index i = 0; i < wave.size(); ++i) {
      const Complex psi = scratch.wave.data()[i];
      if (psi == Complex()) continue;
      const float f = fresnel_.data()[i];
      const Complex part =
          focus == 0.0F ? wave.data()[i] : wave.data()[i] * std::polar(1.0F, focus * f);
      back.data()[i] += part;
      result.focal_spread_rms += 2.0 * foci_[n] * static_cast<double>(f) *
                                 static_cast<double>((std::conj(part) * psi).imag()) * per_point;
    }
  }
}

/// Derivatives by the aberrations, in which the phase is linear.
void FresnelModel::add_coefficient_slopes(const Scratch& scratch,
                                          const Array<Complex, 2>& back,
                                          FresnelGradient& result) const {
  const Index height = field_.height, width = field_.width;
  const double per_point = 1.0 / static_cast<double>(height * width);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const Complex psi = scratch.wave(y, x);
      if (psi == Complex()) continue;
      const double slope =
          2.0 * static_cast<double>((std::conj(back(y, x)) * psi).imag()) * per_point;
      const Coefficients terms = chi_terms(lambda_, kx(x), ky(y));
      for (int c = 0; c < coefficient_count; ++c) result.coefficients[c] += slope * terms[c];
    }
  }
}

/// Back through lens and powers onto the grids of the atoms' powers.
void FresnelModel::back_to_grids(const Array<Complex, 2>& back, Scratch& scratch) const {
  const Index height = field_.height, width = field_.width;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= width / 2; ++x) {
      const Index ym = mirrored(y, height), xm = mirrored(x, width);
      const Complex direct = back(y, x) * std::conj(lens_(y, x));
      const Complex mirror = std::conj(back(ym, xm)) * lens_(ym, xm);
      const Complex even = direct + mirror, difference = direct - mirror;
      const Complex odd(difference.imag(), -difference.real());
      const float f = fresnel_(y, x);
      float factor = 1.0F;
      for (int p = 0; p < powers_; ++p) {
        scratch.spectra(p, y, x) = factor * (p % 2 == 0 ? even : odd);
        factor *= p % 2 == 0 ? f : -f;
      }
    }
  }
  for (int p = 0; p < powers_; ++p) {
    real_.inverse(scratch.spectra.view()[p], scratch.grids.view()[p]);
  }
}

FresnelGradient FresnelModel::gradient(std::span<const Vec3> positions,
                                       ArrayView<const float, 2> adjoint,
                                       Scratch& scratch) const {
  FresnelGradient result;
  back_through_blur(adjoint, scratch, result);
  const Array<Complex, 2> back = adjoint_of_wave(scratch, result);
  add_coefficient_slopes(scratch, back, result);
  back_to_grids(back, scratch);
  const auto count = static_cast<Index>(positions.size());
  std::vector<GridPoint> points(positions.size());
  for (std::size_t j = 0; j < points.size(); ++j) {
    points[j] = {positions[j][0] / field_.step_x, positions[j][1] / field_.step_y};
  }
  scratch.gathered = Array<float, 3>({powers_, count, 3});
  gather(kernel_, points, std::as_const(scratch.grids).view(), scratch.gathered.view());
  result.positions.assign(positions.size(), Vec3{});
  for (Index j = 0; j < count; ++j) {
    Vec3& slope = result.positions[static_cast<std::size_t>(j)];
    for (int p = 0; p < powers_; ++p) {
      const auto weight = static_cast<double>(scratch.weights(p, j));
      slope[0] += weight * static_cast<double>(scratch.gathered(p, j, 1)) / field_.step_x;
      slope[1] += weight * static_cast<double>(scratch.gathered(p, j, 2)) / field_.step_y;
      if (p > 0) {
        slope[2] += static_cast<double>(scratch.weights(p - 1, j)) *
                    static_cast<double>(scratch.gathered(p, j, 0));
      }
    }
  }
  return result;
}

Array<Complex, 3> FresnelModel::response(double z) const {
  const Index height = field_.height, width = field_.width;
  Array<Complex, 3> out({3, height, width / 2 + 1});
  const auto across = kernel_.correction(width), down = kernel_.correction(height);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x <= width / 2; ++x) {
      const Index ym = mirrored(y, height), xm = mirrored(x, width);
      const float f = fresnel_(y, x);
      const Complex turn = std::polar(1.0F, f * static_cast<float>(z));
      const Complex direct = lens_(y, x) * turn, mirror = std::conj(lens_(ym, xm) * turn);
      const float scale = envelope_(y, x) * blur_(y, x) / (across[x] * down[y]);
      const Complex linear = scale * (direct + mirror), by_z = scale * f * (direct - mirror);
      const Complex two_pi_i(0.0F, static_cast<float>(-2.0 * pi));
      out(0, y, x) = two_pi_i * static_cast<float>(kx(x)) * linear;
      out(1, y, x) = two_pi_i * static_cast<float>(ky(y)) * linear;
      out(2, y, x) = Complex(-by_z.imag(), by_z.real());
    }
  }
  return out;
}

}  // namespace kinema::imaging
