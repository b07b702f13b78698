// JPEG images as libjpeg writes them, baseline and progressive.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <jpeglib.h>
#include <vector>

namespace kinema::io::test_jpeg {

/// A smooth picture of `channels` a pixel, nearly kept at quality 100.
inline std::vector<unsigned char> smooth(int height, int width, int channels) {
  std::vector<unsigned char> pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        pixels.push_back(static_cast<unsigned char>(40 + x + y + 30 * c));
      }
    }
  }
  return pixels;
}

inline void write_jpeg(const std::filesystem::path& path,
                       std::vector<unsigned char> pixels,
                       int height,
                       int width,
                       J_COLOR_SPACE space,
                       bool progressive = false) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.input_components = space == JCS_GRAYSCALE ? 1 : space == JCS_RGB ? 3 : 4;
  jpeg.in_color_space = space;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < height; ++y) {
    JSAMPROW row = pixels.data() + y * width * jpeg.input_components;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::fclose(file);
}

}  // namespace kinema::io::test_jpeg
