// How good a decoded movie is where nothing better than the recording is known: on the frames that
// were kept as recorded beside their snapshots.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/codec/decode.h"
#include "kinema/data/movie_source.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::codec {

/// One movie against the audited frames. PSNR in dB.
struct AuditQuality {
  std::vector<double> psnr;  // of each audited frame, against it as recorded, noise and all
  double mean_psnr = 0.0;    // of finite ones
  /// Against the scene without noise, estimated from the pixels that the frame's mask closed: their
  /// noise went into no snapshot, so that the mean of (decoded - recorded)^2 there is the error and
  /// the noise's variance, which is known. `low` and `high` are what noise 5 % larger or smaller,
  /// and two standard errors, would make of it; none where the error is not above zero by then.
  std::optional<double> scene_psnr, low, high;
};

struct Audit {
  std::vector<Index> frames;  // that were judged by
  AuditQuality decoded;
  AuditQuality mean;           // the plain mean of each group, as `--decoder mean` gives it
  double scene_ceiling = 0.0;  // mean PSNR that the scene itself would have against the recording
  double closed_share = 0.0;   // of the audited frames' pixels
  double peak = 0.0;
  std::string peak_rule;
};

/// Judges all frames of a decoded movie that `coded` keeps audited, against `peak`; none: 255 for
/// 8-bit pixels, else the audited frames' maximum. Throws InputError where there are none, or the
/// movie has other frames than were encoded.
Audit audit(MovieSource& decoded,
            const CodedMovie& coded,
            Progress& progress,
            std::optional<double> peak = {});

Json to_json(const Audit& audit);
std::string to_text(const Audit& audit);

}  // namespace kinema::codec
