// What the coder of planes chooses: weights of the prediction, and distributions of residuals.
#pragma once

#include "kinema/codec/plane_gram.h"

namespace kinema::codec::plane {

/// Least squares on every eighth row of the plane, as a whole and for each tile; a tile keeps its
/// own weights where they save more than they take. Fills coefficients for header.fraction.
void fit_prediction(const std::vector<Gram>& grams, Index height, Index width, Header& header);

/// Pixels of a level, and their residuals' magnitudes in eighths.
struct LevelSums {
  std::int64_t count = 0, magnitude = 0;
};

/// Leaves out so many of the lowest bits that a level's residuals fit the tables. Levels that do
/// not come stay unused.
void choose_shift(const LevelSums& sums, LevelModel& model);

/// How often symbols came, (phase, symbol).
using SymbolCounts = std::array<std::uint32_t, residual_phases * residual_symbols>;

/// The known distribution, or the symbols' own, that codes them in the fewest bits.
void choose_distribution(const SymbolCounts& counts, LevelModel& model);

}  // namespace kinema::codec::plane
