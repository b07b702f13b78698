// The nouns as people type them: ranges of frames, rectangles, pixel sizes, pixel types.
#include "kinema/data/crop.h"
#include "kinema/data/frame_range.h"
#include "kinema/data/movie.h"
#include "kinema/data/movie_source.h"
#include "kinema/data/pixel_type.h"
#include "kinema/data/provenance.h"

#include <gtest/gtest.h>

#include <gmock/gmock.h>
#include <limits>

namespace kinema {
namespace {

template <class T>
T read(const std::string& text) {
  T value;
  from_text(text, value);
  return value;
}

TEST(FrameRange, IsHalfOpenAndMayBeOpenEnded) {
  EXPECT_EQ(resolve(read<FrameRange>("2:5"), 10).count(), 3);
  EXPECT_EQ(resolve(read<FrameRange>(":5"), 10).count(), 5);
  EXPECT_EQ(resolve(read<FrameRange>("7:"), 10).first, 7);
  EXPECT_EQ(resolve(read<FrameRange>(":"), 10).last, 10);
  for (const char* text : {"2:5", "0:5", "7:", "0:"}) {
    EXPECT_EQ(to_text(read<FrameRange>(text)), text);
  }
}

TEST(FrameRange, OutsideTheMovieIsRefusedWithItsLength) {
  for (const char* text : {"0:11", "10:", "5:5", "6:5", "-1:5"}) {
    try {
      resolve(read<FrameRange>(text), 10);
      FAIL() << text;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("the movie has 10")) << text;
    }
  }
  for (const char* text : {"5", "", "a:b", "1:2:3", "1.5:2"}) {
    EXPECT_THROW(read<FrameRange>(text), InputError) << text;
  }
}

TEST(Crop, ReadsRowColumnHeightWidth) {
  EXPECT_EQ(read<Crop>("1, 2,3 ,4"), (Crop{1, 2, 3, 4}));
  EXPECT_EQ(to_text(read<Crop>("1,2,3,4")), "1,2,3,4");
  for (const char* text :
       {"1,2,3", "1,2,3,4,5", "", "a,b,c,d", "0,0,0,4", "-1,0,2,2", "0,0,2,-2"}) {
    EXPECT_THROW(read<Crop>(text), InputError) << text;
  }
}

TEST(Crop, MustLieWithinTheFrame) {
  constexpr Index huge = std::numeric_limits<Index>::max();
  EXPECT_NO_THROW(require_within({0, 0, 8, 9}, 8, 9));
  EXPECT_NO_THROW(require_within({7, 8, 1, 1}, 8, 9));
  EXPECT_THROW(require_within({1, 0, 8, 9}, 8, 9), InputError);
  EXPECT_THROW(require_within({0, 9, 1, 1}, 8, 9), InputError);
  EXPECT_THROW(require_within({huge, 0, huge, 1}, 8, 9), InputError);
}

TEST(PixelSize, IsOneLengthOrTwo) {
  EXPECT_EQ(read<PixelSize>("0.2 A"), (PixelSize{{0.2}, {0.2}}));
  EXPECT_EQ(read<PixelSize>("0.20 A, 21 pm"), (PixelSize{{0.2}, {0.21}}));
  for (const char* text : {"0.2 A", "0.2 A, 0.21 A"}) {
    EXPECT_EQ(to_text(read<PixelSize>(text)), text);
  }
  for (const char* text : {"0.2", "0 A", "-1 A", "1 A, 0 A", "1 A,", ",1 A", "1 A, 1 A, 1 A"}) {
    EXPECT_THROW(read<PixelSize>(text), InputError) << text;
  }
}

TEST(PixelType, NamesAndSizesAreNumpys) {
  EXPECT_EQ(to_text(PixelType::u8), "uint8");
  EXPECT_EQ(to_text(PixelType::f16), "float16");
  EXPECT_EQ(bytes_of(PixelType::i16), 2);
  EXPECT_EQ(bytes_of(PixelType::f64), 8);
  EXPECT_EQ(pixel_type_of<std::uint16_t>(), PixelType::u16);
  for (const PixelType type : {PixelType::u8, PixelType::i32, PixelType::f16, PixelType::f64}) {
    EXPECT_EQ(with_pixel_type(type, [](auto zero) { return pixel_type_of<decltype(zero)>(); }),
              type);
  }
}

TEST(MovieSource, BecomesFloatsFrameByFrame) {
  const std::array<std::uint16_t, 12> pixels{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 65535};
  ArraySource source(reinterpret_cast<const std::byte*>(pixels.data()), {PixelType::u16, 2, 2}, 3);
  const Movie whole = to_movie(source);
  EXPECT_EQ(whole.frames.shape(), (Shape<3>{3, 2, 2}));
  EXPECT_EQ(whole.frames(2, 1, 1), 65535.0F);
  EXPECT_EQ(to_movie(source, 1, 1).frames(0, 0, 0), 4.0F);
  EXPECT_THROW(to_movie(source, 1, 3), InputError);
  EXPECT_THROW(to_movie(source, -1, 1), InputError);
}

TEST(Provenance, GoesThroughJson) {
  const Provenance made{"0.1.0", "kinema x", Json{{"ratio", 3}}, 7, {{"a.mrc", "00ff"}}, "2026"};
  EXPECT_EQ(to_json(provenance_from_json(to_json(made))), to_json(made));
}

}  // namespace
}  // namespace kinema
