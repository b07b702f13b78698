#include "kinema/atoms/refine.h"

#include "kinema/atoms/surrogate.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kinema::atoms {
namespace {

constexpr double softness[] = {20.0, 3.0, 1.0};  // of stretching, from the flat sheet on
constexpr int most_expansions = 6;
constexpr double settled = 1.0;  // nats between two expansions

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

/// Takes the sheet's mirror image where that is likelier, and returns the probability of the other
/// one; 0 where the frame rules it out.
double choose_side(Surrogate& surrogate, Mode& mode, Index atoms, Refined& result) {
  constexpr double hopeless = 300.0;         // nats before the mirror image has relaxed
  constexpr double hopeless_relaxed = 30.0;  // and after it has on the surrogate
  const double height = mean_height(mode.unknowns, atoms);
  std::vector<double> mirrored = mode.unknowns;
  for (std::size_t k = 2; k < static_cast<std::size_t>(3 * atoms); k += 3) {
    mirrored[k] = 2.0 * height - mirrored[k];
  }
  std::vector<double> gradient(mirrored.size());
  const auto behind = [&] {
    ++result.images;
    return surrogate.expand(mirrored) + surrogate.value(mirrored, gradient) - mode.value;
  };
  if (behind() > hopeless) return 0.0;
  surrogate.minimise(mirrored, {});
  if (behind() > hopeless_relaxed) return 0.0;
  const bool converged = result.converged;
  Mode other = settle(surrogate, std::move(mirrored), result);
  if (other.value < mode.value) {
    std::swap(mode, other);
  } else {
    result.converged = converged;
  }
  return 1.0 / (1.0 + std::exp(std::min(50.0, other.value - mode.value)));
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

/// Standard errors of the Gaussian around the mode, and of the sheet being its mirror image.
void find_errors(Surrogate& surrogate, Refined& result) {
  const std::vector<double> variances = surrogate.variances();
  for (std::size_t i = 0; i < result.positions.size(); ++i) {
    const double z = result.positions[i][2], variance = variances[3 * i + 2];
    const double mirrored = 4.0 * result.mirror_probability * z * z;
    result.sigmas.push_back({std::sqrt(variances[3 * i]),
                             std::sqrt(variances[3 * i + 1]),
                             std::sqrt(variance + mirrored)});
    const double right = 0.5 * (1.0 + std::erf(std::abs(z) / std::sqrt(2.0 * variance)));
    result.sign_probability.push_back(right + result.mirror_probability * (1.0 - 2.0 * right));
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
  if (options.errors && !warm) {
    result.mirror_probability = choose_side(surrogate, mode, prior.atoms(), result);
  }
  describe(likelihood, prior, mode, result);
  if (!options.errors) return result;
  surrogate.expand(mode.unknowns);
  prior.stiffness.bend_temperature = options.stiffness.bend_temperature;
  surrogate.factorise(mode.unknowns, options.frames_alike);
  find_errors(surrogate, result);
  return result;
}

}  // namespace kinema::atoms
