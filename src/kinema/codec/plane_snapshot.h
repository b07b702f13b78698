// Snapshots as coded planes: quantised, or exact where their group has no step.
#pragma once

#include "kinema/codec/encode.h"
#include "kinema/codec/mask_bank.h"
#include "kinema/codec/quantise.h"

#include <span>
#include <vector>

namespace kinema::codec {

/// All snapshots of a group.
struct CodedGroup {
  Group group;  // without a step where the sums do not go into steps
  std::vector<std::vector<std::byte>> planes;
  double kept_dose = 1.0;
};

/// Codes and decodes the snapshots of one movie; keeps how often its masks are open.
class PlaneSnapshots {
 public:
  /// `whole` says that recorded pixels are whole numbers.
  PlaneSnapshots(const MaskSet& masks, bool whole) : masks_(masks), whole_(whole) {}

  /// A plane of each snapshot; of a lossless group each frame, of any type but float64.
  CodedGroup code(const Snapshot& snapshot);
  /// Undoes `code` of snapshot k of the group into (Y, X) floats. Throws InputError where the bytes
  /// are damaged.
  void decode(std::span<const std::byte> bytes, const Group& group, Index k, std::span<float> sums);
  /// What decoding of the coded snapshots would give, (buckets, Y, X), and the group as it would be
  /// kept.
  Group quantise(const Snapshot& snapshot, std::span<float> sums);

 private:
  using Numbers = std::vector<std::int32_t>;

  Group find_numbers(const Snapshot& snapshot);
  bool find_steps(const Snapshot& snapshot);
  const Numbers& numbers(const Snapshot& snapshot, const Group& group, Index k);
  const std::byte* plane(const Snapshot& snapshot, Index k) const;
  const std::uint16_t* weights(const Group& group, Index k);
  void sums_of(std::span<const std::int32_t> steps,
               const Group& group,
               Index k,
               std::span<float> sums);

  MaskBank masks_;
  bool whole_;
  std::vector<Numbers> numbers_;  // of the last group; fresh pages would take their time
};

}  // namespace kinema::codec
