// How good a decoded movie is: against a reference, and beside the baselines that cost no decoder.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/movie_source.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::codec {

/// What `evaluate` measures.
struct EvaluateOptions {
  Index ratio = 0;
  std::optional<double> peak = {};
  Index bragg_frames = 8;

  static void fields(auto& self, auto&& visit) {
    visit("ratio",
          self.ratio,
          "frames a snapshot, for the binned baseline; 0: as the decoded movie's side-car says");
    visit("peak", self.peak, "peak of PSNR and SSIM; auto: 255 for 8-bit input, else the maximum");
    visit(
        "bragg_frames", self.bragg_frames, "frames, evenly spread, whose Bragg spots are measured");
  }
};

/// Bragg spots of the reference, found again: means over all spots of all measured frames.
struct BraggQuality {
  Index spots = 0, kept = 0;  // kept: still 3 times the background
  double mean_db = 0.0;       // signal over background, 10 log10
  double reference_db = 0.0;  // the same in the reference itself
};

/// One movie against the reference.
struct Quality {
  std::vector<double> psnr,
      ssim;  // by frame; psnr in dB, infinite where nothing differs (means leave those out)
  double mean_psnr = 0.0, mean_ssim = 0.0;
  std::optional<double> temporal_psnr;  // of frame differences, mean over pairs; none for one frame
  BraggQuality bragg;
  double peak = 0.0;
  std::string peak_rule;
};

struct Evaluation {
  Quality decoded;
  std::optional<Quality> raw;     // the movie as recorded
  std::optional<Quality> binned;  // the mean of every `ratio` raw frames, shown `ratio` times
  Index frames = 0, height = 0, width = 0;
  Index ratio = 0;
  Index bragg_frames = 0;  // frames whose spots were measured
};

/// Compares frame by frame, holding a few frames of each movie. `raw`, the movie that was encoded,
/// may be null: then there are no baselines. Figures follow PSNR's and SSIM's usual rules (a peak
/// of 255 for 8-bit input, that of `raw` if given, else of the reference; otherwise the reference's
/// maximum; SSIM without a 5 px border). Throws InputError where the movies differ in frames or
/// size.
Evaluation evaluate(MovieSource& decoded,
                    MovieSource& reference,
                    MovieSource* raw,
                    const EvaluateOptions& options,
                    Progress& progress);

/// An infinite PSNR is null.
Json to_json(const Quality& quality);
Json to_json(const Evaluation& evaluation);

/// A table: a line for the decoded movie and one for each baseline.
std::string to_text(const Evaluation& evaluation);

}  // namespace kinema::codec
