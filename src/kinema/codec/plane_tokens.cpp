// Two passes over bands of rows: which tokens come how often, from which the tables are chosen;
// then their words. Where levels are shortened, tokens are found a second time in between.
#include "kinema/codec/plane_tokens.h"

#include "kinema/base/parallel.h"
#include "kinema/codec/plane_bits.h"
#include "kinema/codec/plane_census.h"
#include "kinema/codec/plane_fit.h"
#include "kinema/codec/plane_token_rows.h"

#include <mutex>

namespace kinema::codec::plane {
namespace {

constexpr std::int64_t most_quick = 1 << 26;

std::optional<TokenKernels> kernels_of(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx512) return avx512::token_kernels();
  if (simd == Simd::avx2) return avx2::token_kernels();
#endif
  (void)simd;
  return std::nullopt;
}

class TokenPacker {
 public:
  TokenPacker(ArrayView<const std::int32_t, 2> values,
              const PlaneKernels& kernels,
              const TokenKernels& token_kernels)
      : values_(values),
        height_(values.shape()[0]),
        width_(values.shape()[1]),
        kernels_(kernels),
        token_kernels_(token_kernels),
        header_(header_for(height_, width_)),
        bands_(static_cast<std::size_t>((height_ + band_rows - 1) / band_rows)) {}

  /// Whether the numbers are small enough.
  bool centre() {
    std::vector<NumberRange> ranges(bands_.size());
    for_each_band([&](std::size_t i) {
      ranges[i] = token_kernels_.range(&values_(first_row(i), 0), pixels(i));
    });
    NumberRange all;
    for (const NumberRange& range : ranges) {
      all.sum += range.sum;
      all.low = std::min(all.low, range.low);
      all.high = std::max(all.high, range.high);
    }
    header_.base = static_cast<std::int32_t>(static_cast<double>(all.sum) /
                                             static_cast<double>(values_.size()));
    if (all.low < -most_quick || all.high > most_quick) return false;
    header_.lowest = std::min(0, all.low - header_.base);
    header_.highest = std::max(0, all.high - header_.base);
    header_.fraction = fraction_for(header_.lowest, header_.highest);
    return true;
  }

  std::vector<std::byte> pack() {
    const CentredPlane plane(values_, header_.base, token_kernels_);
    const std::int32_t most = std::max(-header_.lowest, header_.highest);
    fit_prediction(grams_of(plane, kernels_, token_kernels_, most <= most_multiplied),
                   height_,
                   width_,
                   header_);
    const auto find_all = [&](const std::int32_t* shifts) {
      return most <= std::numeric_limits<std::int16_t>::max()
                 ? find_tokens<std::int16_t>(plane, shifts)
                 : find_tokens<std::int32_t>(plane, shifts);
    };
    // Kept from call to call: fresh pages would take their time.
    thread_local Array<std::uint16_t, 1> room;
    const Index tokens = static_cast<Index>(bands_.size()) * stride();
    if (room.size() < tokens) room = Array<std::uint16_t, 1>::uninitialised({tokens});
    tokens_ = room.data();
    Census census = find_all(nullptr);
    choose_shifts(census);
    if (many_are_shortened(census)) {
      census = find_all(shifts_.data());
    } else if (shortened_) {
      shorten(census);
    }
    for (std::size_t level = 0; level < levels; ++level) {
      choose_distribution(census.symbols(level), header_.models[level]);
    }
    return coded();
  }

 private:
  struct Band {
    std::vector<FarPixel> far;
    std::vector<std::byte> coded;
  };

  template <class Body>
  void for_each_band(const Body& body) const {
    parallel_for(static_cast<Index>(bands_.size()),
                 [&](Index i) { body(static_cast<std::size_t>(i)); });
  }
  Index first_row(std::size_t band) const { return static_cast<Index>(band) * band_rows; }
  Index last_row(std::size_t band) const { return std::min(height_, first_row(band) + band_rows); }
  Index pixels(std::size_t band) const { return (last_row(band) - first_row(band)) * width_; }
  Index stride() const { return band_rows * width_ + overhang; }
  std::uint16_t* tokens(std::size_t band) { return tokens_ + static_cast<Index>(band) * stride(); }

  template <class T>
  Census find_tokens(const CentredPlane& plane, const std::int32_t* shifts) {
    Census all;
    std::mutex mutex;
    for_each_band([&](std::size_t i) {
      find_band<T>(i, plane, shifts);
      const Census census = count(i);
      const std::lock_guard lock(mutex);
      all.add(census);
    });
    return all;
  }

  /// The magnitudes of two rows above the band are found anew.
  template <class T>
  void find_band(std::size_t band, const CentredPlane& plane, const std::int32_t* shifts) {
    Rows<T> rows(plane, header_);
    std::vector<FarPixel> far(static_cast<std::size_t>(width_));
    bands_[band].far.clear();
    const Index first = first_row(band), start = std::max<Index>(0, first - 2);
    rows.start(start);
    for (Index y = start; y < last_row(band); ++y) {
      TokenRow row = rows.next(y);
      row.shifts = shifts;
      row.far = far.data();
      row.first = static_cast<std::uint32_t>((y - first) * width_);
      if (y >= first) row.tokens = tokens(band) + (y - first) * width_;
      const std::ptrdiff_t found = token_kernels_.tokens(row);
      bands_[band].far.insert(bands_[band].far.end(), far.begin(), far.begin() + found);
      rows.end(y);
    }
  }

  Census count(std::size_t band) {
    Census census;
    std::vector<std::uint32_t> more(all_tokens);
    token_kernels_.count(tokens(band), pixels(band), census.times.data(), more.data());
    for (std::size_t i = 0; i < all_tokens; ++i) census.times[i] += more[i];
    for (const FarPixel& far : bands_[band].far) {
      const std::uint16_t token = tokens(band)[far.position];
      if (token % codes < first_far) continue;
      census.far_magnitudes[static_cast<std::size_t>(token >> token_bits)] +=
          std::min(std::abs(far.eighths), 1 << 24);
    }
    return census;
  }

  void choose_shifts(const Census& census) {
    for (std::size_t level = 0; level < levels; ++level) {
      choose_shift(census.sums(level), header_.models[level]);
      shifts_[level] = header_.models[level].shift;
      shortened_ = shortened_ || shifts_[level] > 0;
    }
  }

  bool many_are_shortened(const Census& census) {
    std::int64_t pixels = 0;
    for (std::size_t level = 0; level < levels; ++level) {
      if (shifts_[level] > 0) pixels += census.sums(level).count;
    }
    all_are_walked_ = pixels > values_.size() / 8;
    return all_are_walked_;
  }

  /// Where few pixels are shortened, their tokens are put right one by one; all of them are then
  /// far pixels.
  void shorten(Census& census) {
    std::mutex mutex;
    for_each_band([&](std::size_t i) {
      std::vector<std::pair<std::uint16_t, std::uint16_t>> changes = shorten_band(i);
      const std::lock_guard lock(mutex);
      for (const auto& [before, after] : changes) {
        --census.times[before];
        ++census.times[after];
      }
    });
  }

  /// Tokens before and after.
  std::vector<std::pair<std::uint16_t, std::uint16_t>> shorten_band(std::size_t band) {
    std::vector<std::pair<std::uint16_t, std::uint16_t>> changes;
    std::vector<FarPixel> far;
    const std::vector<FarPixel>& known = bands_[band].far;
    auto next = known.begin();
    std::uint16_t* token = tokens(band);
    const std::int32_t* values = &values_(first_row(band), 0);
    const auto first = static_cast<std::uint16_t>(
        std::find_if(shifts_.begin(), shifts_.end(), [](std::int32_t s) { return s > 0; }) -
        shifts_.begin());
    Index high = -1;
    const auto next_high = [&] {
      high = token_kernels_.find(
          token, high + 1, pixels(band), static_cast<std::uint16_t>(first << token_bits));
    };
    next_high();
    while (high < pixels(band) || next != known.end()) {
      const bool is_far = next != known.end() && next->position <= high;
      const Index i = is_far ? next->position : high;
      const std::uint16_t before = token[i], level = before >> token_bits;
      if (i == high) next_high();
      std::int32_t eighths = is_far ? next++->eighths : before % codes - code_middle;
      if (const std::int32_t shift = shifts_[level]; shift > 0) {
        eighths = shortened(eighths, values[i], shift);
        const bool fits = eighths >= -code_middle && eighths < first_far - code_middle;
        const std::int32_t code = fits ? eighths + code_middle : first_far | (-eighths & 7);
        token[i] = static_cast<std::uint16_t>(level << token_bits | code);
        changes.emplace_back(before, token[i]);
      }
      far.push_back({static_cast<std::uint32_t>(i), eighths});
    }
    bands_[band].far = std::move(far);
    return changes;
  }

  /// The distance of shortened numbers: both number and prediction lose their lowest bits.
  static std::int32_t shortened(std::int32_t eighths, std::int32_t value, std::int32_t shift) {
    const std::int32_t predicted = 8 * value - eighths;
    return 8 * (value >> shift) - ((predicted - 4 * ((1 << shift) - 1)) >> shift);
  }

  // ---- words ------------------------------------------------------------------------------------
  std::vector<std::byte> coded() {
    const ShareTable shares = shares_of_tokens();
    for_each_band([&](std::size_t i) { code(i, shares); });
    std::vector<std::byte> out;
    write_header(header_, out);
    for (const Band& band : bands_) out.insert(out.end(), band.coded.begin(), band.coded.end());
    return out;
  }

  /// The residual of a token by the level's own table, which has no phases: of the prediction
  /// rounded to a whole step.
  static std::int64_t rounded_residual(std::int64_t eighths) { return (eighths + 3) >> 3; }

  ShareTable shares_of_tokens() const {
    ShareTable shares;
    for (std::size_t level = 0; level < levels; ++level) {
      const LevelModel& model = header_.models[level];
      if (model.shape == LevelModel::unused) continue;
      for (std::int32_t code = 0; code < codes; ++code) {
        const bool own = model.shape == LevelModel::given, far = code >= first_far;
        const std::int32_t eighths = far ? -code & 7 : code - code_middle;
        const std::int64_t residual = own ? rounded_residual(eighths) : (eighths + 7) >> 3;
        const bool fits = !far && std::abs(residual) <= most_residual;
        const auto symbol = static_cast<std::size_t>(fits ? residual + most_residual + 1 : 0);
        shares.set(level << token_bits | static_cast<std::size_t>(code),
                   model.table(-eighths & 7).shares[symbol]);
      }
    }
    return shares;
  }

  /// Plain bits, of which every pixel of shortened levels has some.
  std::vector<std::byte> plain_bits(std::size_t band) {
    BitWriter plain;
    const std::int32_t* values = &values_(first_row(band), 0);
    const auto put_low_bits = [&](Index i) {
      const int shift = shifts_[static_cast<std::size_t>(tokens(band)[i] >> token_bits)];
      plain.put(static_cast<std::uint64_t>(values[i]) & ((1U << shift) - 1), shift);
    };
    auto far = bands_[band].far.cbegin();
    const auto last_far = bands_[band].far.cend();
    for (Index i = 0; all_are_walked_ && i < pixels(band); ++i) {
      if (far != last_far && far->position == i) put_if_far(band, *far++, plain);
      put_low_bits(i);
    }
    for (; far != last_far; ++far) {
      put_if_far(band, *far, plain);
      put_low_bits(far->position);
    }
    return plain.finish();
  }

  /// Also puts right the token of a pixel that lies beyond the known tables and within its level's
  /// own.
  void put_if_far(std::size_t band, const FarPixel& far, BitWriter& plain) {
    std::uint16_t& token = tokens(band)[far.position];
    const std::size_t level = token >> token_bits;
    const bool own = header_.models[level].shape == LevelModel::given;
    const std::int64_t residual =
        own ? rounded_residual(far.eighths) : (std::int64_t{far.eighths} + 7) >> 3;
    if (std::abs(residual) > most_residual) {
      put_far(plain, residual);
    } else if (own && token % codes >= first_far) {
      token = static_cast<std::uint16_t>(level << token_bits | (first_far - 1));
    }
  }

  void code(std::size_t band, const ShareTable& shares) {
    const std::vector<std::byte> plain = plain_bits(band);
    // Kept from call to call: fresh pages would cost more than a band's symbols.
    thread_local std::vector<std::uint16_t> room;
    room.resize(std::max(room.size(), static_cast<std::size_t>(pixels(band) + 2 * rans_states)));
    std::uint16_t* end = room.data() + room.size();
    const std::uint16_t* words = token_kernels_.code(
        tokens(band), pixels(band), {shares.reciprocals.data(), shares.shares.data()}, end);
    bands_[band].coded = band_of({words, static_cast<std::size_t>(end - words)}, plain);
  }

  ArrayView<const std::int32_t, 2> values_;
  Index height_, width_;
  PlaneKernels kernels_;
  TokenKernels token_kernels_;
  Header header_;
  std::vector<Band> bands_;
  std::uint16_t* tokens_ = nullptr;  // of each band, with room behind
  std::array<std::int32_t, levels> shifts_{};
  bool shortened_ = false, all_are_walked_ = false;
};

}  // namespace

std::optional<std::vector<std::byte>> pack_tokens(ArrayView<const std::int32_t, 2> values,
                                                  const std::uint16_t* open,
                                                  Simd simd) {
  const auto kernels = kernels_of(simd);
  if (!kernels || values.size() == 0 || !Exposure(open, values.size()).uniform()) return {};
  TokenPacker packer(values, plane_kernels(simd), *kernels);
  if (!packer.centre()) return {};
  return packer.pack();
}

}  // namespace kinema::codec::plane
