// A level that does not come has a table of far residuals alone, so that it is noticed where these
// are.
#include "kinema/codec/plane_row_decoder.h"

namespace kinema::codec::plane {
namespace {

constexpr std::int64_t most_quick = 1 << 27;
constexpr std::size_t known_activities = 1024;

[[gnu::noinline]] int level_of(std::uint32_t activity) {
  const int octave = std::bit_width(activity) - 1;
  return std::min(levels - 1, 2 * (octave - 2) + static_cast<int>(activity >> (octave - 1) & 1U));
}

constexpr auto level_table = [] {
  std::array<std::uint8_t, known_activities> table{};
  for (std::uint32_t activity = 4; activity < known_activities; ++activity) {
    const auto octave = static_cast<std::uint32_t>(std::bit_width(activity)) - 1;
    table[activity] = static_cast<std::uint8_t>(2 * (octave - 2) + (activity >> (octave - 1) & 1U));
  }
  return table;
}();

/// `raised` is 1 where all symbols but that of far residuals are to lie one higher.
void fill(const ResidualTable* from, std::size_t raised, SymbolTable& table) {
  std::array<std::uint16_t, SymbolTable::symbols> counts{};
  counts[0] = from == nullptr ? rans_total : from->shares[0].count;
  for (std::size_t i = 1; from != nullptr && i < residual_symbols; ++i) {
    counts[i + raised] = from->shares[i].count;
  }
  std::uint32_t start = 0, bucket = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    table.starts[i] = static_cast<std::uint16_t>(start);
    start += counts[i];
    for (; bucket < 256 && bucket * (rans_total / 256) < start; ++bucket) {
      table.first[bucket] = static_cast<std::uint8_t>(i);
    }
  }
  table.starts.back() = static_cast<std::uint16_t>(start);
}

}  // namespace

SymbolReader::SymbolReader(std::span<const std::byte> words, Index longest_row)
    : words_(words.size() / 2 + static_cast<std::size_t>(longest_row) + 2 * rans_states),
      count_(words.size() / 2) {
  for (std::size_t i = 0; i < count_; ++i) {
    words_[i] = static_cast<std::uint16_t>(std::to_integer<unsigned>(words[2 * i]) |
                                           std::to_integer<unsigned>(words[2 * i + 1]) << 8);
  }
  for (std::uint32_t& state : states_) {
    state = std::uint32_t{words_[at_]} << 16 | words_[at_ + 1];
    at_ += 2;
  }
  if (words.size() % 2 != 0) at_ = count_ + 1;
}

bool SymbolReader::ended_well() const {
  for (const std::uint32_t state : states_) {
    if (state != 1U << 16) return false;
  }
  return at_ == count_;
}

RowDecoder::RowDecoder(const Header& header)
    : header_(header), tables_(static_cast<std::size_t>(levels * residual_phases)) {
  for (std::size_t level = 0; level < levels; ++level) {
    const LevelModel& model = header.models[level];
    shifts_[level] = model.shift;
    for (std::size_t phase = 0; phase < residual_phases; ++phase) {
      const bool own = model.shape == LevelModel::given;
      const ResidualTable* table = model.known != nullptr ? &model.known[phase] : &model.own;
      fill(model.shape == LevelModel::unused ? nullptr : table,
           own && phase >= residual_phases / 2 ? 1 : 0,
           tables_[level * residual_phases + phase]);
    }
  }
}

bool RowDecoder::takes(const Header& header) {
  const auto small = [](std::int64_t number) {
    return number > -most_quick && number < most_quick;
  };
  return small(header.base) && small(header.lowest) && small(header.highest);
}

/// A pixel whose residual lies beyond the table, or some of whose bits follow as they are.
RowDecoder::Pixel RowDecoder::rare_pixel(std::size_t level,
                                         int symbol,
                                         std::int64_t place,
                                         std::int64_t predicted,
                                         BitReader& bits) const {
  const LevelModel& model = header_.models[level];
  if (model.shape == LevelModel::unused) damaged("a level without its distribution");
  std::int64_t number = (place >> 3) + symbol - most_residual - 1;
  if (symbol == 0) {
    const bool raised = model.shape == LevelModel::given && (place & 4) != 0;
    number = (place >> 3) + take_far(bits) + (raised ? 1 : 0);
  }
  const std::int64_t base = header_.base;
  std::int64_t value = number + base;
  if (model.shift > 0) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) << model.shift |
                                      bits.take(model.shift));
  }
  if (value != static_cast<std::int32_t>(value)) damaged("a value beyond 32 bits");
  return {static_cast<std::int32_t>(value - base), magnitude(value, predicted + 8 * base)};
}

/// Where a prediction lies, in eighths, once so many lowest bits of numbers follow as they are.
std::int64_t RowDecoder::shifted_place(std::int64_t predicted, std::int32_t shift) const {
  const std::int64_t bits = (std::int64_t{1} << shift) - 1;
  return (predicted + 8 * std::int64_t{header_.base} - 4 * bits) >> shift;
}

void RowDecoder::look_above(Index width,
                            const std::uint32_t* sums,
                            const std::int32_t* above,
                            const std::int32_t* higher) {
  busy_.resize(static_cast<std::size_t>(width));
  sums_.resize(static_cast<std::size_t>(width));
  const auto half = std::uint32_t{1} << (header_.fraction - 3) >> 1;
  for (Index x = 0; x < width; ++x) {
    busy_[static_cast<std::size_t>(x)] =
        static_cast<std::uint32_t>(2 * above[x] + above[x - 1] + above[x + 1] + higher[x] + 4);
    sums_[static_cast<std::size_t>(x)] = sums[x] + half;
  }
}

void RowDecoder::decode(Index y,
                        Index width,
                        const std::uint32_t* sums,
                        const std::int32_t* above,
                        const std::int32_t* higher,
                        std::int32_t* row,
                        std::int32_t* magnitudes,
                        std::int32_t* values,
                        SymbolReader& symbols,
                        BitReader& bits) {
  look_above(width, sums, above, higher);
  const int drop = header_.fraction - 3;
  const std::int32_t lowest = 8 * header_.lowest, highest = 8 * header_.highest;
  const SymbolTable* const tables = tables_.data();
  auto [x0, x1, x2, x3] = symbols.states_;
  symbols.at_ = std::min(symbols.at_, symbols.count_ + 1);
  const std::uint16_t* words = symbols.words_.data() + symbols.at_;
  for (Index first = 0; first < width; first += tile) {
    const Coefficients& weights = header_.coefficients(y, first / tile);
    const auto w0 = static_cast<std::uint32_t>(weights[0]);
    const auto w1 = static_cast<std::uint32_t>(weights[1]);
    const auto w2 = static_cast<std::uint32_t>(weights[2]);
    auto u1 = static_cast<std::uint32_t>(row[first - 1]);
    auto m1 = static_cast<std::uint32_t>(magnitudes[first - 1]);
    for (Index x = first; x < std::min(width, first + tile); ++x) {
      const std::uint32_t sum = sums_[static_cast<std::size_t>(x)] +
                                w2 * static_cast<std::uint32_t>(row[x - 3]) +
                                w1 * static_cast<std::uint32_t>(row[x - 2]) + w0 * u1;
      const std::int32_t predicted =
          std::clamp(static_cast<std::int32_t>(sum) >> drop, lowest, highest);
      const std::uint32_t activity = busy_[static_cast<std::size_t>(x)] +
                                     static_cast<std::uint32_t>(magnitudes[x - 2]) + 2 * m1;
      const auto level = static_cast<std::size_t>(
          activity < known_activities ? level_table[activity] : level_of(activity));
      const std::int32_t shift = shifts_[level];
      const std::int64_t place = shift > 0 ? shifted_place(predicted, shift) : predicted;
      const SymbolTable& table =
          tables[level * residual_phases + static_cast<std::size_t>(place & 7)];
      const std::uint32_t slot = x0 & (rans_total - 1);
      const int symbol = table.symbol_at(slot);
      const std::uint32_t start = table.starts[static_cast<std::size_t>(symbol)];
      const std::uint32_t count = table.starts[static_cast<std::size_t>(symbol) + 1] - start;
      const std::uint32_t state = count * (x0 >> rans_bits) + slot - start;
      const std::uint32_t low = state < 1U << 16 ? 1 : 0;
      // Without a branch, which would often be guessed wrong.
      x0 = x1, x1 = x2, x2 = x3, x3 = state << 16 * low | (*words & (0U - low));
      words += low;
      Pixel pixel{symbol - most_residual - 1 + (predicted >> 3), 0};
      pixel.magnitude = std::abs(8 * pixel.number - predicted);
      if (symbol == 0 || shift > 0) [[unlikely]] {
        pixel = rare_pixel(level, symbol, place, predicted, bits);
      }
      row[x] = pixel.number;
      magnitudes[x] = pixel.magnitude;
      u1 = static_cast<std::uint32_t>(pixel.number);
      m1 = static_cast<std::uint32_t>(pixel.magnitude);
    }
  }
  for (Index x = 0; x < width; ++x) values[x] = row[x] + header_.base;
  symbols.states_ = {x0, x1, x2, x3};
  symbols.at_ = static_cast<std::size_t>(words - symbols.words_.data());
}

}  // namespace kinema::codec::plane
