// Steps of the noise: what they keep, what they cost, and that files hold them.
#include "kinema/codec/quantise.h"

#include "kinema/base/rng.h"
#include "kinema/codec/bit_pack.h"
#include "kinema/codec/container.h"
#include "kinema/codec/decode.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_snapshot.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"
#include <cmath>
#include <numbers>
#include <random>

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::psnr_of;
using test::source_over;

TEST(Quantise, IsSaidInText) {
  for (const char* text : {"noise", "noise/2", "none", "12.5"}) {
    Quantise quantise;
    from_text(text, quantise);
    EXPECT_EQ(to_text(quantise), text);
  }
  Quantise quantise;
  for (const char* text : {"", "noise/", "noise/0", "-1", "loud", "0", "nan"}) {
    EXPECT_THROW(from_text(text, quantise), InputError) << text;
  }
}

TEST(Quantiser, StepsAreAsWideAsTheNoiseAndNoNarrowerThanOne) {
  const std::vector<std::uint16_t> open(4000, 5);
  const Group group{0, 10, 1, GroupMode::coded, 0.5, 2.0, 3.0};
  const Quantiser quantiser(group, {open.data(), 4000}, true);
  std::vector<std::int32_t> sums(4000);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::int32_t>(i) - 100;
  std::vector<std::int32_t> steps;
  ASSERT_TRUE(quantiser.steps(PixelType::i32, reinterpret_cast<std::byte*>(sums.data()), steps));
  std::vector<float> back(sums.size());
  quantiser.sums(steps, back.data());
  for (std::size_t i = 1; i < sums.size(); ++i) {
    ASSERT_GE(steps[i], steps[i - 1]);
    const double y = std::max(0, sums[i]);
    const double width = std::max(1.0, 0.5 * std::sqrt(2.0 * y + 5 * 3.0));
    ASSERT_LE(std::abs(static_cast<double>(back[i]) - sums[i]), 0.5 * width + 0.51) << sums[i];
  }
  // From one step to the next the middle moves by the noise's share.
  const double per_step =
      static_cast<double>(sums[3900] - sums[3000]) / static_cast<double>(steps[3900] - steps[3000]);
  EXPECT_NEAR(per_step, 0.5 * std::sqrt(2.0 * 3350.0 + 15.0), 0.5);
}

TEST(Quantiser, WholeNumbersWithoutNoiseToSpareStayExact) {
  const std::vector<std::uint16_t> open(1000, 1);
  const Group group{0, 1, 1, GroupMode::coded, 1.0, 0.05, 0.1};
  const Quantiser quantiser(group, {open.data(), 1000}, true);
  std::vector<std::uint16_t> sums(1000);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::uint16_t>(i % 18);
  std::vector<std::int32_t> steps;
  ASSERT_TRUE(quantiser.steps(PixelType::u16, reinterpret_cast<std::byte*>(sums.data()), steps));
  std::vector<float> back(sums.size());
  quantiser.sums(steps, back.data());
  for (std::size_t i = 0; i < sums.size(); ++i) ASSERT_EQ(back[i], sums[i]);
  EXPECT_EQ(quantiser.kept_dose(steps), 1.0);
}

/// (mean, variance) of what quantisation adds to Poisson numbers of one mean.
std::pair<double, double> added(double mean, double step) {
  constexpr Index pixels = 200000;
  const std::vector<std::uint16_t> open(pixels, 1);
  const Group group{0, 1, 1, GroupMode::coded, step, 1.0, 0.0};
  const Quantiser quantiser(group, {open.data(), pixels}, true);
  std::mt19937 random(7);
  std::poisson_distribution<std::uint16_t> counts(mean);
  std::vector<std::uint16_t> sums(pixels);
  for (auto& sum : sums) sum = counts(random);
  std::vector<float> back(sums.size());
  std::vector<std::int32_t> steps;
  EXPECT_TRUE(quantiser.steps(PixelType::u16, reinterpret_cast<std::byte*>(sums.data()), steps));
  quantiser.sums(steps, back.data());
  double bias = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double error = static_cast<double>(back[i]) - sums[i];
    bias += error;
    squares += error * error;
  }
  return {bias / pixels, squares / pixels};
}

TEST(Quantiser, AddsATwelfthOfTheSquaredStepAndNoBias) {
  for (const double mean : {40.0, 150.0, 3000.0}) {
    for (const double step : {0.5, 1.0}) {
      const auto [bias, variance] = added(mean, step);
      EXPECT_LT(std::abs(bias), 0.02 * std::sqrt(mean)) << mean;
      EXPECT_NEAR(
          variance, (step * step * mean - 1.0) / 12.0, 0.05 * mean * step * step / 12.0 + 0.1)
          << mean;
    }
  }
}

/// Poisson electrons at `dose` a pixel, seen by a camera of gain 1.
Array<std::uint16_t, 3> recorded(const Array<float, 3>& truth, double dose) {
  Array<std::uint16_t, 3> movie(truth.shape());
  std::mt19937 random(3);
  for (Index i = 0; i < truth.size(); ++i) {
    std::poisson_distribution<std::uint16_t> counts(dose * static_cast<double>(truth.data()[i]) /
                                                    128.0);
    movie.data()[i] = counts(random);
  }
  return movie;
}

double bits_of_planes(const Measurement& measurement, bool quantised) {
  const auto [count, height, width] = shape_of(measurement.snapshots);
  PlaneSnapshots planes(measurement.masks, true);
  double bytes = 0.0;
  for (Index s = 0; s < count; ++s) {
    const auto& group = measurement.groups[static_cast<std::size_t>(s)];
    if (quantised) {
      const float* sums = std::get<Array<float, 3>>(measurement.snapshots)[s].data();
      bytes += static_cast<double>(
          planes.code({group, PixelType::f32, reinterpret_cast<const std::byte*>(sums), {}})
              .planes[0]
              .size());
    } else {
      const auto plane = std::get<Array<std::int32_t, 3>>(measurement.snapshots)[s];
      bytes += static_cast<double>(
          pack<std::int32_t>({plane.data(), static_cast<std::size_t>(plane.size())}).size());
    }
  }
  return 8.0 * bytes / static_cast<double>(count * height * width);
}

TEST(Quantise, ManyFewerBitsForHardlyAnyLoss) {
  const Array<float, 3> truth = disk_movie({20, 256, 256}, 0.3);
  const Array<std::uint16_t, 3> movie = recorded(truth, 30.0);
  Array<float, 3> clean = truth;
  for (float& pixel : clean.flat()) pixel *= 30.0F / 128.0F;
  const MaskSet masks = make_masks({MaskKind::balanced, 10, 1}, 256, 256);
  auto source = source_over(movie);
  Progress progress;
  const Measurement exact = encode(source, masks, progress);
  const Measurement steps = encode(source, masks, progress, {{}, EncodeMode::coded, false});
  const double before = bits_of_planes(exact, false), after = bits_of_planes(steps, true);
  EXPECT_GT(before / after, 4.0) << before << " to " << after;
  const auto psnr = [&](const Measurement& measurement) {
    return psnr_of(decode(measurement, {}, progress).movie.frames.view(), clean.view(), 60.0);
  };
  // No more than the dose that the steps take, which a decoder limited by noise alone would feel.
  const double loss = psnr(exact) - psnr(steps);
  EXPECT_LT(loss, 10.0 * std::log10(1.0 + 1.0 / 12.0));
  EXPECT_GT(loss, -0.02);
}

template <class T>
void expect_the_file_holds(const Array<T, 3>& movie, MaskKind kind, const Quantise& quantise) {
  const test::TempFolder folder;
  auto source = source_over(movie);
  Progress progress;
  const MaskSet masks = make_masks({kind, 5, 17}, movie.shape()[1], movie.shape()[2]);
  {
    ContainerWriter writer(
        folder / "a.h5", source.format(), {sum_type(source.format().type, 5), true}, masks, {}, {});
    encode(
        source,
        masks,
        {quantise, EncodeMode::coded, false},
        [&](const Snapshot& s) { writer.append(s); },
        progress);
    writer.close();
  }
  const Measurement expected =
      encode(source, masks, progress, {quantise, EncodeMode::coded, false});
  const Measurement read = read_measurement(folder / "a.h5");
  const auto& a = std::get<Array<float, 3>>(expected.snapshots);
  const auto& b = std::get<Array<float, 3>>(read.snapshots);
  ASSERT_EQ(a.shape(), b.shape());
  for (Index i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], b.data()[i]) << i;
  write_measurement(folder / "again.h5", read, {});
  const Measurement again = read_measurement(folder / "again.h5");
  const auto& c = std::get<Array<float, 3>>(again.snapshots);
  for (Index i = 0; i < a.size(); ++i) ASSERT_EQ(a.data()[i], c.data()[i]) << i;
}

TEST(Quantise, FilesHoldWhatWasEncoded) {
  const Array<float, 3> truth = disk_movie({12, 40, 56}, 0.5);
  const Array<std::uint16_t, 3> counts = recorded(truth, 20.0);
  Array<float, 3> floats(truth.shape());
  for (Index i = 0; i < floats.size(); ++i) floats.data()[i] = 0.37F * counts.data()[i] - 2.0F;
  for (const MaskKind kind : {MaskKind::balanced, MaskKind::bernoulli}) {
    for (const Quantise& quantise : {Quantise{}, Quantise{0.25, true}, Quantise{3.0, false}}) {
      SCOPED_TRACE(to_text(kind) + ", " + to_text(quantise));
      expect_the_file_holds(counts, kind, quantise);
      expect_the_file_holds(floats, kind, quantise);
    }
  }
}

TEST(Quantise, WithoutNoiseNothingIsLost) {
  const Array<float, 3> flat({10, 32, 32}, 87.25F);
  expect_the_file_holds(flat, MaskKind::balanced, {});
  auto source = source_over(flat);
  Progress progress;
  const Measurement kept = encode(source,
                                  make_masks({MaskKind::balanced, 5, 1}, 32, 32),
                                  progress,
                                  {{}, EncodeMode::coded, false});
  EXPECT_EQ(kept.groups[0].step, 0.0);
}

}  // namespace
}  // namespace kinema::codec
