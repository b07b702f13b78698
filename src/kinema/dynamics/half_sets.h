// How far to trust moving volumes where no truth is known: two reconstructions that share no frame.
#pragma once

#include "kinema/dynamics/reconstruct.h"

namespace kinema::dynamics {

/// Reconstructs even and odd frames apart from the first step (noise, mean map, latents and all)
/// and compares volumes of frames that follow each other. Throws InputError for fewer than 16
/// frames.
HalfSetAgreement half_set_agreement(const Particles& particles,
                                    const ReconstructOptions& options,
                                    const Rng& rng,
                                    Progress& progress);

}  // namespace kinema::dynamics
