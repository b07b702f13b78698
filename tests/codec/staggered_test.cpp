// Staggered exposures: every electron is counted once, in one snapshot or the next, and comes back.
#include "kinema/base/parallel.h"
#include "kinema/codec/container.h"
#include "kinema/codec/decode.h"
#include "kinema/codec/gap_tv.h"
#include "kinema/codec/validate.h"
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::random_movie;
using test::source_over;

const Coding exact = Coding::exact();

MaskSet staggered(Index ratio, Index height, Index width) {
  return make_masks({MaskKind::staggered, ratio, 3}, height, width);
}

template <class T>
Measurement measured(const Array<T, 3>& movie, Index ratio, Coding coding = exact) {
  auto source = source_over(movie);
  Progress progress;
  return encode(source, staggered(ratio, movie.shape()[1], movie.shape()[2]), progress, coding);
}

/// The snapshot of its group that frame t of it falls into at a pixel: one more after each cut,
/// which is where so many masks are closed.
Index bucket_at(const MaskSet& masks, const Group& group, Index t, Index y, Index x) {
  Index phase = 0;
  while (!masks.masks(phase, y, x)) ++phase;
  Index bucket = 0;
  for (Index k = 1; k < group.buckets; ++k) {
    bucket += t >= k * masks.ratio() - masks.ratio() / 2 + phase ? 1 : 0;
  }
  return bucket;
}

template <class T, class Sum>
void expect_sums(const Array<T, 3>& movie, Index ratio) {
  const Measurement measurement = measured(movie, ratio);
  const auto& found = std::get<Array<Sum, 3>>(measurement.snapshots);
  Array<Sum, 3> sums(found.shape());
  const std::vector<Index> firsts = first_snapshots(measurement.groups);
  for (std::size_t g = 0; g < measurement.groups.size(); ++g) {
    const Group& group = measurement.groups[g];
    for (Index t = 0; t < group.frames; ++t) {
      for (Index y = 0; y < movie.shape()[1]; ++y) {
        for (Index x = 0; x < movie.shape()[2]; ++x) {
          Sum& sum = sums(firsts[g] + bucket_at(measurement.masks, group, t, y, x), y, x);
          sum = static_cast<Sum>(sum + static_cast<Sum>(movie(group.first + t, y, x)));
        }
      }
    }
  }
  EXPECT_TRUE(std::equal(sums.flat().begin(), sums.flat().end(), found.flat().begin()))
      << to_text(pixel_type_of<T>()) << ", " << movie.shape()[0] << " frames, B = " << ratio;
}

TEST(Staggered, SnapshotsAreTheSumsBetweenTheCutsOfEachPixel) {
  for (const Index ratio : {Index{1}, Index{2}, Index{5}, Index{10}}) {
    for (const Index frames : {Index{1}, Index{3}, Index{7}, Index{24}, Index{61}}) {
      expect_sums<std::uint8_t, std::uint16_t>(random_movie<std::uint8_t>({frames, 7, 70}, 1),
                                               ratio);
      expect_sums<float, float>(random_movie<float>({frames, 5, 64}, 2), ratio);
    }
  }
  expect_sums<std::int16_t, std::int32_t>(random_movie<std::int16_t>({33, 9, 130}, 3), 6);
  expect_sums<std::uint8_t, std::int32_t>(Array<std::uint8_t, 3>({520, 2, 64}, 255), 130);
}

TEST(Staggered, EveryElectronIsCountedOnce) {
  for (Index frames = 1; frames <= 50; ++frames) {
    const auto movie = random_movie<std::uint8_t>({frames, 4, 65}, 4);
    const Measurement measurement = measured(movie, 10);
    const auto& snapshots = std::get<Array<std::uint16_t, 3>>(measurement.snapshots);
    for (Index y = 0; y < 4; ++y) {
      for (Index x = 0; x < 65; ++x) {
        int recorded = 0, counted = 0;
        for (Index t = 0; t < frames; ++t) recorded += movie(t, y, x);
        for (Index s = 0; s < snapshots.shape()[0]; ++s) counted += snapshots(s, y, x);
        ASSERT_EQ(counted, recorded) << frames << " frames";
      }
    }
    for (const Group& group : measurement.groups) {
      for (const Exposure& exposure : exposures_of(measurement.masks, group.frames)) {
        const auto open = open_counts(measurement.masks, exposure);
        for (const std::uint16_t count : open.flat()) {
          ASSERT_GE(count, 1) << "no pixel of a snapshot is without a frame";
          ASSERT_LE(count, longest_exposure(MaskKind::staggered, 10));
        }
      }
    }
  }
}

TEST(Staggered, AsManySnapshotsAsOtherMasksMakeOfTheSameMovie) {
  const Measurement measurement = measured(random_movie<std::uint8_t>({95, 8, 8}, 5), 10);
  ASSERT_EQ(measurement.groups.size(), 3U);
  EXPECT_EQ(measurement.groups[0].frames, 40);
  EXPECT_EQ(measurement.groups[0].buckets, 4);
  EXPECT_EQ(measurement.groups[2].frames, 15);
  EXPECT_EQ(measurement.groups[2].buckets, 2);
}

/// <Phi x, y> = <x, Phi^T y>, with the exposures that decoders use.
TEST(Staggered, ExposuresAreTheAdjointOfEncoding) {
  const auto x = random_movie<float>({17, 18, 90}, 6);
  const Measurement measurement = measured(x, 5);
  const auto& phi_x = std::get<Array<float, 3>>(measurement.snapshots);
  const auto y = random_movie<float>(phi_x.shape(), 7);
  double left = 0.0, right = 0.0;
  for (Index i = 0; i < y.size(); ++i) {
    left += static_cast<double>(phi_x.data()[i]) * static_cast<double>(y.data()[i]);
  }
  const MaskSet& masks = measurement.masks;
  const std::vector<Exposure> exposures = exposures_of(masks, 17);
  ASSERT_EQ(static_cast<Index>(exposures.size()), phi_x.shape()[0]);
  for (std::size_t k = 0; k < exposures.size(); ++k) {
    for (Index t = exposures[k].first; t < exposures[k].end(); ++t) {
      const Shutter& shutter =
          exposures[k].shutters[static_cast<std::size_t>(t - exposures[k].first)];
      for (Index i = 0; i < 18 * 90; ++i) {
        if (masks.masks(shutter.mask, i / 90, i % 90) == shutter.turned) continue;
        right += static_cast<double>(x(t, i / 90, i % 90)) *
                 static_cast<double>(y(static_cast<Index>(k), i / 90, i % 90));
      }
    }
  }
  EXPECT_NEAR(left, right, 1e-4 * std::abs(left) + 1e-3);
}

TEST(Staggered, GivesTheSameBytesOnAnyNumberOfThreads) {
  const auto movie = random_movie<std::uint16_t>({33, 90, 700}, 8);
  set_threads(1);
  const Measurement one = measured(movie, 5);
  set_threads(4);
  const Measurement four = measured(movie, 5);
  const auto a = std::get<1>(one.snapshots).flat(), b = std::get<1>(four.snapshots).flat();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(Staggered, ContainersKeepSumsExactlyAndInSteps) {
  const test::TempFolder folder;
  const auto movie = random_movie<std::uint8_t>({47, 30, 41}, 9);
  Progress progress;
  for (const Coding& coding : {exact, Coding{{1.0, true}, EncodeMode::coded, false}}) {
    const auto path = folder / (coding.is_exact() ? "exact.h5" : "steps.h5");
    const Measurement measurement = measured(movie, 5, coding);
    auto source = source_over(movie);
    ContainerWriter writer(path,
                           source.format(),
                           stored_as(coding, PixelType::u8, measurement.masks),
                           measurement.masks,
                           {},
                           {});
    encode(
        source,
        measurement.masks,
        coding,
        [&](const Snapshot& snapshot) { writer.append(snapshot); },
        progress);
    writer.close();
    const Measurement back = read_measurement(path);
    EXPECT_EQ(ContainerReader(path).header().schema, exposure_schema);
    ASSERT_EQ(back.groups.size(), measurement.groups.size());
    for (std::size_t g = 0; g < back.groups.size(); ++g) {
      EXPECT_EQ(back.groups[g].buckets, measurement.groups[g].buckets);
      EXPECT_EQ(back.groups[g].ratio, 5);
    }
    for (Index s = 0; s < shape_of(back.snapshots)[0]; ++s) {
      const auto a = snapshot_floats(back.snapshots, s);
      const auto b = snapshot_floats(measurement.snapshots, s);
      EXPECT_TRUE(std::equal(a.flat().begin(), a.flat().end(), b.flat().begin()));
    }
    EXPECT_TRUE(validate(path, {}, 1 << 20, progress).departures.empty());
    EXPECT_EQ(hash_of(back.masks), hash_of(measurement.masks));
  }
}

TEST(Staggered, GroupsThatTheirSnapshotsDoNotFitAreRefused) {
  Measurement measurement = measured(random_movie<std::uint8_t>({40, 8, 8}, 10), 10);
  EXPECT_NO_THROW(require_consistent(measurement));
  measurement.groups[0].frames = 45;
  EXPECT_THROW(require_consistent(measurement), InputError);
  measurement.groups[0].frames = std::numeric_limits<Index>::max();
  EXPECT_THROW(require_consistent(measurement), InputError);
  measurement.groups[0].frames = 40;
  measurement.groups[0].buckets = 3;
  EXPECT_THROW(require_consistent(measurement), InputError);
  Progress progress;
  Coding none = exact;
  none.buckets = 0;
  const auto movie = random_movie<std::uint8_t>({4, 8, 8}, 11);
  auto source = source_over(movie);
  EXPECT_THROW(encode(source, staggered(5, 8, 8), progress, none), InputError);
}

TEST(Staggered, AStillSceneComesBackAsItIs) {
  const Array<float, 3> movie = disk_movie({23, 40, 48}, 0.0);
  Progress progress;
  DecodeOptions options;
  options.decoder = Decoder::mean;
  const Array<float, 3> mean = decode(measured(movie, 5), options, progress).movie.frames;
  EXPECT_GT(test::psnr_of(mean.view(), movie.view(), 255.0), 120.0);
  options.decoder = Decoder::gap_tv;
  const Array<float, 3> frames = decode(measured(movie, 5), options, progress).movie.frames;
  EXPECT_GT(test::psnr_of(frames.view(), movie.view(), 255.0), 50.0);
}

/// The mean decoder shows each frame what its pixel's exposure saw.
TEST(Staggered, TheMeanOfAPixelStepsAtItsOwnCuts) {
  Array<float, 3> movie({20, 32, 32});
  for (Index t = 0; t < 20; ++t) {
    for (float& pixel : movie[t].flat()) pixel = static_cast<float>(t);
  }
  const Measurement measurement = measured(movie, 5);
  Progress progress;
  DecodeOptions options;
  options.decoder = Decoder::mean;
  const Array<float, 3> frames = decode(measurement, options, progress).movie.frames;
  for (Index i = 0; i < 32 * 32; ++i) {
    const Index y = i / 32, x = i % 32;
    for (Index t = 1; t < 20; ++t) {
      const bool cut = bucket_at(measurement.masks, measurement.groups[0], t, y, x) !=
                       bucket_at(measurement.masks, measurement.groups[0], t - 1, y, x);
      ASSERT_EQ(frames(t, y, x) != frames(t - 1, y, x), cut) << t << " " << y << " " << x;
    }
    ASSERT_NEAR(frames(10, y, x), 10.0F, 4.0F);
  }
}

/// Snapshots that share no frame are decoded, in space alone, as each would be by itself.
TEST(Staggered, SnapshotsApartAreDecodedApart) {
  const Index frames = 6, h = 24, w = 40;
  const Array<float, 3> movie = disk_movie({frames, h, w}, 1.0);
  const MaskSet bits = make_masks({MaskKind::balanced, frames, 3}, h, w);
  std::vector<float> masks, y(static_cast<std::size_t>(2 * h * w));
  for (Index i = 0; i < movie.size(); ++i) {
    const Index t = i / (h * w), pixel = i % (h * w);
    masks.push_back(bits.masks(t, pixel / w, pixel % w) ? 1.0F : 0.0F);
    y[static_cast<std::size_t>(t / 3 * h * w + pixel)] += masks.back() * movie.data()[i];
  }
  const GapTvSettings settings{10, 2, 8.0F, 0.0F, true};
  std::vector<float> both(masks.size()), alone(masks.size());
  std::vector<Passage> passages;
  for (Index t = 0; t < frames; ++t) passages.push_back({t, t / 3});
  GapTv(best_simd(), frames, h, w, passages)
      .run({frames, h, w, y.data(), masks.data(), nullptr}, settings, both.data());
  for (const Index s : {Index{0}, Index{1}}) {
    GapTv(best_simd(), 3, h, w)
        .run({3, h, w, y.data() + s * h * w, masks.data() + s * 3 * h * w, nullptr},
             settings,
             alone.data() + s * 3 * h * w);
  }
  EXPECT_EQ(both, alone);
}

/// What half-open masks throw away is there: a still, noisy scene is decoded better.
TEST(Staggered, AStillNoisySceneGainsTheOtherHalfOfItsElectrons) {
  const Array<float, 3> truth = disk_movie({40, 96, 96}, 0.0);
  Array<float, 3> movie = truth;
  Rng rng(12);
  for (float& pixel : movie.flat()) pixel += static_cast<float>(25.0 * rng.normal());
  Progress progress;
  const auto psnr = [&](MaskKind kind) {
    auto source = source_over(movie);
    const Measurement measurement = encode(source, make_masks({kind, 10, 1}, 96, 96), progress);
    const Array<float, 3> frames = decode(measurement, {}, progress).movie.frames;
    return test::psnr_of(frames.view(), truth.view(), 255.0);
  };
  EXPECT_GT(psnr(MaskKind::staggered), psnr(MaskKind::balanced) + 1.0);
}

}  // namespace
}  // namespace kinema::codec
