// Coded measurements: what the encoder leaves of a movie, snapshot by snapshot.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/exposure.h"
#include "kinema/data/movie.h"
#include "kinema/data/pixel_type.h"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace kinema {

/// How a group of frames is kept: as sums of its masked frames, or frame by frame as recorded.
enum class GroupMode : std::uint8_t { coded, lossless };

inline constexpr EnumName<GroupMode> group_mode_names[] = {{GroupMode::coded, "coded"},
                                                           {GroupMode::lossless, "lossless"}};
constexpr std::span<const EnumName<GroupMode>> enum_names(GroupMode) {
  return group_mode_names;
}

/// A run of frames coded together: frames [first, first + frames) became `buckets` snapshots; one,
/// with staggered masks one for each exposure, or in a lossless group one a frame.
struct Group {
  Index first = 0, frames = 0, buckets = 1;
  GroupMode mode = GroupMode::coded;
  double step = 0.0;  // quantisation step of the snapshots; 0 = lossless
  /// Noise of a recorded pixel that `step` is a multiple of; both 0: it is in recorded units.
  double gain = 0.0, read_variance = 0.0;
  Index ratio = 0;  // B, frames per snapshot of the group's masks; 0: those that the movie has
};

/// Variance of a recorded pixel of mean m: gain * m + read_variance (both in recorded units).
struct NoiseModel {
  double gain = 0.0, read_variance = 0.0;
  /// Mean variance of a pixel within a group over what noise explains: 1 where the specimen rests.
  double change = 1.0;
  double variance(double mean) const { return gain * (mean > 0.0 ? mean : 0.0) + read_variance; }
};

nlohmann::ordered_json to_json(const NoiseModel& noise);

/// Snapshots (S, Y, X): exact sums in the narrowest of u16, i32 and float that holds them.
using Snapshots = std::variant<Array<std::uint16_t, 3>, Array<std::int32_t, 3>, Array<float, 3>>;

/// A frame kept as recorded beside the snapshot of its group, to judge decoding by.
struct AuditedFrame {
  Index frame = 0;
  Array<float, 2> pixels;  // (Y, X)
};

/// y = sum_b m_b * x_(first + b) for every exposure of every coded group, the frames of every
/// lossless one, and all that decoding needs.
struct Measurement {
  Snapshots snapshots;
  std::vector<Group> groups;
  MaskSet masks;
  PixelType recorded = PixelType::f32;  // pixel type of the movie that was encoded
  std::optional<NoiseModel> noise;      // as measured on the frames while they were encoded
  std::vector<AuditedFrame> audited;
  MovieInfo info;
};

/// The first snapshot of every group, and the number of all.
std::vector<Index> first_snapshots(std::span<const Group> groups);

/// The snapshot of the group that most of frame `t`, counted from 0 within it, went into, and the
/// first frame, counted so, that snapshot k saw.
Index bucket_of_frame(const Group& group, Index t);
Index first_frame_of(const Group& group, Index k);

/// Frames of coded groups for each snapshot, rounded; `ratio` where nothing is coded.
Index nominal_ratio(std::span<const Group> groups, Index ratio);

/// Throws InputError unless groups of frames follow each other from frame 0 on, with the snapshots
/// that their modes and masks of this kind ask for, up to `ratio` frames each, and possible steps.
void require_groups(std::span<const Group> groups, MaskKind kind, Index ratio);

/// Throws InputError unless snapshots, groups and masks speak of the same movie.
void require_consistent(const Measurement& measurement);

/// Shape (S, Y, X) and one snapshot (Y, X) as floats.
Shape<3> shape_of(const Snapshots& snapshots);
Array<float, 2> snapshot_floats(const Snapshots& snapshots, Index s);

}  // namespace kinema
