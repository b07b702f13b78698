// Sums to steps to bytes, and back. Without steps whole numbers are coded as they are, and floats
// by their bits, in an order in which neighbours are alike. Frames of few electrons are events.
#include "kinema/codec/plane_snapshot.h"

#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_events.h"

#include <bit>

namespace kinema::codec {
namespace {

/// A float's bits as an integer that rises with it; its own inverse.
std::int32_t ordered(std::int32_t bits) {
  return bits < 0 ? bits ^ 0x7FFFFFFF : bits;
}

std::vector<std::int32_t> exact_numbers(PixelType type,
                                        const std::byte* sums,
                                        Index pixels,
                                        bool whole) {
  std::vector<std::int32_t> numbers(static_cast<std::size_t>(pixels));
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* values = reinterpret_cast<const T*>(sums);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if constexpr (std::is_same_v<T, float>) {
        numbers[i] = whole ? static_cast<std::int32_t>(values[i])
                           : ordered(std::bit_cast<std::int32_t>(values[i]));
      } else {
        numbers[i] = static_cast<std::int32_t>(values[i]);
      }
    }
  });
  return numbers;
}

}  // namespace

const std::uint16_t* PlaneSnapshots::open(Index frames) {
  const auto known = open_.find(frames);
  if (known != open_.end()) return known->second.data();
  return open_.emplace(frames, open_counts(masks_, frames)).first->second.data();
}

/// Steps are of one exposure already; exact sums are not.
const std::uint16_t* PlaneSnapshots::weights(const Group& group) {
  const bool exact_sums = group.step == 0.0 && group.mode == GroupMode::coded;
  return exact_sums && whole_ ? open(group.frames) : nullptr;
}

PlaneSnapshots::Steps PlaneSnapshots::steps_of(const Snapshot& snapshot) {
  const Index pixels = masks_.height() * masks_.width();
  Steps steps{{}, snapshot.group};
  if (snapshot.group.step > 0.0) {
    const Quantiser quantiser(snapshot.group, open(snapshot.group.frames), pixels, whole_);
    if (auto numbers = quantiser.steps(snapshot.type, snapshot.sum)) {
      steps.numbers = std::move(*numbers);
      return steps;
    }
  }
  steps.group.step = steps.group.gain = steps.group.read_variance = 0.0;
  steps.numbers = exact_numbers(snapshot.type, snapshot.sum, pixels, whole_);
  return steps;
}

CodedSnapshot PlaneSnapshots::code(const Snapshot& snapshot) {
  const Index height = masks_.height(), width = masks_.width();
  if (snapshot.group.mode == GroupMode::lossless && whole_) {
    if (auto events = pack_events(snapshot.type, snapshot.sum, height, width)) {
      return {std::move(*events), snapshot.group, 1.0};
    }
  }
  Steps steps = steps_of(snapshot);
  CodedSnapshot coded{
      pack_plane({steps.numbers.data(), {height, width}}, weights(steps.group)), steps.group, 1.0};
  if (steps.group.step > 0.0) {
    const Quantiser quantiser(steps.group, open(steps.group.frames), height * width, whole_);
    coded.kept_dose = quantiser.kept_dose(steps.numbers);
  }
  return coded;
}

void PlaneSnapshots::sums_of(std::span<const std::int32_t> steps,
                             const Group& group,
                             std::span<float> sums) {
  if (group.step > 0.0) {
    Quantiser(group, open(group.frames), static_cast<Index>(steps.size()), whole_)
        .sums(steps, sums.data());
    return;
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    sums[i] = whole_ ? static_cast<float>(steps[i]) : std::bit_cast<float>(ordered(steps[i]));
  }
}

void PlaneSnapshots::decode(std::span<const std::byte> bytes,
                            const Group& group,
                            std::span<float> sums) {
  std::vector<std::int32_t> steps(sums.size());
  const ArrayView<std::int32_t, 2> plane(steps.data(), {masks_.height(), masks_.width()});
  if (group.mode == GroupMode::lossless && whole_ && are_events(bytes)) {
    unpack_events(bytes, plane);
  } else {
    unpack_plane(bytes, plane, weights(group));
  }
  sums_of(steps, group, sums);
}

Group PlaneSnapshots::quantise(const Snapshot& snapshot, std::span<float> sums) {
  const Steps steps = steps_of(snapshot);
  sums_of(steps.numbers, steps.group, sums);
  return steps.group;
}

}  // namespace kinema::codec
