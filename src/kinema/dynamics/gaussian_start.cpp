// Drawing places from a density, clustering them, and who is whose neighbour.
#include "kinema/dynamics/gaussian_start.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace kinema::dynamics {
namespace {

using Place = std::array<float, 3>;

constexpr int places_per_gaussian = 30, rounds = 12;

float squared_distance(const Place& a, const Place& b) {
  const float x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
  return x * x + y * y + z * z;
}

/// Places in angstrom from the centre, drawn from the density above a tenth of its peak.
std::vector<Place> drawn_places(const Array<float, 3>& map, double pixel, Index count, Rng& rng) {
  const Index box = map.shape()[0];
  const float peak = *std::max_element(map.flat().begin(), map.flat().end());
  std::vector<double> cumulative;
  double sum = 0.0;
  for (const float value : map.flat()) {
    sum += value > 0.1F * peak ? static_cast<double>(value) : 0.0;
    cumulative.push_back(sum);
  }
  std::vector<Place> places;
  for (Index i = 0; i < count; ++i) {
    const double u = rng.uniform() * sum;
    const auto voxel = static_cast<Index>(
        std::upper_bound(cumulative.begin(), cumulative.end(), u) - cumulative.begin());
    const std::array<Index, 3> at{voxel % box, voxel / box % box, voxel / box / box};
    Place& place = places.emplace_back();
    for (std::size_t axis = 0; axis < 3; ++axis) {
      place[axis] = static_cast<float>(
          pixel * (static_cast<double>(at[axis] - box / 2) + rng.uniform(-0.5, 0.5)));
    }
  }
  return places;
}

Place place_of(const GaussianModel& model, Index m) {
  const float* centre = model.parameters().data() + 3 * m;
  return {centre[0], centre[1], centre[2]};
}

}  // namespace

GaussianModel gaussians_from_map(const Array<float, 3>& map,
                                 Length pixel_size,
                                 Index gaussians,
                                 Index latents,
                                 double width,
                                 Rng& rng) {
  const std::vector<Place> places =
      drawn_places(map, pixel_size.value, gaussians * places_per_gaussian, rng);
  std::vector<Place> centres(places.begin(), places.begin() + gaussians);
  for (int round = 0; round < rounds; ++round) {
    std::vector<Place> sums(centres.size());
    std::vector<float> counts(centres.size());
    for (const Place& place : places) {
      std::size_t nearest = 0;
      float least = 1e30F;
      for (std::size_t m = 0; m < centres.size(); ++m) {
        const float distance = squared_distance(place, centres[m]);
        if (distance < least) {
          least = distance;
          nearest = m;
        }
      }
      for (std::size_t axis = 0; axis < 3; ++axis) sums[nearest][axis] += place[axis];
      counts[nearest] += 1.0F;
    }
    for (std::size_t m = 0; m < centres.size(); ++m) {
      if (counts[m] == 0.0F) continue;
      for (std::size_t axis = 0; axis < 3; ++axis) centres[m][axis] = sums[m][axis] / counts[m];
    }
  }
  GaussianModel model(gaussians, latents, map.shape()[0], pixel_size);
  for (std::size_t m = 0; m < centres.size(); ++m) {
    std::copy(centres[m].begin(),
              centres[m].end(),
              model.parameters().begin() + static_cast<std::ptrdiff_t>(3 * m));
    model.parameters()[model.widths_at() + m] = static_cast<float>(std::log(width));
  }
  return model;
}

double mean_spacing(const GaussianModel& model) {
  double sum = 0.0;
  for (Index i = 0; i < model.count(); ++i) {
    float least = 1e30F;
    for (Index j = 0; j < model.count(); ++j) {
      if (j != i) least = std::min(least, squared_distance(place_of(model, i), place_of(model, j)));
    }
    sum += std::sqrt(static_cast<double>(least));
  }
  return sum / static_cast<double>(model.count());
}

std::vector<std::pair<Index, Index>> neighbours(const GaussianModel& model) {
  constexpr std::size_t nearest = 8;
  std::set<std::pair<Index, Index>> pairs;
  for (Index i = 0; i < model.count(); ++i) {
    std::vector<std::pair<float, Index>> others;
    for (Index j = 0; j < model.count(); ++j) {
      if (j != i) others.emplace_back(squared_distance(place_of(model, i), place_of(model, j)), j);
    }
    const std::size_t kept = std::min(nearest, others.size());
    std::partial_sort(
        others.begin(), others.begin() + static_cast<std::ptrdiff_t>(kept), others.end());
    for (std::size_t n = 0; n < kept; ++n) {
      pairs.emplace(std::min(i, others[n].second), std::max(i, others[n].second));
    }
  }
  return {pairs.begin(), pairs.end()};
}

}  // namespace kinema::dynamics
