// Snapshots as coded planes: quantised, or exact where their group has no step.
#pragma once

#include "kinema/codec/encode.h"
#include "kinema/codec/quantise.h"

#include <map>
#include <span>
#include <vector>

namespace kinema::codec {

struct CodedSnapshot {
  std::vector<std::byte> bytes;
  Group group;  // without a step where the sums do not go into steps
  double kept_dose = 1.0;
};

/// Codes and decodes the snapshots of one movie; keeps how often its masks are open.
class PlaneSnapshots {
 public:
  /// `whole` says that recorded pixels are whole numbers.
  PlaneSnapshots(const MaskSet& masks, bool whole) : masks_(masks), whole_(whole) {}

  /// The snapshot's one plane; of a lossless group one frame, of any type but float64.
  CodedSnapshot code(const Snapshot& snapshot);
  /// Undoes `code` into (Y, X) floats. Throws InputError where the bytes are damaged.
  void decode(std::span<const std::byte> bytes, const Group& group, std::span<float> sums);
  /// What decoding of the coded snapshot would give, and the group as it would be kept.
  Group quantise(const Snapshot& snapshot, std::span<float> sums);

 private:
  struct Steps {
    std::vector<std::int32_t> numbers;
    Group group;
  };
  Steps steps_of(const Snapshot& snapshot);
  const std::uint16_t* open(Index frames);
  const std::uint16_t* weights(const Group& group);
  void sums_of(std::span<const std::int32_t> steps, const Group& group, std::span<float> sums);

  MaskSet masks_;
  bool whole_;
  std::map<Index, Array<std::uint16_t, 2>> open_;  // by frames of the group
};

}  // namespace kinema::codec
