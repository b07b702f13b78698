// The report of reconstructed atoms: one self-contained page with the frames beside what the atoms
// found would look like, the residual and the heights, and how every frame went.
#pragma once

#include "kinema/atoms/reconstruct.h"
#include "kinema/report/page.h"

#include <string>

namespace kinema::atoms {

struct ReportInput {
  std::string title, subtitle;
  const MovieOfAtoms* movie = nullptr;
  const Reconstruction* result = nullptr;
  Json settings = Json::object();  // name of a list -> {option: value}
  Json provenance = Json::object();
  std::string caution;  // shown above all figures; empty: none
};

/// Heights (Y, X) of the frame's pixels, in angstrom: of the atoms around, within 1.6 A, weighted
/// by a Gaussian of 0.6 A; 0 where there is none.
Array<float, 2> height_map(const MovieOfAtoms& movie, const AtomicModel& atoms);

report::Page report(const ReportInput& input, Progress& progress);

}  // namespace kinema::atoms
