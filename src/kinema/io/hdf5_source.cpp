// Frames from one dataset after another.
#include "kinema/io/hdf5_source.h"

#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_tree.h"

#include <algorithm>
#include <cstring>

namespace kinema::io {

Hdf5Source::Hdf5Source(Hid file, std::vector<FramePart> parts, FrameAxes axes, MovieInfo info)
    : file_(std::move(file)), parts_(std::move(parts)), axes_(axes), info_(std::move(info)) {
  open_part(0);
  format_ = dataset_->format();
  for (const FramePart& part : parts_) frames_ += part.frames;
}

void Hdf5Source::open_part(std::size_t part) {
  if (dataset_ && open_ == part) return;
  const Hid file = open_hdf5(parts_[part].file, Hdf5Access::read);
  auto dataset =
      std::make_unique<FrameDataset>(require_object(file, parts_[part].path),
                                     axes_,
                                     parts_[part].file.string() + ": '" + parts_[part].path + "'");
  if (dataset_ && dataset->format() != format_) {
    throw InputError(parts_[part].file.string() + ": its frames are not those of the first file");
  }
  if (dataset->frames() != parts_[part].frames) {
    throw InputError(parts_[part].file.string() + ": has changed while it was read");
  }
  dataset_ = std::move(dataset);
  open_ = part;
  kept_ = {0, 0};
}

std::optional<std::uint64_t> Hdf5Source::plain_offset() const {
  if (parts_.size() != 1 || dataset_->file() != hdf5_path(file_)) return std::nullopt;
  if (axes_ == FrameAxes::frames_last && frames_ != 1) return std::nullopt;
  return dataset_->plain_offset();
}

void Hdf5Source::read(Index first, Index count, std::span<std::byte> out) {
  require_frames(*this, first, count);
  std::byte* to = out.data();
  for (std::size_t part = 0; part < parts_.size() && count > 0; ++part) {
    if (first >= parts_[part].frames) {
      first -= parts_[part].frames;
      continue;
    }
    const Index here = std::min(count, parts_[part].frames - first);
    open_part(part);
    read_part(first, here, to);
    to += here * format_.bytes();
    count -= here;
    first = 0;
  }
}

void Hdf5Source::read_part(Index first, Index count, std::byte* out) {
  const Index bytes = format_.bytes();
  while (count > 0) {
    const FrameDataset::Block block = dataset_->block_of(first);
    Index taken = 0;
    while (taken < count) {  // blocks that are wanted whole go straight to their place
      const FrameDataset::Block next = dataset_->block_of(first + taken);
      if (next.first != first + taken || next.count > count - taken) break;
      taken += next.count;
      if (axes_ == FrameAxes::frames_last) break;  // one block at a time is turned
    }
    if (taken > 0) {
      dataset_->read(first, taken, out);
    } else {
      if (kept_.first != block.first || kept_.count != block.count) {
        kept_ = {0, 0};
        block_.resize(static_cast<std::size_t>(block.count * bytes));
        dataset_->read(block.first, block.count, block_.data());
        kept_ = block;
      }
      taken = std::min(count, block.first + block.count - first);
      std::memcpy(out,
                  block_.data() + (first - block.first) * bytes,
                  static_cast<std::size_t>(taken * bytes));
    }
    first += taken;
    count -= taken;
    out += taken * bytes;
  }
}

nlohmann::ordered_json Hdf5Source::metadata() const {
  return hdf5_tree(file_);
}

}  // namespace kinema::io
