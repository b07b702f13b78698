// grains.cpp grows and moves the crystals, grain_image.cpp draws them.
#include "kinema/simulate/nanocrystals.h"

#include "kinema/base/parallel.h"
#include "kinema/simulate/grain_image.h"

#include <numbers>

namespace kinema::simulate {
namespace {

GrainMovie grains_of(const NanocrystalOptions& options, const std::vector<Vec2>& drift, Rng rng) {
  require_option(options.diameter.value >= 10.0 * options.pixel.value,
                 "nanocrystals",
                 "diameter must be 10 pixels or more");
  require_option(
      options.crystals.value_or(0.0) >= 0.0, "nanocrystals", "crystals must be 0 or more");
  const double radius = 0.5 * options.diameter.value / options.pixel.value;
  const auto area = static_cast<double>(checked_product(options.height, options.width));
  const double covering = 0.4 * area / (std::numbers::pi * radius * radius);
  return grow_and_move({.frames = options.frames,
                        .height = options.height,
                        .width = options.width,
                        .crystals = options.crystals.value_or(covering),
                        .radius = radius,
                        .lattice = options.lattice.value / options.pixel.value,
                        .motion = options.motion},
                       drift,
                       rng);
}

}  // namespace

NanocrystalMovie::NanocrystalMovie(const NanocrystalOptions& options, const Rng& rng)
    : SimulatedMovie(options, "nanocrystals", rng),
      grains_(grains_of(options, path(), scene_rng(rng))) {
  set_exposure(options);
}

void NanocrystalMovie::shade(Index t, std::span<float> frame) const {
  const GrainImage grains(grains_.grains, {grains_.poses[t].data(), grains_.grains.size()});
  const auto width = static_cast<std::size_t>(format().width);
  parallel_for(format().height, [&](Index y) {
    grains.darken_row(y, frame.subspan(static_cast<std::size_t>(y) * width, width));
  });
}

}  // namespace kinema::simulate
