// What is shown as black and white.
#include "kinema/io/contrast.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace kinema::io {
namespace {

template <class T>
ArraySource source_over(const std::vector<T>& pixels, Index frames, Index height, Index width) {
  return {reinterpret_cast<const std::byte*>(pixels.data()),
          {pixel_type_of<T>(), height, width},
          frames};
}

TEST(Contrast, LeavesOneInAThousandAtEitherEnd) {
  std::vector<std::uint16_t> ramp(10001);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<std::uint16_t>(i);
  auto source = source_over(ramp, 1, 1, 10001);
  const Contrast contrast = contrast_of(source);
  EXPECT_EQ(contrast.black, 10.0);
  EXPECT_EQ(contrast.white, 9990.0);
}

TEST(Contrast, LooksAtTheFirstAndTheLastOfManyFrames) {
  std::vector<float> frames(100 * 4, 5.0F);
  std::fill_n(frames.begin(), 4, -3.0F);
  std::fill_n(frames.end() - 4, 4, 9.0F);
  auto source = source_over(frames, 100, 2, 2);
  const Contrast contrast = contrast_of(source);
  EXPECT_EQ(contrast.black, -3.0);
  EXPECT_EQ(contrast.white, 9.0);
}

TEST(Contrast, IsNeverEmptyAndPassesOverWhatIsNotFinite) {
  constexpr float nothing = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> flat = {nothing, 7.0F, 7.0F, HUGE_VALF};
  auto source = source_over(flat, 1, 2, 2);
  EXPECT_EQ(contrast_of(source).black, 7.0);
  EXPECT_GT(contrast_of(source).white, 7.0);
  const std::vector<double> huge(4, 1e300);
  auto far = source_over(huge, 1, 2, 2);
  EXPECT_GT(contrast_of(far).white, contrast_of(far).black);
  const std::vector<float> none(4, nothing);
  auto empty = source_over(none, 1, 2, 2);
  EXPECT_GT(contrast_of(empty).white, contrast_of(empty).black);
}

TEST(Contrast, LevelsRunFromBlackToWhite) {
  const std::vector<float> pixels = {
      -1.0F, 0.0F, 100.0F, 510.0F, 900.0F, std::numeric_limits<float>::quiet_NaN()};
  std::array<std::uint8_t, 6> levels{};
  levels_from(PixelType::f32,
              reinterpret_cast<const std::byte*>(pixels.data()),
              Contrast{0.0, 510.0},
              levels);
  EXPECT_EQ(levels, (std::array<std::uint8_t, 6>{0, 0, 50, 255, 255, 0}));
}

TEST(Contrast, TextFormsReadBackAndOthersSayWhatToWrite) {
  Contrast contrast;
  from_text("-3, 200.5", contrast);
  EXPECT_EQ(to_text(contrast), "-3, 200.5");
  for (const char* text : {"3", "200, 100", ""}) {
    try {
      from_text(text, contrast);
      ADD_FAILURE() << text;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("\"0, 255\""), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace kinema::io
