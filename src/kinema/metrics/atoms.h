// How good estimated atoms are, against the truth: positions, what the standard errors and the
// probabilities promise, bonds, and identities.
#pragma once

#include "kinema/base/options.h"
#include "kinema/metrics/atom_match.h"

#include <cstdint>
#include <vector>

namespace kinema::metrics {

/// The atoms of one frame. What is not known is empty.
struct AtomSet {
  std::vector<Vec3> positions;           // angstrom
  std::vector<Vec3> sigmas;              // standard errors, angstrom
  std::vector<double> sign_probability;  // that z - mean z has the sign that it is given
  std::vector<std::int64_t> ids;         // which atom is which from frame to frame
};

/// Root mean squared differences over a set of atoms, angstrom.
struct Rmsd {
  Index atoms = 0;
  double x = 0.0, y = 0.0, z = 0.0;
};

/// What was promised and what was found, over a tenth of the atoms.
struct Decile {
  double promised = 0.0, found = 0.0;
  Index atoms = 0;
};

/// How standard errors along one axis hold. The log score is the mean log density of the errors
/// under them, less that under the one constant sigma that is best (the RMSD), in nats: above 0
/// they tell good atoms from bad.
struct SigmaScore {
  double mean_sigma = 0.0;                      // angstrom, rms
  double coverage_68 = 0.0, coverage_95 = 0.0;  // shares of errors inside
  double log_score = 0.0;                       // nats
  std::vector<Decile> deciles;                  // rms sigma, rms error; rising in sigma
};

/// Figures of one frame or of a movie. Those that cannot be told are NaN and stay out of JSON.
struct AtomScores {
  Index frames = 0;
  Index truths = 0, matched = 0, lost = 0, spurious = 0;
  Index swapped = 0;         // changes of the true atom behind an id from one frame to the next
  Rmsd all, interior, edge;  // interior: over 5 angstrom inside the hull of the truth
  double z_rms = 0.0;        // of the truth, without its mean, angstrom
  double z_over_rms = 0.0;   // RMSD / z rms; a flat sheet has 1
  double z_correlation = 0.0;
  double sign_accuracy = 0.0;            // share of atoms on the right side of the mean
  double frame_correlation = 0.0;        // of the estimate's z from frame to frame
  double truth_frame_correlation = 0.0;  // of the truth's z
  double bond_mean_error = 0.0, bond_rms_error = 0.0;  // angstrom, bonds of the truth in 3D
  std::vector<SigmaScore> sigma;                       // x, y, z; empty without sigmas
  std::vector<Decile> sign_deciles;                    // promised and found sign probability
};

/// Scores over all frames; frame i of the one is frame i of the other. z is compared without
/// piston, frame by frame. Throws InputError where the numbers of frames differ or there are none.
AtomScores score_atoms(const std::vector<AtomSet>& estimate,
                       const std::vector<AtomSet>& truth,
                       const std::array<double, 2>& period = {});

Json to_json(const AtomScores& scores);

}  // namespace kinema::metrics
