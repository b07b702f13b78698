#include "kinema/atoms/surrogate.h"

#include "kinema/base/linear.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kinema::atoms {
namespace {

constexpr double reach = 8.0;              // angstrom: beyond it atoms tell nothing of each other
constexpr double height_precision = 0.04;  // 1 / A^2: the sheet is within some 5 A of its mean
constexpr double plane_precision = 0.1;    // 1 / A^2, of x and y about where they are

constexpr double boltzmann = 8.617333262e-5;  // eV per kelvin

}  // namespace

Surrogate::Surrogate(FrameLikelihood& likelihood,
                     SheetPrior& prior,
                     const Expectation& expectation,
                     Vec2 period)
    : likelihood_(likelihood), prior_(prior), expectation_(expectation), period_(period) {}

double Surrogate::expand(const std::vector<double>& unknowns) {
  const auto coordinates = static_cast<std::size_t>(3 * prior_.atoms());
  centre_ = unknowns;
  slope_.assign(coordinates, 0.0);
  const double value = likelihood_.value(std::span(unknowns).first(coordinates), slope_);
  if (!information_.empty()) return value;

  const double strength = likelihood_.strength();
  const FisherTable table(
      likelihood_.model(), strength * strength * likelihood_.information(), 0.0, reach);
  information_.resize(static_cast<std::size_t>(prior_.atoms()));
  for (int i = 0; i < static_cast<int>(prior_.atoms()); ++i) {
    for (int j = 0; j < static_cast<int>(prior_.atoms()); ++j) {
      const Vec2 shift = nearest_shift(
          {unknowns[3 * j], unknowns[3 * j + 1]}, {unknowns[3 * i], unknowns[3 * i + 1]}, period_);
      if (std::hypot(shift[0], shift[1]) >= table.reach()) continue;
      const FisherTable::Block block = table.block(shift[0], shift[1]);
      Neighbour neighbour{j, {}};
      for (int ab = 0; ab < 9; ++ab)
        neighbour.block[ab] = static_cast<float>(block[ab / 3][ab % 3]);
      information_[i].push_back(neighbour);
    }
  }
  return value;
}

void Surrogate::factorise(const std::vector<double>& unknowns, double frames) {
  prior_.freeze(unknowns);
  // Information cut off at the reach need not be definite; a little more of each atom's own mends
  // it.
  for (const double more : {0.0, 0.01, 0.1, 1.0}) {
    fill_curvature(unknowns, frames, static_cast<float>(frames * (1.0 + more)));
    if (cholesky(factor_.view())) return;
  }
  throw std::logic_error("the posterior's curvature is not definite");
}

/// `frames` and `own`: factors on the information between atoms and on that of each alone.
void Surrogate::fill_curvature(const std::vector<double>& unknowns, double frames, float own) {
  factor_ = Array<float, 2>({prior_.size(), prior_.size()});
  for (int i = 0; i < static_cast<int>(prior_.atoms()); ++i) {
    for (const Neighbour& neighbour : information_[static_cast<std::size_t>(i)]) {
      const float weight = neighbour.atom == i ? own : static_cast<float>(frames);
      for (int ab = 0; ab < 9; ++ab) {
        factor_(3 * i + ab / 3, 3 * neighbour.atom + ab % 3) += weight * neighbour.block[ab];
      }
    }
    for (int axis = 0; axis < 3; ++axis) {
      factor_(3 * i + axis, 3 * i + axis) +=
          static_cast<float>(axis == 2 ? height_precision : plane_precision);
    }
    if (!expectation_.z.empty() && frames == 1.0) {
      factor_(3 * i + 2, 3 * i + 2) +=
          static_cast<float>(expectation_.weight[static_cast<std::size_t>(i)]);
    }
  }
  prior_.add_curvature(unknowns, factor_.view());
}

double Surrogate::value(std::span<const double> unknowns, std::span<double> gradient) const {
  std::fill(gradient.begin(), gradient.end(), 0.0);
  double total = 0.0;
  for (std::size_t i = 0; i < information_.size(); ++i) {
    double pull[3] = {0.0, 0.0, 0.0};
    for (const Neighbour& neighbour : information_[i]) {
      const double* const at = unknowns.data() + 3 * neighbour.atom;
      const double* const from = centre_.data() + 3 * neighbour.atom;
      const double d[3] = {at[0] - from[0], at[1] - from[1], at[2] - from[2]};
      for (int axis = 0; axis < 3; ++axis) {
        const float* const row = neighbour.block.data() + 3 * axis;
        pull[axis] += row[0] * d[0] + row[1] * d[1] + row[2] * d[2];
      }
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t k = 3 * i + axis;
      const double d = unknowns[k] - centre_[k];
      total += d * (slope_[k] + 0.5 * pull[axis]);
      gradient[k] += slope_[k] + pull[axis];
      if (axis < 2) {
        total += 0.5 * plane_precision * d * d;
        gradient[k] += plane_precision * d;
      }
    }
    const double z = unknowns[3 * i + 2];
    total += 0.5 * height_precision * z * z;
    gradient[3 * i + 2] += height_precision * z;
    if (!expectation_.z.empty()) {
      const double off = z - expectation_.z[i];
      total += 0.5 * expectation_.weight[i] * off * off;
      gradient[3 * i + 2] += expectation_.weight[i] * off;
    }
  }
  return total + prior_.energy(unknowns, gradient);
}

Minimised Surrogate::minimise(std::vector<double>& unknowns, const MinimiseOptions& options) const {
  const auto objective = [&](std::span<const double> x, std::span<double> gradient) {
    return value(x, gradient);
  };
  const auto precondition = [&](std::span<double> step) {
    std::vector<float> b(step.begin(), step.end());
    cholesky_solve(factor_.view(), std::span<float>(b));
    std::copy(b.begin(), b.end(), step.begin());
  };
  return atoms::minimise(unknowns, objective, precondition, options);
}

std::vector<double> Surrogate::sample(Rng& rng) const {
  std::vector<float> noise(static_cast<std::size_t>(prior_.size()));
  for (float& value : noise) value = static_cast<float>(rng.normal());
  cholesky_sample(factor_.view(), std::span<float>(noise));
  return {noise.begin(), noise.end()};
}

double Surrogate::likelier_temperature(const std::vector<double>& unknowns, Rng rng) const {
  constexpr int samples = 8;
  constexpr double small = 0.02;  // standard deviations, in which stretching is quadratic
  constexpr double largest_step = 4.0;
  const double here = prior_.stretching(unknowns);
  double spread = 0.0;  // mean over the posterior, less what the estimate itself has
  std::vector<double> moved(unknowns.size());
  for (int n = 0; n < samples; ++n) {
    const std::vector<double> step = sample(rng);
    for (const double size : {small, -small}) {
      for (std::size_t k = 0; k < moved.size(); ++k) moved[k] = unknowns[k] + size * step[k];
      spread += 0.5 / (small * small * samples) * (prior_.stretching(moved) - here);
    }
  }
  const double now = prior_.stiffness.temperature, ways = static_cast<double>(2 * prior_.atoms());
  const double decided = std::max(0.01 * ways, ways - spread / (boltzmann * now));
  const double next = here / (boltzmann * decided);
  return std::clamp(std::clamp(next, now / largest_step, now * largest_step), 20.0, 3000.0);
}

std::vector<double> Surrogate::variances() {
  cholesky_invert(factor_.view());
  const Index atoms = prior_.atoms();
  const auto covariance = [&](Index a, Index b) {
    return static_cast<double>(a >= b ? factor_(a, b) : factor_(b, a));
  };
  // Of z_i - mean z: C_ii - 2 mean_j C_ij + mean_jk C_jk.
  std::vector<double> row(static_cast<std::size_t>(atoms), 0.0);
  double all = 0.0;
  for (Index i = 0; i < atoms; ++i) {
    for (Index j = 0; j < atoms; ++j)
      row[static_cast<std::size_t>(i)] += covariance(3 * i + 2, 3 * j + 2);
    row[static_cast<std::size_t>(i)] /= static_cast<double>(atoms);
    all += row[static_cast<std::size_t>(i)] / static_cast<double>(atoms);
  }
  std::vector<double> variances;
  for (Index k = 0; k < 3 * atoms; ++k) {
    double variance = covariance(k, k);
    if (k % 3 == 2) variance += all - 2.0 * row[static_cast<std::size_t>(k / 3)];
    variances.push_back(std::max(variance, 1e-8));
  }
  return variances;
}

}  // namespace kinema::atoms
