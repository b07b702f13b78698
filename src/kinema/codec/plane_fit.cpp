// Normal equations over sampled rows, solved by Cholesky; bits counted, table by table.
#include "kinema/codec/plane_fit.h"

#include "kinema/base/parallel.h"

#include <cmath>
#include <optional>
#include <utility>

namespace kinema::codec::plane {
namespace {

constexpr int unknowns = tap_count, count = tap_count + 1;  // the pixel itself comes last
constexpr Index sampled = 8;                                // every so many rows
constexpr double bits_of_own = 16.0 * tap_count;

struct Gram {
  std::array<double, count * count> products{};  // upper triangle
  double at(int i, int j) const {
    return products[static_cast<std::size_t>(i <= j ? i * count + j : j * count + i)];
  }
  Gram& operator+=(const Gram& other) {
    for (std::size_t i = 0; i < products.size(); ++i) products[i] += other.products[i];
    return *this;
  }
};

using Weights = std::array<double, unknowns>;

Gram gram_of(const PaddedPlane& values,
             const PlaneKernels& kernels,
             Index y0,
             Index y1,
             Index x0,
             Index x1) {
  constexpr Index room = tile + 2 * pad;
  std::array<std::array<double, room>, rows_above + 1> rows{};
  std::array<const double*, count> at{};
  for (std::size_t j = 0; j < unknowns; ++j) {
    at[j] = rows[static_cast<std::size_t>(taps[j].up)].data() + pad - taps[j].left;
  }
  at[unknowns] = rows[0].data() + pad;
  Gram gram;
  for (Index y = y0 + std::min((y1 - y0) / 2, rows_above); y < y1; y += sampled) {
    for (Index up = 0; up <= rows_above; ++up) {
      const std::int32_t* row = values.row(y - up) + x0 - pad;
      std::copy_n(row, x1 - x0 + 2 * pad, rows[static_cast<std::size_t>(up)].data());
    }
    kernels.add_products(at.data(), count, x1 - x0, gram.products.data());
  }
  return gram;
}

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

void fit_prediction(const PaddedPlane& values, const PlaneKernels& kernels, Header& header) {
  const Index height = values.height(), width = values.width();
  std::vector<Gram> grams(header.own.size());
  parallel_for(static_cast<Index>(grams.size()), [&](Index i) {
    const Index y = i / header.tiles_x * tile, x = i % header.tiles_x * tile;
    grams[static_cast<std::size_t>(i)] =
        gram_of(values, kernels, y, std::min(height, y + tile), x, std::min(width, x + tile));
  });
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

using Counts = std::array<std::uint32_t, residual_phases * residual_symbols>;

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

double bits_with(const std::vector<Seen>& seen, int scale, int shape) {
  float bits = 0.0F;
  for (const Seen& s : seen) bits += s.times * residual_cost(scale, shape, s.phase, s.symbol);
  return static_cast<double>(bits);
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

void choose_distribution(const Counts& counts, LevelModel& model) {
  const auto [seen, deviation] = seen_of(counts);
  const auto nearest =
      static_cast<int>(std::lround(4.0 * std::log2(std::max(deviation, 0.1) / 0.25)));
  double least = -1.0;
  // Tails raise the deviation: the right scale hardly lies above it, but may lie far below.
  for (int scale = std::clamp(nearest - 9, 0, residual_scales - 1);
       scale <= std::clamp(nearest + 2, 0, residual_scales - 1);
       ++scale) {
    for (int shape = 0; shape < residual_shapes; ++shape) {
      const double bits = bits_with(seen, scale, shape);
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
