// Sheets of graphene and their images for the tests of atoms: images by the Fresnel model (which
// knows heights and the quadratic term), counts with Poisson noise.
#pragma once

#include "kinema/atoms/topology.h"
#include "kinema/base/rng.h"
#include "kinema/data/atomic_model.h"
#include "kinema/imaging/fresnel.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace kinema::test {

/// Graphene within `half` angstrom of `centre` along x and y, one bond turned by `angle` from x.
inline std::vector<Vec3> flat_sheet(const Vec3& centre, double half, double angle) {
  const double bond = atoms::bond_length, c = std::cos(angle), s = std::sin(angle);
  std::vector<Vec3> sites;
  const auto span = static_cast<int>(2.0 * half / bond) + 2;
  for (int m = -span; m <= span; ++m) {
    for (int n = -span; n <= span; ++n) {
      for (const double along : {0.0, bond}) {
        const double x = 1.5 * bond * (m + n) + along;
        const double y = 0.5 * std::numbers::sqrt3 * bond * (m - n);
        const Vec3 at{c * x - s * y, s * x + c * y, 0.0};
        if (std::max(std::abs(at[0]), std::abs(at[1])) > half) continue;
        sites.push_back({centre[0] + at[0], centre[1] + at[1], centre[2]});
      }
    }
  }
  return sites;
}

/// Heights of a gentle ripple with `amplitude`, and the shortening that goes with its slope.
inline void ripple(std::vector<Vec3>& sites, double amplitude, double wavelength) {
  const double k = 2.0 * std::numbers::pi / wavelength;
  for (Vec3& at : sites) {
    at[2] += amplitude * std::sin(k * at[0]);
    at[0] -= 0.25 * amplitude * amplitude * k * (k * at[0] + 0.5 * std::sin(2.0 * k * at[0]));
  }
}

/// The optics of the practice frames: 80 kV, overfocus 36 angstrom, focal spread 6 angstrom rms.
inline Optics practice_optics() {
  Optics optics;
  optics.voltage = 80_kV;
  optics.defocus = {-36.0};
  optics.focal_spread = {6.0 * std::numbers::sqrt2};
  optics.blur = {0.15};
  return optics;
}

/// Counts (Y, X) in a view of size x size pixels of 0.2 angstrom with its corner at (0, 0); atoms
/// may lie beyond it by 10 angstrom.
inline Array<float, 2> counts_of(const std::vector<Vec3>& sites,
                                 const Optics& optics,
                                 double dose,
                                 Index size,
                                 std::uint64_t seed) {
  constexpr double pixel = 0.2;
  constexpr Index margin = 50;
  const Index whole = size + 2 * margin;
  const imaging::FresnelModel model({whole, whole, pixel, pixel}, optics);
  std::vector<Vec3> shifted = sites;
  for (Vec3& at : shifted) {
    at[0] += margin * pixel;
    at[1] += margin * pixel;
  }
  Array<float, 2> intensity({whole, whole}), counts({size, size});
  imaging::FresnelModel::Scratch scratch;
  model.image(shifted, intensity.view(), scratch);
  Rng rng(seed);
  for (Index y = 0; y < size; ++y) {
    for (Index x = 0; x < size; ++x) {
      counts(y, x) = static_cast<float>(
          rng.poisson(std::max(0.0F, intensity(y + margin, x + margin)) * dose * pixel * pixel));
    }
  }
  return counts;
}

/// Atoms of one list that the other lacks, by the nearest within 0.7 angstrom; and the rms of x
/// and y of those that both have.
struct Found {
  int lost = 0, spurious = 0;
  double rms = 0.0;  // angstrom along one axis
};
inline Found compare(const std::vector<atoms::Vec2>& found, const std::vector<Vec3>& truth) {
  Found result;
  std::vector<char> used(found.size(), 0);
  double sum = 0.0;
  int matched = 0;
  for (const Vec3& at : truth) {
    std::size_t best = found.size();
    double nearest = 0.7;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const double d = std::hypot(found[i][0] - at[0], found[i][1] - at[1]);
      if (used[i] == 0 && d < nearest) {
        nearest = d;
        best = i;
      }
    }
    if (best == found.size()) {
      ++result.lost;
      continue;
    }
    used[best] = 1;
    ++matched;
    sum += nearest * nearest;
  }
  result.spurious = static_cast<int>(std::ranges::count(used, 0));
  result.rms = std::sqrt(sum / (2.0 * std::max(matched, 1)));
  return result;
}

/// The sites inside a view of `extent` angstrom whose first pixel is centred on 0.
inline std::vector<Vec3> inside(const std::vector<Vec3>& sites, double extent, double pixel = 0.2) {
  std::vector<Vec3> kept;
  for (const Vec3& at : sites) {
    const auto in = [&](double v) { return v > -0.5 * pixel && v < extent - 0.5 * pixel; };
    if (in(at[0]) && in(at[1])) kept.push_back(at);
  }
  return kept;
}

}  // namespace kinema::test
