// Reading frames in place: straight, byte-swapped, or gathered from Fortran order.
#include "kinema/io/raw_source.h"

#include <algorithm>
#include <cstring>

namespace kinema::io {
namespace {

constexpr Index block_bytes = Index{8} << 20;  // read at once where frames are gathered

template <class Number>
void swap_each(std::span<std::byte> numbers, Number (*reverse)(Number)) {
  for (std::size_t at = 0; at + sizeof(Number) <= numbers.size(); at += sizeof(Number)) {
    Number number;
    std::memcpy(&number, numbers.data() + at, sizeof number);
    number = reverse(number);
    std::memcpy(numbers.data() + at, &number, sizeof number);
  }
}

}  // namespace

void swap_bytes(std::span<std::byte> numbers, Index bytes_each) {
  if (bytes_each == 2) {
    swap_each<std::uint16_t>(numbers, [](std::uint16_t n) { return __builtin_bswap16(n); });
  } else if (bytes_each == 4) {
    swap_each<std::uint32_t>(numbers, [](std::uint32_t n) { return __builtin_bswap32(n); });
  } else if (bytes_each == 8) {
    swap_each<std::uint64_t>(numbers, [](std::uint64_t n) { return __builtin_bswap64(n); });
  }
}

void require_whole_frames(const InputFile& file,
                          std::uint64_t offset,
                          const FrameFormat& stored,
                          Index frames) {
  const auto needed = static_cast<std::uint64_t>(checked_product(stored.bytes(), frames));
  const std::uint64_t available = file.size() > offset ? file.size() - offset : 0;
  if (needed <= available) return;
  const std::uint64_t whole = available / static_cast<std::uint64_t>(stored.bytes());
  throw FileError(file.path(),
                  file.size(),
                  "the file ends here, but its header declares " + std::to_string(frames) +
                      " frames of " + std::to_string(stored.height) + " x " +
                      std::to_string(stored.width) + " " + to_text(stored.type) +
                      ", of which it holds " + std::to_string(whole) +
                      " whole ones; copy the file again from where it was recorded");
}

RawSource::RawSource(
    InputFile file, RawLayout layout, FrameFormat format, Index frames, MovieInfo info)
    : file_(std::move(file)),
      layout_(layout),
      format_(format),
      frames_(frames),
      info_(std::move(info)) {}

void RawSource::read(Index first, Index count, std::span<std::byte> out) {
  require_frames(*this, first, count);
  if (layout_.fortran_order) {
    gather(first, count, out);
  } else {
    file_.read_at(layout_.offset + static_cast<std::uint64_t>(first * format_.bytes()), out);
  }
  if (layout_.swapped) swap_bytes(out, bytes_of_number(layout_.stored));
}

/// At position p = y + height * x of the file lie that pixel's values in all frames.
void RawSource::gather(Index first, Index count, std::span<std::byte> out) const {
  const Index each = bytes_of(layout_.stored);
  const Index stride = frames_ * each;
  const Index at_once = std::max<Index>(1, block_bytes / stride);
  std::vector<std::byte> block(static_cast<std::size_t>(at_once * stride));
  for (Index begin = 0; begin < format_.pixels(); begin += at_once) {
    const Index positions = std::min(at_once, format_.pixels() - begin);
    file_.read_at(layout_.offset + static_cast<std::uint64_t>(begin * stride),
                  std::span(block).first(static_cast<std::size_t>(positions * stride)));
    for (Index p = begin; p < begin + positions; ++p) {
      const Index pixel = (p % format_.height) * format_.width + p / format_.height;
      const std::byte* values = block.data() + (p - begin) * stride + first * each;
      for (Index t = 0; t < count; ++t) {
        std::memcpy(out.data() + (t * format_.pixels() + pixel) * each,
                    values + t * each,
                    static_cast<std::size_t>(each));
      }
    }
  }
}

}  // namespace kinema::io
