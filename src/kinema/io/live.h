// Raw frames from where they come from: standard input, a file that still grows, or a ring in
// shared memory. Nobody knows how many there will be.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/frame_feed.h"
#include "kinema/io/read_options.h"

#include <memory>

namespace kinema::io {

/// Height and width of a frame, "4096x4096".
struct FrameShape {
  Index height = 0, width = 0;
  friend bool operator==(const FrameShape&, const FrameShape&) = default;
};
void from_text(std::string_view text, FrameShape& shape);
std::string to_text(const FrameShape& shape);

enum class ByteOrder : std::uint8_t { little, big };
inline constexpr EnumName<ByteOrder> byte_order_names[] = {{ByteOrder::little, "little"},
                                                           {ByteOrder::big, "big"}};
constexpr std::span<const EnumName<ByteOrder>> enum_names(ByteOrder) {
  return byte_order_names;
}

/// What raw frames do not say of themselves, and when they end.
struct LiveOptions {
  std::optional<FrameShape> shape = {};
  std::string type = {};
  ByteOrder byte_order = ByteOrder::little;
  std::optional<Index> frames = {};
  bool follow = false;
  Time idle = {10.0};

  static void fields(auto& self, auto&& visit) {
    visit("shape",
          self.shape,
          "of raw frames: height x width, e.g. 4096x4096; the movie is then standard input (-), a "
          "raw file, or a ring in shared memory (shm:NAME)");
    visit("type", self.type, "of raw frames: pixel type, e.g. uint16");
    visit("byte_order", self.byte_order, "of raw frames");
    visit("frames", self.frames, "raw frames to take; auto takes all that come");
    visit("follow", self.follow, "wait for more frames where a raw file ends, as it grows");
    visit("idle", self.idle, "a growing file or a ring ends where nothing came for so long");
  }
};

/// Whether `name` and the options speak of raw frames: "-", "shm:NAME", or a file with a shape.
bool is_live(const std::string& name, const LiveOptions& options);

class LiveFeed : public FrameFeed {
 public:
  /// Waits until there is a frame, of a growing file and a ring no longer than `idle`. Throws
  /// InputError where none comes, Interrupted where `progress` says so.
  virtual void wait_for_first(const Progress& progress) = 0;
};

/// Opens such a source; waits for a growing file and a ring, no longer than `idle`, until they are
/// there. Throws InputError where they are not, or the options do not say what frames are.
std::unique_ptr<LiveFeed> open_live(const std::string& name,
                                    const LiveOptions& options,
                                    const ReadOptions& known,
                                    const Progress& progress);

}  // namespace kinema::io
