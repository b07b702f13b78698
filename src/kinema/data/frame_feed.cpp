// A movie from its first frame to its last.
#include "kinema/data/frame_feed.h"

#include <algorithm>

namespace kinema {

Index lost_frames(std::span<const Loss> losses) {
  Index frames = 0;
  for (const Loss& loss : losses) frames += loss.lost;
  return frames;
}

Arrival MovieFeed::take(Index most, std::span<std::byte> out, const std::stop_token& /*stop*/) {
  const Index count = std::min(most, *frames() - next_);
  movie_.read(next_, count, out.first(static_cast<std::size_t>(count * format().bytes())));
  next_ += count;
  return {.frames = count};
}

}  // namespace kinema
