// Frames from a ring in shared memory, into which a detector's software writes them
// (docs/formats/ring.md).
#pragma once

#include "kinema/core/kinema_encoder.h"
#include "kinema/io/file.h"
#include "kinema/io/live.h"

namespace kinema::io {

class RingFeed : public LiveFeed {
 public:
  /// Waits for the ring `name` ("shm:NAME") no longer than `options.idle`. Throws InputError where
  /// it is none, another process reads it, or it differs from what the options say of its frames.
  RingFeed(const std::string& name,
           const LiveOptions& options,
           MovieInfo info,
           const Progress& progress);
  ~RingFeed() override;

  FrameFormat format() const override { return format_; }
  const MovieInfo& info() const override { return info_; }
  std::optional<Index> frames() const override { return std::nullopt; }
  Arrival take(Index most, std::span<std::byte> out, const std::stop_token& stop) override;
  Index waiting() const override;
  FeedEnd end() const override { return end_; }

  void wait_for_first(const Progress& progress) override;

 private:
  void open(const Progress& progress);
  void read_header();
  std::uint64_t written() const;
  bool ended() const;
  const kinema_ring_slot_header* slot(std::uint64_t frame) const;
  void note_end(const char* reason);

  std::string name_;
  LiveOptions options_;
  FrameFormat format_;
  MovieInfo info_;
  FileHandle file_;
  kinema_ring_header* header_ = nullptr;
  std::uint64_t bytes_ = 0, slots_ = 0, slot_bytes_ = 0, header_bytes_ = 0;
  std::uint64_t next_ = 0;    // frame to take, counted in the ring
  std::uint64_t number_ = 0;  // of that frame, if none was lost before it
  Index given_ = 0;
  FeedEnd end_;
};

}  // namespace kinema::io
