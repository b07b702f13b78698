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
  std::optional<PixelSize> pixel_size;
  Mode0 mode0 = Mode0::automatic;

  static void fields(auto& self, auto&& visit) {
    visit("pixel_size",
          self.pixel_size,
          "edge of a pixel, \"0.2 A\" or \"0.20 A, 0.21 A\" (x, y); auto takes the file's");
    visit("mode0", self.mode0, "how 8-bit MRC files (mode 0) are signed");
  }
};

}  // namespace kinema::io
