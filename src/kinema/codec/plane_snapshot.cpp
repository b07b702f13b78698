// Sums to steps to bytes, and back. Without steps whole numbers are coded as they are, and floats
// by their bits, in an order in which neighbours are alike. Frames of few electrons are events.
#include "kinema/codec/plane_snapshot.h"

#include "kinema/base/parallel.h"
#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_events.h"

#include <bit>

namespace kinema::codec {
namespace {

/// A float's bits as an integer that rises with it; its own inverse.
std::int32_t ordered(std::int32_t bits) {
  return bits < 0 ? bits ^ 0x7FFFFFFF : bits;
}

void find_exact_numbers(PixelType type,
                        const std::byte* sums,
                        bool whole,
                        std::span<std::int32_t> numbers) {
  constexpr Index pixels_a_task = 1 << 16;
  const auto pixels = static_cast<Index>(numbers.size());
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* values = reinterpret_cast<const T*>(sums);
    parallel_for((pixels + pixels_a_task - 1) / pixels_a_task, [&](Index task) {
      const Index last = std::min(pixels, (task + 1) * pixels_a_task);
      for (Index i = task * pixels_a_task; i < last; ++i) {
        std::int32_t& number = numbers[static_cast<std::size_t>(i)];
        if constexpr (std::is_same_v<T, float>) {
          number = whole ? static_cast<std::int32_t>(values[i])
                         : ordered(std::bit_cast<std::int32_t>(values[i]));
        } else {
          number = static_cast<std::int32_t>(values[i]);
        }
      }
    });
  });
}

}  // namespace

/// Steps are of one exposure already; exact sums are not.
const std::uint16_t* PlaneSnapshots::weights(const Group& group, Index k) {
  const bool exact_sums = group.step == 0.0 && group.mode == GroupMode::coded;
  return exact_sums && whole_ ? masks_.open(group, k).counts : nullptr;
}

const std::byte* PlaneSnapshots::plane(const Snapshot& snapshot, Index k) const {
  return snapshot.sum + k * masks_.height() * masks_.width() * bytes_of(snapshot.type);
}

/// Whether the sums of all snapshots go into steps: else none of the group's is kept so.
bool PlaneSnapshots::find_steps(const Snapshot& snapshot) {
  const Group& group = snapshot.group;
  if (group.step == 0.0) return false;
  for (Index k = 0; k < group.buckets; ++k) {
    const Quantiser quantiser(group, masks_.open(group, k), whole_);
    Numbers& numbers = numbers_[static_cast<std::size_t>(k)];
    if (!quantiser.steps(snapshot.type, plane(snapshot, k), numbers)) return false;
  }
  return true;
}

/// Fills numbers_ for all snapshots of a group; returns the group as it is kept, without a step
/// where its sums are not in steps.
Group PlaneSnapshots::find_numbers(const Snapshot& snapshot) {
  Group group = snapshot.group;
  numbers_.resize(std::max(numbers_.size(), static_cast<std::size_t>(group.buckets)));
  if (find_steps(snapshot)) return group;
  group.step = group.gain = group.read_variance = 0.0;
  return group;
}

/// Numbers of a snapshot: of its steps where the group has them, else its sums as they are.
const PlaneSnapshots::Numbers& PlaneSnapshots::numbers(const Snapshot& snapshot,
                                                       const Group& group,
                                                       Index k) {
  const bool in_steps = group.step > 0.0;
  Numbers& numbers = numbers_[in_steps ? static_cast<std::size_t>(k) : 0];
  if (in_steps) return numbers;
  numbers.resize(static_cast<std::size_t>(masks_.height() * masks_.width()));
  find_exact_numbers(snapshot.type, plane(snapshot, k), whole_, numbers);
  return numbers;
}

CodedGroup PlaneSnapshots::code(const Snapshot& snapshot) {
  const Index height = masks_.height(), width = masks_.width();
  const Group group = find_numbers(snapshot);
  CodedGroup coded{group, {}, group.step > 0.0 ? 0.0 : 1.0};
  for (Index k = 0; k < group.buckets; ++k) {
    if (group.mode == GroupMode::lossless && whole_) {
      if (auto events = pack_events(snapshot.type, plane(snapshot, k), height, width)) {
        coded.planes.push_back(std::move(*events));
        continue;
      }
    }
    const Numbers& of_plane = numbers(snapshot, group, k);
    coded.planes.push_back(pack_plane({of_plane.data(), {height, width}}, weights(group, k)));
    if (group.step == 0.0) continue;
    const Quantiser quantiser(group, masks_.open(group, k), whole_);
    coded.kept_dose += quantiser.kept_dose(of_plane) / static_cast<double>(group.buckets);
  }
  return coded;
}

void PlaneSnapshots::sums_of(std::span<const std::int32_t> steps,
                             const Group& group,
                             Index k,
                             std::span<float> sums) {
  if (group.step > 0.0) {
    Quantiser(group, masks_.open(group, k), whole_).sums(steps, sums.data());
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
  numbers_.resize(std::max<std::size_t>(numbers_.size(), 1));
  Numbers& steps = numbers_.front();
  steps.resize(sums.size());
  const ArrayView<std::int32_t, 2> plane(steps.data(), {masks_.height(), masks_.width()});
  if (group.mode == GroupMode::lossless && whole_ && are_events(bytes)) {
    unpack_events(bytes, plane);
  } else {
    unpack_plane(bytes, plane, weights(group, k));
  }
  sums_of(steps, group, k, sums);
}

Group PlaneSnapshots::quantise(const Snapshot& snapshot, std::span<float> sums) {
  const Group group = find_numbers(snapshot);
  for (Index k = 0; k < group.buckets; ++k) {
    const Numbers& of_plane = numbers(snapshot, group, k);
    const auto first = static_cast<std::size_t>(k) * of_plane.size();
    sums_of(of_plane, group, k, sums.subspan(first, of_plane.size()));
  }
  return group;
}

}  // namespace kinema::codec
