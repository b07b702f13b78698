// Frames averaged in time: one for every n, or one for every run of n.
#pragma once

#include "kinema/base/options.h"
#include "kinema/restore/frame_stream.h"

#include <cstdint>
#include <memory>
#include <span>

namespace kinema::restore {

enum class Window : std::uint8_t { block, sliding };

inline constexpr EnumName<Window> window_names[] = {{Window::block, "block"},
                                                    {Window::sliding, "sliding"}};
constexpr std::span<const EnumName<Window>> enum_names(Window) {
  return window_names;
}

/// Means of `n` frames, which follow each other (block) or overlap in all but one (sliding). Frames
/// that fill no whole mean are left out. `frames` must live as long as the stream.
std::unique_ptr<FrameStream> average_stream(FrameStream& frames, Index n, Window window);

/// How many means that makes of `frames` frames.
Index averages_of(Index frames, Index n, Window window);

}  // namespace kinema::restore
