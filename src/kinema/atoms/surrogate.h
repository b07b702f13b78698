// The posterior of one frame around an estimate: a quadratic likelihood and the prior in full.
#pragma once

#include "kinema/atoms/fisher.h"
#include "kinema/atoms/likelihood.h"
#include "kinema/atoms/minimise.h"
#include "kinema/atoms/refine.h"
#include "kinema/atoms/sheet_prior.h"

namespace kinema::atoms {

class Surrogate {
 public:
  Surrogate(FrameLikelihood& likelihood,
            SheetPrior& prior,
            const Expectation& expectation,
            Vec2 period);

  /// Expands the likelihood around `unknowns` (one image), which becomes value 0; returns minus log
  /// likelihood there.
  double expand(const std::vector<double>& unknowns);

  /// Factorises the curvature at `unknowns`, which preconditions, samples and tells standard
  /// errors: of `frames` frames alike, in place of this one and what others expect of it, where
  /// `frames` > 1.
  void factorise(const std::vector<double>& unknowns, double frames = 1.0);

  double value(std::span<const double> unknowns, std::span<double> gradient) const;
  Minimised minimise(std::vector<double>& unknowns, const MinimiseOptions& options) const;

  /// A sample of the Gaussian around 0 with the curvature's inverse as covariance.
  std::vector<double> sample(Rng& rng) const;

  /// A step towards the temperature of stretching that makes the frame likeliest (MacKay, Neural
  /// Computation 4 (1992) 415): the energy at `unknowns`, where factorise() was called, over the
  /// number of directions in the plane that the counts decide. Kelvin.
  double likelier_temperature(const std::vector<double>& unknowns, Rng rng) const;

  /// Variances of the unknowns, of z against the mean height. Spoils the factor.
  std::vector<double> variances();

 private:
  struct Neighbour {
    int atom;
    std::array<float, 9> block;
  };

  void fill_curvature(const std::vector<double>& unknowns, double frames, float own);

  FrameLikelihood& likelihood_;
  SheetPrior& prior_;
  const Expectation& expectation_;
  Vec2 period_;
  std::vector<std::vector<Neighbour>> information_;
  std::vector<double> centre_, slope_;
  Array<float, 2> factor_;
};

}  // namespace kinema::atoms
