// The image of atoms that each scatter once: every atom's scattered wave is brought to the exit
// plane by its own Fresnel propagation, the waves add, and the lens images their sum. With it come
// exact derivatives by every coordinate and every optical parameter.
//
//   psi(k) = t(k) T(k) sum_j exp(i pi lambda k^2 z_j) exp(-2 pi i k r_j),  t = exp(-i chi) E_s A
//   I      = blur * ( 1 + 2 Re F^-1[E_t psi] + mean over foci |F^-1[exp(-i pi lambda f k^2) psi]|^2
//   )
//
// T is the transform of exp(i sigma v) - 1 of one atom's projected potential v with its thermal
// spread; E_t, E_s, A are temporal and spatial envelope and aperture. The linear term has the exact
// temporal envelope; the quadratic one is averaged over Gauss-Hermite foci, because an envelope
// inside it would damp it wrongly. The phase of z is expanded in powers, so that non-uniform
// Fourier transforms of z^p serve all atoms at once. One scattering per atom, no channelling: for
// sheets a few atoms thick.
#pragma once

#include "kinema/base/fourier.h"
#include "kinema/data/atomic_model.h"
#include "kinema/data/optics.h"
#include "kinema/imaging/ctf.h"
#include "kinema/imaging/nufft.h"
#include "kinema/imaging/potential.h"

#include <span>
#include <vector>

namespace kinema::imaging {

/// A periodic field: `height` x `width` points `step` angstrom apart.
struct Field {
  Index height = 0, width = 0;
  double step_x = 0.0, step_y = 0.0;  // angstrom
};

struct FresnelOptions {
  int atomic_number = 6;
  Potential potential = Potential::kirkland;
  double thermal_msd = 0.0036;  // mean squared displacement along x, and along y, angstrom^2
  double largest_z = 3.0;       // |z| up to which the expansion must hold, angstrom
};

/// Derivatives of a scalar by what an image depends on.
struct FresnelGradient {
  std::vector<Vec3> positions;                // per angstrom
  Coefficients coefficients{};                // per angstrom, in order of Coefficient
  double focal_spread_rms = 0.0, blur = 0.0;  // per angstrom
};

/// Images of one kind of atom under given optics. Calls may run side by side, each with a Scratch
/// of its own.
class FresnelModel {
 public:
  /// Throws InputError where the field is too coarse for the optics (steps above 0.45 angstrom).
  FresnelModel(const Field& field, const Optics& optics, const FresnelOptions& options = {});

  const Field& field() const { return field_; }
  const Optics& optics() const { return optics_; }
  double largest_k() const { return largest_k_; }

  /// The same field with other optics; cheaper than a new model.
  void set_optics(const Optics& optics);

  struct Scratch {
    Array<float, 3> grids;             // (P, Y, X)
    Array<Complex, 3> spectra, waves;  // (P, Y, X / 2 + 1); foci (F, Y, X)
    Array<Complex, 2> wave, half, other_half;
    Array<float, 2> weights, plane;
    Array<float, 3> gathered;
  };

  /// Mean intensity (Y, X) of atoms at `positions` (angstrom from point (0, 0)), 1 without atoms.
  void image(std::span<const Vec3> positions,
             ArrayView<float, 2> intensity,
             Scratch& scratch) const;

  /// Derivatives of sum over points of `adjoint` (Y, X) times the intensity. Takes what image()
  /// left in the scratch for the same positions.
  FresnelGradient gradient(std::span<const Vec3> positions,
                           ArrayView<const float, 2> adjoint,
                           Scratch& scratch) const;

  /// The transform of d I / d (x, y, z) of one atom at the origin and height z, without the
  /// quadratic term and per frequency of the half plane: (3, Y, X / 2 + 1).
  Array<Complex, 3> response(double z) const;

  /// T(k) by linear interpolation, without lens.
  std::complex<float> atom_wave(double k) const;

 private:
  void choose_expansion(double band);
  void fill_bare();
  void expand(std::span<const Vec3> positions, Scratch& scratch) const;
  void back_through_blur(ArrayView<const float, 2> adjoint,
                         Scratch& scratch,
                         FresnelGradient& result) const;
  Array<Complex, 2> adjoint_of_wave(Scratch& scratch, FresnelGradient& result) const;
  void add_quadratic_adjoint(Scratch& scratch,
                             ArrayView<Complex, 2> back,
                             FresnelGradient& result) const;
  void add_coefficient_slopes(const Scratch& scratch,
                              const Array<Complex, 2>& back,
                              FresnelGradient& result) const;
  void back_to_grids(const Array<Complex, 2>& back, Scratch& scratch) const;
  double kx(Index x) const;
  double ky(Index y) const;

  Field field_;
  Optics optics_;
  FresnelOptions options_;
  double lambda_, largest_k_ = 0.0, table_step_ = 0.0;
  int powers_ = 1;
  std::vector<std::complex<float>> atom_;  // T(k) at multiples of table_step_
  SpreadKernel kernel_;
  RealFourier2 real_;
  ComplexFourier2 complex_;
  Array<Complex, 2> bare_;                    // (Y, X): T(k) / kernel, 0 beyond the largest k
  Array<Complex, 2> lens_;                    // (Y, X): t(k) bare(k)
  Array<float, 2> envelope_;                  // (Y, X / 2 + 1): E_t(k)
  Array<float, 2> blur_;                      // (Y, X / 2 + 1)
  Array<float, 2> fresnel_;                   // (Y, X): pi lambda k^2
  std::vector<double> foci_, focus_weights_;  // in rms focal spreads
};

}  // namespace kinema::imaging
