// All directories of a TIFF file, walked once: which of them are images, and of which kinds.
#pragma once

#include "kinema/io/tiff_image.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kinema::io {

/// One directory of the file's chain, or one of the frames in it.
struct TiffPage {
  static constexpr std::uint64_t must_decode = 0;  // no pixels lie at a file's first byte
  std::uint64_t directory = 0;                     // its place
  std::uint64_t pixels = must_decode;              // place of the frame where it lies plainly
  std::int32_t format = -1;                        // index into formats; -1: left out
  std::uint16_t file = 0;                          // of a movie in several files
  std::uint16_t sample = 0;                        // where a directory holds several frames
};

/// What the directories of a series have in common.
struct TiffFormat {
  FrameFormat frame;
  Index frames = 1;  // in each directory
  friend bool operator==(const TiffFormat&, const TiffFormat&) = default;
};

struct TiffPages {
  std::vector<TiffPage> pages;  // in the order of the chain
  std::vector<TiffFormat> formats;
  Index frames = 0;      // in all of them
  Index thumbnails = 0;  // reduced images and masks, left out
  Index unread = 0;      // directories whose pixels are none of ours, left out
  std::string refusal;   // of the first of those
};

/// A file of a movie, of which there may be several.
struct TiffFile {
  InputFile file;
  TiffHeader header;
};

/// Adds the frames of a directory: itself, or one for each of its samples.
void add_frames(const TiffPage& directory, const TiffFormat& format, std::vector<TiffPage>& frames);

/// Throws FileError where the chain or a directory is damaged (saying how many before it are
/// whole), and where there is no image at all.
TiffPages scan_tiff_pages(const InputFile& file, const TiffHeader& header);

}  // namespace kinema::io
