// A movie whose frames lie in datasets of HDF5 files: read by blocks of frames such that a packed
// chunk is unpacked once.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_pixels.h"

#include <filesystem>
#include <memory>
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
  Block block_of(Index frame) const;
  /// Frames [first, first + count) in native byte order.
  void read(Index first, Index count, std::byte* out) const;

 private:
  void read_run(const std::vector<Index>& start, const std::vector<Index>& count, void* out) const;
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
  std::size_t block_axis_ = 0;  // leading axis along which blocks are cut
  Index block_steps_ = 1;       // steps along it
};

/// One after another, datasets of equal frames; each is opened when its turn comes.
struct FramePart {
  std::filesystem::path file;  // that the dataset lies in
  std::string path;            // within it
  Index frames = 0;
};

class Hdf5Source : public MovieSource {
 public:
  /// `file` stays open, for the metadata.
  Hdf5Source(Hid file, std::vector<FramePart> parts, FrameAxes axes, MovieInfo info);

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }
  void read(Index first, Index count, std::span<std::byte> out) override;
  nlohmann::ordered_json metadata() const override;

 private:
  void read_part(Index first, Index count, std::byte* out);
  void open_part(std::size_t part);

  Hid file_;
  std::vector<FramePart> parts_;
  FrameAxes axes_;
  MovieInfo info_;
  FrameFormat format_;
  Index frames_ = 0;
  std::size_t open_ = 0;                   // index of the part that is open
  std::unique_ptr<FrameDataset> dataset_;  // of that part
  FrameDataset::Block kept_{0, 0};         // frames of that part in block_
  std::vector<std::byte> block_;
};

}  // namespace kinema::io
