#include "kinema/atoms/refine.h"

#include "kinema/atoms/surrogate.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace kinema::atoms {
namespace {

constexpr double softness[] = {20.0, 3.0, 1.0};  // of stretching, from the flat sheet on
constexpr int most_expansions = 6;
constexpr double settled = 1.0;  // nats between two expansions
constexpr std::uint64_t mode_stream = 1000;

/// A mode of the posterior.
struct Mode {
  std::vector<double> unknowns;
  double value = 0.0;  // minus log posterior, less a constant
};

/// Expands and minimises until the likelihood no longer changes.
Mode settle(Surrogate& surrogate, std::vector<double> x, Refined& result) {
  MinimiseOptions options;
  double before = 0.0;
  Mode mode;
  for (int round = 0; round < most_expansions; ++round) {
    const double likelihood = surrogate.expand(x);
    ++result.images;
    result.converged = round > 0 && std::abs(likelihood - before) < settled;
    std::vector<double> gradient(x.size());
    mode.value = likelihood + surrogate.value(x, gradient);
    if (result.converged) break;
    before = likelihood;
    result.evaluations += surrogate.minimise(x, options).evaluations;
  }
  mode.unknowns = std::move(x);
  return mode;
}

/// From a flat sheet to a mode, bonds soft at first.
Mode descend(Surrogate& surrogate,
             SheetPrior& prior,
             std::vector<double> x,
             std::size_t stage,
             Refined& result) {
  const double temperature = prior.stiffness.temperature;
  for (; stage < std::size(softness); ++stage) {
    prior.stiffness.temperature = temperature * softness[stage];
    surrogate.expand(x);
    ++result.images;
    surrogate.factorise(x);
    result.evaluations += surrogate.minimise(x, {}).evaluations;
  }
  return settle(surrogate, std::move(x), result);
}

double mean_height(const std::vector<double>& unknowns, Index atoms) {
  double sum = 0.0;
  for (Index i = 0; i < atoms; ++i) sum += unknowns[static_cast<std::size_t>(3 * i + 2)];
  return atoms > 0 ? sum / static_cast<double>(atoms) : 0.0;
}

/// Heights over their mean.
std::vector<double> heights_of(const Mode& mode, Index atoms) {
  const double mean = mean_height(mode.unknowns, atoms);
  std::vector<double> heights;
  for (Index i = 0; i < atoms; ++i) {
    heights.push_back(mode.unknowns[static_cast<std::size_t>(3 * i + 2)] - mean);
  }
  return heights;
}

/// The sheet with each height over the mean times `factor` of x and y.
template <class Factor>
std::vector<double> reshaped(const Mode& mode, Index atoms, Factor&& factor) {
  const double height = mean_height(mode.unknowns, atoms);
  std::vector<double> x = mode.unknowns;
  for (std::size_t k = 0; k < static_cast<std::size_t>(3 * atoms); k += 3) {
    x[k + 2] = height + factor(x[k], x[k + 1]) * (x[k + 2] - height);
  }
  return x;
}

bool same_shape(const Mode& a, const Mode& b, Index atoms) {
  constexpr double alike = 0.1;  // angstrom rms
  const std::vector<double> za = heights_of(a, atoms), zb = heights_of(b, atoms);
  double square = 0.0;
  for (std::size_t i = 0; i < za.size(); ++i) square += (za[i] - zb[i]) * (za[i] - zb[i]);
  return square < alike * alike * static_cast<double>(atoms);
}

/// A mode, lower than it by at most so much, found from `start`; none where it is hopeless.
std::optional<Mode> other_mode(Surrogate& surrogate,
                               const Mode& mode,
                               std::vector<double> start,
                               Refined& result) {
  constexpr double hopeless = 300.0;         // nats before the start has relaxed
  constexpr double hopeless_relaxed = 30.0;  // and after it has on the surrogate
  std::vector<double> gradient(start.size());
  const auto behind = [&] {
    ++result.images;
    return surrogate.expand(start) + surrogate.value(start, gradient) - mode.value;
  };
  if (behind() > hopeless) return std::nullopt;
  surrogate.minimise(start, {});
  if (behind() > hopeless_relaxed) return std::nullopt;
  return settle(surrogate, std::move(start), result);
}

/// The modes beside `mode`, which becomes the likeliest of all. Where the mirror image is ruled out
/// the frame tells heights, and there is no other; where it is not, parts of the sheet may be
/// mirrored too, and starts with a wave of signs over them look for such.
std::vector<Mode> find_modes(
    Surrogate& surrogate, Mode& mode, Index atoms, Rng rng, Refined& result) {
  constexpr int starts = 8;
  const bool converged = result.converged;
  std::optional<Mode> mirrored = other_mode(
      surrogate, mode, reshaped(mode, atoms, [](double, double) { return -1.0; }), result);
  std::vector<Mode> modes;
  if (mirrored) {
    modes.push_back(mode);
    const auto add = [&](Mode&& found) {
      for (Mode& known : modes) {
        if (!same_shape(known, found, atoms)) continue;
        if (found.value < known.value) known = std::move(found);
        return;
      }
      modes.push_back(std::move(found));
    };
    add(std::move(*mirrored));
    for (int n = 0; n < starts; ++n) {
      const double direction = rng.uniform(0.0, std::numbers::pi);
      const double phase = rng.uniform(0.0, 2.0 * std::numbers::pi);
      const double wave = 2.0 * std::numbers::pi / rng.uniform(20.0, 60.0);  // of angstrom
      const auto sign = [&](double x, double y) {
        const double along = x * std::cos(direction) + y * std::sin(direction);
        return std::tanh(3.0 * std::sin(wave * along + phase));
      };
      std::optional<Mode> found = other_mode(surrogate, mode, reshaped(mode, atoms, sign), result);
      if (found) add(std::move(*found));
    }
    const auto best = std::min_element(
        modes.begin(), modes.end(), [](const Mode& a, const Mode& b) { return a.value < b.value; });
    mode = std::move(*best);
    modes.erase(best);
  }
  result.converged = converged;
  return modes;
}

/// Positions with the mean height taken out, and what the likelihood says of them.
void describe(FrameLikelihood& likelihood,
              const SheetPrior& prior,
              const Mode& mode,
              Refined& result) {
  const Index atoms = prior.atoms();
  result.height = mean_height(mode.unknowns, atoms);
  for (std::size_t i = 0; i < static_cast<std::size_t>(atoms); ++i) {
    const double* const at = &mode.unknowns[3 * i];
    result.positions.push_back({at[0], at[1], at[2] - result.height});
  }
  result.likelihood =
      likelihood.value(std::span(mode.unknowns).first(static_cast<std::size_t>(3 * atoms)), {});
  result.energy = mode.value - result.likelihood;
  result.chi_squared = likelihood.chi_squared();
  result.strength = likelihood.strength();
  result.mean_counts = likelihood.mean_counts();
  result.stiffness = prior.stiffness;
  const auto [bond_mean, bond_spread] = prior.bond_statistics(mode.unknowns);
  result.bond_mean = bond_mean;
  result.bond_spread = bond_spread;
}

/// Standard errors of the Gaussian around the mode, and of the sheet being one of `others`, which
/// are as likely as their values say.
void find_errors(Surrogate& surrogate,
                 const Mode& mode,
                 const std::vector<Mode>& others,
                 Refined& result) {
  const std::vector<double> variances = surrogate.variances();
  const auto atoms = static_cast<Index>(result.positions.size());
  const auto normal = [](double t) { return 0.5 * (1.0 + std::erf(t / std::sqrt(2.0))); };
  double total = 1.0;
  for (const Mode& other : others) total += std::exp(mode.value - other.value);
  for (std::size_t i = 0; i < result.positions.size(); ++i) {
    const double z = result.positions[i][2], variance = variances[3 * i + 2];
    result.sigmas.push_back(
        {std::sqrt(variances[3 * i]), std::sqrt(variances[3 * i + 1]), std::sqrt(variance)});
    result.sign_probability.push_back(normal(std::abs(z) / std::sqrt(variance)) / total);
  }
  for (const Mode& other : others) {
    const double probability = std::exp(mode.value - other.value) / total;
    const std::vector<double> heights = heights_of(other, atoms);
    double product = 0.0, square = 0.0;
    for (std::size_t i = 0; i < heights.size(); ++i) {
      const double z = result.positions[i][2], step = heights[i] - z;
      double& sigma = result.sigmas[i][2];
      sigma = std::hypot(sigma, std::sqrt(probability) * step);
      const double signed_height = z < 0.0 ? -heights[i] : heights[i];
      result.sign_probability[i] +=
          probability * normal(signed_height / std::sqrt(variances[3 * i + 2]));
      product += z * heights[i];
      square += z * z;
    }
    if (product < -0.5 * square) result.mirror_probability += probability;
  }
}

}  // namespace

Refined refine(FrameLikelihood& likelihood,
               const Topology& topology,
               const std::vector<Vec3>& start,
               Vec2 period,
               const Expectation& expectation,
               bool warm,
               const RefineOptions& options,
               Rng rng) {
  std::vector<Vec2> flat;
  for (const Vec3& p : start) flat.push_back({p[0], p[1]});
  // Frames that move as one have one shape between them: its roughness counts once, not once a
  // frame.
  Stiffness shared = options.stiffness;
  shared.bend_temperature *= options.frames_alike;
  SheetPrior prior(topology, flat, period, shared);
  Surrogate surrogate(likelihood, prior, expectation, period);
  std::vector<double> x(static_cast<std::size_t>(prior.size()));
  for (std::size_t i = 0; i < start.size(); ++i)
    std::copy(start[i].begin(), start[i].end(), &x[3 * i]);
  prior.set_references(x);

  Refined result;
  Mode mode = descend(surrogate, prior, std::move(x), warm ? 2 : 0, result);
  likelihood.fit_strength = true;
  for (int round = 0; round < options.temperature_rounds; ++round) {
    surrogate.factorise(mode.unknowns);
    prior.stiffness.temperature = surrogate.likelier_temperature(
        mode.unknowns, rng.stream(static_cast<std::uint64_t>(round)));
    surrogate.factorise(mode.unknowns);
    mode = settle(surrogate, std::move(mode.unknowns), result);
  }
  std::vector<Mode> others;
  if (options.errors && !warm) {
    others = find_modes(surrogate, mode, prior.atoms(), rng.stream(mode_stream), result);
  }
  describe(likelihood, prior, mode, result);
  if (!options.errors) return result;
  surrogate.expand(mode.unknowns);
  prior.stiffness.bend_temperature = options.stiffness.bend_temperature;
  surrogate.factorise(mode.unknowns, options.frames_alike);
  find_errors(surrogate, mode, others, result);
  return result;
}

}  // namespace kinema::atoms
