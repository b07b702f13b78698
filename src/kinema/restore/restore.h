// Restoring a movie: calibrated, without bad pixels, without drift, averaged in time and denoised,
// whichever of these is asked for, in this order and frame by frame.
//
//   const Survey survey = survey_movie(movie, {dark, flat}, options, progress);
//   restore(movie, survey, options, take_frame, progress, memory);
#pragma once

#include "kinema/restore/options.h"
#include "kinema/restore/survey.h"

#include <functional>

namespace kinema::restore {

/// What is known of the restored movie.
MovieInfo restored_info(const MovieInfo& info, Index frames, const RestoreOptions& options);

/// InputError where `memory` bytes do not hold the frames that the options need at once.
void require_memory(const FrameFormat& format, const RestoreOptions& options, Index memory);

/// Called with every restored frame (Y, X), in order.
using TakeFrame = std::function<void(Index t, ArrayView<const float, 2> frame)>;

/// Restores frame by frame, within `memory` bytes.
void restore(MovieSource& movie,
             const Survey& survey,
             const RestoreOptions& options,
             const TakeFrame& take,
             Progress& progress,
             Index memory);

}  // namespace kinema::restore
