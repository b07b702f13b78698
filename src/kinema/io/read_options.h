// What a user may say about a movie file that its header does not.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace kinema::io {

/// How the 8-bit numbers of MRC mode 0 are signed: as the file says, or as the user knows.
enum class Mode0 : std::uint8_t { automatic, with_sign, without_sign };

inline constexpr EnumName<Mode0> mode0_names[] = {
    {Mode0::automatic, "auto"}, {Mode0::with_sign, "signed"}, {Mode0::without_sign, "unsigned"}};
constexpr std::span<const EnumName<Mode0>> enum_names(Mode0) {
  return mode0_names;
}

struct ReadOptions {
  std::optional<PixelSize> pixel_size = {};
  std::optional<Time> frame_time = {};
  Mode0 mode0 = Mode0::automatic;
  std::string dataset = {};
  int eer_frames = 0;
  int eer_upsampling = 1;

  /// Everything that `given` says takes the place of what stands here.
  void take_from(const ReadOptions& given) {
    if (given.pixel_size) pixel_size = given.pixel_size;
    if (given.frame_time) frame_time = given.frame_time;
    if (given.mode0 != Mode0::automatic) mode0 = given.mode0;
    if (!given.dataset.empty()) dataset = given.dataset;
    if (given.eer_frames != 0) eer_frames = given.eer_frames;
    if (given.eer_upsampling != 1) eer_upsampling = given.eer_upsampling;
  }

  static void fields(auto& self, auto&& visit) {
    visit("pixel_size",
          self.pixel_size,
          "edge of a pixel, \"0.2 A\" or \"0.20 A, 0.21 A\" (x, y); auto takes the file's");
    visit("frame_time", self.frame_time, "time from frame to frame; auto takes the file's");
    visit("mode0", self.mode0, "how 8-bit MRC files (mode 0) are signed");
    visit("dataset", self.dataset, "which image of a file that holds several; empty: the largest");
    visit("eer_frames", self.eer_frames, "camera frames of an EER file summed into one; 0: all");
    visit("eer_upsampling", self.eer_upsampling, "super-resolution of EER files: 1, 2 or 4");
  }
};

/// What the user says of a movie stands in for what its file lacks, and wins over what it has.
void apply_user(const ReadOptions& options, MovieInfo& info);

}  // namespace kinema::io
