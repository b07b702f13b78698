// Frames that come one after another and are taken once: those of a movie, or those that a detector
// delivers just now, of which nobody knows how many there will be.
#pragma once

#include "kinema/data/movie_source.h"

#include <chrono>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace kinema {

/// `lost` frames that were recorded before frame `frame` and never came.
struct Loss {
  Index frame = 0, lost = 0;
  friend bool operator==(const Loss&, const Loss&) = default;
};

/// All frames of the losses.
Index lost_frames(std::span<const Loss> losses);

/// Frames that were taken at once.
struct Arrival {
  Index frames = 0;  // 0: there are no more
  Index lost = 0;    // frames that went missing just before these
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
};

/// What is known once the last frame was taken.
struct FeedEnd {
  Index lost = 0;            // frames that went missing after the last
  Index trailing_bytes = 0;  // of a frame that did not come whole
  std::string reason;        // why there are no more, where that is worth a word
};

class FrameFeed {
 public:
  virtual ~FrameFeed() = default;
  virtual FrameFormat format() const = 0;
  virtual const MovieInfo& info() const = 0;
  /// Frames in all; none where that is not known beforehand.
  virtual std::optional<Index> frames() const = 0;
  /// Waits for the next frames and copies up to `most` of them, as (frames, Y, X) of
  /// `format().type` in native byte order. Returns early, with no frame, where `stop` asks for it.
  virtual Arrival take(Index most, std::span<std::byte> out, const std::stop_token& stop) = 0;
  /// Frames that have come and were not taken; may be asked from any thread.
  virtual Index waiting() const { return 0; }
  virtual FeedEnd end() const { return {}; }
};

/// The frames of a movie of known length, which must outlive it.
class MovieFeed : public FrameFeed {
 public:
  explicit MovieFeed(MovieSource& movie) : movie_(movie) {}

  FrameFormat format() const override { return movie_.format(); }
  const MovieInfo& info() const override { return movie_.info(); }
  std::optional<Index> frames() const override { return movie_.frames().value_or(0); }
  Arrival take(Index most, std::span<std::byte> out, const std::stop_token& stop) override;

 private:
  MovieSource& movie_;
  Index next_ = 0;
};

}  // namespace kinema
