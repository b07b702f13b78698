// What the coder of planes chooses: weights of the prediction, and distributions of residuals.
#pragma once

#include "kinema/codec/plane_kernel.h"
#include "kinema/codec/plane_model.h"

namespace kinema::codec::plane {

/// Least squares on every eighth row of the plane, as a whole and for each tile; a tile keeps its
/// own weights where they save more than they take. Fills coefficients for header.fraction.
void fit_prediction(const PaddedPlane& values, const PlaneKernels& kernels, Header& header);

/// The known distribution, or the symbols' own, that codes them in the fewest bits. `counts` are
/// (phase, symbol).
void choose_distribution(
    const std::array<std::uint32_t, residual_phases * residual_symbols>& counts, LevelModel& model);

}  // namespace kinema::codec::plane
