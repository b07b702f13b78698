// Graphene for the tests: a periodic sheet, and a flake cut out of it.
#pragma once

#include "kinema/base/rng.h"
#include "kinema/data/atomic_model.h"

#include <cmath>

namespace kinema::test {

/// A periodic orthogonal sheet of nx by ny cells of four atoms, bonds `bond` angstrom long.
inline AtomicModel periodic_sheet(int nx, int ny, double bond) {
  const double width = std::sqrt(3.0) * bond, height = 3.0 * bond;
  AtomicModel sheet;
  for (int y = 0; y < ny; ++y) {
    for (int x = 0; x < nx; ++x) {
      const double left = x * width, top = y * height;
      sheet.positions.push_back({left, top, 0});
      sheet.positions.push_back({left, top + bond, 0});
      sheet.positions.push_back({left + width / 2, top + 1.5 * bond, 0});
      sheet.positions.push_back({left + width / 2, top + 2.5 * bond, 0});
    }
  }
  sheet.atomic_numbers.assign(sheet.positions.size(), 6);
  sheet.cell = Cell{
      {{{nx * width, 0, 0}, {0, ny * height, 0}, {0, 0, 20}}}, {true, true, false}, {0, 0, -10}};
  return sheet;
}

/// The atoms of a sheet without its periods, every one moved by a normal deviate.
inline AtomicModel shaken(AtomicModel model, double rms, std::uint64_t seed) {
  Rng rng(seed);
  for (Vec3& position : model.positions) {
    for (double& coordinate : position) coordinate += rms * rng.normal();
  }
  return model;
}

inline AtomicModel without_cell(AtomicModel model) {
  model.cell.reset();
  return model;
}

}  // namespace kinema::test
