// How good estimated atoms are, against their truth, frame by frame of two files.
#pragma once

#include "kinema/io/atom_frame.h"
#include "kinema/metrics/atoms.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kinema::atoms {

struct EvaluateOptions {
  bool per_frame = false;

  static void fields(auto& self, auto&& visit) {
    visit("per_frame", self.per_frame, "a row for each frame, too");
  }
};

/// Figures over all frames and of each one.
struct Evaluation {
  metrics::AtomScores all;
  std::vector<metrics::AtomScores> frames;
  std::vector<Index> frame_numbers;
};

/// Frames are paired by their numbers where both sides have them, else by their order. Standard
/// errors, ids and the value "sign_probability" are judged where the estimate has them.
/// Coordinates wrap where the truth's cell is periodic and upright. Throws InputError where a
/// frame has no truth.
Evaluation evaluate(const std::vector<io::AtomFrame>& estimate,
                    const std::vector<io::AtomFrame>& truth);

/// Estimate minus truth of every atom of every frame, in angstrom, z less the mean of its frame;
/// none for atoms without a truth. Throws as evaluate() does.
std::vector<std::vector<std::optional<Vec3>>> errors_of(const std::vector<io::AtomFrame>& estimate,
                                                        const std::vector<io::AtomFrame>& truth);

/// All frames of a file.
std::vector<io::AtomFrame> read_atom_frames(const std::filesystem::path& path);

Json to_json(const Evaluation& evaluation, bool per_frame);
std::string to_text(const Evaluation& evaluation, bool per_frame);

}  // namespace kinema::atoms
