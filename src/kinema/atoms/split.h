// How far a result may be trusted where no truth is known: the electrons of each frame are dealt
// out to two halves at random, which are independent frames of half the dose, each half is
// reconstructed by itself, and the two results are compared.
//
// Both have the same prior, so what it gets wrong they get wrong alike: they tell what noise does
// to a result, and whether the atoms of the one explain the counts of the other, not how far both
// are from the truth.
#pragma once

#include "kinema/atoms/reconstruct.h"
#include "kinema/base/rng.h"

namespace kinema::atoms {

/// Half of a movie's electrons, at half its dose: every electron goes to half 0 or to half 1 with
/// equal chances (binomial thinning), so that Poisson counts become two independent Poisson counts.
/// The movie must outlive it. Frames throw InputError where values are no whole numbers of
/// electrons.
MovieOfAtoms half_of(const MovieOfAtoms& movie, int half, const Rng& rng);

/// Two results of the same frames, beside their standard errors: sigma is the rms of
/// sqrt(sigma_1^2 + sigma_2^2), angstrom.
struct SplitScores {
  Index frames = 0, matched = 0, unmatched = 0;
  Vec3 rmsd{}, sigma{};                              // x, y, z (without piston)
  Vec3 inside{};                                     // share of differences within one such sigma
  double sign_agreement = 0.0, sign_promised = 0.0;  // on the same side of the mean
  double chi_squared = 0.0;      // a pixel: each half's counts against the other half's atoms
  double own_chi_squared = 0.0;  // and against its own
};

/// Compares frames that both have. Throws InputError where there is none.
SplitScores compare_halves(const MovieOfAtoms& first_movie,
                           const Reconstruction& first,
                           const MovieOfAtoms& second_movie,
                           const Reconstruction& second);

Json to_json(const SplitScores& scores);
std::string to_text(const SplitScores& scores);

}  // namespace kinema::atoms
