// The optics of a movie of atoms as a user tells them (optics.toml), and how well each is known.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/optics.h"
#include "kinema/imaging/ctf.h"

#include <array>
#include <optional>
#include <string>

namespace kinema::atoms {

/// What of the optics may be estimated: the coefficients of imaging::Coefficient, then the rms
/// focal spread, then the rms blur (angstrom).
inline constexpr int optics_parameters = imaging::coefficient_count + 2;
using OpticsVector = std::array<double, optics_parameters>;

OpticsVector to_vector(const Optics& optics);
Optics with_vector(const Optics& optics, const OpticsVector& values);

struct OpticsSettings {
  std::optional<Voltage> voltage;
  std::optional<Length> defocus, focal_spread;
  Length cs, blur, c12, c21, c23;
  Angle c12_angle, c21_angle, c23_angle, convergence, aperture;
  bool periodic = false;
  bool estimate = true;
  Length defocus_sigma{10.0}, cs_sigma{1e5}, c12_sigma{12.0}, c21_sigma{400.0}, c23_sigma{400.0};
  Length focal_spread_sigma{1.5}, blur_sigma{0.05};

  static void fields(auto& self, auto&& visit) {
    visit("voltage", self.voltage, "acceleration voltage");
    visit("defocus", self.defocus, "of the sheet's mean height; underfocus is positive");
    visit("cs", self.cs, "third-order spherical aberration");
    visit("focal_spread", self.focal_spread, "half-width at 1/e, sqrt(2) times the rms");
    visit("blur", self.blur, "rms width of the image's blur");
    visit("c12", self.c12, "two-fold astigmatism");
    visit("c12_angle", self.c12_angle, "its direction");
    visit("c21", self.c21, "axial coma");
    visit("c21_angle", self.c21_angle, "its direction");
    visit("c23", self.c23, "three-fold astigmatism");
    visit("c23_angle", self.c23_angle, "its direction");
    visit("convergence", self.convergence, "half-angle of illumination at 1/e");
    visit("aperture", self.aperture, "half-angle of the objective aperture; 0 is none");
    visit("periodic", self.periodic, "the view wraps, as in a simulated periodic cell");
    visit("estimate", self.estimate, "estimate the optics from the frames, starting from these");
    visit("defocus_sigma", self.defocus_sigma, "how well the defocus is known");
    visit("cs_sigma", self.cs_sigma, "how well cs is known");
    visit("c12_sigma", self.c12_sigma, "how well c12 is known, along each axis");
    visit("c21_sigma", self.c21_sigma, "how well c21 is known, along each axis");
    visit("c23_sigma", self.c23_sigma, "how well c23 is known, along each axis");
    visit("focal_spread_sigma", self.focal_spread_sigma, "how well the focal spread is known");
    visit("blur_sigma", self.blur_sigma, "how well the blur is known");
  }

  /// Throws InputError that asks by name for what is missing.
  Optics optics() const;
  /// Standard deviations of what is known before, in order of OpticsVector; 0: held.
  OpticsVector sigmas() const;
};

/// Reads optics.toml (or .json). Throws InputError with the file's name.
OpticsSettings read_optics(const std::string& path);

}  // namespace kinema::atoms
