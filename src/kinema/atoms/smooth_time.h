// Heights that change smoothly from frame to frame.
#pragma once

#include "kinema/atoms/refine.h"
#include "kinema/data/trajectory.h"

#include <vector>

namespace kinema::atoms {

/// The rms of z_{t-1} - 2 z_t + z_{t+1} of the atoms themselves, from estimates with independent
/// errors: the structure function <(z_{t+n} - z_t)^2> is 2 error^2 + b n^2 + c n^4, and the second
/// difference's variance -12 c. Angstrom; 0 where there are too few frames to tell.
double height_step(const Trajectory& trajectory);

/// Replaces every atom's heights by those nearest to them, in units of their standard errors, that
/// keep sum (second difference)^2 / step^2 small too.
void smooth_heights(Trajectory& trajectory, double step);

/// What the frames around frame t expect of its heights, for minimising sum (second difference)^2 /
/// 2 step^2 one frame after the other: of each of `atoms` (identities), in their order.
Expectation expectation(const Trajectory& trajectory,
                        Index t,
                        const std::vector<Index>& atoms,
                        double step);

/// By how much the variance of a height shrinks where its neighbours in time help: the mean over
/// frequencies of p / (p + (2 - 2 cos w)^2 / step^2) with p = 1 / sigma^2.
double variance_ratio(double sigma, double step);

}  // namespace kinema::atoms
