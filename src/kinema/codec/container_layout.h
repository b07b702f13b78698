// Names and record types inside a container, shared by its writer and its reader.
#pragma once

#include "kinema/base/hash.h"
#include "kinema/io/hdf5.h"

#include <hdf5.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kinema::codec::layout {

inline constexpr const char* entry = "entry";
inline constexpr const char* data = "entry/measurement";
inline constexpr const char* snapshots = "entry/measurement/snapshots";
inline constexpr const char* first_frames = "entry/measurement/snapshot";
inline constexpr const char* groups = "entry/groups";
inline constexpr const char* hashes = "entry/hashes";
inline constexpr const char* losses = "entry/losses";
inline constexpr const char* masks = "entry/masks";
inline constexpr const char* mask_bits = "entry/masks/bits";
inline constexpr const char* recorded = "entry/recorded";
inline constexpr const char* noise = "entry/noise";
inline constexpr const char* noise_by_group = "entry/noise/by_group";
inline constexpr const char* audit = "entry/audit";
inline constexpr const char* audit_frames = "entry/audit/frames";
inline constexpr const char* audit_index = "entry/audit/index";
inline constexpr const char* audit_hashes = "entry/audit/hashes";
inline constexpr const char* provenance = "entry/provenance/data";

/// Number and name of the filter of quantised snapshots: the coder of planes, which HDF5 itself
/// does not know. It lies in HDF5's range for filters that are not registered.
inline constexpr int plane_filter = 480;
inline constexpr const char* plane_filter_name = "kinema plane coder";

/// A row of the table of groups; noise since schema 2, `ratio` since schema 3.
struct GroupRow {
  std::int64_t first, frames, buckets, snapshot;
  std::uint8_t mode;
  double step, gain, read_variance;
  std::int64_t ratio;
};

/// The row's HDF5 type in memory.
inline io::Hid group_row_type(int schema) {
  io::Hid type(H5Tcreate(H5T_COMPOUND, sizeof(GroupRow)));
  H5Tinsert(type, "first", offsetof(GroupRow, first), H5T_STD_I64LE);
  H5Tinsert(type, "frames", offsetof(GroupRow, frames), H5T_STD_I64LE);
  H5Tinsert(type, "buckets", offsetof(GroupRow, buckets), H5T_STD_I64LE);
  H5Tinsert(type, "snapshot", offsetof(GroupRow, snapshot), H5T_STD_I64LE);
  H5Tinsert(type, "mode", offsetof(GroupRow, mode), H5T_STD_U8LE);
  H5Tinsert(type, "step", offsetof(GroupRow, step), H5T_IEEE_F64LE);
  if (schema < 2) return type;
  H5Tinsert(type, "gain", offsetof(GroupRow, gain), H5T_IEEE_F64LE);
  H5Tinsert(type, "read_variance", offsetof(GroupRow, read_variance), H5T_IEEE_F64LE);
  if (schema < 3) return type;
  H5Tinsert(type, "ratio", offsetof(GroupRow, ratio), H5T_STD_I64LE);
  return type;
}

/// The same in the file: without the bytes that the compiler leaves unused.
inline io::Hid stored_group_row_type(int schema) {
  io::Hid type = group_row_type(schema);
  H5Tpack(type);
  return type;
}

/// Names of the modes of groups, by number.
inline std::vector<std::string> group_modes(int schema) {
  return schema < 2 ? std::vector<std::string>{"coded"}
                    : std::vector<std::string>{"coded", "lossless"};
}

/// How masks of each kind are drawn, for readers that outlive this program.
inline const char* mask_recipe(MaskKind kind) {
  switch (kind) {
    case MaskKind::bernoulli:
      return "bit of frame b at (y, x) = bit b % 32 of word (b / 32) % 4 of "
             "Philox4x32-10(counter = (b / 128, x, y, 1), key = (seed low, seed high))";
    case MaskKind::balanced:
      return "r(j) = word j % 4 of Philox4x32-10(counter = (j / 4, x, y, 2), key = (seed low, seed "
             "high)); n = B / 2, plus r(0) & 1 where B is odd; frame b is open where "
             "r(b + 1) * (B - b) >> 32 < n - (open so far)";
    case MaskKind::staggered:
      return "p = word 0 of Philox4x32-10(counter = (0, x, y, 3), key = (seed low, seed high)) * B "
             ">> 32; mask i is open where i >= p; exposure k of a group begins where frame "
             "(k B - B / 2 + i) of the group meets the first open mask i";
    case MaskKind::open:
      return "every mask is open everywhere";
    case MaskKind::given:
      return "dataset bits: numpy.packbits(masks, axis=-1, bitorder='little')";
  }
  return "";
}

}  // namespace kinema::codec::layout
