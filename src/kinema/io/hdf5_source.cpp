// Frames from HDF5 datasets.
#include "kinema/io/hdf5_source.h"

#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"
#include "kinema/io/hdf5_tree.h"

#include <algorithm>
#include <cstring>

namespace kinema::io {
namespace {

constexpr Index most_block_bytes = Index{128} << 20;

std::string text_of_shape(const std::vector<Index>& shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + ")";
}

/// Rows (pixels, n) as columns (n, pixels).
template <class Element>
void transpose(const std::byte* in, Index pixels, Index n, std::byte* out) {
  constexpr Index tile = 64;  // pixels whose values stay in the cache
  for (Index begin = 0; begin < pixels; begin += tile) {
    const Index end = std::min(begin + tile, pixels);
    for (Index t = 0; t < n; ++t) {
      for (Index pixel = begin; pixel < end; ++pixel) {
        std::memcpy(out + (t * pixels + pixel) * static_cast<Index>(sizeof(Element)),
                    in + (pixel * n + t) * static_cast<Index>(sizeof(Element)),
                    sizeof(Element));
      }
    }
  }
}

template <std::size_t N>
struct Bytes {
  std::byte bytes[N];
};

void transpose(const std::byte* in, Index each, Index pixels, Index n, std::byte* out) {
  if (each == 1) return transpose<Bytes<1>>(in, pixels, n, out);
  if (each == 2) return transpose<Bytes<2>>(in, pixels, n, out);
  if (each == 3) return transpose<Bytes<3>>(in, pixels, n, out);
  if (each == 4) return transpose<Bytes<4>>(in, pixels, n, out);
  if (each == 8) return transpose<Bytes<8>>(in, pixels, n, out);
  transpose<Bytes<16>>(in, pixels, n, out);
}

}  // namespace

FrameDataset::FrameDataset(Hid dataset, FrameAxes axes, std::string name)
    : axes_(axes), name_(std::move(name)) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(name_ + " " + what + "; choose another with --dataset");
  };
  if (!is_dataset(dataset)) refuse("is a group, not a dataset");
  const auto extents = extents_of(dataset);
  if (!extents) refuse("declares extents beyond reason");
  extents_ = *extents;
  const std::size_t framing = axes == FrameAxes::last ? 2 : 3, rank = extents_.size();
  const auto is_none = [](Index extent) { return extent < 1; };
  if (rank < framing || std::any_of(extents_.begin(), extents_.end(), is_none)) {
    refuse("has the shape " + text_of_shape(extents_) + ", which is no movie");
  }
  pixels_ = hdf5_pixels(dataset);
  if (!pixels_.reason.empty()) refuse(pixels_.reason);
  if (const auto problem = storage_problem(dataset)) refuse(*problem);
  dataset_ = std::move(dataset);
  leading_ = axes == FrameAxes::frames_last ? 0 : rank - framing;
  const std::size_t y = leading_;
  format_ = {pixels_.type, extents_[y], extents_[y + 1]};
  if (axes == FrameAxes::colour_last) {
    if (pixels_.type != PixelType::u8 || (extents_[y + 2] != 3 && extents_[y + 2] != 4)) {
      refuse("is said to be coloured, but is not of 3 or 4 bytes a pixel");
    }
    format_.type = extents_[y + 2] == 3 ? PixelType::rgb : PixelType::rgba;
  }
  for (std::size_t axis = 0; axis < leading_; ++axis) frames_ *= extents_[axis];
  if (axes == FrameAxes::frames_last) frames_ = extents_[2];
  choose_block(format_.bytes());
}

/// Blocks follow the outermost axis along which chunks have several steps, as far as memory goes.
void FrameDataset::choose_block(Index frame_bytes) {
  const Index most = std::max<Index>(1, most_block_bytes / frame_bytes);
  if (axes_ == FrameAxes::frames_last) {
    const std::vector<Index> chunk = chunk_of(dataset_);
    block_steps_ = chunk.empty() ? std::min(frames_, most) : std::min(chunk[2], most);
    return;
  }
  if (leading_ == 0) return;
  block_axis_ = leading_ - 1;
  if (!is_chunked(dataset_)) return;
  const std::vector<Index> chunk = chunk_of(dataset_);
  Index inner = frames_;  // frames of one step along the axis
  for (std::size_t axis = 0; axis < leading_; ++axis) {
    inner /= extents_[axis];
    const Index steps = std::min(chunk[axis], extents_[axis]);
    if (steps == 1 || inner > most || (axis + 1 < leading_ && steps > most / inner)) continue;
    block_axis_ = axis;
    block_steps_ = std::min(steps, most / inner);
    return;
  }
}

FrameDataset::Block FrameDataset::block_of(Index frame) const {
  Index inner = 1, extent = frames_;
  if (axes_ != FrameAxes::frames_last && leading_ > 0) {
    for (std::size_t axis = block_axis_ + 1; axis < leading_; ++axis) inner *= extents_[axis];
    extent = extents_[block_axis_];
  }
  const Index step = frame / inner % extent;
  const Index first = step - step % block_steps_;
  const Index before = frame - frame % inner - (step - first) * inner;
  return {before, std::min(block_steps_, extent - first) * inner};
}

void FrameDataset::read(Index first, Index count, std::byte* out) const {
  if (axes_ == FrameAxes::frames_last) {
    read_frames_last(first, count, out);
  } else {
    read_flattened(first, count, out);
  }
}

void FrameDataset::read_run(const std::vector<Index>& start,
                            const std::vector<Index>& count,
                            void* out) const {
  const std::vector<hsize_t> from(start.begin(), start.end()), size(count.begin(), count.end());
  const Hid file_space = readable(H5Dget_space(dataset_), dataset_, name_);
  readable(
      H5Sselect_hyperslab(file_space, H5S_SELECT_SET, from.data(), nullptr, size.data(), nullptr),
      dataset_,
      name_);
  const Hid memory(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
  if (H5Dread(dataset_, pixels_.memory, memory, file_space, H5P_DEFAULT, out) < 0) {
    throw InputError(name_ + ": frames cannot be read: " + hdf5_reason() +
                     "; the file is damaged, copy it again from where it was recorded");
  }
}

/// Frames over several leading axes, in as few pieces as there are boxes of them.
void FrameDataset::read_flattened(Index first, Index count, std::byte* out) const {
  std::vector<Index> start(extents_.size(), 0), size = extents_;
  while (count > 0) {
    Index rest = first, run = 1;
    for (std::size_t axis = leading_; axis-- > 0;) {
      start[axis] = rest % extents_[axis];
      rest /= extents_[axis];
    }
    std::size_t axis = leading_;
    bool whole = true;  // the axes inside of this one are taken whole
    while (axis-- > 0) {
      size[axis] = whole ? std::min(extents_[axis] - start[axis], count / run) : 1;
      run *= size[axis];
      whole = whole && start[axis] == 0 && size[axis] == extents_[axis];
    }
    read_run(start, size, out);
    first += run;
    count -= run;
    out += run * format_.bytes();
  }
}

void FrameDataset::read_frames_last(Index first, Index count, std::byte* out) const {
  const std::vector<Index> start = {0, 0, first}, size = {extents_[0], extents_[1], count};
  if (count == 1) return read_run(start, size, out);
  std::vector<std::byte> pixels(static_cast<std::size_t>(format_.bytes() * count));
  read_run(start, size, pixels.data());
  transpose(pixels.data(), bytes_of(format_.type), format_.pixels(), count, out);
}

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
