// What `atoms reconstruct` leaves in its folder, and says of it.
#pragma once

#include "kinema/atoms/reconstruct.h"
#include "kinema/atoms/validate.h"

#include <string>
#include <vector>

namespace kinema::app {

/// Each aberration, the focal spread and the blur: {value, sigma}; sigma is null where it was held.
Json optics_json(const atoms::Reconstruction& result);

/// A row a frame: how it was recorded, fitted and judged.
std::string frames_csv(const atoms::MovieOfAtoms& movie,
                       const atoms::Reconstruction& result,
                       const std::vector<atoms::FrameVerdict>& verdicts);

/// All frames as LAMMPS dumps them, one block after the other.
std::string dump_text(const Trajectory& trajectory);

/// The whole movie in figures; `sound_frames` is null where no frame was judged.
Json summary_of(const atoms::MovieOfAtoms& movie,
                const atoms::Reconstruction& result,
                const std::vector<atoms::FrameVerdict>& verdicts,
                double seconds);

/// The summary for people; `out` is the folder.
std::string people_text(const std::string& out, const Json& summary);

}  // namespace kinema::app
