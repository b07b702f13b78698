// Decoding: from snapshots back to frames, tile by tile.
#pragma once

#include "kinema/base/comm.h"
#include "kinema/base/progress.h"
#include "kinema/codec/container.h"
#include "kinema/data/frame_range.h"
#include "kinema/data/measurement.h"

#include <functional>
#include <utility>

namespace kinema::codec {

/// `gap_tv` inverts the coded exposure; `mean` repeats the plain average of each group, Y / sum C.
enum class Decoder : std::uint8_t { gap_tv, mean };
inline constexpr EnumName<Decoder> decoder_names[] = {{Decoder::gap_tv, "gap-tv"},
                                                      {Decoder::mean, "mean"}};
constexpr std::span<const EnumName<Decoder>> enum_names(Decoder) {
  return decoder_names;
}

/// How closely an estimate follows the measurement: `exact` agrees with every pixel of it (plain,
/// accelerated GAP), `noise_aware` leaves the room that the noise asks for, `automatic` takes the
/// latter where noise (over 3 % of the range of pixels) and not motion rules the group.
enum class DataStep : std::uint8_t { automatic, exact, noise_aware };
inline constexpr EnumName<DataStep> data_step_names[] = {{DataStep::automatic, "auto"},
                                                         {DataStep::exact, "exact"},
                                                         {DataStep::noise_aware, "noise-aware"}};
constexpr std::span<const EnumName<DataStep>> enum_names(DataStep) {
  return data_step_names;
}

/// Total variation of each frame alone, or in space and time.
enum class TvKind : std::uint8_t { space, space_time };
inline constexpr EnumName<TvKind> tv_kind_names[] = {{TvKind::space_time, "3d"},
                                                     {TvKind::space, "2d"}};
constexpr std::span<const EnumName<TvKind>> enum_names(TvKind) {
  return tv_kind_names;
}

struct DecodeOptions {
  Decoder decoder = Decoder::gap_tv;
  int iterations = 40;
  int tv_iterations = 2;
  std::optional<double> tv_weight;
  TvKind tv = TvKind::space_time;
  DataStep data_step = DataStep::automatic;
  Index tile = 256, overlap = 32;

  static void fields(auto& self, auto&& visit) {
    visit("decoder", self.decoder, "gap-tv inverts the coded exposure, mean averages each group");
    visit("iterations", self.iterations, "steps onto the data");
    visit("tv_iterations", self.tv_iterations, "denoising steps after each; the dual is kept");
    visit("tv_weight",
          self.tv_weight,
          "smoothing in space, relative to the range of grey levels; auto follows the noise");
    visit("tv", self.tv, "smooth frames alone (2d) or in time too (3d)");
    visit("data_step", self.data_step, "agree with the measurement exactly, or within its noise");
    visit("tile", self.tile, "edge of the tiles that are decoded at a time, in pixels");
    visit("overlap", self.overlap, "pixels that neighbouring tiles share");
  }
};

/// What decoding reads: a container on disk or a measurement in memory.
struct CodedMovie {
  std::vector<Group> groups;
  MaskSet masks;
  PixelType recorded = PixelType::f32;
  std::optional<NoiseModel> noise;
  MovieInfo info;
  std::function<Array<float, 2>(Index)> snapshot;    // (Y, X), by one thread at a time
  std::vector<Index> audited;                        // frames that are kept as recorded too
  std::function<AuditedFrame(Index)> audited_frame;  // number i of them
};
/// The arguments must outlive the result.
CodedMovie coded_movie(const ContainerReader& container);
CodedMovie coded_movie(const Measurement& measurement);

/// First group that the frames touch, and one past the last.
std::pair<Index, Index> groups_of(const std::vector<Group>& groups, FrameSpan span);

/// What goes beside a decoded movie: how it and its measurement came to be.
Json decoded_provenance(const ContainerHeader& header, const Provenance& provenance);

/// How one group went.
struct GroupReport {
  GroupMode mode = GroupMode::coded;  // a lossless group is its frames; the rest stays as it is
  double residual = 0.0;              // |y - Phi x| / |y|
  double tv_weight = 0.0;             // relative to the range of the group's grey levels
  bool noise_aware = false;
  double noise = 0.0;  // standard deviation of a recorded pixel, recorded units
};
Json to_json(const GroupReport& report);

/// Takes the decoded frames of group s, (frames, Y, X), in order of s.
using FrameSink = std::function<void(Index s, const GroupReport&, ArrayView<const float, 3>)>;

/// Decodes groups [first, last) on all threads of all ranks; the result depends on neither number.
/// The root rank alone calls `sink`. Throws InputError for options out of range,
/// and where one group takes more than `memory` bytes.
void decode(const CodedMovie& coded,
            const DecodeOptions& options,
            Index first,
            Index last,
            const FrameSink& sink,
            Progress& progress,
            Index memory = Index{4} << 30,
            const Comm& comm = {});

/// A whole measurement in memory.
struct Decoded {
  Movie movie;
  std::vector<GroupReport> groups;
};
Decoded decode(const Measurement& measurement, const DecodeOptions& options, Progress& progress);

}  // namespace kinema::codec
