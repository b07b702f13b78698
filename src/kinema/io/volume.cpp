// The MRC header of a volume: space group 1 and a cell of the whole box.
#include "kinema/io/volume.h"

#include "kinema/io/file.h"
#include "kinema/io/mrc.h"
#include "kinema/io/mrc_header.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kinema::io {
namespace {

template <class T>
void put(std::vector<std::byte>& header, std::size_t at, T value) {
  std::memcpy(header.data() + at, &value, sizeof value);
}

DensityStatistics statistics_of(std::span<const float> density) {
  DensityStatistics statistics{.smallest = 1e300, .largest = -1e300};
  double sum = 0.0, squares = 0.0;
  for (const float value : density) {
    const auto v = static_cast<double>(value);
    statistics.smallest = std::min(statistics.smallest, v);
    statistics.largest = std::max(statistics.largest, v);
    sum += v;
    squares += v * v;
  }
  const auto count = static_cast<double>(density.size());
  statistics.mean = sum / count;
  statistics.rms = std::sqrt(std::max(0.0, squares / count - statistics.mean * statistics.mean));
  return statistics;
}

}  // namespace

Volume read_volume(const std::filesystem::path& path) {
  const std::unique_ptr<MovieSource> source = open_mrc(path, {});
  const FrameFormat format = source->format();
  if (format.height != format.width || format.height != source->frames().value_or(0)) {
    throw InputError(path.string() + ": holds " + std::to_string(source->frames().value_or(0)) +
                     " sections of " + std::to_string(format.height) + " x " +
                     std::to_string(format.width) + "; a volume must be a cube");
  }
  if (!source->info().pixel_size) throw InputError(path.string() + ": the voxel size is not known");
  Volume volume{.density = to_movie(*source).frames, .voxel_size = source->info().pixel_size->x};
  const InputFile file(path);
  if (const auto header = find_mrc_header(file.head(mrc_main_bytes), path)) {
    std::copy(header->origin.begin(), header->origin.end(), volume.origin.begin());
  }
  return volume;
}

void write_volume(const std::filesystem::path& path, const Volume& volume) {
  const auto [depth, height, width] = volume.density.shape();
  MovieInfo info;
  info.pixel_size = {PixelSize{volume.voxel_size, volume.voxel_size}, "kinema"};
  std::vector<std::byte> header = make_mrc_header(
      {PixelType::f32, height, width}, depth, info, statistics_of(volume.density.flat()));
  put(header, mrc_at::grid + 8, static_cast<std::int32_t>(depth));
  put(header,
      mrc_at::cell + 8,
      static_cast<float>(volume.voxel_size.value * static_cast<double>(depth)));
  put(header, mrc_at::space_group, std::int32_t{1});
  for (std::size_t axis = 0; axis < 3; ++axis) {
    put(header, mrc_at::origin + 4 * axis, static_cast<float>(volume.origin[axis]));
  }
  const auto pixels = std::as_bytes(volume.density.flat());
  PartialFile file = PartialFile::create(path, header.size() + pixels.size());
  file.write_at(0, header);
  file.write_at(header.size(), pixels);
  file.commit();
}

}  // namespace kinema::io
