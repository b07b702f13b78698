// What a journal keeps of a reconstruction: the optics, frames taken alone, and frames refined with
// their neighbours in time. Everything comes back as it was, to the last bit.
#pragma once

#include "kinema/atoms/movie_work.h"

namespace kinema::atoms {

/// Optics and temperature as calibrated, and the frames in which no atoms were found.
Json calibration_record(const Reconstruction& result);
void recall_calibration(const Json& record, Reconstruction& result);

/// A frame alone: how it went and, where it did not fail, its atoms with what is known of each.
Json frame_record(const FrameSummary& summary, const io::AtomFrame& atoms);
void recall_frame(const Json& record, FrameSummary& summary, io::AtomFrame& atoms);

/// A frame among others after a sweep over all of them.
Json joint_record(const FrameSummary& summary, const JointFrame& frame);
void recall_joint(const Json& record, FrameSummary& summary, JointFrame& frame);

}  // namespace kinema::atoms
