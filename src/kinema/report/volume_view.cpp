#include "kinema/report/volume_view.h"

#include "kinema/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::report {

namespace {

struct PackedVolumes {
  Json description;
  Block block;
};

/// The extremes of all volumes of a series.
std::pair<double, double> extremes_of(const VolumesShown& series, Progress& progress) {
  double low = 0.0, high = 0.0;
  for (Index i = 0; i < series.count; ++i) {
    progress.check();
    const Volume volume = series.volume(i);
    const auto [least, greatest] = std::ranges::minmax(volume.density.flat());
    low = i == 0 ? least : std::min<double>(low, least);
    high = i == 0 ? greatest : std::max<double>(high, greatest);
  }
  return {low, high > low ? high : low + 1.0};
}

template <class Level>
Block block_of_levels(const VolumesShown& series, Index bin, double low, double step) {
  std::vector<Level> levels;
  std::vector<Index> shape = {series.count};
  for (Index i = 0; i < series.count; ++i) {
    const Volume volume = binned(series.volume(i), bin);
    if (i == 0) {
      const auto [depth, height, width] = volume.density.shape();
      shape.insert(shape.end(), {depth, height, width});
    }
    for (const float value : volume.density.flat()) {
      levels.push_back(static_cast<Level>(std::max(0.0, (value - low) / step) + 0.5));
    }
  }
  return block_of(shape, levels);
}

PackedVolumes pack_series(const VolumesShown& series, Index bin, int bits, Progress& progress) {
  const auto [low, high] = extremes_of(series, progress);
  const double step = (high - low) / (bits == 16 ? 65535.0 : 255.0);
  return {{{"name", series.name}, {"offset", low}, {"step", step}, {"low", low}, {"high", high}},
          bits == 16 ? block_of_levels<std::uint16_t>(series, bin, low, step)
                     : block_of_levels<std::uint8_t>(series, bin, low, step)};
}

std::string left_out_text(Index bin, int bits) {
  const std::string steps = fmt::format("Densities are held in {}-bit steps.", bits);
  if (bin == 1) return "All volumes that were written are held whole. " + steps;
  return fmt::format(
      "To keep this page small, volumes are averaged over {0} x {0} x {0} voxels. {1}", bin, steps);
}

}  // namespace

Volume binned(const Volume& volume, Index bin) {
  if (bin == 1) return volume;
  const auto [depth, height, width] = volume.density.shape();
  Volume out{.density = Array<float, 3>({depth / bin, height / bin, width / bin}),
             .voxel_size = Length{volume.voxel_size.value * static_cast<double>(bin)},
             .origin = volume.origin};
  const auto share = 1.0F / static_cast<float>(bin * bin * bin);
  for (Index z = 0; z < depth / bin * bin; ++z) {
    for (Index y = 0; y < height / bin * bin; ++y) {
      for (Index x = 0; x < width / bin * bin; ++x) {
        out.density(z / bin, y / bin, x / bin) += share * volume.density(z, y, x);
      }
    }
  }
  for (double& place : out.origin) {
    place += 0.5 * static_cast<double>(bin - 1) * volume.voxel_size.value;
  }
  return out;
}

void add_volumes(Page& page, const VolumesView& view, Progress& progress) {
  Index bin = 1;
  int bits = 16;
  std::vector<PackedVolumes> packed;
  while (true) {
    packed.clear();
    Index bytes = 0;
    for (const VolumesShown& series : view.series) {
      packed.push_back(pack_series(series, bin, bits, progress));
      bytes += static_cast<Index>(packed.back().block.text.size());
    }
    if (bytes <= view.budget) break;
    if (bits == 8) ++bin;
    bits = 8;
  }
  const double voxel = view.series.front().volume(0).voxel_size.value * static_cast<double>(bin);
  const std::vector<Index> shape = packed.front().block.shape;
  Json series = Json::array();
  std::vector<std::pair<std::string, Block>> blocks;
  for (PackedVolumes& one : packed) {
    blocks.emplace_back(fmt::format("series_{}", series.size()), std::move(one.block));
    series.push_back(std::move(one.description));
  }
  const std::string left_out = left_out_text(bin, bits);
  page.paragraph(left_out);
  page.view({{"kind", "volume"},
             {"frames", view.frames},
             {"total_frames", view.total_frames},
             {"frame_seconds", view.frame_time ? Json(view.frame_time->value) : Json()},
             {"shape", std::vector<Index>(shape.begin() + 1, shape.end())},
             {"voxel", voxel},
             {"level", view.level},
             {"series", series},
             {"left_out", left_out}},
            blocks);
}

}  // namespace kinema::report
