// deflate, shuffle, LZ4, Zstandard and bitshuffle, as their authors describe them: HDF5's filter
// list, the registered filters 32004, 32015 and 32008 (github.com/kiyo-masui/bitshuffle).
#include "kinema/io/hdf5_unpack.h"

#include "kinema/io/hdf5_error.h"

#include <algorithm>
#include <array>
#include <lz4.h>
#include <zlib.h>
#include <zstd.h>

namespace kinema::io {
namespace {

constexpr int deflate_filter = 1, shuffle_filter = 2, lz4_filter = 32004, bitshuffle_filter = 32008,
              zstd_filter = 32015;
constexpr unsigned plain_planes = 0, lz4_planes = 2, zstd_planes = 3;  // what bitshuffle packs by
constexpr std::size_t most_filters = 4;

using Bytes = std::vector<std::byte>;

/// Ends the unpacking of a chunk; does not leave this file.
struct Damaged {};

[[noreturn]] void damaged() {
  throw Damaged();
}

/// Big-endian numbers and runs of bytes from a packed chunk.
class PackedReader {
 public:
  explicit PackedReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size()) damaged();
    const auto taken = bytes_.first(static_cast<std::size_t>(count));
    bytes_ = bytes_.subspan(static_cast<std::size_t>(count));
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const std::byte byte : take(size)) value = value << 8 | std::to_integer<unsigned>(byte);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

void unpack_lz4_block(std::span<const std::byte> packed, std::span<std::byte> out) {
  const int made = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()),
                                       reinterpret_cast<char*>(out.data()),
                                       static_cast<int>(packed.size()),
                                       static_cast<int>(out.size()));
  if (made != static_cast<int>(out.size())) damaged();
}

void unpack_zstd(std::span<const std::byte> packed, std::span<std::byte> out) {
  if (ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size()) != out.size()) {
    damaged();
  }
}

/// Size, block size, then blocks behind their packed sizes; one that would not shrink is as it was.
void unpack_lz4(std::span<const std::byte> in, std::span<std::byte> out) {
  PackedReader reader(in);
  if (reader.number(8) != out.size()) damaged();
  const std::uint64_t block = reader.number(4);
  if (block == 0 || block > LZ4_MAX_INPUT_SIZE) damaged();
  while (!out.empty()) {
    const auto here =
        out.first(static_cast<std::size_t>(std::min<std::uint64_t>(block, out.size())));
    const auto packed = reader.take(reader.number(4));
    if (packed.size() == here.size()) {
      std::copy(packed.begin(), packed.end(), here.begin());
    } else {
      unpack_lz4_block(packed, here);
    }
    out = out.subspan(here.size());
  }
}

void undo_deflate(std::span<const std::byte> in, std::span<std::byte> out) {
  uLongf made = out.size();
  const int state = uncompress(reinterpret_cast<Bytef*>(out.data()),
                               &made,
                               reinterpret_cast<const Bytef*>(in.data()),
                               in.size());
  if (state != Z_OK || made != out.size()) damaged();
}

/// The first bytes of all elements, then the second ones, ...; a rest stays as it is.
void undo_shuffle(std::span<const std::byte> in, std::size_t each, std::span<std::byte> out) {
  if (in.size() != out.size() || each == 0) damaged();
  const std::size_t count = in.size() / each;
  for (std::size_t k = 0; k < each; ++k) {
    for (std::size_t i = 0; i < count; ++i) out[i * each + k] = in[k * count + i];
  }
  std::copy(in.begin() + static_cast<std::ptrdiff_t>(count * each),
            in.end(),
            out.begin() + static_cast<std::ptrdiff_t>(count * each));
}

/// Bit j of byte i becomes bit i of byte j.
std::uint64_t transpose_bits(std::uint64_t x) {
  std::uint64_t t = (x ^ x >> 7) & 0x00AA00AA00AA00AAULL;
  x ^= t ^ t << 7;
  t = (x ^ x >> 14) & 0x0000CCCC0000CCCCULL;
  x ^= t ^ t << 14;
  t = (x ^ x >> 28) & 0x00000000F0F0F0F0ULL;
  return x ^ t ^ t << 28;
}

/// One plane per bit of an element, its bits those of all elements; their number divides by 8.
void undo_bit_planes(const std::byte* in, std::size_t each, std::size_t count, std::byte* out) {
  const std::size_t plane = count / 8;
  for (std::size_t k = 0; k < each; ++k) {
    for (std::size_t i = 0; i < plane; ++i) {
      std::uint64_t bits = 0;
      for (std::size_t j = 0; j < 8; ++j) {
        bits |= std::to_integer<std::uint64_t>(in[(k * 8 + j) * plane + i]) << 8 * j;
      }
      bits = transpose_bits(bits);
      for (std::size_t m = 0; m < 8; ++m) {
        out[(8 * i + m) * each + k] = static_cast<std::byte>(bits >> 8 * m);
      }
    }
  }
}

/// Elements that a block holds where the file leaves the choice: about 8 KiB, by 8, at least 128.
std::size_t usual_block(std::size_t each) {
  return std::max<std::size_t>(8192 / each / 8 * 8, 128);
}

/// By what bitshuffle packs its blocks.
unsigned packing_of(const ChunkFilter& filter) {
  return filter.values.size() > 4 ? filter.values[4] : plain_planes;
}

void undo_bitshuffle(std::span<const std::byte> in,
                     const ChunkFilter& filter,
                     std::span<std::byte> out) {
  const std::size_t each = filter.values[2];
  // The plugin before version 0.4 does not know Zstandard and writes plain planes under its number.
  const bool is_plain = packing_of(filter) == zstd_planes && in.size() == out.size() &&
                        (in.size() < 8 || PackedReader(in).number(8) != out.size());
  const unsigned packing = is_plain ? plain_planes : packing_of(filter);
  PackedReader reader(in);
  std::size_t block = filter.values.size() > 3 ? filter.values[3] : 0;
  if (packing != plain_planes) {
    if (reader.number(8) != out.size()) damaged();
    block = static_cast<std::size_t>(reader.number(4)) / each;
  }
  if (block == 0) block = usual_block(each);
  if (block % 8 != 0 || block * each > (std::size_t{1} << 26)) damaged();
  Bytes planes(std::min(block * each, out.size()));
  for (std::size_t left = out.size() / each; left >= 8;) {
    const std::size_t count = std::min(block, left / 8 * 8), bytes = count * each;
    const auto here = std::span(planes).first(bytes);
    if (packing == lz4_planes) {
      unpack_lz4_block(reader.take(reader.number(4)), here);
    } else if (packing == zstd_planes) {
      unpack_zstd(reader.take(reader.number(4)), here);
    } else {
      const auto plain = reader.take(bytes);
      std::copy(plain.begin(), plain.end(), here.begin());
    }
    undo_bit_planes(planes.data(), each, count, out.data());
    out = out.subspan(bytes);
    left -= count;
  }
  const auto rest = reader.take(out.size());
  std::copy(rest.begin(), rest.end(), out.begin());
}

/// Moves bytes and bits about; all others change the size, and leave nothing for a filter after
/// them that is ours.
bool only_shuffles(const ChunkFilter& filter) {
  return filter.id == shuffle_filter ||
         (filter.id == bitshuffle_filter && packing_of(filter) == plain_planes);
}

bool is_undoable(const ChunkFilter& filter) {
  if (filter.id != bitshuffle_filter) {
    return filter.id == deflate_filter || filter.id == shuffle_filter || filter.id == lz4_filter ||
           filter.id == zstd_filter;
  }
  const std::vector<unsigned>& values = filter.values;
  const unsigned packing = packing_of(filter);
  return values.size() > 2 && values[2] > 0 && values[2] <= 16 &&
         (packing == plain_planes || packing == lz4_planes || packing == zstd_planes);
}

void undo(const ChunkFilter& filter,
          std::span<const std::byte> in,
          std::size_t each,
          std::span<std::byte> out) {
  if (filter.id == deflate_filter) return undo_deflate(in, out);
  if (filter.id == shuffle_filter) return undo_shuffle(in, each, out);
  if (filter.id == lz4_filter) return unpack_lz4(in, out);
  if (filter.id == zstd_filter) return unpack_zstd(in, out);
  undo_bitshuffle(in, filter, out);
}

}  // namespace

std::optional<std::vector<ChunkFilter>> undoable_filters(hid_t dataset) {
  const Hid creation = readable(H5Dget_create_plist(dataset), dataset, "a dataset's layout");
  const int count = H5Pget_nfilters(creation);
  unsigned options = 0;
  H5Pget_chunk_opts(creation, &options);
  if (count < 1 || count > static_cast<int>(most_filters) ||
      (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS) != 0) {
    return std::nullopt;
  }
  std::vector<ChunkFilter> filters;
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    std::array<unsigned, 16> values{};
    std::size_t given = values.size();
    const H5Z_filter_t id = H5Pget_filter2(
        creation, static_cast<unsigned>(i), &flags, &given, values.data(), 0, nullptr, &config);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(std::min(given, values.size()));
    filters.push_back({id, {values.begin(), end}});
    const bool is_last = i + 1 == count;
    if (!is_undoable(filters.back()) || !(is_last || only_shuffles(filters.back()))) {
      return std::nullopt;
    }
  }
  return filters;
}

bool packs_densely(const std::optional<std::vector<ChunkFilter>>& filters) {
  return !filters || std::any_of(filters->begin(), filters->end(), [](const ChunkFilter& filter) {
    return filter.id == zstd_filter ||
           (filter.id == bitshuffle_filter && packing_of(filter) == zstd_planes);
  });
}

bool unpack_chunk(const Chunk& chunk,
                  const std::vector<ChunkFilter>& filters,
                  std::size_t element_bytes,
                  std::span<std::byte> out) {
  std::span<const std::byte> in = chunk.bytes;
  Bytes before, after;  // of the step that is being undone
  try {
    for (std::size_t i = filters.size(); i-- > 0;) {
      if ((chunk.skipped_filters >> i & 1) != 0) continue;
      after.resize(out.size());
      undo(filters[i], in, element_bytes, after);
      std::swap(before, after);
      in = before;
    }
  } catch (const Damaged&) {
    return false;
  }
  if (in.size() != out.size()) return false;
  std::copy(in.begin(), in.end(), out.begin());
  return true;
}

}  // namespace kinema::io
