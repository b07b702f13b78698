#include "kinema/report/png.h"

#include <algorithm>
#include <png.h>
#include <stdexcept>

namespace kinema::report {

namespace {

/// A PNG file of `pixels` (height, width, channels of `format`).
std::string encode(const std::uint8_t* pixels, Index height, Index width, png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = format;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(bytes, '\0');
  if (png_image_write_to_memory(&image, file.data(), &bytes, 0, pixels, 0, nullptr) == 0) {
    throw std::logic_error(std::string("libpng refused to write: ") + image.message);
  }
  file.resize(bytes);
  return file;
}

}  // namespace

std::string encode_png(ArrayView<const std::uint8_t, 2> grey) {
  return encode(grey.data(), grey.shape()[0], grey.shape()[1], PNG_FORMAT_GRAY);
}

std::string encode_png(ArrayView<const std::uint8_t, 3> rgb) {
  if (rgb.shape()[2] != 3) throw std::logic_error("an RGB image has three channels");
  return encode(rgb.data(), rgb.shape()[0], rgb.shape()[1], PNG_FORMAT_RGB);
}

Array<std::uint8_t, 2> grey_levels(ArrayView<const float, 2> values, double low, double high) {
  auto levels = Array<std::uint8_t, 2>::uninitialised(values.shape());
  const double scale = high > low ? 255.0 / (high - low) : 0.0;
  std::transform(values.flat().begin(), values.flat().end(), levels.data(), [=](float value) {
    const double level = (value - low) * scale;
    return level > 0.0 ? static_cast<std::uint8_t>(std::min(level, 255.0) + 0.5) : std::uint8_t{0};
  });
  return levels;
}

}  // namespace kinema::report
