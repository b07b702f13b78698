// Decoding a plane, pixel by pixel: what lies above is weighed for a whole row at a time, the three
// neighbours in the row itself as they come. This is the plain decoder, which takes every plane;
// plane_row_decoder.h decodes the rows of most of them, faster.
#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_kernel.h"
#include "kinema/codec/plane_model.h"
#include "kinema/codec/plane_row_decoder.h"

#include <optional>

namespace kinema::codec {
namespace plane {
namespace {

/// The last rows, with room for neighbours around them; what lies above the first row is zero.
class RowRing {
 public:
  explicit RowRing(Index width) : width_(width), values_({rows_above + 1, width + 2 * pad}) {}
  std::int32_t* row(Index y) { return &values_((y + rows_above + 1) % (rows_above + 1), pad); }
  /// As PaddedPlane has them.
  void pad_left(Index y) { std::fill_n(row(y) - pad, pad, *row(y - 1)); }
  void pad_right(Index y) { std::fill_n(row(y) + width_, pad, row(y)[width_ - 1]); }

 private:
  Index width_;
  Array<std::int32_t, 2> values_;
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
        normal_(width_),
        magnitudes_(width_),
        sums_(static_cast<std::size_t>(width_)) {
    if (simd != Simd::scalar && exposure_.uniform() && RowDecoder::takes(header_))
      quick_.emplace(header_);
  }

  void unpack() {
    for (Index first = 0; first < height_; first += band_rows) {
      const std::size_t words = take_size(), plain = take_size();
      const auto symbol_bytes = take(words);
      BitReader bits(take(plain));
      const bool ended_well = quick_ ? decode_band(first, SymbolReader(symbol_bytes, width_), bits)
                                     : decode_band(first, RansDecoder(symbol_bytes), bits);
      if (!ended_well || !bits.ended_well()) damaged("its residuals do not end as they must");
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

  template <class Symbols>
  bool decode_band(Index first, Symbols symbols, BitReader& bits) {
    position_ = 0;
    for (Index y = first; y < std::min(height_, first + band_rows); ++y) {
      weigh_above(y);
      normal_.pad_left(y);
      decode_row(y, symbols, bits);
      normal_.pad_right(y);
    }
    return symbols.ended_well();
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

  void decode_row(Index y, SymbolReader& symbols, BitReader& bits) {
    quick_->decode(y,
                   width_,
                   sums_.data(),
                   magnitudes_.row(y - 1),
                   magnitudes_.row(y - 2),
                   normal_.row(y),
                   magnitudes_.row(y),
                   &values_(y, 0),
                   symbols,
                   bits);
  }

  void decode_row(Index y, RansDecoder& symbols, BitReader& bits) {
    std::int32_t* row = normal_.row(y);
    std::int32_t* magnitudes = magnitudes_.row(y);
    const std::int32_t* above = magnitudes_.row(y - 1);
    const std::int32_t* higher = magnitudes_.row(y - 2);
    for (Index x = 0; x < width_; ++x) {
      const Index pixel = y * width_ + x;
      if (!exposure_.is_open(pixel)) {
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
      const std::int64_t predicted = exposure_.exposed(header_.predicted(sum), pixel);
      const std::size_t level =
          static_cast<std::size_t>(level_of(magnitudes + x, above + x, higher + x));
      const std::int64_t value = decode(header_.models[level], predicted, symbols, bits);
      values_(y, x) = static_cast<std::int32_t>(value);
      row[x] = static_cast<std::int32_t>(exposure_.normal(value, pixel) - header_.base);
      magnitudes[x] = magnitude(value, predicted);
    }
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

  std::span<const std::byte> bytes_;
  ArrayView<std::int32_t, 2> values_;
  Index height_, width_;
  Exposure exposure_;
  PlaneKernels kernels_;
  Header header_;
  RowRing normal_, magnitudes_;
  std::vector<std::uint32_t> sums_;
  std::optional<RowDecoder> quick_;
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
