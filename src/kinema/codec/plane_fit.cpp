// Normal equations over sampled rows, solved by Cholesky; bits counted, table by table.
#include "kinema/codec/plane_fit.h"

#include "kinema/base/parallel.h"

#include <cmath>
#include <optional>
#include <utility>

namespace kinema::codec::plane {
namespace {

constexpr int unknowns = tap_count;
constexpr double bits_of_own = 16.0 * tap_count;

using Weights = std::array<double, unknowns>;

/// The weights that leave the least square residual, by Cholesky with a slight ridge.
std::optional<Weights> solve(const Gram& gram) {
  std::array<std::array<double, unknowns>, unknowns> l{};
  double trace = 0.0;
  for (int i = 0; i < unknowns; ++i) trace += gram.at(i, i);
  const double ridge = 1e-9 * trace / unknowns + 1e-3;
  for (std::size_t i = 0; i < unknowns; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double value = gram.at(static_cast<int>(i), static_cast<int>(j)) + (i == j ? ridge : 0.0);
      for (std::size_t k = 0; k < j; ++k) value -= l[i][k] * l[j][k];
      if (i == j && !(value > 0.0)) return std::nullopt;
      l[i][j] = i == j ? std::sqrt(value) : value / l[j][j];
    }
  }
  Weights w{};
  for (std::size_t i = 0; i < unknowns; ++i) {
    double value = gram.at(static_cast<int>(i), unknowns);
    for (std::size_t k = 0; k < i; ++k) value -= l[i][k] * w[k];
    w[i] = value / l[i][i];
  }
  for (std::size_t i = unknowns; i-- > 0;) {
    for (std::size_t k = i + 1; k < unknowns; ++k) w[i] -= l[k][i] * w[k];
    w[i] /= l[i][i];
  }
  return w;
}

double squared_residual(const Gram& gram, const Weights& w) {
  double sum = gram.at(unknowns, unknowns);
  for (int i = 0; i < unknowns; ++i) {
    const double weight = w[static_cast<std::size_t>(i)];
    sum -= 2.0 * weight * gram.at(i, unknowns);
    for (int j = 0; j < unknowns; ++j) {
      sum += weight * w[static_cast<std::size_t>(j)] * gram.at(i, j);
    }
  }
  return std::max(sum, 0.0);
}

Coefficients rounded(const Weights& weights, int fraction) {
  Coefficients coefficients{};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double scaled = std::round(std::ldexp(weights[i], fraction));
    coefficients[i] = static_cast<std::int32_t>(std::clamp(scaled, -32767.0, 32767.0));
  }
  return coefficients;
}

}  // namespace

void fit_prediction(const std::vector<Gram>& grams, Index height, Index width, Header& header) {
  Gram whole;
  for (const Gram& gram : grams) whole += gram;
  Weights common = solve(whole).value_or(Weights{});
  const double samples_of_all = std::max(1.0, static_cast<double>(height * width) / sampled);
  const double plain = whole.at(unknowns, unknowns) / samples_of_all + 1.0 / 12.0;
  const double left = squared_residual(whole, common) / samples_of_all + 1.0 / 12.0;
  if (0.5 * static_cast<double>(height * width) * std::log2(plain / left) < bits_of_own)
    common = {};
  header.common = rounded(common, header.fraction);
  parallel_for(static_cast<Index>(grams.size()), [&](Index i) {
    const auto t = static_cast<std::size_t>(i);
    const Index y = i / header.tiles_x * tile, x = i % header.tiles_x * tile;
    const auto pixels = static_cast<double>(std::min(tile, height - y) * std::min(tile, width - x));
    header.own[t] = header.common;
    const std::optional<Weights> own = solve(grams[t]);
    if (!own) return;
    // Squares of 1/12 for the rounding of values; as many parameters as samples explain nothing.
    const double samples = std::max(1.0, pixels / sampled);
    const double before = squared_residual(grams[t], common) / samples + 1.0 / 12.0;
    const double after =
        squared_residual(grams[t], *own) / samples * (1.0 + 2.0 * unknowns / samples) + 1.0 / 12.0;
    if (0.5 * pixels * std::log2(before / after) < bits_of_own + 64.0) return;
    header.has_own[t] = 1;
    header.own[t] = rounded(*own, header.fraction);
  });
}

namespace {

using Counts = SymbolCounts;

/// Symbols of the prediction rounded to a whole step: a residual from the upper half of a step
/// counts from the next one.
std::array<double, residual_symbols> rounded_symbols(const Counts& counts) {
  std::array<double, residual_symbols> times{};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::size_t phase = i / residual_symbols, symbol = i % residual_symbols;
    times[symbol > 0 && phase >= residual_phases / 2 ? symbol - 1 : symbol] += counts[i];
    // One beyond the table may lie within it once rounded.
    if (symbol == 0 && counts[i] > 0) times[residual_symbols - 1] += 1e-3;
  }
  return times;
}

struct Seen {
  int phase, symbol;
  float times;
};

/// What came at all, and its standard deviation in steps.
std::pair<std::vector<Seen>, double> seen_of(const Counts& counts) {
  std::vector<Seen> seen;
  double all = 0.0, squares = 0.0;
  for (int phase = 0; phase < residual_phases; ++phase) {
    for (int symbol = 0; symbol < residual_symbols; ++symbol) {
      const auto times = counts[static_cast<std::size_t>(phase * residual_symbols + symbol)];
      if (times == 0) continue;
      seen.push_back({phase, symbol, static_cast<float>(times)});
      const double off = symbol == 0 ? most_residual : symbol - most_residual - 1 - phase / 8.0;
      all += times;
      squares += times * off * off;
    }
  }
  return {std::move(seen), std::sqrt(squares / std::max(all, 1.0))};
}

/// Bits that all known tables take, each summed in the order of what was seen.
std::array<float, known_kinds> bits_with_known(const std::vector<Seen>& seen) {
  std::array<float, known_kinds> bits{};
  for (const Seen& s : seen) {
    const KnownCosts& costs = residual_costs(s.phase, s.symbol);
    for (std::size_t kind = 0; kind < bits.size(); ++kind) bits[kind] += s.times * costs[kind];
  }
  return bits;
}

double bits_with_own(const std::array<double, residual_symbols>& times) {
  double all = 0.0, bits = 0.0;
  for (const double seen : times) all += seen;
  for (const double seen : times) {
    if (seen > 0.0) bits += seen * std::log2(all / seen) + 24.0;
  }
  return bits;
}

}  // namespace

void choose_shift(const LevelSums& sums, LevelModel& model) {
  if (sums.count == 0) return;
  model.shape = 0;
  const double sigma =
      1.25 * static_cast<double>(sums.magnitude) / 8.0 / static_cast<double>(sums.count);
  while (std::ldexp(sigma, -model.shift) > 5.5) ++model.shift;
}

void choose_distribution(const Counts& counts, LevelModel& model) {
  if (model.shape == LevelModel::unused) return;
  const auto [seen, deviation] = seen_of(counts);
  const auto nearest =
      static_cast<int>(std::lround(4.0 * std::log2(std::max(deviation, 0.1) / 0.25)));
  const std::array<float, known_kinds> known = bits_with_known(seen);
  double least = -1.0;
  // Tails raise the deviation: the right scale hardly lies above it, but may lie far below.
  for (int scale = std::clamp(nearest - 9, 0, residual_scales - 1);
       scale <= std::clamp(nearest + 2, 0, residual_scales - 1);
       ++scale) {
    for (int shape = 0; shape < residual_shapes; ++shape) {
      const auto bits =
          static_cast<double>(known[static_cast<std::size_t>(scale * residual_shapes + shape)]);
      if (least >= 0.0 && bits >= least) continue;
      least = bits;
      model.use(shape, scale);
    }
  }
  const std::array<double, residual_symbols> times = rounded_symbols(counts);
  if (bits_with_own(times) >= least) return;
  std::array<bool, residual_symbols> needed{};
  for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = times[i] > 0.0;
  model.use(LevelModel::given, 0);
  model.own = table_of(shares_of(times, needed));
}

}  // namespace kinema::codec::plane
