// Groups that end where the scene moves on, and masks that the first frames choose.
#include "kinema/codec/container.h"
#include "kinema/codec/decode.h"
#include "kinema/codec/encode_plan.h"
#include "kinema/codec/group_planner.h"
#include "kinema/codec/mask_bank.h"
#include "kinema/codec/validate.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::random_movie;
using test::source_over;

constexpr double speed = 1.5;  // pixels a frame, once the disk moves

Array<float, 3> with_noise(Array<float, 3> movie, double sigma) {
  Rng rng(5);
  for (float& pixel : movie.flat()) pixel += static_cast<float>(sigma * rng.normal());
  return movie;
}

/// A disk that rests for `still` frames and then moves.
Array<float, 3> still_then_moving(Index frames, Index still) {
  Array<float, 3> movie({frames, 96, 128});
  const Array<float, 3> moves = disk_movie({frames - still + 1, 96, 128}, speed);
  for (Index t = 0; t < frames; ++t) {
    const ArrayView<const float, 2> frame = moves[std::max<Index>(0, t - still + 1)];
    std::copy_n(frame.data(), frame.size(), movie[t].data());
  }
  return with_noise(std::move(movie), 8.0);
}

MaskSet adaptive(MaskKind kind, Index height, Index width) {
  EncodeOptions options;
  options.ratio.reset();
  options.masks = kind;
  options.seed = 7;
  return make_masks(plan_masks(options, nullptr), height, width);
}

template <class T>
Measurement measured(const Array<T, 3>& movie, MaskKind kind, const Coding& coding = {}) {
  auto source = source_over(movie);
  Progress progress;
  return encode(source, adaptive(kind, movie.shape()[1], movie.shape()[2]), progress, coding);
}

FrameRun run_over(const Array<float, 3>& movie, Index first, Index count) {
  return {{PixelType::f32, movie.shape()[1], movie.shape()[2]},
          reinterpret_cast<const std::byte*>(movie[first].data()),
          count,
          {}};
}

TEST(Motion, IsNothingWhereNothingMoves) {
  const Array<float, 3> movie = with_noise(Array<float, 3>({32, 96, 128}, 50.0F), 5.0);
  for (const Index count : adaptive_ratios) {
    EXPECT_LT(motion_within(run_over(movie, 0, count)), 0.15) << count;
  }
  FrameRun run = run_over(movie, 0, 10);
  run.noise = {0.0, 25.0};
  EXPECT_NEAR(added_by_motion(run).between, 0.0, 0.05);
  EXPECT_NEAR(added_by_motion(run).within, 0.0, 0.05);
  EXPECT_EQ(motion_within(run_over(Array<float, 3>({4, 8, 8}, 3.0F), 0, 4)), 0.0);
}

/// Of a straight ramp a frame the halves of n frames differ by slope n / 2 and neighbours by slope.
TEST(Motion, OfARampIsWhatItsFormulaSays) {
  const double slope = 2.0, sigma = 5.0;
  Array<float, 3> movie({16, 96, 128});
  for (Index t = 0; t < 16; ++t) {
    for (float& pixel : movie[t].flat()) pixel = static_cast<float>(slope * static_cast<double>(t));
  }
  const Array<float, 3> noisy = with_noise(std::move(movie), sigma);
  FrameRun run = run_over(noisy, 0, 16);
  run.noise = {0.0, sigma * sigma};
  const double ramp = slope * slope / (sigma * sigma);
  EXPECT_NEAR(motion_within(run), ramp * 16.0 * 16.0 * 16.0 / 16.0, 0.1 * ramp * 256.0);
  EXPECT_NEAR(added_by_motion(run).between, 0.5 * ramp, 0.05);
  EXPECT_NEAR(added_by_motion(run).within, ramp * 16.0 * 17.0 / 12.0, 0.2);
}

TEST(Adaptive, AStillSceneHasLongGroupsAndAMovingOneShort) {
  const Array<float, 3> movie = still_then_moving(128, 64);
  for (const MaskKind kind : {MaskKind::balanced, MaskKind::staggered}) {
    const Measurement measurement = measured(movie, kind, {{}, EncodeMode::coded, false});
    for (const Group& group : measurement.groups) {
      if (group.first + group.frames <= 64) {
        EXPECT_EQ(group.ratio, 32) << "from frame " << group.first;
      }
      if (group.first >= 64) {
        EXPECT_EQ(group.ratio, 4) << "from frame " << group.first;
      }
    }
    EXPECT_NO_THROW(require_consistent(measurement));
    Progress progress;
    const Decoded decoded = decode(measurement, {}, progress);
    ASSERT_EQ(decoded.movie.frames.shape(), movie.shape());
  }
}

template <class T>
void expect_sums(const Array<T, 3>& movie, MaskKind kind) {
  const Measurement measurement = measured(movie, kind, Coding::exact());
  const std::vector<Index> firsts = first_snapshots(measurement.groups);
  MaskBank bank(measurement.masks);
  Index frames = 0;
  for (std::size_t g = 0; g < measurement.groups.size(); ++g) {
    const Group& group = measurement.groups[g];
    EXPECT_EQ(group.first, frames);
    frames += group.frames;
    const MaskSet& masks = bank.of(group);
    EXPECT_EQ(masks.ratio(), group.ratio);
    const std::vector<Exposure> exposures = exposures_of(masks, group.frames);
    ASSERT_EQ(static_cast<Index>(exposures.size()), group.buckets);
    for (std::size_t k = 0; k < exposures.size(); ++k) {
      const auto found = snapshot_floats(measurement.snapshots, firsts[g] + static_cast<Index>(k));
      for (Index i = 0; i < found.size(); ++i) {
        const Index y = i / masks.width(), x = i % masks.width();
        float sum = 0.0F;
        for (Index t = exposures[k].first; t < exposures[k].end(); ++t) {
          const Shutter& shutter =
              exposures[k].shutters[static_cast<std::size_t>(t - exposures[k].first)];
          if (masks.masks(shutter.mask, y, x) != shutter.turned) {
            sum += static_cast<float>(movie(group.first + t, y, x));
          }
        }
        ASSERT_EQ(found.data()[i], sum);
      }
    }
  }
  EXPECT_EQ(frames, movie.shape()[0]);
}

TEST(Adaptive, MoviesOfAnyLengthAreSummedThroughTheMasksOfTheirGroups) {
  for (const MaskKind kind : {MaskKind::balanced, MaskKind::staggered, MaskKind::open}) {
    for (const Index frames : {1, 2, 3, 4, 5, 7, 31, 33, 63, 70}) {
      expect_sums(random_movie<std::uint8_t>({frames, 6, 20}, 3), kind);
      expect_sums(Array<std::uint16_t, 3>({frames, 6, 20}, 1000), kind);
    }
  }
}

TEST(Adaptive, ContainersKeepWhatGroupsChose) {
  const test::TempFolder folder;
  const Array<float, 3> movie = still_then_moving(100, 40);
  Progress progress;
  for (const MaskKind kind : {MaskKind::balanced, MaskKind::staggered}) {
    const Measurement measurement = measured(movie, kind, Coding::exact());
    write_measurement(folder / "a.h5", measurement, {});
    const Measurement back = read_measurement(folder / "a.h5");
    ASSERT_EQ(back.groups.size(), measurement.groups.size());
    for (std::size_t g = 0; g < back.groups.size(); ++g) {
      EXPECT_EQ(back.groups[g].ratio, measurement.groups[g].ratio);
      EXPECT_EQ(back.groups[g].buckets, measurement.groups[g].buckets);
    }
    EXPECT_TRUE(back.masks.adaptive);
    EXPECT_TRUE(validate(folder / "a.h5", {}, 1 << 20, progress).departures.empty());
    DecodeOptions options;
    options.decoder = Decoder::mean;
    const auto a = decode(measurement, options, progress).movie.frames;
    const auto b = decode(back, options, progress).movie.frames;
    EXPECT_TRUE(std::equal(a.flat().begin(), a.flat().end(), b.flat().begin()));
    std::filesystem::remove(folder / "a.h5");
  }
}

TEST(Adaptive, ABreakKeepsFewFramesLossless) {
  Array<float, 3> movie = with_noise(disk_movie({96, 96, 128}, 0.0), 4.0);
  for (Index t = 50; t < 96; ++t) {
    for (float& pixel : movie[t].flat()) pixel = 255.0F - pixel;
  }
  const std::vector<Group> groups = measured(movie, MaskKind::balanced).groups;
  Index lossless = 0;
  for (const Group& group : groups) {
    if (group.mode != GroupMode::lossless) continue;
    lossless += group.frames;
    EXPECT_TRUE(group.first < 50 && group.first + group.frames > 50);
  }
  EXPECT_TRUE(lossless > 0 && lossless <= 8) << lossless;
}

MaskPlan planned(const Array<float, 3>& movie) {
  auto source = source_over(movie);
  EncodeOptions options;
  options.masks.reset();
  return plan_masks(options, &source);
}

TEST(Adaptive, MasksAreStaggeredUnlessMotionIsFastAndSeen) {
  EXPECT_EQ(planned(with_noise(disk_movie({20, 96, 128}, 0.0), 8.0)).masks.kind,
            MaskKind::staggered);
  EXPECT_EQ(planned(with_noise(disk_movie({20, 96, 128}, 1.0), 20.0)).masks.kind,
            MaskKind::staggered);
  // A fine pattern, 1.75 pixels wide, that runs by 4 pixels a frame.
  const Index width = 2048, frames = 20;
  Rng rng(4);
  std::vector<double> line(width + 4 * frames), smooth(line.size());
  for (double& value : line) value = rng.normal();
  const auto end = static_cast<Index>(line.size());
  for (Index x = 0; x < end; ++x) {
    for (Index i = std::max<Index>(0, x - 8); i < std::min(end, x + 9); ++i) {
      const double far = static_cast<double>(i - x) / 1.75;
      smooth[static_cast<std::size_t>(x)] +=
          30.0 * std::exp(-0.5 * far * far) * line[static_cast<std::size_t>(i)];
    }
  }
  Array<float, 3> runs({frames, 24, width});
  for (Index i = 0; i < runs.size(); ++i) {
    const auto at = static_cast<std::size_t>(i % width + 4 * (i / (24 * width)));
    runs.data()[i] = static_cast<float>(100.0 + smooth[at]);
  }
  const MaskPlan fast = planned(with_noise(std::move(runs), 3.0));
  EXPECT_EQ(fast.masks.kind, MaskKind::balanced) << reason(fast);
  EXPECT_EQ(reason(fast).find("fast motion"), 0U);
  EncodeOptions open;
  open.masks.reset();
  EXPECT_THROW(plan_masks(open, nullptr), InputError) << "frames that pass once";
}

}  // namespace
}  // namespace kinema::codec
