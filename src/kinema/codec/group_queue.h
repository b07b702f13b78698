// Frames group by group, read ahead by a thread of its own, so that reading and coding go on at the
// same time and a source that does not wait has room to deliver into.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/data/frame_feed.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace kinema::codec {

/// Pixel type that sums are taken of: half and double precision are taken as float.
PixelType summed_type(PixelType recorded);

/// Frames [first, first + count) as (count, Y, X) of `summed_type`.
struct FrameGroup {
  Index first = 0, count = 0;
  const std::byte* data = nullptr;
  std::vector<Loss> losses;                               // before frames of this group
  std::chrono::steady_clock::time_point first_arrival{};  // of its first frame
  Array<std::byte, 1> recorded, floats;
};

class GroupQueue {
 public:
  /// Groups of `longest` frames of `feed`, which must outlive it; at most `most_groups` of them are
  /// held at a time, the one that is worked on counted.
  GroupQueue(FrameFeed& feed, Index longest, Index most_groups);
  /// Ends the thread, whatever it waits for.
  ~GroupQueue() = default;

  /// Waits for the next group; null after the last. It stays until the next is asked for. Throws
  /// what reading threw once all that came before was given, and Interrupted where `progress` says
  /// so.
  const FrameGroup* next(const Progress& progress);
  /// Frames that have come so far, taken or not.
  Index arrived() const;

 private:
  void read_all(const std::stop_token& stop);
  std::unique_ptr<FrameGroup> room(const std::stop_token& stop);
  void fill(FrameGroup& group, const std::stop_token& stop);
  void convert(FrameGroup& group) const;
  void require_finite(const FrameGroup& group) const;
  void hand_over(std::unique_ptr<FrameGroup> group);

  FrameFeed& feed_;
  FrameFormat format_;
  Index longest_, most_groups_;
  mutable std::mutex mutex_;
  std::condition_variable_any given_, freed_;
  std::deque<std::unique_ptr<FrameGroup>> ready_;
  std::vector<std::unique_ptr<FrameGroup>> free_;
  std::unique_ptr<FrameGroup> current_;
  Index held_ = 0, taken_ = 0;
  bool ended_ = false;
  std::exception_ptr failure_;
  std::jthread reader_;  // last: it ends before what it works on goes
};

}  // namespace kinema::codec
