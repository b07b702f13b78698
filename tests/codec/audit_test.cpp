// Audited frames come back as recorded, and tell how far a decoded movie is from the scene without
// noise, which only the test knows.
#include "kinema/codec/audit.h"

#include "kinema/base/error.h"
#include "kinema/codec/container.h"
#include "kinema/codec/encode_kernel.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"

namespace kinema::codec {
namespace {

using test::disk_movie;
using test::psnr_of;
using test::random_movie;
using test::source_over;
using test::TempFolder;

Coding audited(Index every, Quantise quantise = {}) {
  Coding coding{quantise, EncodeMode::coded, false};
  coding.audit = every;
  return coding;
}

MaskSet masks_of(const Shape<3>& shape, Index ratio = 5, MaskKind kind = MaskKind::balanced) {
  return make_masks({kind, ratio, 3}, shape[1], shape[2]);
}

template <class T>
void expect_frames_as_recorded(const Array<T, 3>& movie, const Coding& coding) {
  const TempFolder folder;
  auto source = source_over(movie);
  const MaskSet masks = masks_of(movie.shape());
  Progress progress;
  ContainerWriter writer(folder / "a.h5",
                         source.format(),
                         stored_as(coding, source.format().type, masks),
                         masks,
                         {},
                         {});
  encode(
      source, masks, coding, [&](const Snapshot& s) { writer.append(s); }, progress);
  writer.close();
  const ContainerReader reader(folder / "a.h5");
  ASSERT_EQ(reader.header().audited, (std::vector<Index>{2, 12, 21}));
  for (Index i = 0; i < 3; ++i) {
    const AuditedFrame frame = reader.audited(i);
    const auto recorded = movie[frame.frame];
    for (Index p = 0; p < recorded.size(); ++p) {
      ASSERT_EQ(frame.pixels.data()[p], static_cast<float>(recorded.data()[p]));
    }
  }
  write_measurement(folder / "again.h5", read_measurement(folder / "a.h5"), {});
  const AuditedFrame again = ContainerReader(folder / "again.h5").audited(2);
  EXPECT_EQ(again.pixels(1, 1), static_cast<float>(movie(21, 1, 1)));
}

TEST(Audit, KeepsTheMiddleFrameOfEverySecondGroupAsRecorded) {
  const Shape<3> shape{23, 30, 40};
  expect_frames_as_recorded(random_movie<std::uint8_t>(shape, 1), audited(2));
  expect_frames_as_recorded(random_movie<std::uint16_t>(shape, 2), audited(2, {0.0, false}));
  expect_frames_as_recorded(random_movie<float>(shape, 3), audited(2));
}

TEST(Audit, TellsTheErrorAgainstTheSceneWithoutNoise) {
  const Array<float, 3> scene = disk_movie({30, 96, 96}, 0.6);
  const double gain = 4.0;
  Rng rng(5);
  auto movie = Array<float, 3>::uninitialised(scene.shape());
  for (Index i = 0; i < movie.size(); ++i) {
    movie.data()[i] = static_cast<float>(gain * rng.poisson(scene.data()[i] / gain));
  }
  auto source = source_over(movie);
  Progress progress;
  const Measurement measurement = encode(source, masks_of(scene.shape(), 10), progress, audited(1));
  const Decoded decoded = decode(measurement, {}, progress);
  auto decoded_source = source_over(decoded.movie.frames);
  const Audit result = audit(decoded_source, coded_movie(measurement), progress);

  ASSERT_EQ(result.frames, (std::vector<Index>{5, 15, 25}));
  EXPECT_NEAR(result.closed_share, 0.5, 0.02);
  double truth = 0.0, error = 0.0;
  for (const Index t : result.frames) {
    truth += psnr_of({decoded.movie.frames[t].data(), {1, 96, 96}},
                     {scene[t].data(), {1, 96, 96}},
                     result.peak) /
             3.0;
    error += result.decoded.psnr[static_cast<std::size_t>(t / 10)] / 3.0;
  }
  EXPECT_NEAR(result.decoded.mean_psnr, error, 1e-9);
  ASSERT_TRUE(result.decoded.scene_psnr && result.decoded.low && result.decoded.high);
  EXPECT_LE(*result.decoded.low, truth);
  EXPECT_GE(*result.decoded.high, truth - 0.3);
  EXPECT_LT(result.decoded.mean_psnr, truth) << "the recording's own noise counts as error there";
  EXPECT_NEAR(
      result.scene_ceiling, 10.0 * std::log10(result.peak * result.peak / (gain * 77.0)), 1.0);
}

TEST(Audit, RefusesWhatCannotBeJudged) {
  const Array<float, 3> scene = disk_movie({10, 32, 32}, 0.5);
  auto source = source_over(scene);
  Progress progress;
  const Measurement without = encode(source, masks_of(scene.shape()), progress, audited(0));
  EXPECT_THROW(audit(source, coded_movie(without), progress), InputError);
  const Measurement with = encode(source, masks_of(scene.shape()), progress, audited(1));
  const Array<float, 3> shorter = disk_movie({9, 32, 32}, 0.5);
  auto part = source_over(shorter);
  EXPECT_THROW(audit(part, coded_movie(with), progress), InputError);
  EXPECT_THROW(encode(source, masks_of(scene.shape()), progress, audited(-1)), InputError);
}

}  // namespace
}  // namespace kinema::codec
