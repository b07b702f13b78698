// Where the camera frames of an EER file lie: its TIFF or BigTIFF directories.
#pragma once

#include "kinema/io/eer_events.h"
#include "kinema/io/file.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kinema::io {

struct EerStrip {
  std::uint64_t offset = 0, bytes = 0;
};

struct EerDirectories {
  Index height = 0, width = 0;
  int compression = 0;  // 65000, 65001, 65002
  EerCode code;
  int orientation = 1;                  // TIFF's, of the first frame
  std::string metadata;                 // XML of the acquisition; empty where there is none
  std::vector<EerStrip> strips;         // of all frames, one after another
  std::vector<std::size_t> strip_ends;  // of each frame: the first strip behind it
  Index other_images = 0;               // directories of anything else, such as a sum

  Index frames() const { return static_cast<Index>(strip_ends.size()); }
};

/// Whether one of the file's first two directories holds electrons; false for whatever is no TIFF.
bool has_eer_directory(const InputFile& file);

/// Reads them all. Throws FileError where a directory, a strip or the sizes of codes are wrong.
EerDirectories read_eer_directories(const InputFile& file);

}  // namespace kinema::io
