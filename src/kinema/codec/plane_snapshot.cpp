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

/// Steps are of one exposure already; exact sums are not.
const std::uint16_t* PlaneSnapshots::weights(const Group& group, Index k) {
  const bool exact_sums = group.step == 0.0 && group.mode == GroupMode::coded;
  return exact_sums && whole_ ? masks_.open(group, k) : nullptr;
}

const std::byte* PlaneSnapshots::plane(const Snapshot& snapshot, Index k) const {
  return snapshot.sum + k * masks_.height() * masks_.width() * bytes_of(snapshot.type);
}

/// None where the sums of a snapshot do not go into steps: then none of the group's is kept so.
std::optional<std::vector<PlaneSnapshots::Numbers>> PlaneSnapshots::in_steps(
    const Snapshot& snapshot) {
  const Group& group = snapshot.group;
  if (group.step == 0.0) return std::nullopt;
  std::vector<Numbers> planes;
  for (Index k = 0; k < group.buckets; ++k) {
    const Quantiser quantiser(
        group, masks_.open(group, k), masks_.height() * masks_.width(), whole_);
    auto numbers = quantiser.steps(snapshot.type, plane(snapshot, k));
    if (!numbers) return std::nullopt;
    planes.push_back(std::move(*numbers));
  }
  return planes;
}

/// The group as it is kept: without a step where its sums are not in steps.
Group PlaneSnapshots::kept(Group group, bool in_steps) {
  if (!in_steps) group.step = group.gain = group.read_variance = 0.0;
  return group;
}

PlaneSnapshots::Numbers PlaneSnapshots::exactly(const Snapshot& snapshot, Index k) const {
  const Index pixels = masks_.height() * masks_.width();
  return exact_numbers(snapshot.type, plane(snapshot, k), pixels, whole_);
}

CodedGroup PlaneSnapshots::code(const Snapshot& snapshot) {
  const Index height = masks_.height(), width = masks_.width();
  const auto planes = in_steps(snapshot);
  CodedGroup coded{kept(snapshot.group, planes.has_value()), {}, planes ? 0.0 : 1.0};
  const Group& group = coded.group;
  for (Index k = 0; k < group.buckets; ++k) {
    if (group.mode == GroupMode::lossless && whole_) {
      if (auto events = pack_events(snapshot.type, plane(snapshot, k), height, width)) {
        coded.planes.push_back(std::move(*events));
        continue;
      }
    }
    const Numbers numbers = planes ? (*planes)[static_cast<std::size_t>(k)] : exactly(snapshot, k);
    coded.planes.push_back(pack_plane({numbers.data(), {height, width}}, weights(group, k)));
    if (!planes) continue;
    const Quantiser quantiser(group, masks_.open(group, k), height * width, whole_);
    coded.kept_dose += quantiser.kept_dose(numbers) / static_cast<double>(group.buckets);
  }
  return coded;
}

void PlaneSnapshots::sums_of(std::span<const std::int32_t> steps,
                             const Group& group,
                             Index k,
                             std::span<float> sums) {
  if (group.step > 0.0) {
    Quantiser(group, masks_.open(group, k), static_cast<Index>(steps.size()), whole_)
        .sums(steps, sums.data());
    return;
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    sums[i] = whole_ ? static_cast<float>(steps[i]) : std::bit_cast<float>(ordered(steps[i]));
  }
}

void PlaneSnapshots::decode(std::span<const std::byte> bytes,
                            const Group& group,
                            Index k,
                            std::span<float> sums) {
  Numbers steps(sums.size());
  const ArrayView<std::int32_t, 2> plane(steps.data(), {masks_.height(), masks_.width()});
  if (group.mode == GroupMode::lossless && whole_ && are_events(bytes)) {
    unpack_events(bytes, plane);
  } else {
    unpack_plane(bytes, plane, weights(group, k));
  }
  sums_of(steps, group, k, sums);
}

Group PlaneSnapshots::quantise(const Snapshot& snapshot, std::span<float> sums) {
  const auto planes = in_steps(snapshot);
  const Group group = kept(snapshot.group, planes.has_value());
  for (Index k = 0; k < group.buckets; ++k) {
    const Numbers numbers = planes ? (*planes)[static_cast<std::size_t>(k)] : exactly(snapshot, k);
    const auto first = static_cast<std::size_t>(k) * numbers.size();
    sums_of(numbers, group, k, sums.subspan(first, numbers.size()));
  }
  return group;
}

}  // namespace kinema::codec
