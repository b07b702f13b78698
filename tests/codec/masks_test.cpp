#include "kinema/codec/masks.h"

#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"
#include "kinema/data/exposure.h"

#include <gtest/gtest.h>

namespace kinema::codec {
namespace {

class Balanced : public testing::TestWithParam<Index> {};

TEST_P(Balanced, EveryPixelIsOpenInHalfOfTheFrames) {
  const Index ratio = GetParam();
  const MaskSet masks = make_masks({MaskKind::balanced, ratio, 5}, 33, 130);
  const auto counts = open_counts(masks, exposures_of(masks, ratio)[0]);
  Index more = 0;
  for (const std::uint16_t count : counts.flat()) {
    if (ratio % 2 == 0) {
      EXPECT_EQ(count, ratio / 2);
    } else {
      EXPECT_TRUE(count == ratio / 2 || count == ratio / 2 + 1);
      more += count == ratio / 2 + 1 ? 1 : 0;
    }
  }
  if (ratio % 2 != 0) {
    EXPECT_NEAR(static_cast<double>(more) / (33 * 130), 0.5, 0.04);
  }
}
INSTANTIATE_TEST_SUITE_P(Ratios, Balanced, testing::Values(1, 2, 7, 10, 30, 129));

TEST(Masks, BernoulliBitsAreFairInEveryFrame) {
  const MaskSet masks = make_masks({MaskKind::bernoulli, 140, 9}, 64, 64);
  for (Index b = 0; b < 140; ++b) {
    Index open = 0;
    for (Index y = 0; y < 64; ++y) {
      for (Index x = 0; x < 64; ++x) open += masks.masks(b, y, x) ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(open) / 4096.0, 0.5, 0.04) << "frame " << b;
  }
}

TEST(Masks, ACropOfTheViewNeedsOnlyACropOfTheMasks) {
  for (const MaskKind kind : {MaskKind::bernoulli, MaskKind::balanced, MaskKind::staggered}) {
    const MaskSet large = make_masks({kind, 10, 3}, 80, 200),
                  small = make_masks({kind, 10, 3}, 40, 70);
    for (Index b = 0; b < 10; ++b) {
      for (Index y = 0; y < 40; ++y) {
        for (Index x = 0; x < 70; ++x) ASSERT_EQ(large.masks(b, y, x), small.masks(b, y, x));
      }
    }
  }
}

TEST(Masks, DoNotDependOnTheNumberOfThreads) {
  set_threads(1);
  const std::string one = hash_of(make_masks({MaskKind::balanced, 11, 4}, 100, 100));
  set_threads(4);
  EXPECT_EQ(hash_of(make_masks({MaskKind::balanced, 11, 4}, 100, 100)), one);
  EXPECT_NE(hash_of(make_masks({MaskKind::balanced, 11, 5}, 100, 100)), one);
}

TEST(Masks, BitsBeyondTheWidthAreClosed) {
  const MaskSet masks = make_masks({MaskKind::open, 2, 0}, 3, 70);
  EXPECT_EQ(masks.masks.row(1, 2)[1], (std::uint64_t{1} << 6) - 1);
}

TEST(Masks, WrongOnesAreNamed) {
  EXPECT_THROW(make_masks({MaskKind::balanced, 0, 0}, 8, 8), InputError);
  EXPECT_THROW(make_masks({MaskKind::given, 4, 0}, 8, 8), InputError);
  Array<std::uint8_t, 3> bits({2, 4, 4});
  bits(1, 2, 3) = 7;
  try {
    masks_from(bits.view());
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("(1, 2, 3) is 7"), std::string::npos);
  }
}

// Known answers of Philox4x32-10 from the authors' kat_vectors (Random123 1.14.0).
TEST(Philox, GivesTheAuthorsKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

}  // namespace
}  // namespace kinema::codec
