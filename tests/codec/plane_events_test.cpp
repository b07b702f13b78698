// Frames of few electrons come back exactly, at what they must cost; damage is told.
#include "kinema/codec/plane_events.h"

#include "kinema/base/error.h"
#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema::codec {
namespace {

template <class T>
Array<T, 2> electrons(Index height, Index width, double rate, double contrast = 0.0) {
  Array<T, 2> frame({height, width});
  Rng rng(7);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const bool bright = y > height / 4 && y < height / 2 && x > width / 4 && x < width / 2;
      frame(y, x) =
          static_cast<T>(rng.poisson(rate * (bright ? 1.0 + contrast : 1.0 - contrast / 16.0)));
    }
  }
  return frame;
}

template <class T>
std::optional<std::vector<std::byte>> packed(const Array<T, 2>& frame) {
  return pack_events(pixel_type_of<T>(),
                     reinterpret_cast<const std::byte*>(frame.data()),
                     frame.shape()[0],
                     frame.shape()[1]);
}

template <class T>
void expect_round_trip(const Array<T, 2>& frame) {
  const auto bytes = packed(frame);
  ASSERT_TRUE(bytes);
  ASSERT_TRUE(are_events(*bytes));
  Array<std::int32_t, 2> back(frame.shape());
  unpack_events(*bytes, back.view());
  for (Index i = 0; i < frame.size(); ++i) {
    ASSERT_EQ(back.data()[i], static_cast<std::int32_t>(frame.data()[i])) << "pixel " << i;
  }
}

TEST(PlaneEvents, EverySizeAndRateComesBack) {
  for (const auto& [height, width] :
       {std::pair{1, 1}, {1, 7}, {5, 1}, {3, 300}, {65, 129}, {200, 131}}) {
    for (const double rate : {0.0, 1e-4, 0.01, 0.1, 0.2}) {
      SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width) + ", " +
                   std::to_string(rate));
      auto few = electrons<std::uint8_t>(height, width, rate);
      if (height * width < 50) std::fill(few.flat().begin(), few.flat().end(), 0);
      expect_round_trip(few);
    }
  }
  expect_round_trip(electrons<std::int8_t>(70, 90, 0.05));
  expect_round_trip(electrons<std::uint16_t>(70, 90, 0.05));
  expect_round_trip(electrons<std::int16_t>(70, 90, 0.05));
}

TEST(PlaneEvents, CostsWhatTheEntropyOfElectronsDemands) {
  for (const double rate : {0.1, 0.05, 0.02, 0.005, 5e-4}) {
    double entropy = 0.0, probability = std::exp(-rate);
    for (int n = 0; n < 12; probability *= rate / ++n) {
      if (probability > 0.0) entropy -= probability * std::log2(probability);
    }
    const auto frame = electrons<std::uint8_t>(1024, 1024, rate);
    const double bits = 8.0 * static_cast<double>(packed(frame)->size()) / 1024.0 / 1024.0;
    RecordProperty("bits_over_entropy_at_" + std::to_string(rate), std::to_string(bits / entropy));
    EXPECT_LT(bits, 1.04 * entropy) << "at " << rate;
  }
}

TEST(PlaneEvents, FollowsTheRateFromPlaceToPlace) {
  const Index edge = 512;
  const double rate = 0.01, contrast = 14.0;
  const auto frame = electrons<std::uint8_t>(edge, edge, rate, contrast);
  const auto entropy = [](double mean) {
    return mean * std::log2(std::exp(1.0) / mean);  // of few electrons, to the first order
  };
  const double inside = 1.0 / 16.0;
  const double ideal = inside * entropy(rate * (1.0 + contrast)) +
                       (1.0 - inside) * entropy(rate * (1.0 - contrast / 16.0));
  const double bits = 8.0 * static_cast<double>(packed(frame)->size()) / (edge * edge);
  EXPECT_LT(bits, 1.12 * ideal);
}

TEST(PlaneEvents, LeavesOtherFramesToOthers) {
  EXPECT_FALSE(packed(electrons<std::uint8_t>(64, 64, 0.5)));
  auto few = electrons<std::int16_t>(64, 64, 0.01);
  few(3, 4) = -1;
  EXPECT_FALSE(packed(few));
  few(3, 4) = 16;
  EXPECT_FALSE(packed(few));
  const Array<float, 2> floats({4, 4});
  EXPECT_FALSE(packed(floats));
}

TEST(PlaneEvents, DamageIsToldAndNeverReadsBeyond) {
  const auto frame = electrons<std::uint8_t>(90, 70, 0.03);
  const std::vector<std::byte> whole = *packed(frame);
  Array<std::int32_t, 2> back(frame.shape());
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_THROW(unpack_events(std::span(whole).first(cut), back.view()), InputError) << cut;
  }
  Rng rng(5);
  for (int turn = 0; turn < 2000; ++turn) {
    std::vector<std::byte> turned = whole;
    turned[rng.bits() % turned.size()] ^= static_cast<std::byte>(1U << (rng.bits() % 8));
    try {
      unpack_events(turned, back.view());
    } catch (const InputError&) {
    }
  }
}

}  // namespace
}  // namespace kinema::codec
