// The report of a molecule's volumes through time: one self-contained page with the volumes in 3D,
// their projections beside the frames, the latents, and how far all this can be trusted.
#pragma once

#include "kinema/data/particles.h"
#include "kinema/dynamics/evaluate.h"
#include "kinema/dynamics/reconstruct.h"
#include "kinema/report/page.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinema::dynamics {

/// What is known where the movie was simulated.
struct Truth {
  Evaluation evaluation;
  std::function<Volume(Index)> volume;  // of each of ReportInput::frames, by its number
  std::vector<double> coordinate;       // of every frame of the movie, or empty
};

struct ReportInput {
  std::string title, subtitle;
  const Particles* particles = nullptr;
  const Reconstruction* result = nullptr;
  std::string model;          // what the moving series is called
  std::vector<Index> frames;  // whose volumes are shown, rising; at least one
  double level = 0.0;         // of the surface at first
  std::optional<Truth> truth;
  Json settings = Json::object();  // name of a list -> {option: value}
  Json provenance = Json::object();
  std::string caution;  // shown above all figures; empty: none
};

report::Page report(const ReportInput& input, Progress& progress);

}  // namespace kinema::dynamics
