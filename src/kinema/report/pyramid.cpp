#include "kinema/report/pyramid.h"

#include "kinema/data/movie_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace kinema::report {

namespace {

PixelType pixel_type_of_numbers(const std::string& type) {
  if (type == "u8") return PixelType::u8;
  if (type == "u16") return PixelType::u16;
  if (type == "i16") return PixelType::i16;
  return PixelType::f32;
}

std::string kept_type(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return "u8";
    case PixelType::u16:
      return "u16";
    case PixelType::i16:
      return "i16";
    default:
      return "f32";
  }
}

/// Adds runs of `bin` numbers of a row to `sums`.
void add_row(const std::vector<float>& row, Index bin, std::vector<float>& sums) {
  const auto width = static_cast<Index>(row.size());
  for (Index x = 0, first = 0; first < width; ++x, first += bin) {
    const Index end = std::min(first + bin, width);
    float sum = 0.0F;
    for (Index i = first; i < end; ++i) sum += row[static_cast<std::size_t>(i)];
    sums[static_cast<std::size_t>(x)] += sum;
  }
}

}  // namespace

LevelImage whole_image(PixelType type, Index height, Index width, std::vector<std::byte> pixels) {
  LevelImage image{height, width, kept_type(type), std::move(pixels)};
  if (pixel_type_of_numbers(image.type) == type) return image;
  std::vector<std::byte> floats(static_cast<std::size_t>(height * width) * sizeof(float));
  floats_from(type, image.numbers.data(), height * width, reinterpret_cast<float*>(floats.data()));
  image.numbers = std::move(floats);
  return image;
}

Index level_count(Index height, Index width) {
  Index levels = 1;
  while ((std::max(height, width) - 1) >> (levels - 1) >= tile_edge) ++levels;
  return levels;
}

LevelImage binned(const LevelImage& whole, Index level) {
  if (level == 0) return whole;
  const Index bin = Index{1} << level;
  const PixelType type = pixel_type_of_numbers(whole.type);
  LevelImage image{(whole.height + bin - 1) / bin, (whole.width + bin - 1) / bin, "f32", {}};
  image.numbers.resize(static_cast<std::size_t>(image.height * image.width) * sizeof(float));
  auto* out = reinterpret_cast<float*>(image.numbers.data());
  std::vector<float> row(static_cast<std::size_t>(whole.width));
  std::vector<float> sums(static_cast<std::size_t>(image.width));
  for (Index y = 0; y < image.height; ++y, out += image.width) {
    std::fill(sums.begin(), sums.end(), 0.0F);
    const Index first = y * bin, end = std::min(first + bin, whole.height);
    for (Index source = first; source < end; ++source) {
      const auto* from = whole.numbers.data() + source * whole.width * bytes_of(type);
      floats_from(type, from, whole.width, row.data());
      add_row(row, bin, sums);
    }
    for (Index x = 0; x < image.width; ++x) {
      const Index across = std::min(bin, whole.width - x * bin);
      out[x] = sums[static_cast<std::size_t>(x)] / static_cast<float>(across * (end - first));
    }
  }
  return image;
}

std::vector<std::byte> tile_of(const LevelImage& image, Index row, Index column) {
  const Index top = row * tile_edge, left = column * tile_edge;
  if (row < 0 || column < 0 || top >= image.height || left >= image.width) {
    throw InputError(
        fmt::format("no tile ({}, {}) in {} x {} pixels", row, column, image.height, image.width));
  }
  const Index bytes = bytes_of(pixel_type_of_numbers(image.type));
  const Index height = std::min(tile_edge, image.height - top);
  const Index width = std::min(tile_edge, image.width - left);
  std::vector<std::byte> tile(static_cast<std::size_t>(height * width * bytes));
  for (Index y = 0; y < height; ++y) {
    std::memcpy(tile.data() + y * width * bytes,
                image.numbers.data() + ((top + y) * image.width + left) * bytes,
                static_cast<std::size_t>(width * bytes));
  }
  return tile;
}

}  // namespace kinema::report
