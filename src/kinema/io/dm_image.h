// The images in the tree of a DM file: which is the one, how its pixels lie, and what its tags
// say of how it was recorded.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/dm_tags.h"
#include "kinema/io/read_options.h"

#include <string>
#include <vector>

namespace kinema::io {

/// How the pixels of a frame are stored.
enum class DmPacking : std::uint8_t {
  plain,
  colour,      // a 32-bit number 0x00RRGGBB
  half_plane,  // of a Fourier transform: columns of the frequencies 0 to width / 2
};

struct DmImage {
  const DmTag* tag = nullptr;  // of the whole image
  std::string name;            // unique in the file
  std::vector<Index> shape;    // outermost first, as set_axes wants them
  DmArray data;
};

/// All images but the thumbnails.
std::vector<DmImage> find_images(const DmFile& file);

/// The image that the user names, or the one that the document shows, or the largest. Throws
/// InputError where there is none.
const DmImage& choose_image(const DmFile& file,
                            const std::vector<DmImage>& images,
                            const std::string& dataset,
                            const std::filesystem::path& path);

struct DmPixels {
  PixelType type = PixelType::u8;
  DmPacking packing = DmPacking::plain;
  FrameFormat format;
  Index frames = 1;
};

/// Type and shape of the frames. Throws InputError for what cannot be read, and FileError where the
/// array is smaller than the shape.
DmPixels pixels_of(const DmImage& image, const std::filesystem::path& path);

/// Axes, pixel size, voltage, times, detector, date, and notes.
MovieInfo facts_of(const DmImage& image, Index frames);

}  // namespace kinema::io
