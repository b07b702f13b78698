// A movie whose frames lie in one or several datasets of HDF5 files.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_frames.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace kinema::io {

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
  std::optional<std::uint64_t> plain_offset() const override;
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
