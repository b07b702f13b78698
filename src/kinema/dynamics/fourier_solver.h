// Volumes from frames, linearly: frame t shows sum_c u_tc V_c, u known with its uncertainty.
//
// Every voxel of the padded Fourier volumes gathers what frames say of it; its C values solve a C
// by C system with a prior variance for each shell, read off the agreement of two halves of the
// movie that are solved apart.
#pragma once

#include "kinema/data/volume.h"
#include "kinema/dynamics/spectra.h"

#include <vector>

namespace kinema::dynamics {

/// First and second moments of each frame's weights; weight 0 is 1 in every frame.
struct WeightMoments {
  Array<double, 2> mean;    // (T, C)
  Array<double, 3> square;  // (T, C, C): E[u u^T]
};

/// All frames show the one volume.
WeightMoments equal_weights(Index frames);

/// Volumes (N, N, N) and, from the two halves, how they agree.
struct SolvedVolumes {
  std::vector<Array<float, 3>> volumes;                // C, filtered by what halves agree on
  std::vector<std::array<Array<float, 3>, 2>> halves;  // C, of even and odd frames, hardly filtered
  std::vector<std::vector<double>> fsc;                // C curves of N/2 shells, within the mask
};

struct SolveSettings {
  /// Support of the molecule (N, N, N), 0 to 1.
  const Array<float, 3>* mask = nullptr;
  /// Least signal-to-noise that shells are credited with, from a curve for each component; empty:
  /// what halves agree on stands alone.
  double least_agreement = 0.0;
  bool keep_halves = false;
};

SolvedVolumes solve_volumes(const FrameSpectra& frames,
                            const WeightMoments& weights,
                            const SolveSettings& settings);

}  // namespace kinema::dynamics
