// One thread reads, one takes; between them groups go to and fro.
#include "kinema/codec/group_queue.h"

#include <cmath>
#include <utility>

namespace kinema::codec {
namespace {

constexpr std::chrono::milliseconds between_looks{100};  // at whether to stop

}  // namespace

PixelType summed_type(PixelType recorded) {
  return recorded == PixelType::f16 || recorded == PixelType::f64 ? PixelType::f32 : recorded;
}

GroupQueue::GroupQueue(FrameFeed& feed, Index longest, Index most_groups)
    : feed_(feed),
      format_(feed.format()),
      longest_(longest),
      most_groups_(most_groups),
      reader_([this](const std::stop_token& stop) { read_all(stop); }) {}

const FrameGroup* GroupQueue::next(const Progress& progress) {
  progress.check();
  std::unique_lock lock(mutex_);
  if (current_) {
    free_.push_back(std::move(current_));
    freed_.notify_one();
  }
  while (!given_.wait_for(lock, between_looks, [&] { return !ready_.empty() || ended_; })) {
    progress.check();
  }
  if (ready_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    return nullptr;
  }
  current_ = std::move(ready_.front());
  ready_.pop_front();
  return current_.get();
}

Index GroupQueue::arrived() const {
  const std::lock_guard lock(mutex_);
  return taken_ + feed_.waiting();
}

void GroupQueue::read_all(const std::stop_token& stop) {
  std::exception_ptr failure;
  try {
    for (Index first = 0, count = longest_; count == longest_; first += count) {
      std::unique_ptr<FrameGroup> group = room(stop);
      if (!group) return;
      group->first = first;
      fill(*group, stop);
      if (stop.stop_requested()) return;
      count = group->count;
      if (count > 0) hand_over(std::move(group));
    }
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = failure;
  ended_ = true;
  given_.notify_one();
}

/// A group to fill, as soon as there is one to spare; null where nobody wants more.
std::unique_ptr<FrameGroup> GroupQueue::room(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!freed_.wait(lock, stop, [&] { return !free_.empty() || held_ < most_groups_; })) {
    return nullptr;
  }
  if (free_.empty()) {
    ++held_;
    auto group = std::make_unique<FrameGroup>();
    group->recorded = Array<std::byte, 1>::uninitialised({longest_ * format_.bytes()});
    return group;
  }
  std::unique_ptr<FrameGroup> group = std::move(free_.back());
  free_.pop_back();
  return group;
}

void GroupQueue::fill(FrameGroup& group, const std::stop_token& stop) {
  group.count = 0;
  group.losses.clear();
  while (group.count < longest_) {
    const auto at = static_cast<std::size_t>(group.count * format_.bytes());
    const Arrival arrival =
        feed_.take(longest_ - group.count, group.recorded.flat().subspan(at), stop);
    if (arrival.lost > 0) group.losses.push_back({group.first + group.count, arrival.lost});
    if (arrival.frames == 0) break;
    if (group.count == 0) group.first_arrival = arrival.at;
    group.count += arrival.frames;
    const std::lock_guard lock(mutex_);
    taken_ += arrival.frames;
  }
  group.data = group.recorded.data();
  if (summed_type(format_.type) != format_.type) convert(group);
  if (is_float(format_.type)) require_finite(group);
}

void GroupQueue::convert(FrameGroup& group) const {
  if (group.floats.empty()) {
    group.floats = Array<std::byte, 1>::uninitialised(
        {longest_ * format_.pixels() * static_cast<Index>(sizeof(float))});
  }
  floats_from(format_.type,
              group.recorded.data(),
              group.count * format_.pixels(),
              reinterpret_cast<float*>(group.floats.data()));
  group.data = group.floats.data();
}

void GroupQueue::require_finite(const FrameGroup& group) const {
  const auto* pixels = reinterpret_cast<const float*>(group.data);
  for (Index i = 0; i < group.count * format_.pixels(); ++i) {
    if (std::isfinite(pixels[i])) continue;
    const Index pixel = i % format_.pixels();
    throw InputError("encode: frame " + std::to_string(group.first + i / format_.pixels()) +
                     ", pixel (y " + std::to_string(pixel / format_.width) + ", x " +
                     std::to_string(pixel % format_.width) +
                     ") is not a finite number; mend the movie before it is encoded");
  }
}

void GroupQueue::hand_over(std::unique_ptr<FrameGroup> group) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(group));
  given_.notify_one();
}

}  // namespace kinema::codec
