// Fitting the prediction, choosing distributions, coding: bands of rows on all threads. This is the
// plain coder, which takes every plane; plane_tokens.h codes most of them, faster, to the same
// bytes.
#include "kinema/codec/plane_coder.h"

#include "kinema/base/parallel.h"
#include "kinema/codec/plane_bits.h"
#include "kinema/codec/plane_fit.h"
#include "kinema/codec/plane_kernel.h"
#include "kinema/codec/plane_model.h"
#include "kinema/codec/plane_tokens.h"

namespace kinema::codec {

PlaneKernels plane_kernels(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx512) return avx512::plane_kernels();
  if (simd == Simd::avx2) return avx2::plane_kernels();
#endif
  (void)simd;
  return scalar::plane_kernels();
}

namespace plane {
namespace {

using LevelCounts = std::array<SymbolCounts, levels>;

class Packer {
 public:
  Packer(ArrayView<const std::int32_t, 2> values, const std::uint16_t* open, Simd simd)
      : values_(values),
        height_(values.shape()[0]),
        width_(values.shape()[1]),
        exposure_(open, values.size()),
        kernels_(plane_kernels(simd)),
        header_(header_for(height_, width_)),
        normal_(height_, width_),
        magnitudes_(height_, width_),
        predicted_(Array<std::int64_t, 2>::uninitialised({height_, width_})),
        level_(Array<std::uint8_t, 2>::uninitialised({height_, width_})) {}

  std::vector<std::byte> pack() {
    centre();
    fit_prediction(grams_of(normal_, kernels_), height_, width_, header_);
    for_each_band([&](Index y) { predict(y); });
    std::vector<std::array<LevelSums, levels>> sums(bands());
    for_each_band([&](Index y) { find_levels(y, sums[static_cast<std::size_t>(y / band_rows)]); });
    choose_shifts(sums);
    std::vector<LevelCounts> counts(bands());
    for_each_band(
        [&](Index y) { count_symbols(y, counts[static_cast<std::size_t>(y / band_rows)]); });
    choose_tables(counts);
    std::vector<std::vector<std::byte>> coded(bands());
    parallel_for(static_cast<Index>(bands()),
                 [&](Index i) { coded[static_cast<std::size_t>(i)] = code_band(i * band_rows); });
    std::vector<std::byte> out;
    write_header(header_, out);
    for (const auto& band : coded) out.insert(out.end(), band.begin(), band.end());
    return out;
  }

 private:
  std::size_t bands() const {
    return static_cast<std::size_t>((height_ + band_rows - 1) / band_rows);
  }
  Index last_row(Index first) const { return std::min(height_, first + band_rows); }

  template <class Body>
  void for_each_band(Body&& body) const {
    parallel_for(static_cast<Index>(bands()), [&](Index i) {
      for (Index y = i * band_rows; y < last_row(i * band_rows); ++y) body(y);
    });
  }

  /// Normal values without their mean, which the header keeps. What was never exposed is taken as
  /// its left neighbour.
  void centre() {
    double sum = 0.0;
    for (const std::int32_t value : values_.flat()) sum += value;
    header_.base =
        static_cast<std::int32_t>(sum / static_cast<double>(std::max<Index>(1, values_.size())));
    std::int32_t low = 0, high = 0;
    for (Index y = 0; y < height_; ++y) {
      normal_.pad_left(y);
      std::int32_t* row = normal_.row(y);
      for (Index x = 0; x < width_; ++x) {
        const Index pixel = y * width_ + x;
        row[x] =
            exposure_.is_open(pixel)
                ? static_cast<std::int32_t>(exposure_.normal(values_(y, x), pixel) - header_.base)
                : row[x - 1];
        low = std::min(low, row[x]);
        high = std::max(high, row[x]);
      }
      normal_.pad_right(y);
    }
    header_.lowest = low;
    header_.highest = high;
    header_.fraction = fraction_for(low, high);
  }

  void predict(Index y) {
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(width_));
    std::array<const std::int32_t*, tap_count> at{};
    for (Index x = 0; x < width_; x += tile) {
      for (std::size_t j = 0; j < at.size(); ++j)
        at[j] = normal_.row(y - taps[j].up) + x - taps[j].left;
      kernels_.weigh(at.data(),
                     header_.coefficients(y, x / tile).data(),
                     tap_count,
                     std::min(tile, width_ - x),
                     sums.data() + x);
    }
    std::int32_t* magnitudes = magnitudes_.row(y);
    for (Index x = 0; x < width_; ++x) {
      const Index pixel = y * width_ + x;
      predicted_(y, x) =
          exposure_.exposed(header_.predicted(sums[static_cast<std::size_t>(x)]), pixel);
      magnitudes[x] = exposure_.is_open(pixel) ? magnitude(values_(y, x), predicted_(y, x)) : 0;
    }
  }

  void find_levels(Index y, std::array<LevelSums, levels>& sums) {
    const std::int32_t* here = magnitudes_.row(y);
    for (Index x = 0; x < width_; ++x) {
      const int level = level_of(here + x, magnitudes_.row(y - 1) + x, magnitudes_.row(y - 2) + x);
      level_(y, x) = static_cast<std::uint8_t>(level);
      sums[static_cast<std::size_t>(level)].count += 1;
      sums[static_cast<std::size_t>(level)].magnitude += here[x];
    }
  }

  void choose_shifts(const std::vector<std::array<LevelSums, levels>>& bands) {
    for (std::size_t level = 0; level < levels; ++level) {
      LevelSums all;
      for (const auto& sums : bands) {
        all.count += sums[level].count;
        all.magnitude += sums[level].magnitude;
      }
      choose_shift(all, header_.models[level]);
    }
  }

  struct Coded {
    int symbol, phase;
    std::int64_t residual;
    std::int64_t place;
  };
  static Coded coded(const LevelModel& model, std::int32_t value, std::int64_t predicted) {
    const std::int64_t place = model.place(predicted);
    const std::int64_t residual = (std::int64_t{value} >> model.shift) - (place >> 3);
    const bool fits = std::abs(residual) <= most_residual;
    return {fits ? static_cast<int>(residual) + most_residual + 1 : 0,
            static_cast<int>(place & 7),
            residual,
            place};
  }

  void count_symbols(Index y, LevelCounts& counts) {
    for (Index x = 0; x < width_; ++x) {
      if (!exposure_.is_open(y * width_ + x)) continue;
      const std::size_t level = level_(y, x);
      const Coded c = coded(header_.models[level], values_(y, x), predicted_(y, x));
      ++counts[level][static_cast<std::size_t>(c.phase * residual_symbols + c.symbol)];
    }
  }

  void choose_tables(const std::vector<LevelCounts>& bands) {
    for (std::size_t level = 0; level < levels; ++level) {
      SymbolCounts all{};
      for (const LevelCounts& counts : bands) {
        for (std::size_t i = 0; i < all.size(); ++i) all[i] += counts[level][i];
      }
      choose_distribution(all, header_.models[level]);
    }
  }

  /// Rows from `first` on: sizes of the two parts, the coder's words, and the bits as they are.
  std::vector<std::byte> code_band(Index first) const {
    struct Token {
      RansShare share;
    };
    std::vector<Token> tokens;
    tokens.reserve(static_cast<std::size_t>((last_row(first) - first) * width_));
    BitWriter plain;
    for (Index y = first; y < last_row(first); ++y) {
      for (Index x = 0; x < width_; ++x) {
        if (!exposure_.is_open(y * width_ + x)) continue;
        const LevelModel& model = header_.models[level_(y, x)];
        const Coded c = coded(model, values_(y, x), predicted_(y, x));
        tokens.push_back({model.table(c.place).shares[static_cast<std::size_t>(c.symbol)]});
        if (c.symbol == 0) put_far(plain, c.residual);
        if (model.shift > 0) {
          plain.put(static_cast<std::uint64_t>(values_(y, x)) & ((1U << model.shift) - 1),
                    model.shift);
        }
      }
    }
    RansEncoder encoder;
    for (std::size_t i = tokens.size(); i-- > 0;) encoder.put(tokens[i].share, i);
    return band_of(encoder.finish(), plain.finish());
  }

  ArrayView<const std::int32_t, 2> values_;
  Index height_, width_;
  Exposure exposure_;
  PlaneKernels kernels_;
  Header header_;
  PaddedPlane normal_, magnitudes_;
  Array<std::int64_t, 2> predicted_;
  Array<std::uint8_t, 2> level_;
};

}  // namespace
}  // namespace plane

std::vector<std::byte> pack_plane(ArrayView<const std::int32_t, 2> values,
                                  const std::uint16_t* open,
                                  Simd simd) {
  if (auto bytes = plane::pack_tokens(values, open, simd)) return std::move(*bytes);
  return plane::Packer(values, open, simd).pack();
}

}  // namespace kinema::codec
