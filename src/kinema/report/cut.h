// Which part of a movie a page shows when the whole would not fit: every n-th frame, the centre of
// each frame, and pixels averaged n x n.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace kinema::report {

/// What gives way first when a movie is too large for a page.
enum class Fit : std::uint8_t { crop, bin };

inline constexpr EnumName<Fit> fit_names[] = {{Fit::crop, "crop"}, {Fit::bin, "bin"}};
constexpr std::span<const EnumName<Fit>> enum_names(Fit) {
  return fit_names;
}

struct Cut {
  Index frame_step = 1;
  Index top = 0, left = 0, height = 0, width = 0;  // the part of each frame, in movie pixels
  Index bin = 1;                                   // then averaged over bin x bin

  Index shown_height() const { return height / bin; }
  Index shown_width() const { return width / bin; }
};

/// All of a movie.
Cut whole(Index height, Index width);

/// The next smaller cut of a movie (frames, height, width); none when one pixel of one frame is
/// left. Frames give way down to 512 pixels an edge (by crop or bin), then the number of frames,
/// then pixels are binned.
std::optional<Cut> smaller(const Cut& cut, Fit fit, Index frames, Index height, Index width);

/// What is shown, in words: "Every 3rd frame; ...". Says so when nothing is left out.
std::string to_text(const Cut& cut, Index frames, Index height, Index width);

/// The cut of one frame (Y, X): (shown_height, shown_width).
Array<float, 2> apply(const Cut& cut, ArrayView<const float, 2> frame);

}  // namespace kinema::report
