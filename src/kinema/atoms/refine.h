// From x and y to x, y, z: the positions of all atoms of one frame that the counts and the prior of
// a sheet make likeliest, with standard errors.
//
// The image is nearly linear in small moves, so that around any estimate minus log likelihood is
// g d + d F d / 2 with the exact gradient g and the Fisher information F of neighbouring atoms. On
// that surrogate, whose value costs a small part of an image, the posterior is minimised from a
// flat sheet, stretching made soft at first (temperatures of 20, 3 and 1 times the true one),
// because stiff bonds buckle a flat sheet to the wrong side; then the image is expanded anew around
// the result. Where the frame does not rule out the mirror image, other modes are looked for, and
// standard errors of z are those of all of them together.
#pragma once

#include "kinema/atoms/likelihood.h"
#include "kinema/atoms/sheet_prior.h"
#include "kinema/base/rng.h"

#include <vector>

namespace kinema::atoms {

struct RefineOptions {
  Stiffness stiffness;         // to begin with
  double frames_alike = 1.0;   // how many frames share the heights of this one
  bool errors = true;          // find standard errors and the mirror image's probability
  int temperature_rounds = 3;  // in which its temperature is estimated from the frame; 0: as given
};

/// Where a frame should agree with others: z of each atom expected at `z` with precision `weight`.
struct Expectation {
  std::vector<double> z, weight;  // angstrom, 1 / angstrom^2; empty: none
};

struct Refined {
  std::vector<Vec3> positions;  // mean z is 0
  std::vector<Vec3> sigmas;     // standard errors, of z against the mean height
  std::vector<double>
      sign_probability;  // that z is on the side of the mean height where it was put
  double likelihood = 0.0, energy = 0.0;  // minus log likelihood less a constant, and prior, nats
  double chi_squared = 0.0, strength = 1.0, mean_counts = 0.0;
  Stiffness stiffness;                        // as estimated
  double bond_mean = 0.0, bond_spread = 0.0;  // angstrom
  double height = 0.0;                        // mean z where the defocus was put, angstrom
  double mirror_probability = 0.0;            // that the sheet is near this one's mirror image
  int images = 0, evaluations = 0;
  bool converged = false;
};

/// `start`: x, y and a first z (0: unknown) of each atom. `warm`: the start is near the result, so
/// that stretching need not be softened, and its mirror image is not asked for.
Refined refine(FrameLikelihood& likelihood,
               const Topology& topology,
               const std::vector<Vec3>& start,
               Vec2 period,
               const Expectation& expectation,
               bool warm,
               const RefineOptions& options,
               Rng rng);

}  // namespace kinema::atoms
