// Where Gaussians begin: spread over a map as its density is, all alike.
#pragma once

#include "kinema/base/rng.h"
#include "kinema/dynamics/gaussian_model.h"

#include <utility>
#include <vector>

namespace kinema::dynamics {

/// Gaussians whose centres are the means of k clusters (Lloyd) of places drawn from the positive
/// density of `map` (N, N, N); widths are `width` angstrom, amplitudes 1, modes 0.
GaussianModel gaussians_from_map(const Array<float, 3>& map,
                                 Length pixel_size,
                                 Index gaussians,
                                 Index latents,
                                 double width,
                                 Rng& rng);

/// Mean distance of a Gaussian to its nearest neighbour, angstrom.
double mean_spacing(const GaussianModel& model);

/// Pairs of each Gaussian and its eight nearest, each pair once.
std::vector<std::pair<Index, Index>> neighbours(const GaussianModel& model);

}  // namespace kinema::dynamics
