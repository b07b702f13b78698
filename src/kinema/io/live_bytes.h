// Raw frames as bytes of a stream: a pipe, which ends, or a file, which may still grow.
#pragma once

#include "kinema/io/file.h"
#include "kinema/io/live.h"

#include <atomic>
#include <functional>

namespace kinema::io {

class ByteFeed : public LiveFeed {
 public:
  /// `name` is a path, or "-" for standard input.
  ByteFeed(const std::string& name,
           const FrameFormat& format,
           const LiveOptions& options,
           MovieInfo info);

  FrameFormat format() const override { return format_; }
  const MovieInfo& info() const override { return info_; }
  /// Of a file that is not followed, what it holds.
  std::optional<Index> frames() const override { return known_; }
  Arrival take(Index most, std::span<std::byte> out, const std::stop_token& stop) override;
  Index waiting() const override;
  FeedEnd end() const override { return end_; }

  /// Holds the first frame ready, so that a source of none is told at once.
  void wait_for_first(const Progress& progress) override;

 private:
  using Stop = std::function<bool()>;
  Index read_frame(std::span<std::byte> out, const Stop& stop);
  Index read_some(std::span<std::byte> out, const Stop& stop);
  Index read_pipe(std::span<std::byte> out, const Stop& stop) const;
  Index read_file(std::span<std::byte> out, const Stop& stop);
  std::string told() const { return name_ == "-" ? "standard input" : name_; }

  std::string name_;
  FrameFormat format_;
  LiveOptions options_;
  MovieInfo info_;
  FileHandle file_;  // none where it is standard input
  int descriptor_ = 0;
  bool is_file_ = false;
  std::optional<Index> known_;
  std::atomic<Index> bytes_{0};  // read so far
  Index frames_ = 0;             // given so far
  std::vector<std::byte> first_;
  FeedEnd end_;
};

}  // namespace kinema::io
