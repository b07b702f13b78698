// What a movie must be asked before it is restored: its own flat, bad pixels, noise and drift.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/data/movie_source.h"
#include "kinema/restore/anscombe.h"
#include "kinema/restore/defects.h"
#include "kinema/restore/flat_field.h"
#include "kinema/restore/frame_stream.h"
#include "kinema/restore/move.h"
#include "kinema/restore/options.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::restore {

/// Dark and flat field (Y, X) where there are any; the flat without its dark.
struct References {
  Array<float, 2> dark, flat;
};

/// What was learned of a movie before it is restored.
struct Survey {
  Calibration calibration;
  std::optional<Defects> defects;  // none: not sought
  Index untold = 0;  // frames in which the specimen's place could not be told from the noise
  std::vector<Shift> places;           // of the specimen in every frame, from the first; or empty
  std::optional<CountingNoise> noise;  // of one calibrated frame; none: not needed
  std::string noise_source;            // "user" or "measured"
};

Json to_json(const Survey& survey);

/// Looks at the movie as often as the options need: once for the flat, once for bad pixels (up to
/// 200 frames), once for noise (up to 64), once for drift.
Survey survey_movie(MovieSource& movie,
                    const References& references,
                    const RestoreOptions& options,
                    Progress& progress);

/// Frames of a movie as floats, calibrated and with bad pixels filled; all of these must live as
/// long as it. InputError where a pixel is no number.
class SourceFrames : public FrameStream {
 public:
  SourceFrames(MovieSource& movie,
               const Calibration& calibration,
               const Defects* defects = nullptr);
  std::optional<Array<float, 2>> next() override;
  Array<float, 2> frame(Index t);

 private:
  MovieSource& movie_;
  const Calibration& calibration_;
  const Defects* defects_;  // null: none is filled
  std::vector<std::byte> pixels_;
  Index next_ = 0;
};

}  // namespace kinema::restore
