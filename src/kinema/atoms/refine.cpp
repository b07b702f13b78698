#include "kinema/atoms/refine.h"

#include "kinema/atoms/surrogate.h"

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr double softness[] = {20.0, 3.0, 1.0};  // of stretching, from the flat sheet on
constexpr int most_expansions = 6;
constexpr double settled = 1.0;  // nats between two expansions

/// One mode of the posterior: where a start led to.
struct Mode {
  std::vector<double> unknowns;
  double value = 0.0;  // minus log posterior less a constant that all modes share
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

/// From a flat sheet, or from a jittered one, to a mode: soft bonds first.
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

/// How likely the sheet is its own mirror image, against the mode; 0 where the frame rules that
/// out.
double mirrored_probability(
    Surrogate& surrogate, const Mode& mode, Index atoms, double height, Refined& result) {
  constexpr double hopeless = 300.0;  // nats before the mirror image has relaxed
  std::vector<double> mirrored = mode.unknowns;
  for (Index i = 0; i < atoms; ++i) {
    double& z = mirrored[static_cast<std::size_t>(3 * i + 2)];
    z = 2.0 * height - z;
  }
  std::vector<double> gradient(mirrored.size());
  const double before = surrogate.expand(mirrored) + surrogate.value(mirrored, gradient);
  ++result.images;
  if (before - mode.value > hopeless) return 0.0;
  // Relaxed on the surrogate alone first: most mirror images stay far behind.
  surrogate.minimise(mirrored, {});
  if (surrogate.expand(mirrored) + surrogate.value(mirrored, gradient) - mode.value >
      0.1 * hopeless)
    return 0.0;
  const Mode other = settle(surrogate, std::move(mirrored), result);
  return 1.0 / (1.0 + std::exp(std::clamp(other.value - mode.value, -50.0, 50.0)));
}

/// Weights of the modes. Their values differ by more than what a patch is worth, because each mode
/// gets other patches right, so differences count for little.
std::vector<double> weights_of(const std::vector<Mode>& modes) {
  constexpr double tempering = 0.1;
  double best = modes.front().value, sum = 0.0;
  for (const Mode& mode : modes) best = std::min(best, mode.value);
  std::vector<double> weights;
  for (const Mode& mode : modes) {
    weights.push_back(std::exp(-tempering * (mode.value - best)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
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
  const auto atoms = static_cast<Index>(start.size());
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
  std::vector<Mode> modes;
  modes.push_back(descend(surrogate, prior, x, warm ? 2 : 0, result));
  likelihood.fit_strength = true;
  for (int round = 0; round < options.temperature_rounds; ++round) {
    surrogate.factorise(modes.front().unknowns);
    prior.stiffness.temperature =
        surrogate.likelier_temperature(modes.front().unknowns, rng.stream(round));
    surrogate.factorise(modes.front().unknowns);
    modes.front() = settle(surrogate, std::move(modes.front().unknowns), result);
  }
  const Stiffness stiffness = prior.stiffness;
  for (int n = 1; n < (warm ? 1 : options.starts); ++n) {
    // As unsure as the frame is of its heights while bonds are soft, around where the first start
    // led.
    prior.stiffness.temperature = stiffness.temperature * softness[0];
    std::vector<double> y = modes.front().unknowns;
    surrogate.factorise(y);
    const std::vector<double> jitter = surrogate.sample(rng);
    for (Index i = 0; i < atoms; ++i)
      y[static_cast<std::size_t>(3 * i + 2)] += jitter[static_cast<std::size_t>(3 * i + 2)];
    prior.stiffness.temperature = stiffness.temperature;
    modes.push_back(descend(surrogate, prior, std::move(y), 1, result));
  }

  const std::vector<double> weights = weights_of(modes);
  std::vector<double> mean(static_cast<std::size_t>(3 * atoms), 0.0), spread(mean);
  for (std::size_t m = 0; m < modes.size(); ++m) {
    const double height = mean_height(modes[m].unknowns, atoms);
    for (std::size_t k = 0; k < mean.size(); ++k) {
      const double value = modes[m].unknowns[k] - (k % 3 == 2 ? height : 0.0);
      mean[k] += weights[m] * value;
      spread[k] += weights[m] * value * value;
    }
  }
  const std::size_t best = std::max_element(weights.begin(), weights.end()) - weights.begin();
  const double middle = mean_height(modes[best].unknowns, atoms);
  if (!warm)
    result.mirror_probability = mirrored_probability(surrogate, modes[best], atoms, middle, result);
  if (options.errors) {
    surrogate.expand(modes[best].unknowns);
    prior.stiffness.bend_temperature = options.stiffness.bend_temperature;
    surrogate.factorise(modes[best].unknowns, options.frames_alike);
  }
  result.likelihood = likelihood.value(mean, {});
  result.energy = modes[best].value - result.likelihood;
  result.stiffness = stiffness;
  result.chi_squared = likelihood.chi_squared();
  result.strength = likelihood.strength();
  result.mean_counts = likelihood.mean_counts();
  const auto [bond_mean, bond_spread] = prior.bond_statistics(modes[best].unknowns);
  result.bond_mean = bond_mean;
  result.bond_spread = bond_spread;
  const std::vector<double> variances =
      options.errors ? surrogate.variances() : std::vector<double>(mean.size(), 1.0);
  for (Index i = 0; i < atoms; ++i) {
    Vec3 position{}, sigma{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t k = static_cast<std::size_t>(3 * i) + axis;
      double between = std::max(0.0, spread[k] - mean[k] * mean[k]);
      if (axis == 2) between += 4.0 * result.mirror_probability * mean[k] * mean[k];
      position[axis] = mean[k];
      sigma[axis] = std::sqrt(variances[k] + between);
      if (axis == 2) result.spread_of_starts += between / static_cast<double>(atoms);
    }
    result.positions.push_back(position);
    result.sigmas.push_back(sigma);
    const double right =
        0.5 * (1.0 + std::erf(std::abs(position[2]) /
                              (std::sqrt(2.0 * variances[static_cast<std::size_t>(3 * i + 2)]))));
    result.sign_probability.push_back(right + result.mirror_probability * (1.0 - 2.0 * right));
  }
  result.height = middle;
  result.spread_of_starts = std::sqrt(result.spread_of_starts);
  return result;
}

}  // namespace kinema::atoms
