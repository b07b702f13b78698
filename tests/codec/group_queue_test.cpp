#include "kinema/codec/group_queue.h"

#include "kinema/base/options.h"
#include "kinema/codec/encode.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include <cstring>
#include <numeric>

namespace kinema::codec {
namespace {

/// Frames of 4 x 8 pixels that all hold their number; every `at_once` of them come together, the
/// `pause` first.
class CountingFeed : public FrameFeed {
 public:
  CountingFeed(Index frames, Index at_once, std::chrono::milliseconds pause = {})
      : left_(frames), at_once_(at_once), pause_(pause) {}

  FrameFormat format() const override { return {PixelType::u8, 4, 8}; }
  const MovieInfo& info() const override { return info_; }
  std::optional<Index> frames() const override { return std::nullopt; }
  Arrival take(Index most, std::span<std::byte> out, const std::stop_token& stop) override {
    for (auto waited = std::chrono::milliseconds{}; waited < pause_ && !stop.stop_requested();
         waited += std::chrono::milliseconds{1}) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    const Index count = std::min({most, left_, at_once_});
    for (Index t = 0; t < count; ++t, ++number_) {
      std::memset(out.data() + t * format().bytes(), static_cast<int>(number_), 32);
    }
    left_ -= count;
    return {.frames = count, .lost = count > 0 && number_ - count == 7 ? Index{3} : Index{0}};
  }
  FeedEnd end() const override { return {.lost = 2, .trailing_bytes = 5, .reason = "over"}; }

 private:
  MovieInfo info_;
  Index left_, at_once_, number_ = 0;
  std::chrono::milliseconds pause_;
};

TEST(GroupQueue, GivesEveryFrameOnceInOrder) {
  for (const Index at_once : {1, 3, 100}) {
    for (const Index most_groups : {1, 2, 5}) {
      CountingFeed feed(23, at_once);
      GroupQueue queue(feed, 5, most_groups);
      const Progress progress;
      Index frames = 0;
      while (const FrameGroup* group = queue.next(progress)) {
        EXPECT_EQ(group->first, frames);
        EXPECT_EQ(group->count, std::min<Index>(5, 23 - frames));
        for (Index t = 0; t < group->count; ++t, ++frames) {
          EXPECT_EQ(std::to_integer<Index>(group->data[t * 32]), frames);
        }
      }
      EXPECT_EQ(frames, 23);
      EXPECT_EQ(queue.arrived(), 23);
    }
  }
}

TEST(GroupQueue, EndsWhileItsFeedWaits) {
  CountingFeed feed(1000, 1, std::chrono::hours(1));
  const Progress progress;
  const GroupQueue queue(feed, 5, 2);
  EXPECT_EQ(queue.arrived(), 0);
}

TEST(GroupQueue, StopsWhereTheUserAsksForItAndNothingComes) {
  CountingFeed feed(1000, 1, std::chrono::hours(1));
  GroupQueue queue(feed, 5, 2);
  Progress progress;
  std::jthread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    progress.request_stop();
  });
  EXPECT_THROW(queue.next(progress), Interrupted);
}

TEST(EncodeFeed, TellsOfEveryFrameThatWasLost) {
  CountingFeed feed(23, 1);
  Progress progress;
  const MaskSet masks = make_masks({MaskKind::open, 5, 0}, 4, 8);
  Index frames = 0;
  std::vector<Loss> seen;
  const Flow flow = encode(
      feed,
      masks,
      Coding::exact(),
      [&](const Snapshot& snapshot) {
        frames += snapshot.group.frames;
        seen.insert(seen.end(), snapshot.losses.begin(), snapshot.losses.end());
        const auto first = static_cast<int>(snapshot.group.first);
        int sum = 0;
        for (int t = first; t < first + static_cast<int>(snapshot.group.frames); ++t) sum += t;
        EXPECT_EQ(reinterpret_cast<const std::uint16_t*>(snapshot.sum)[31], sum);
      },
      progress);
  EXPECT_EQ(frames, 23);
  EXPECT_EQ(seen, (std::vector<Loss>{{7, 3}}));
  EXPECT_EQ(flow.frames, 23);
  EXPECT_EQ(flow.losses, (std::vector<Loss>{{7, 3}, {23, 2}}));
  EXPECT_EQ(flow.trailing_bytes, 5);
  EXPECT_EQ(flow.end, "over");
  EXPECT_GE(flow.most_behind, 5) << "a group's own frames count until it is done with";
  EXPECT_LE(flow.most_behind, 23);
}

TEST(EncodeFeed, LagIsTheTimeThatAFrameWaitsForTheOthersOfItsGroup) {
  using std::chrono::milliseconds;
  CountingFeed feed(6, 1, milliseconds(20));
  Progress progress;
  const Flow flow = encode(
      feed,
      make_masks({MaskKind::open, 3, 0}, 4, 8),
      Coding::exact(),
      [](const Snapshot&) {},
      progress);
  EXPECT_GE(flow.longest_lag, 0.04);
  EXPECT_GE(flow.seconds, 0.1);
}

}  // namespace
}  // namespace kinema::codec
