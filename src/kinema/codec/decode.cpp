// Choosing the weights, cutting tiles, and putting frames together.
#include "kinema/codec/decode.h"

#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/codec/gap_tv.h"
#include "kinema/codec/noise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kinema::codec {
namespace {

// Weights were chosen on simulated nanocrystals (three speeds, 1 to 30 e/px) and on noise-free
// video; they are relative to the noise where it leads, and to the brightest pixels elsewhere.
constexpr double noisy_space = 0.09, noisy_time = 0.6;        // times the noise of a pixel
constexpr double exact_space = 0.06, exact_time_ratio = 0.2;  // times the brightest pixels
constexpr double noise_that_leads = 0.03;                     // of the brightest pixels
constexpr double most_change = 2.0;  // within a group, over what noise explains

/// One group, ready to be decoded.
struct GroupWork {
  Index s = 0;
  Array<float, 2> y, mean;  // the snapshot and Y / sum C
  Array<float, 3> frames;   // out
  GroupReport report;
  double weight = 0.0, weight_time = 0.0;
  std::vector<double> misfit, norm;  // by tile
};

struct Tile {
  Index y, x;                                // origin of what is decoded
  Index keep_y0, keep_y1, keep_x0, keep_x1;  // what is kept of it, in the frame
};

/// Tiles of one size that cover the frame; each pixel is kept from the tile that it lies deepest
/// in.
std::vector<Tile> cut_tiles(Index height, Index width, Index tile_h, Index tile_w, Index overlap) {
  const auto origins = [&](Index extent, Index tile) {
    std::vector<Index> starts{0};
    while (starts.back() + tile < extent) {
      starts.push_back(std::min(starts.back() + tile - overlap, extent - tile));
    }
    return starts;
  };
  const auto edges = [](const std::vector<Index>& starts, Index extent, Index tile) {
    std::vector<Index> cuts{0};
    for (std::size_t i = 1; i < starts.size(); ++i) {
      cuts.push_back((starts[i - 1] + tile + starts[i]) / 2);
    }
    cuts.push_back(extent);
    return cuts;
  };
  const auto rows = origins(height, tile_h), columns = origins(width, tile_w);
  const auto cut_y = edges(rows, height, tile_h), cut_x = edges(columns, width, tile_w);
  std::vector<Tile> tiles;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) {
      tiles.push_back({rows[i], columns[j], cut_y[i], cut_y[i + 1], cut_x[j], cut_x[j + 1]});
    }
  }
  return tiles;
}

/// The level that all but 0.1 % of the pixels stay below.
double brightest(const Array<float, 2>& mean) {
  std::vector<float> values(mean.flat().begin(), mean.flat().end());
  const auto at = values.begin() + static_cast<Index>(values.size() * 999 / 1000);
  std::nth_element(values.begin(), at, values.end());
  return std::max(static_cast<double>(*at), 1e-12);
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
        open_(open_counts(coded.masks, coded.masks.ratio())) {}

  Index tiles() const { return static_cast<Index>(tiles_.size()); }

  GroupWork begin(Index s) const {
    const Group& group = coded_.groups[static_cast<std::size_t>(s)];
    GroupWork work;
    work.s = s;
    work.y = coded_.snapshot(s);
    work.mean = work.y;
    const bool whole = group.frames == coded_.masks.ratio();
    const Array<std::uint16_t, 2> few =
        whole ? Array<std::uint16_t, 2>() : open_counts(coded_.masks, group.frames);
    const std::uint16_t* open = whole ? open_.data() : few.data();
    for (Index i = 0; i < work.mean.size(); ++i) {
      work.mean.data()[i] /= static_cast<float>(std::max<int>(1, open[i]));
    }
    work.frames = Array<float, 3>::uninitialised({group.frames, height_, width_});
    if (options_.decoder == Decoder::gap_tv) choose_weights(group, work);
    work.misfit.resize(tiles_.size());
    work.norm.resize(tiles_.size());
    return work;
  }

  /// One tile of one group.
  void decode_tile(GroupWork& work, Index index) const {
    const Tile& tile = tiles_[static_cast<std::size_t>(index)];
    if (options_.decoder == Decoder::mean) {
      repeat_mean(work, tile);
      return;
    }
    const Index frames = work.frames.shape()[0];
    const Index pixels = tile_h_ * tile_w_;
    auto y = Array<float, 1>::uninitialised({pixels});
    auto rho = Array<float, 1>::uninitialised({pixels});
    auto masks = Array<float, 1>::uninitialised({frames * pixels});
    auto out = Array<float, 1>::uninitialised({frames * pixels});
    load(work, tile, frames, y.data(), rho.data(), masks.data());
    double norm = 0.0;
    for (const float value : y.flat())
      norm += static_cast<double>(value) * static_cast<double>(value);

    GapTv solver(best_simd(), frames, tile_h_, tile_w_);
    const double residual = solver.run({frames,
                                        tile_h_,
                                        tile_w_,
                                        y.data(),
                                        masks.data(),
                                        work.report.noise_aware ? rho.data() : nullptr},
                                       {options_.iterations,
                                        options_.tv_iterations,
                                        static_cast<float>(work.weight),
                                        static_cast<float>(work.weight_time),
                                        !work.report.noise_aware},
                                       out.data());
    work.misfit[static_cast<std::size_t>(index)] = residual * residual * norm;
    work.norm[static_cast<std::size_t>(index)] = norm;
    keep(work, tile, frames, out.data());
  }

  void finish(GroupWork& work) const {
    double misfit = 0.0, norm = 0.0;
    for (const double value : work.misfit) misfit += value;
    for (const double value : work.norm) norm += value;
    work.report.residual = norm > 0.0 ? std::sqrt(misfit / norm) : 0.0;
  }

 private:
  void choose_weights(const Group& group, GroupWork& work) const {
    const double bright = brightest(work.mean);
    double level = 0.0;
    for (const float value : work.mean.flat()) level += static_cast<double>(value);
    level /= static_cast<double>(work.mean.size());
    const double open = 0.5 * static_cast<double>(group.frames);
    const NoiseModel noise =
        coded_.noise.value_or(noise_from_mean(work.mean.view(), std::max(1.0, open)));
    const double sigma = std::sqrt(noise.variance(level));
    work.report.noise = sigma;
    work.report.noise_aware = options_.data_step == DataStep::noise_aware ||
                              (options_.data_step == DataStep::automatic &&
                               sigma > noise_that_leads * bright && noise.change < most_change);
    const bool noisy = work.report.noise_aware && sigma > 0.0;
    work.report.noise_aware = noisy;
    work.weight = options_.tv_weight ? *options_.tv_weight * bright
                  : noisy            ? noisy_space * sigma
                                     : exact_space * bright;
    const double time_ratio = noisy ? noisy_time / noisy_space : exact_time_ratio;
    work.weight_time = options_.tv == TvKind::space_time ? time_ratio * work.weight : 0.0;
    work.report.tv_weight = work.weight / bright;
  }

  void load(const GroupWork& work,
            const Tile& tile,
            Index frames,
            float* y,
            float* rho,
            float* masks) const {
    std::fill_n(rho, tile_h_ * tile_w_, 0.0F);
    for (Index row = 0; row < tile_h_; ++row) {
      std::copy_n(&work.y(tile.y + row, tile.x), tile_w_, y + row * tile_w_);
      for (Index t = 0; t < frames; ++t) {
        float* mask = masks + (t * tile_h_ + row) * tile_w_;
        const std::uint64_t* bits = coded_.masks.masks.row(t, tile.y + row);
        for (Index x = 0; x < tile_w_; ++x) {
          const Index at = tile.x + x;
          mask[x] = static_cast<float>((bits[at / 64] >> (at % 64)) & 1U);
          rho[row * tile_w_ + x] += mask[x];  // as much room as there are open frames
        }
      }
    }
  }

  void keep(GroupWork& work, const Tile& tile, Index frames, const float* decoded) const {
    for (Index t = 0; t < frames; ++t) {
      for (Index y = tile.keep_y0; y < tile.keep_y1; ++y) {
        const float* from =
            decoded + (t * tile_h_ + (y - tile.y)) * tile_w_ + (tile.keep_x0 - tile.x);
        std::copy_n(from, tile.keep_x1 - tile.keep_x0, &work.frames(t, y, tile.keep_x0));
      }
    }
  }

  static void repeat_mean(GroupWork& work, const Tile& tile) {
    for (Index t = 0; t < work.frames.shape()[0]; ++t) {
      for (Index y = tile.keep_y0; y < tile.keep_y1; ++y) {
        std::copy_n(&work.mean(y, tile.keep_x0),
                    tile.keep_x1 - tile.keep_x0,
                    &work.frames(t, y, tile.keep_x0));
      }
    }
  }

  const CodedMovie& coded_;
  const DecodeOptions& options_;
  Index height_, width_, tile_h_, tile_w_;
  std::vector<Tile> tiles_;
  Array<std::uint16_t, 2> open_;  // open masks of a whole group, (Y, X)
};

void require_sane(const CodedMovie& coded, const DecodeOptions& options, Index first, Index last) {
  if (options.iterations < 1 || options.tv_iterations < 1) {
    throw InputError("decode: iterations and tv_iterations must be at least 1");
  }
  if (options.tv_weight && *options.tv_weight < 0.0) {
    throw InputError("decode: tv_weight must be 0 or larger, relative to the brightest pixels");
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
          [&container](Index s) { return container.snapshot(s); }};
}

CodedMovie coded_movie(const Measurement& measurement) {
  return {measurement.groups,
          measurement.masks,
          measurement.recorded,
          measurement.noise,
          measurement.info,
          [&measurement](Index s) { return snapshot_floats(measurement.snapshots, s); }};
}

Json to_json(const GroupReport& report) {
  return Json{{"residual", report.residual},
              {"tv_weight", report.tv_weight},
              {"noise_aware", report.noise_aware},
              {"noise", report.noise}};
}

namespace {

/// Decodes groups [first, last) side by side.
std::vector<GroupWork> decode_batch(const GroupDecoder& decoder,
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
  const GroupDecoder decoder(coded, options);
  Index frames = 0;
  for (Index s = first; s < last; ++s) frames += coded.groups[static_cast<std::size_t>(s)].frames;
  // Small movies decode several groups side by side, so that every thread has a tile.
  const Index group_bytes = coded.masks.height() * coded.masks.width() * (coded.masks.ratio() + 2) *
                            static_cast<Index>(sizeof(float));
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
      progress);
  return decoded;
}

}  // namespace kinema::codec
