// Compiled without contraction of products and sums, so that every machine computes the same.
#include "kinema/codec/residual_table.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace kinema::codec {
namespace {

struct Part {
  double weight, scale;  // of the whole, and in units of the table's scale
};
using Shape = std::array<Part, 3>;

/// Nearly normal; with tails; nearly exponential.
constexpr std::array<Shape, residual_shapes> shapes = {{{{{0.985, 1.0}, {0.01, 2.0}, {0.005, 4.0}}},
                                                        {{{0.85, 0.9}, {0.12, 1.8}, {0.03, 4.0}}},
                                                        {{{0.6, 0.55}, {0.3, 1.3}, {0.1, 3.0}}}}};

/// exp(-x), x >= 0, by a series of exp(-x / 1024) and ten squarings.
double exp_minus(double x) {
  const double small = -x / 1024.0;
  double term = 1.0, sum = 1.0;
  for (int n = 1; n < 14; ++n) {
    term = term * small / n;
    sum = sum + term;
  }
  for (int i = 0; i < 10; ++i) sum = sum * sum;
  return sum;
}

/// The normal distribution's share below x (Abramowitz and Stegun 26.2.11).
double normal_below(double x) {
  if (x < -6.0) return 0.0;
  if (x > 6.0) return 1.0;
  double term = x, sum = x;
  for (int n = 1; n < 120; ++n) {
    term = term * x * x / (2 * n + 1);
    sum = sum + term;
  }
  constexpr double root_two_pi = 2.5066282746310002;
  return 0.5 + sum * exp_minus(x * x / 2.0) / root_two_pi;
}

double below(const Shape& shape, double scale, double x) {
  double share = 0.0;
  for (const Part& part : shape) {
    share = share + part.weight * normal_below(x / (scale * part.scale));
  }
  return share;
}

ResidualTable known_table(int scale, int shape, int phase) {
  const Shape& parts = shapes[static_cast<std::size_t>(shape)];
  const double sigma = residual_scale(scale), centre = phase / 8.0;
  std::array<double, residual_symbols> weights{};
  std::array<bool, residual_symbols> needed{};
  double last = below(parts, sigma, -most_residual - 0.5 - centre);
  weights[0] = last;
  for (int r = -most_residual; r <= most_residual; ++r) {
    const double next = below(parts, sigma, r + 0.5 - centre);
    weights[static_cast<std::size_t>(r + most_residual + 1)] = next - last;
    last = next;
  }
  weights[0] = weights[0] + (1.0 - last);
  needed.fill(true);
  return table_of(shares_of(weights, needed));
}

struct KnownTables {
  std::array<ResidualTable, residual_scales * residual_shapes * residual_phases> tables;
  std::array<KnownCosts, residual_phases * residual_symbols> costs;  // (phase, symbol)
};

std::size_t number_of(int scale, int shape, int phase) {
  return static_cast<std::size_t>((scale * residual_shapes + shape) * residual_phases + phase);
}

std::size_t cost_number(int phase, std::size_t symbol) {
  return static_cast<std::size_t>(phase) * residual_symbols + symbol;
}

const KnownTables& known_tables() {
  static const auto tables = [] {
    auto made = std::make_unique<KnownTables>();
    for (int scale = 0; scale < residual_scales; ++scale) {
      for (int shape = 0; shape < residual_shapes; ++shape) {
        for (int phase = 0; phase < residual_phases; ++phase) {
          const std::size_t at = number_of(scale, shape, phase);
          made->tables[at] = known_table(scale, shape, phase);
          for (std::size_t symbol = 0; symbol < residual_symbols; ++symbol) {
            made->costs[cost_number(phase, symbol)][at / residual_phases] = static_cast<float>(
                rans_bits - std::log2(static_cast<double>(made->tables[at].shares[symbol].count)));
          }
        }
      }
    }
    return made;
  }();
  return *tables;
}

}  // namespace

double residual_scale(int scale) {
  double sigma = 0.25;
  const double step = std::sqrt(std::sqrt(2.0));
  for (int i = 0; i < scale; ++i) sigma = sigma * step;
  return sigma;
}

std::array<std::uint16_t, residual_symbols> shares_of(
    const std::array<double, residual_symbols>& weights,
    const std::array<bool, residual_symbols>& needed) {
  double all = 0.0;
  for (const double weight : weights) all = all + weight;
  std::array<std::uint16_t, residual_symbols> counts{};
  std::uint32_t left = rans_total;
  for (std::size_t i = 0; i < residual_symbols; ++i) {
    if (!needed[i]) continue;
    const auto share_out = static_cast<double>(rans_total - residual_symbols);
    counts[i] = static_cast<std::uint16_t>(1.0 + std::floor(weights[i] / all * share_out));
    left -= counts[i];
  }
  auto most = std::max_element(counts.begin(), counts.end());
  *most = static_cast<std::uint16_t>(*most + left);
  return counts;
}

ResidualTable table_of(const std::array<std::uint16_t, residual_symbols>& counts) {
  ResidualTable table;
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < residual_symbols; ++i) {
    table.shares[i] = {static_cast<std::uint16_t>(first), counts[i]};
    const std::uint32_t next = first + counts[i];
    constexpr std::uint32_t part = rans_total / 256;
    for (std::uint32_t place = (first + part - 1) / part; place * part < next; ++place) {
      table.first_symbol[place] = static_cast<std::uint8_t>(i);
    }
    first = next;
  }
  return table;
}

const ResidualTable* residual_tables(int scale, int shape) {
  return &known_tables().tables[number_of(scale, shape, 0)];
}

const KnownCosts& residual_costs(int phase, int symbol) {
  return known_tables().costs[cost_number(phase, static_cast<std::size_t>(symbol))];
}

}  // namespace kinema::codec
