// Decoding groups tile by tile on all threads and ranks, and putting frames together.
#include "kinema/codec/decode.h"

#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/codec/gap_tv.h"
#include "kinema/codec/mask_bank.h"
#include "kinema/codec/tiles.h"
#include "kinema/codec/weights.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::codec {
namespace {

/// One group, ready to be decoded.
struct GroupWork {
  Index s = 0;
  const MaskSet* masks = nullptr;
  std::vector<Exposure> exposures;         // one a snapshot
  std::vector<Passage> passages;           // of frames into snapshots
  std::vector<Shutter> shutters;           // of the passages
  std::vector<const std::uint16_t*> open;  // frames in which each pixel is, by snapshot
  Array<float, 3> y, mean;                 // the snapshots and Y / sum C
  Array<float, 3> frames;                  // out
  GreyLevels levels;
  Weights weights;
  GroupReport report;
  double norm = 0.0;           // |y|^2
  std::vector<double> misfit;  // |y - Phi x|^2 of each tile
};

double square_norm(ArrayView<const float, 3> images) {
  double sum = 0.0;
  for (const float value : images.flat()) {
    sum += static_cast<double>(value) * static_cast<double>(value);
  }
  return sum;
}

class GroupDecoder {
 public:
  GroupDecoder(const CodedMovie& coded, const DecodeOptions& options)
      : coded_(coded),
        options_(options),
        height_(coded.masks.height()),
        width_(coded.masks.width()),
        tile_h_(std::min(options.tile, height_)),
        tile_w_(std::min(options.tile, width_)),
        tiles_(cut_tiles(height_, width_, tile_h_, tile_w_, options.overlap)),
        masks_(coded.masks),
        firsts_(first_snapshots(coded.groups)) {}

  Index tiles() const { return static_cast<Index>(tiles_.size()); }

  GroupWork begin(Index s) {
    const Group& group = coded_.groups[static_cast<std::size_t>(s)];
    GroupWork work;
    work.s = s;
    if (group.mode == GroupMode::lossless) {
      load_frames(work, group);
      return work;
    }
    find_exposures(work, group);
    load_snapshots(work, group);
    work.frames = Array<float, 3>::uninitialised({group.frames, height_, width_});
    if (options_.decoder == Decoder::gap_tv) choose_settings(work, group);
    work.misfit.resize(tiles_.size());
    return work;
  }

  /// One tile of one group.
  void decode_tile(GroupWork& work, Index index) const {
    if (work.report.mode == GroupMode::lossless) return;
    const Tile& tile = tiles_[static_cast<std::size_t>(index)];
    if (options_.decoder == Decoder::mean) {
      repeat_mean(work, tile);
      return;
    }
    const Index frames = work.frames.shape()[0];
    const TileData data = load(work, tile);
    auto out = Array<float, 3>::uninitialised({frames, tile_h_, tile_w_});
    const bool noise_aware = work.weights.noise_aware;
    GapTv solver(best_simd(), frames, tile_h_, tile_w_, work.passages);
    const double residual = solver.run({frames,
                                        tile_h_,
                                        tile_w_,
                                        data.y.data(),
                                        data.masks.data(),
                                        noise_aware ? data.open.data() : nullptr},
                                       {options_.iterations,
                                        options_.tv_iterations,
                                        static_cast<float>(work.weights.space),
                                        static_cast<float>(work.weights.time),
                                        !noise_aware},
                                       out.data());
    const double misfit = residual * work.levels.range;
    work.misfit[static_cast<std::size_t>(index)] = misfit * misfit * square_norm(data.y.view());
    keep(work, tile, out.view());
  }

  void finish(GroupWork& work) const {
    if (options_.decoder == Decoder::mean || work.report.mode == GroupMode::lossless) return;
    double misfit = 0.0;
    for (const double value : work.misfit) misfit += value;
    work.report = {
        GroupMode::coded, 0.0, work.weights.space, work.weights.noise_aware, work.weights.noise};
    if (work.norm > 0.0) work.report.residual = std::sqrt(misfit / work.norm);
  }

 private:
  /// y and masks of one tile, y in the group's own grey levels.
  struct TileData {
    Array<float, 3> y, open;  // open: frames in which a pixel is, as much room as y is left
    Array<float, 3> masks;    // of each passage
  };

  /// The exposures, and the same frame by frame.
  void find_exposures(GroupWork& work, const Group& group) {
    work.masks = &masks_.of(group);
    work.exposures = exposures_of(*work.masks, group.frames);
    for (Index t = 0; t < group.frames; ++t) {
      for (std::size_t k = 0; k < work.exposures.size(); ++k) {
        const Exposure& exposure = work.exposures[k];
        if (t < exposure.first || t >= exposure.end()) continue;
        work.passages.push_back({t, static_cast<Index>(k)});
        work.shutters.push_back(exposure.shutters[static_cast<std::size_t>(t - exposure.first)]);
      }
    }
    for (Index k = 0; k < group.buckets; ++k) work.open.push_back(masks_.open(group, k).counts);
  }

  /// The snapshots and their means.
  void load_snapshots(GroupWork& work, const Group& group) const {
    const Index first = firsts_[static_cast<std::size_t>(work.s)], pixels = height_ * width_;
    work.y = Array<float, 3>::uninitialised({group.buckets, height_, width_});
    work.mean = Array<float, 3>::uninitialised(work.y.shape());
    for (Index k = 0; k < group.buckets; ++k) {
      const Array<float, 2> y = coded_.snapshot(first + k);
      const std::uint16_t* open = work.open[static_cast<std::size_t>(k)];
      for (Index i = 0; i < pixels; ++i) {
        work.y.data()[k * pixels + i] = y.data()[i];
        work.mean.data()[k * pixels + i] =
            y.data()[i] / static_cast<float>(std::max<int>(1, open[i]));
      }
      if (std::isfinite(square_norm(work.y.view().slice(k, 1)))) continue;
      throw InputError("decode: snapshot " + std::to_string(first + k) +
                       " holds a value that is not a finite number");
    }
    work.norm = square_norm(work.y.view());
  }

  /// A lossless group: frame by frame as recorded.
  void load_frames(GroupWork& work, const Group& group) const {
    work.report.mode = GroupMode::lossless;
    work.frames = Array<float, 3>::uninitialised({group.frames, height_, width_});
    for (Index t = 0; t < group.frames; ++t) {
      const Array<float, 2> frame = coded_.snapshot(firsts_[static_cast<std::size_t>(work.s)] + t);
      std::copy_n(frame.data(), frame.size(), work.frames[t].data());
    }
  }

  void choose_settings(GroupWork& work, const Group& group) const {
    const Index pixels = height_ * width_;
    std::vector<float> seen;
    for (Index i = 0; i < work.mean.size(); ++i) {
      if (open_at(work, i) > 0) seen.push_back(work.mean.data()[i]);
    }
    work.levels = grey_levels(std::move(seen));
    for (Index i = 0; i < work.mean.size(); ++i) {
      if (open_at(work, i) == 0) work.mean.data()[i] = static_cast<float>(work.levels.level);
    }
    auto mean = Array<float, 2>({height_, width_});
    for (Index i = 0; i < work.mean.size(); ++i) {
      mean.data()[i % pixels] += work.mean.data()[i] / static_cast<float>(group.buckets);
    }
    work.weights =
        choose_weights(options_, coded_.noise, group, work.masks->kind, mean.view(), work.levels);
  }

  /// Frames in which pixel i of (snapshots, Y, X) is open.
  Index open_at(const GroupWork& work, Index i) const {
    const Index pixels = height_ * width_;
    return work.open[static_cast<std::size_t>(i / pixels)][i % pixels];
  }

  TileData load(const GroupWork& work, const Tile& tile) const {
    const auto snapshots = work.y.shape()[0], passages = static_cast<Index>(work.passages.size());
    TileData data{Array<float, 3>::uninitialised({snapshots, tile_h_, tile_w_}),
                  Array<float, 3>({snapshots, tile_h_, tile_w_}),
                  Array<float, 3>::uninitialised({passages, tile_h_, tile_w_})};
    for (Index p = 0; p < passages; ++p) {
      const Shutter& shutter = work.shutters[static_cast<std::size_t>(p)];
      const Index snapshot = work.passages[static_cast<std::size_t>(p)].snapshot;
      for (Index y = 0; y < tile_h_; ++y) {
        float* mask = &data.masks(p, y, Index{0});
        float* open = &data.open(snapshot, y, Index{0});
        const std::uint64_t* bits = work.masks->masks.row(shutter.mask, tile.y + y);
        for (Index x = 0; x < tile_w_; ++x) {
          const Index at = tile.x + x;
          const bool is_open = ((bits[at / 64] >> (at % 64)) & 1U) != (shutter.turned ? 1U : 0U);
          mask[x] = is_open ? 1.0F : 0.0F;
          open[x] += mask[x];
        }
      }
    }
    for (Index k = 0; k < snapshots; ++k) {
      for (Index y = 0; y < tile_h_; ++y) {
        const float* recorded = &work.y(k, tile.y + y, tile.x);
        for (Index x = 0; x < tile_w_; ++x) {
          const double above =
              recorded[x] - work.levels.level * static_cast<double>(data.open(k, y, x));
          data.y(k, y, x) = static_cast<float>(above / work.levels.range);
        }
      }
    }
    return data;
  }

  static void keep(GroupWork& work, const Tile& tile, ArrayView<const float, 3> decoded) {
    const auto level = static_cast<float>(work.levels.level);
    const auto range = static_cast<float>(work.levels.range);
    for (Index t = 0; t < decoded.shape()[0]; ++t) {
      for (Index y = tile.keep_y0; y < tile.keep_y1; ++y) {
        const float* from = &decoded(t, y - tile.y, tile.keep_x0 - tile.x);
        float* to = &work.frames(t, y, tile.keep_x0);
        for (Index x = 0; x < tile.keep_x1 - tile.keep_x0; ++x) to[x] = level + range * from[x];
      }
    }
  }

  /// Every frame is the mean of what each of its pixels fell into.
  static void repeat_mean(GroupWork& work, const Tile& tile) {
    const Index first = tile.keep_x0, count = tile.keep_x1 - tile.keep_x0;
    for (std::size_t p = 0; p < work.passages.size(); ++p) {
      const auto [t, snapshot] = work.passages[p];
      const Shutter& shutter = work.shutters[p];
      const bool second = p > 0 && work.passages[p - 1].frame == t;
      for (Index y = tile.keep_y0; y < tile.keep_y1; ++y) {
        const float* mean = &work.mean(snapshot, y, first);
        float* frame = &work.frames(t, y, first);
        if (!second) {
          std::copy_n(mean, count, frame);
          continue;
        }
        for (Index x = 0; x < count; ++x) {
          if (work.masks->masks(shutter.mask, y, first + x) != shutter.turned) frame[x] = mean[x];
        }
      }
    }
  }

  const CodedMovie& coded_;
  const DecodeOptions& options_;
  Index height_, width_, tile_h_, tile_w_;
  std::vector<Tile> tiles_;
  MaskBank masks_;
  std::vector<Index> firsts_;  // snapshots of the groups
};

void require_sane(const CodedMovie& coded, const DecodeOptions& options, Index first, Index last) {
  if (options.iterations < 1 || options.tv_iterations < 1) {
    throw InputError("decode: iterations and tv_iterations must be at least 1");
  }
  if (options.tv_weight && !(*options.tv_weight >= 0.0 && *options.tv_weight <= 1e6)) {
    throw InputError("decode: tv_weight must be 0 to 1e6, relative to the range of grey levels");
  }
  if (options.tile < 32 || options.overlap < 0 || options.overlap > options.tile / 2) {
    throw InputError("decode: tile must be at least 32 pixels and overlap at most half of it");
  }
  if (first < 0 || last > static_cast<Index>(coded.groups.size()) || first > last) {
    throw InputError("decode: the measurement has " + std::to_string(coded.groups.size()) +
                     " groups of frames; the range asked for goes beyond them");
  }
}

}  // namespace

CodedMovie coded_movie(const ContainerReader& container) {
  const ContainerHeader& header = container.header();
  return {header.groups,
          container.masks(),
          header.recorded,
          header.noise,
          header.info,
          [&container](Index s) { return container.snapshot(s); },
          header.audited,
          [&container](Index i) { return container.audited(i); }};
}

CodedMovie coded_movie(const Measurement& measurement) {
  require_consistent(measurement);
  std::vector<Index> audited;
  for (const AuditedFrame& frame : measurement.audited) audited.push_back(frame.frame);
  return {measurement.groups,
          measurement.masks,
          measurement.recorded,
          measurement.noise,
          measurement.info,
          [&measurement](Index s) { return snapshot_floats(measurement.snapshots, s); },
          std::move(audited),
          [&measurement](Index i) { return measurement.audited[static_cast<std::size_t>(i)]; }};
}

std::pair<Index, Index> groups_of(const std::vector<Group>& groups, FrameSpan span) {
  Index first = 0, last = 0;
  for (std::size_t s = 0; s < groups.size(); ++s) {
    if (groups[s].first <= span.first) first = static_cast<Index>(s);
    if (groups[s].first < span.last) last = static_cast<Index>(s) + 1;
  }
  return {first, last};
}

Json decoded_provenance(const ContainerHeader& header, const Provenance& provenance) {
  Json json = to_json(provenance);
  json["ratio"] = nominal_ratio(header.groups, header.ratio);
  json["recorded_dtype"] = to_text(header.recorded);
  json["measurement"] = to_json(header.provenance);
  return json;
}

Json to_json(const GroupReport& report) {
  return Json{{"mode", to_text(report.mode)},
              {"residual", report.residual},
              {"tv_weight", report.tv_weight},
              {"noise_aware", report.noise_aware},
              {"noise", report.noise}};
}

namespace {

/// Decodes groups [first, last) side by side.
std::vector<GroupWork> decode_batch(GroupDecoder& decoder,
                                    Index first,
                                    Index last,
                                    const Progress& progress) {
  std::vector<GroupWork> batch;
  for (Index s = first; s < last; ++s) batch.push_back(decoder.begin(s));
  parallel_for(static_cast<Index>(batch.size()) * decoder.tiles(), [&](Index task) {
    progress.check();
    decoder.decode_tile(batch[static_cast<std::size_t>(task / decoder.tiles())],
                        task % decoder.tiles());
  });
  for (GroupWork& work : batch) decoder.finish(work);
  return batch;
}

void send_to_root(const Comm& comm, const GroupWork& work) {
  comm.send(std::as_bytes(std::span(&work.report, 1)), 0);
  comm.send(std::as_bytes(work.frames.flat()), 0);
}

GroupWork receive_group(const Comm& comm, int from, const CodedMovie& coded, Index s) {
  GroupWork work;
  work.s = s;
  work.frames = Array<float, 3>::uninitialised({coded.groups[static_cast<std::size_t>(s)].frames,
                                                coded.masks.height(),
                                                coded.masks.width()});
  comm.receive(std::as_writable_bytes(std::span(&work.report, 1)), from);
  comm.receive(std::as_writable_bytes(work.frames.flat()), from);
  return work;
}

}  // namespace

void decode(const CodedMovie& coded,
            const DecodeOptions& options,
            Index first,
            Index last,
            const FrameSink& sink,
            Progress& progress,
            Index memory,
            const Comm& comm) {
  require_sane(coded, options, first, last);
  GroupDecoder decoder(coded, options);
  Index frames = 0, longest = 0, planes = 0;
  for (Index s = first; s < last; ++s) {
    const Group& group = coded.groups[static_cast<std::size_t>(s)];
    frames += group.frames;
    longest = std::max(longest, group.frames);
    const Index snapshots = group.mode == GroupMode::lossless ? 1 : group.buckets;
    planes = std::max(planes, group.frames + 2 * snapshots);
  }
  // Small movies decode several groups side by side, so that every thread has a tile.
  const Index group_bytes =
      coded.masks.height() * coded.masks.width() * planes * static_cast<Index>(sizeof(float));
  if (group_bytes > memory) {
    throw InputError("decode: one group of " + std::to_string(longest) + " frames takes " +
                     std::to_string(group_bytes / 1000) + " kB, more than the " +
                     std::to_string(memory / 1000) + " kB allowed; raise --memory");
  }
  const Index wanted = (2 * threads() + decoder.tiles() - 1) / decoder.tiles();
  const Index together = std::clamp<Index>(memory / 2 / std::max<Index>(1, group_bytes), 1, wanted);
  const auto end_of = [&](Index start) { return std::min(last, start + together); };
  const auto take = [&](const GroupWork& work) {
    sink(work.s, work.report, work.frames.view());
    progress.advance(work.frames.shape()[0]);
  };

  progress.begin("decode", frames, "frames");
  for (Index round = first; round < last; round += together * comm.size()) {
    progress.check();
    const Index mine = std::min(last, round + comm.rank() * together);
    const std::vector<GroupWork> batch = decode_batch(decoder, mine, end_of(mine), progress);
    if (!comm.is_root()) {
      for (const GroupWork& work : batch) send_to_root(comm, work);
      continue;
    }
    for (const GroupWork& work : batch) take(work);
    for (int rank = 1; rank < comm.size(); ++rank) {
      const Index theirs = std::min(last, round + rank * together);
      for (Index s = theirs; s < end_of(theirs); ++s) take(receive_group(comm, rank, coded, s));
    }
  }
  progress.end();
}

Decoded decode(const Measurement& measurement, const DecodeOptions& options, Progress& progress) {
  const CodedMovie coded = coded_movie(measurement);
  Index frames = 0;
  for (const Group& group : measurement.groups) frames += group.frames;
  Decoded decoded{{Array<float, 3>::uninitialised(
                       {frames, measurement.masks.height(), measurement.masks.width()}),
                   measurement.info},
                  {}};
  decode(
      coded,
      options,
      0,
      static_cast<Index>(measurement.groups.size()),
      [&](Index s, const GroupReport& report, ArrayView<const float, 3> group) {
        const Index first = measurement.groups[static_cast<std::size_t>(s)].first;
        std::copy_n(group.data(), group.size(), decoded.movie.frames[first].data());
        decoded.groups.push_back(report);
      },
      progress,
      std::numeric_limits<Index>::max());
  return decoded;
}

}  // namespace kinema::codec
