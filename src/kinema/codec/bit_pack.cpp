// Packing and unpacking in independent pieces of whole bytes, on all threads.
#include "kinema/codec/bit_pack.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace kinema::codec {
namespace {

constexpr Index piece = Index{1} << 16;  // values; a multiple of 8, so that pieces end on bytes

template <class T>
struct Range {
  T lowest, highest;
};

template <class T>
Range<T> range_of(std::span<const T> values) {
  Range<T> range{values.empty() ? T{} : values[0], values.empty() ? T{} : values[0]};
  for (const T value : values) {
    range.lowest = std::min(range.lowest, value);
    range.highest = std::max(range.highest, value);
  }
  return range;
}

/// Bits that HDF5's filter takes for a range: ceil(log2(highest - lowest + 1)).
template <class T>
int bits_of(Range<T> range) {
  const auto span = static_cast<std::uint64_t>(static_cast<std::int64_t>(range.highest) -
                                               static_cast<std::int64_t>(range.lowest));
  return std::bit_width(span);
}

/// Big-endian bit stream of `bits` low bits a value.
template <class T>
void write_bits(std::span<const T> values, T lowest, int bits, std::byte* out) {
  std::uint64_t held = 0;
  int count = 0;  // bits in `held`, at its low end
  for (const T value : values) {
    held = (held << bits) | static_cast<std::uint32_t>(value - lowest);
    count += bits;
    if (count >= 32) {
      count -= 32;
      const std::uint32_t word = __builtin_bswap32(static_cast<std::uint32_t>(held >> count));
      std::memcpy(out, &word, 4);
      out += 4;
    }
  }
  for (; count > 0; count -= 8) {
    *out++ = static_cast<std::byte>(count >= 8 ? held >> (count - 8) : held << (8 - count));
  }
}

template <class T>
void read_bits(
    const std::byte* in, Index in_bytes, std::uint64_t lowest, int bits, std::span<T> values) {
  const std::byte* end = in + in_bytes;
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  std::uint64_t held = 0;
  int count = 0;
  for (T& value : values) {
    if (count < bits) {
      if (end - in >= 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, in, 4);
        held = (held << 32) | __builtin_bswap32(word);
        count += 32;
        in += 4;
      } else {
        for (; count < bits; count += 8) {
          held = (held << 8) | (in < end ? static_cast<std::uint64_t>(*in) : 0U);
          in += in < end ? 1 : 0;
        }
      }
    }
    count -= bits;
    value = static_cast<T>(((held >> count) & mask) + lowest);
  }
}

}  // namespace

template <class T>
std::vector<std::byte> pack(std::span<const T> values) {
  const auto size = static_cast<Index>(values.size());
  const Index pieces = (size + piece - 1) / piece;
  const auto part = [&](Index i) {
    return values.subspan(static_cast<std::size_t>(i * piece),
                          static_cast<std::size_t>(std::min(piece, size - i * piece)));
  };
  std::vector<Range<T>> ranges(static_cast<std::size_t>(pieces));
  parallel_for(pieces, [&](Index i) { ranges[static_cast<std::size_t>(i)] = range_of(part(i)); });
  Range<T> range = ranges.empty() ? Range<T>{} : ranges[0];
  for (const Range<T>& other : ranges) {
    range.lowest = std::min(range.lowest, other.lowest);
    range.highest = std::max(range.highest, other.highest);
  }
  const int bits = bits_of(range);
  const bool whole = bits == 8 * static_cast<int>(sizeof(T));

  std::vector<std::byte> bytes(static_cast<std::size_t>(
      pack_header_bytes + (whole ? size * static_cast<Index>(sizeof(T)) : size * bits / 8 + 1)));
  const auto width = static_cast<std::uint32_t>(bits);
  const auto minimum = static_cast<std::int64_t>(range.lowest);
  std::memcpy(bytes.data(), &width, 4);
  bytes[4] = std::byte{8};
  std::memcpy(bytes.data() + 5, &minimum, 8);
  std::byte* body = bytes.data() + pack_header_bytes;
  if (whole) {
    std::memcpy(body, values.data(), values.size_bytes());
  } else if (bits > 0) {
    parallel_for(pieces, [&](Index i) {
      write_bits(part(i), range.lowest, bits, body + i * piece * bits / 8);
    });
  }
  return bytes;
}

template <class T>
void unpack(std::span<const std::byte> bytes, std::span<T> values) {
  const auto size = static_cast<Index>(values.size());
  const auto refuse = [] {
    throw InputError("a packed snapshot is damaged: its header does not fit its size");
  };
  if (static_cast<Index>(bytes.size()) < pack_header_bytes) refuse();
  const int bits = packed_bits(bytes);
  std::uint64_t minimum = 0;
  std::memcpy(&minimum, bytes.data() + 5, 8);
  const Index held = static_cast<Index>(bytes.size()) - pack_header_bytes;
  const std::byte* body = bytes.data() + pack_header_bytes;
  if (bits < 0 || bits > 8 * static_cast<int>(sizeof(T))) refuse();
  if (held < (size * bits + 7) / 8) refuse();
  if (bits == 8 * static_cast<int>(sizeof(T))) {
    std::memcpy(values.data(), body, values.size_bytes());
    return;
  }
  if (bits == 0) {
    std::fill(values.begin(), values.end(), static_cast<T>(minimum));
    return;
  }
  parallel_for((size + piece - 1) / piece, [&](Index i) {
    const Index first = i * piece;
    const Index start = first * bits / 8;
    read_bits(body + start,
              held - start,
              minimum,
              bits,
              values.subspan(static_cast<std::size_t>(first),
                             static_cast<std::size_t>(std::min(piece, size - first))));
  });
}

int packed_bits(std::span<const std::byte> bytes) {
  std::uint32_t bits = 0;
  if (bytes.size() >= 4) std::memcpy(&bits, bytes.data(), 4);
  return bits > 64 ? -1 : static_cast<int>(bits);
}

template std::vector<std::byte> pack(std::span<const std::uint16_t>);
template std::vector<std::byte> pack(std::span<const std::int32_t>);
template void unpack(std::span<const std::byte>, std::span<std::uint16_t>);
template void unpack(std::span<const std::byte>, std::span<std::int32_t>);

}  // namespace kinema::codec
