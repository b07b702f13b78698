// The sections of the report of atoms, each in a file of its own.
#pragma once

#include "kinema/atoms/report.h"

namespace kinema::atoms {

/// The frames as recorded, as simulated from the atoms, the residual, and the heights.
void add_movies(report::Page& page, const ReportInput& input, Progress& progress);

/// What changes from frame to frame, how numbers are spread, and heights along a line.
void add_curves(report::Page& page, const ReportInput& input);
void add_distributions(report::Page& page, const ReportInput& input);
void add_profile(report::Page& page, const Trajectory& trajectory);

/// Estimates against the truth; nothing where there is none.
void add_truth(report::Page& page, const ReportInput& input);

}  // namespace kinema::atoms
