// The report of reconstructed atoms: one self-contained page with the atoms in 3D, the frames
// beside what the atoms found would look like, how every frame went, and the truth where it is
// known.
#pragma once

#include "kinema/atoms/evaluate.h"
#include "kinema/atoms/reconstruct.h"
#include "kinema/atoms/validate.h"
#include "kinema/report/page.h"

#include <optional>
#include <string>

namespace kinema::atoms {

/// How the atoms compare with those that a simulation put there.
struct TruthComparison {
  Evaluation evaluation;
  Array<double, 3> errors;  // (T, N, 3) estimate minus truth, angstrom; NaN: no partner
};

/// Compares frame by frame. Throws InputError where a frame has no truth.
TruthComparison compare(const Trajectory& trajectory, const std::vector<io::AtomFrame>& truth);

struct ReportInput {
  std::string title, subtitle;
  const MovieOfAtoms* movie = nullptr;
  const Reconstruction* result = nullptr;
  std::vector<FrameVerdict> verdicts;    // of molecular dynamics; may be empty
  std::optional<TruthComparison> truth;  // of a simulated movie
  Json settings = Json::object();        // name of a list -> {option: value}
  Json provenance = Json::object();
  std::string caution;  // shown above all figures; empty: none
};

/// Heights (Y, X) of the frame's pixels, in angstrom: of the atoms around, within 1.6 A, weighted
/// by a Gaussian of 0.6 A; 0 where there is none.
Array<float, 2> height_map(const MovieOfAtoms& movie, const AtomicModel& atoms);

report::Page report(const ReportInput& input, Progress& progress);

}  // namespace kinema::atoms
