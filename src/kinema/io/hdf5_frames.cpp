// Boxes of a dataset, whole or chunk by chunk.
#include "kinema/io/hdf5_frames.h"

#include "kinema/base/parallel.h"
#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"

#include <algorithm>
#include <cstring>

namespace kinema::io {
namespace {

constexpr Index most_block_bytes = Index{128} << 20;
constexpr Index most_unpacked_bytes = Index{32} << 20;  // of one chunk that is unpacked here
constexpr Index most_packed_bytes = Index{64} << 20;    // of chunks that are unpacked together

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

using Place = std::vector<Index>;  // one index per axis

Index bytes_in(const Place& extents, Index each) {
  for (const Index extent : extents) each = checked_product(each, extent);
  return each;
}

/// Goes on to the next place of a box, in steps, last axis fastest; false after the last.
bool advance(Place& at, const Place& first, const Place& end, const Place& step) {
  for (std::size_t axis = at.size(); axis-- > 0;) {
    at[axis] += step[axis];
    if (at[axis] < end[axis]) return true;
    at[axis] = first[axis];
  }
  return false;
}

/// A box of an array: where it begins, its extents.
struct Box {
  Place start, count;
};

Index offset_in(const Box& box, const Place& at) {
  Index offset = 0;
  for (std::size_t axis = 0; axis < at.size(); ++axis) {
    offset = offset * box.count[axis] + (at[axis] - box.start[axis]);
  }
  return offset;
}

/// Copies what two boxes have in common, row by row.
void copy_common(const Box& from, const std::byte* in, const Box& to, std::byte* out, Index each) {
  const std::size_t rank = from.start.size();
  Place first(rank), end(rank), step(rank, 1);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    first[axis] = std::max(from.start[axis], to.start[axis]);
    end[axis] = std::min(from.start[axis] + from.count[axis], to.start[axis] + to.count[axis]);
  }
  const Index row = end[rank - 1] - first[rank - 1];
  step[rank - 1] = row;
  Place at = first;
  do {
    std::memcpy(out + offset_in(to, at) * each,
                in + offset_in(from, at) * each,
                static_cast<std::size_t>(row * each));
  } while (advance(at, first, end, step));
}

/// What elements that were never written read as.
std::vector<std::byte> fill_value(hid_t dataset, const Hdf5Pixels& pixels) {
  std::vector<std::byte> value(static_cast<std::size_t>(bytes_of(pixels.type)));
  const Hid creation = readable(H5Dget_create_plist(dataset), dataset, "a dataset's layout");
  H5D_fill_value_t state = H5D_FILL_VALUE_UNDEFINED;
  if (H5Pfill_value_defined(creation, &state) >= 0 && state == H5D_FILL_VALUE_USER_DEFINED) {
    readable(H5Pget_fill_value(creation, pixels.memory, value.data()), dataset, "the fill value");
  }
  return value;
}

void fill(std::span<std::byte> pixels, std::span<const std::byte> value) {
  for (std::size_t at = 0; at < pixels.size(); at += value.size()) {
    std::copy(value.begin(), value.end(), pixels.begin() + static_cast<std::ptrdiff_t>(at));
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
  chunk_ = chunk_of(dataset_);
  if (!chunk_.empty() && bytes_in(chunk_, bytes_of(pixels_.type)) <= most_unpacked_bytes &&
      H5Tequal(Hid(H5Dget_type(dataset_)), pixels_.memory) > 0) {
    filters_ = undoable_filters(dataset_);
    fill_ = fill_value(dataset_, pixels_);
  }
  for (std::size_t axis = 0; axis < leading_; ++axis) frames_ *= extents_[axis];
  if (axes == FrameAxes::frames_last) frames_ = extents_[2];
  choose_block(format_.bytes());
}

/// Blocks follow the outermost axis along which chunks have several steps, as far as memory goes.
void FrameDataset::choose_block(Index frame_bytes) {
  const Index most = std::max<Index>(1, most_block_bytes / frame_bytes);
  if (axes_ == FrameAxes::frames_last) {
    block_steps_ = std::min(chunk_.empty() ? frames_ : chunk_[2], most);
    return;
  }
  if (leading_ == 0) return;
  block_axis_ = leading_ - 1;
  if (chunk_.empty()) return;
  Index inner = frames_;  // frames of one step along the axis
  for (std::size_t axis = 0; axis < leading_; ++axis) {
    inner /= extents_[axis];
    const Index steps = std::min(chunk_[axis], extents_[axis]);
    if (steps == 1 || inner > most || (axis + 1 < leading_ && steps > most / inner)) continue;
    block_axis_ = axis;
    block_steps_ = std::min(steps, most / inner);
    return;
  }
}

std::filesystem::path FrameDataset::file() const {
  return hdf5_path(dataset_);
}

std::optional<std::uint64_t> FrameDataset::plain_offset() const {
  if (!is_grey(format_.type)) return std::nullopt;
  return plain_place(dataset_, hdf5_type(format_.type));
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

/// Reads the chunks that a box touches some at a time, and unpacks those on all threads. One that
/// was never written is full of the fill value.
void FrameDataset::unpack_run(const std::vector<Index>& start,
                              const std::vector<Index>& count,
                              std::byte* out) const {
  const Index each = bytes_of(pixels_.type), whole = bytes_in(chunk_, each);
  const Box wanted{start, count};
  Place first(start.size()), end(start.size());
  for (std::size_t axis = 0; axis < start.size(); ++axis) {
    first[axis] = start[axis] - start[axis] % chunk_[axis];
    end[axis] = start[axis] + count[axis];
  }
  std::vector<std::pair<Place, Chunk>> packed;
  Place at = first;
  for (bool more = true; more;) {
    packed.clear();
    for (Index bytes = 0; more && bytes < most_packed_bytes;) {
      const bool written = chunk_bytes(dataset_, at) > 0;
      packed.emplace_back(at, written ? read_chunk(dataset_, at) : Chunk());
      bytes += std::ssize(packed.back().second.bytes);
      more = advance(at, first, end, chunk_);
    }
    parallel_for(std::ssize(packed), [&](Index i) {
      const auto& [place, chunk] = packed[static_cast<std::size_t>(i)];
      std::vector<std::byte> pixels(static_cast<std::size_t>(whole));
      if (chunk.bytes.empty()) {
        fill(pixels, fill_);
      } else if (!unpack_chunk(chunk, *filters_, static_cast<std::size_t>(each), pixels)) {
        throw InputError(name_ + ": a packed chunk is damaged; copy the file again from where it " +
                         "was recorded");
      }
      copy_common({place, chunk_}, pixels.data(), wanted, out, each);
    });
  }
}

void FrameDataset::read_run(const std::vector<Index>& start,
                            const std::vector<Index>& count,
                            std::byte* out) const {
  if (filters_) return unpack_run(start, count, out);
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

}  // namespace kinema::io
