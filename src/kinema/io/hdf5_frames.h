// Frames from one dataset of an HDF5 file: by blocks such that a packed chunk is unpacked once, and
// on all threads where kinema knows the filters.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_pixels.h"
#include "kinema/io/hdf5_unpack.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// Which axes of a dataset are a frame.
enum class FrameAxes {
  last,         // (..., Y, X): the axes before them flatten into frames
  frames_last,  // (Y, X, T), as Velox stores
  colour_last   // (..., Y, X, 3 or 4) bytes
};

/// A dataset as frames: its extents as a movie, and reading of any run of frames.
class FrameDataset {
 public:
  /// Throws InputError where the dataset holds no frames, or cannot be read (storage_problem).
  /// `name` is what errors call it.
  FrameDataset(Hid dataset, FrameAxes axes, std::string name);

  FrameFormat format() const { return format_; }
  Index frames() const { return frames_; }
  /// Frames that are read at once: those of one row of chunks, within bounds of memory.
  struct Block {
    Index first, count;
  };
  /// The file that holds it, to which links may have led.
  std::filesystem::path file() const;
  /// Byte of that file at which the elements begin, where they lie there all and as they are.
  std::optional<std::uint64_t> plain_offset() const;
  Block block_of(Index frame) const;
  /// Frames [first, first + count) in native byte order.
  void read(Index first, Index count, std::byte* out) const;

 private:
  void read_run(const std::vector<Index>& start,
                const std::vector<Index>& count,
                std::byte* out) const;
  void unpack_run(const std::vector<Index>& start,
                  const std::vector<Index>& count,
                  std::byte* out) const;
  void read_flattened(Index first, Index count, std::byte* out) const;
  void read_frames_last(Index first, Index count, std::byte* out) const;
  void choose_block(Index stored_frame_bytes);

  Hid dataset_;
  FrameAxes axes_;
  std::string name_;
  Hdf5Pixels pixels_;
  std::vector<Index> extents_;  // as stored
  std::size_t leading_ = 0;     // axes that flatten into frames
  FrameFormat format_;
  Index frames_ = 1;
  std::size_t block_axis_ = 0;                       // leading axis along which blocks are cut
  Index block_steps_ = 1;                            // steps along it
  std::vector<Index> chunk_;                         // empty: not chunked
  std::optional<std::vector<ChunkFilter>> filters_;  // undone here, not by HDF5
  std::vector<std::byte> fill_;                      // a pixel that was never written
};

}  // namespace kinema::io
