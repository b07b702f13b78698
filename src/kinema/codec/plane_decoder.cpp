// Decoding a plane, pixel by pixel: what lies above is weighed for a whole row at a time, the three
// neighbours in the row itself as they come.
#include "kinema/base/error.h"
#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_kernel.h"
#include "kinema/codec/plane_model.h"

#include <limits>

namespace kinema::codec {
namespace plane {
namespace {

[[noreturn]] void damaged(const char* what) {
  throw InputError(std::string("a coded plane is damaged: ") + what);
}

/// Bits as they are, lowest first; zeros beyond the end, which `ended_well` tells.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::uint64_t take(int bits) {
    if (bits > 32) {
      const std::uint64_t low = take(32);
      return low | take(bits - 32) << 32;
    }
    while (count_ < bits) {
      const std::uint64_t next =
          at_ < bytes_.size() ? std::to_integer<std::uint64_t>(bytes_[at_]) : 0;
      ++at_;
      held_ |= next << count_;
      count_ += 8;
    }
    const std::uint64_t value = held_ & ((std::uint64_t{1} << bits) - 1);
    held_ >>= bits;
    count_ -= bits;
    return value;
  }
  bool ended_well() const { return at_ == bytes_.size() && held_ == 0; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::uint64_t held_ = 0;
  int count_ = 0;
};

class Unpacker {
 public:
  Unpacker(std::span<const std::byte> bytes,
           ArrayView<std::int32_t, 2> values,
           const std::uint16_t* open,
           Simd simd)
      : bytes_(bytes),
        values_(values),
        height_(values.shape()[0]),
        width_(values.shape()[1]),
        exposure_(open, values.size()),
        kernels_(plane_kernels(simd)),
        header_(read_header(bytes_, height_, width_)),
        normal_(height_, width_),
        magnitudes_(height_, width_),
        sums_(static_cast<std::size_t>(width_)) {}

  void unpack() {
    for (Index first = 0; first < height_; first += band_rows) {
      const std::size_t words = take_size(), plain = take_size();
      RansDecoder symbols(take(words));
      BitReader bits(take(plain));
      position_ = 0;
      for (Index y = first; y < std::min(height_, first + band_rows); ++y) {
        weigh_above(y);
        if (exposure_.uniform()) {
          decode_row<true>(y, symbols, bits);
        } else {
          decode_row<false>(y, symbols, bits);
        }
      }
      if (!symbols.ended_well() || !bits.ended_well())
        damaged("its residuals do not end as they must");
    }
    if (!bytes_.empty()) damaged("bytes are left over");
  }

 private:
  std::span<const std::byte> take(std::size_t count) {
    if (count > bytes_.size()) damaged("it ends too soon");
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }
  std::size_t take_size() {
    std::size_t size = 0;
    const auto bytes = take(4);
    for (std::size_t i = 4; i-- > 0;) size = size << 8 | std::to_integer<std::size_t>(bytes[i]);
    return size;
  }

  void weigh_above(Index y) {
    constexpr int above = tap_count - own_taps;
    std::array<const std::int32_t*, above> at{};
    for (Index x = 0; x < width_; x += tile) {
      for (std::size_t j = 0; j < at.size(); ++j) {
        const Tap tap = taps[j + own_taps];
        at[j] = normal_.row(y - tap.up) + x - tap.left;
      }
      kernels_.weigh(at.data(),
                     header_.coefficients(y, x / tile).data() + own_taps,
                     above,
                     std::min(tile, width_ - x),
                     sums_.data() + x);
    }
  }

  template <bool uniform>
  void decode_row(Index y, RansDecoder& symbols, BitReader& bits) {
    normal_.pad_left(y);
    std::int32_t* row = normal_.row(y);
    std::int32_t* magnitudes = magnitudes_.row(y);
    const std::int32_t* above = magnitudes_.row(y - 1);
    const std::int32_t* higher = magnitudes_.row(y - 2);
    for (Index x = 0; x < width_; ++x) {
      const Index pixel = y * width_ + x;
      if (!uniform && !exposure_.is_open(pixel)) {
        values_(y, x) = 0;
        row[x] = row[x - 1];
        magnitudes[x] = 0;
        continue;
      }
      const Coefficients& weights = header_.coefficients(y, x / tile);
      std::uint32_t sum = sums_[static_cast<std::size_t>(x)];
      for (std::size_t j = 0; j < own_taps; ++j) {
        sum += static_cast<std::uint32_t>(weights[j]) *
               static_cast<std::uint32_t>(row[x - static_cast<Index>(j) - 1]);
      }
      const std::int64_t expected = header_.predicted(sum);
      const std::int64_t predicted = uniform ? expected : exposure_.exposed(expected, pixel);
      const std::size_t level =
          static_cast<std::size_t>(level_of(magnitudes + x, above + x, higher + x));
      const std::int64_t value = decode(header_.models[level], predicted, symbols, bits);
      values_(y, x) = static_cast<std::int32_t>(value);
      const std::int64_t normal = uniform ? value : exposure_.normal(value, pixel);
      row[x] = static_cast<std::int32_t>(normal - header_.base);
      magnitudes[x] = magnitude(value, predicted);
    }
    normal_.pad_right(y);
  }

  std::int64_t decode(const LevelModel& model,
                      std::int64_t predicted,
                      RansDecoder& symbols,
                      BitReader& bits) {
    if (model.shape == LevelModel::unused) damaged("a level without its distribution");
    const std::int64_t place = model.place(predicted);
    const ResidualTable& table = model.table(place);
    const std::size_t position = position_++;
    const int symbol = table.symbol_at(symbols.place(position));
    symbols.take(table.shares[static_cast<std::size_t>(symbol)], position);
    const std::int64_t residual = symbol == 0 ? take_far(bits) : symbol - most_residual - 1;
    std::int64_t value = residual + (place >> 3);
    if (model.shift > 0) {
      value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << model.shift |
                                        bits.take(model.shift));
    }
    if (value != static_cast<std::int32_t>(value)) damaged("a value beyond 32 bits");
    return value;
  }

  static std::int64_t take_far(BitReader& bits) {
    const int count = static_cast<int>(bits.take(6));
    const std::uint64_t folded = bits.take(std::min(count, 40));
    const auto size = static_cast<std::int64_t>(folded >> 1) + most_residual + 1;
    return (folded & 1) != 0 ? -size : size;
  }

  std::span<const std::byte> bytes_;
  ArrayView<std::int32_t, 2> values_;
  Index height_, width_;
  Exposure exposure_;
  PlaneKernels kernels_;
  Header header_;
  PaddedPlane normal_, magnitudes_;
  std::vector<std::uint32_t> sums_;
  std::size_t position_ = 0;
};

}  // namespace
}  // namespace plane

void unpack_plane(std::span<const std::byte> bytes,
                  ArrayView<std::int32_t, 2> values,
                  const std::uint16_t* open,
                  Simd simd) {
  plane::Unpacker(bytes, values, open, simd).unpack();
}

}  // namespace kinema::codec
