// Runs of empty pixels and electrons, from bits.
#include "kinema/io/eer_events.h"

#include <cstring>

namespace kinema::io {
namespace {

constexpr std::uint64_t most_spare_bits = 64;

/// The place within a pixel in steps of the picture, from a signed number of `bits` bits.
std::uint32_t place_within(std::uint64_t word, int bits, int kept_bits) {
  if (bits == 0) return 0;
  const std::uint64_t number = word & ((std::uint64_t{1} << bits) - 1);
  return static_cast<std::uint32_t>((number ^ (std::uint64_t{1} << (bits - 1))) >>
                                    (bits - kept_bits));
}

}  // namespace

EerEnd decode_eer(std::span<const std::byte> padded_stream,
                  const EerCode& code,
                  const EerPicture& picture,
                  bool padded_runs,
                  std::vector<std::uint32_t>& places) {
  places.clear();
  const std::uint64_t bits = (padded_stream.size() - eer_padding) * 8;
  const auto pixels = static_cast<std::uint64_t>(picture.height * picture.width);
  const auto width = static_cast<std::uint32_t>(picture.width);
  const std::uint64_t full_run = (std::uint64_t{1} << code.skip) - 1;
  const auto skip = static_cast<std::uint64_t>(code.skip);
  const auto electron = static_cast<std::uint64_t>(code.electron());
  const int up = picture.upsampling_bits;
  std::uint64_t bit = 0, pixel = 0;
  while (pixel < pixels) {
    const EerEnd cut = pixels - pixel <= full_run ? EerEnd::loose : EerEnd::wrong;
    if (bit + skip > bits) return cut;
    std::uint64_t word = 0;
    std::memcpy(&word, padded_stream.data() + bit / 8, sizeof word);
    word >>= bit % 8;
    const std::uint64_t run = word & full_run;
    if (run > pixels - pixel) return EerEnd::wrong;
    if (run < full_run && pixel + run < pixels && bit + electron > bits) return cut;
    pixel += run;
    bit += run == full_run && !padded_runs ? skip : electron;
    if (run == full_run || pixel == pixels) continue;
    word >>= code.skip;
    const std::uint32_t x = place_within(word, code.horizontal, up);
    const std::uint32_t y = place_within(word >> code.horizontal, code.vertical, up);
    const auto row = static_cast<std::uint32_t>(pixel / width);
    const auto column = static_cast<std::uint32_t>(pixel % width);
    places.push_back(((row << up) + y) * (width << up) + (column << up) + x);
    ++pixel;
  }
  return bit + most_spare_bits >= bits ? EerEnd::exact : EerEnd::loose;
}

}  // namespace kinema::io
