// fibre_set.cpp lays and bends the fibres, fibre_image.cpp draws them.
#include "kinema/simulate/fibres.h"

#include "kinema/base/parallel.h"
#include "kinema/simulate/fibre_image.h"

#include <cmath>

namespace kinema::simulate {
namespace {

/// So many that their shadows cover three tenths of the view, where none lie across each other.
double covering(const FibreOptions& options, double thinnest, double thickest) {
  const double ratio = thickest / thinnest;
  const double mean = ratio > 1.0 ? (thickest - thinnest) / std::log(ratio) : thinnest;
  const auto height = static_cast<double>(options.height);
  const auto width = static_cast<double>(options.width);
  return 0.3 * height * width / (mean * 0.8 * std::max(height, width));
}

FibreSet fibres_of(const FibreOptions& options, const std::vector<Vec2>& drift, Rng rng) {
  const auto require = [](bool holds, const char* rule) { require_option(holds, "fibres", rule); };
  const double thinnest = options.thinnest.value / options.pixel.value;
  const double thickest = options.thickest.value / options.pixel.value;
  require(thinnest >= 4.0, "thinnest must be 4 pixels or more");
  require(thickest >= thinnest, "thickest must not be smaller than thinnest");
  require(options.fibres.value_or(0.0) >= 0.0, "fibres must be 0 or more");
  require(options.bending >= 0.0, "bending must be 0 or more");
  return lay_and_bend({.height = options.height,
                       .width = options.width,
                       .fibres = options.fibres.value_or(covering(options, thinnest, thickest)),
                       .thinnest = thinnest,
                       .thickest = thickest,
                       .bending = options.bending},
                      drift,
                      rng);
}

}  // namespace

FibreMovie::FibreMovie(const FibreOptions& options, const Rng& rng)
    : SimulatedMovie(options, "fibres", rng), set_(fibres_of(options, path(), scene_rng(rng))) {
  set_exposure(options);
}

void FibreMovie::shade(Index t, std::span<float> frame) const {
  const FrameFormat view = format();
  const FibreImage fibres(
      set_.fibres, {set_.poses[t].data(), set_.fibres.size()}, view.height, view.width, film());
  const auto width = static_cast<std::size_t>(view.width);
  parallel_for(view.height, [&](Index y) {
    fibres.darken_row(y, frame.subspan(static_cast<std::size_t>(y) * width, width));
  });
}

}  // namespace kinema::simulate
