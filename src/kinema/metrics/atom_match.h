// Which estimated atom is which true one: one to one, as many as possible, as near as possible.
#pragma once

#include "kinema/data/atomic_model.h"

#include <array>
#include <span>
#include <vector>

namespace kinema::metrics {

/// Atoms farther apart than this in x, y are never the same one, angstrom.
inline constexpr double match_radius = 0.7;

struct AtomMatch {
  std::vector<std::array<Index, 2>> pairs;  // (estimate, truth), rising in truth
  std::vector<Index> lost;                  // of the truth, without an estimate
  std::vector<Index> spurious;              // estimates without a truth
};

/// The assignment within `radius` in x, y with the most pairs, and of those the one with the least
/// sum of squared distances. Coordinates wrap by `period` where that is not 0.
AtomMatch match_atoms(std::span<const Vec3> estimate,
                      std::span<const Vec3> truth,
                      double radius = match_radius,
                      const std::array<double, 2>& period = {});

/// The assignment of rows to columns with the least cost (Jonker and Volgenant 1987): the column of
/// each row. `cost` is (R, C) with R <= C.
std::vector<Index> assign(ArrayView<const double, 2> cost);

}  // namespace kinema::metrics
