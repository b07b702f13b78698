// The options of `atoms reconstruct`, and the movie that they tell how to read.
#pragma once

#include "kinema/atoms/reconstruct.h"
#include "kinema/data/frame_range.h"
#include "kinema/io/read_options.h"

#include <string>

namespace kinema::app {

struct AtomsReconstructOptions : atoms::ReconstructOptions {
  std::string optics;
  std::optional<Fluence> dose;
  FrameRange frames;
  double gain = 1.0, read_noise = 0.0;
  Time md_time{1e-12};
  bool report = true, movie = true, resume = false, split = false;
  std::string truth;
  io::ReadOptions read;

  static void fields(auto& self, auto&& visit) {
    visit(
        "optics", self.optics, "the optics (.toml): voltage, defocus, cs, focal_spread, blur, ...");
    visit("dose", self.dose, "of a frame, e.g. \"8000 e/A^2\"; auto takes it from the counts");
    visit("frames", self.frames, "frames a:b to reconstruct, half-open, from 0");
    visit("gain", self.gain, "recorded units per electron");
    visit("read_noise", self.read_noise, "of the camera in recorded units, rms");
    visit("md_time",
          self.md_time,
          "length of the run at 300 K that judges each frame (LAMMPS); \"0 ps\" leaves it out");
    visit("report", self.report, "write report.html");
    visit("movie", self.movie, "write movie.mp4, the sheet in 3D, coloured by height");
    visit("truth", self.truth, "the true atoms (.extxyz), to be compared with in the report");
    visit("split",
          self.split,
          "reconstruct two halves of the electrons by themselves, too, and compare them: what can "
          "be told of a result without a truth");
    visit("resume", self.resume, "go on where an interrupted run of the same command stopped");
    atoms::ReconstructOptions::fields(self, visit);
    io::ReadOptions::fields(self.read, visit);
  }
};

/// The movie as the reconstruction takes it; frames may be asked for from any thread. Throws
/// InputError where it cannot be read, or its pixel size is not known.
atoms::MovieOfAtoms movie_of(const std::string& in,
                             const AtomsReconstructOptions& options,
                             const atoms::OpticsSettings& settings);

}  // namespace kinema::app
