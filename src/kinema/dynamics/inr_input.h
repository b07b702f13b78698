// Frames as the network sees them, and its answers as volumes.
#pragma once

#include "kinema/base/rng.h"
#include "kinema/dynamics/low_rank.h"
#include "kinema/nn/inr_dvae.h"

#include <vector>

namespace kinema::dynamics {

/// Which of every ten frames is held out.
inline constexpr Index inr_held_out_at = 5;

/// Per shell, the size expected of what moves: half the mean map's (N/2).
std::vector<float> profile_of(const LowRankModel& start);

/// What the mean map leaves of each frame; places drawn from its support.
nn::InrMovie inr_movie(const FrameSpectra& frames,
                       const LowRankModel& start,
                       const std::vector<float>& profile,
                       Index features,
                       Rng rng);

/// Frequencies (n, 3) of a volume's Hermitian half: x >= 0, |k| rounding to less than N/2.
Array<float, 2> half_places(Index box);

/// The density (N, N, N) of answers (n, 2) at these places, each times its shell's profile.
Array<float, 3> volume_of(const Array<float, 2>& places,
                          const Array<float, 2>& answers,
                          const std::vector<float>& profile);

}  // namespace kinema::dynamics
