#include "kinema/codec/bit_pack.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

namespace kinema::codec {
namespace {

template <class T>
void expect_round_trip(std::int64_t low, std::int64_t high, std::size_t count, int bits) {
  Rng rng(3);
  std::vector<T> values(count);
  for (T& value : values) {
    value = static_cast<T>(
        low + static_cast<std::int64_t>(rng.uniform() * static_cast<double>(high - low + 1)));
  }
  if (count > 1) values[0] = static_cast<T>(low), values[1] = static_cast<T>(high);
  const auto bytes = pack<T>(values);
  if (count > 1) {
    EXPECT_EQ(packed_bits(bytes), bits);
  }
  EXPECT_LE(bytes.size(), pack_header_bytes + (count * static_cast<std::size_t>(bits) + 7) / 8 + 1);
  std::vector<T> back(count);
  unpack<T>(bytes, back);
  EXPECT_EQ(back, values);
}

TEST(BitPack, GivesEveryValueBackAtTheWidthOfTheRange) {
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}, std::size_t{200001}}) {
    for (int bits = 1; bits <= 16; ++bits) {
      expect_round_trip<std::uint16_t>(
          5 * (bits < 15), 5 * (bits < 15) + (1 << bits) - 1, count, bits);
    }
    for (int bits = 1; bits <= 30; ++bits) {
      expect_round_trip<std::int32_t>(-(1 << (bits - 1)), (1 << (bits - 1)) - 1, count, bits);
    }
    expect_round_trip<std::int32_t>(INT32_MIN, INT32_MAX, count, 32);
  }
}

TEST(BitPack, AConstantTakesNoBits) {
  const std::vector<std::uint16_t> values(5000, 321);
  const auto bytes = pack<std::uint16_t>(values);
  EXPECT_LE(bytes.size(), static_cast<std::size_t>(pack_header_bytes) + 1);
  std::vector<std::uint16_t> back(values.size());
  unpack<std::uint16_t>(bytes, back);
  EXPECT_EQ(back, values);
}

TEST(BitPack, DamagedHeadersAreRefused) {
  const std::vector<std::uint16_t> values{1, 2, 300, 4};
  auto bytes = pack<std::uint16_t>(values);
  std::vector<std::uint16_t> back(4);
  bytes[0] = std::byte{17};
  EXPECT_THROW(unpack<std::uint16_t>(bytes, back), InputError);
  bytes[0] = std::byte{9};
  bytes.resize(23);
  EXPECT_THROW(unpack<std::uint16_t>(bytes, back), InputError);
  bytes.resize(3);
  EXPECT_THROW(unpack<std::uint16_t>(bytes, back), InputError);
}

}  // namespace
}  // namespace kinema::codec
