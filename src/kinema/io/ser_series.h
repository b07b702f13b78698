// The header of a TIA series (.ser): what its elements are, where they lie, and when they came.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/pixel_type.h"
#include "kinema/io/file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// A dimension of the series, the one that runs fastest first.
struct SerDimension {
  Index size = 0;
  double origin = 0.0, step = 0.0;
  std::string description, unit;
};

/// Header of one element: a spectrum (height 1) or an image. Steps are in metres, or 1/m.
struct SerElement {
  double origin_x = 0.0, step_x = 0.0, origin_y = 0.0, step_y = 0.0;
  PixelType type = PixelType::u8;
  Index height = 1, width = 0;
  std::uint64_t offset = 0;  // of its numbers
  Index bytes() const;
  bool same_shape(const SerElement& other) const {
    return type == other.type && height == other.height && width == other.width;
  }
};

struct SerSeries {
  int version = 0;
  bool images = true;      // 2-D elements; else spectra
  bool positions = false;  // tags tell where the beam stood
  std::uint32_t total = 0, valid = 0;
  std::vector<SerDimension> dimensions;
  std::vector<std::uint64_t> offsets, tag_offsets;  // of the valid elements
};

/// True for the first bytes of a TIA series.
bool is_ser(std::span<const std::byte> head);

/// Throws FileError where the header contradicts itself or the file.
SerSeries read_series(const InputFile& file);

/// Throws FileError where the element does not lie in the file or is of no known type.
SerElement read_element(const InputFile& file, const SerSeries& series, std::size_t number);

/// Seconds since 1970 of the element; none where it has no such tag.
std::optional<double> element_time(const InputFile& file,
                                   const SerSeries& series,
                                   std::size_t number);

/// The header in the format's own words.
Json to_json(const SerSeries& series);

}  // namespace kinema::io
