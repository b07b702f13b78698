// Relaxing a frame, running it, and weighing what came of it.
#include "kinema/atoms/validate.h"

#include "kinema/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace kinema::atoms {
namespace {

constexpr double neighbourhood = 5.0;  // angstrom
constexpr double least_of_neighbours = 0.75;
constexpr double boltzmann = 8.617333e-5;  // eV/K

/// Enough for what is strained to give way, too little for a whole flake to curl up: relaxation
/// ends when a step lowers the energy by less than a hundred-thousandth.
md::RelaxOptions relax_options(const ValidateOptions& options) {
  md::RelaxOptions relax;
  relax.force_field = options.force_field;
  relax.force_tolerance = 1e-2;
  relax.energy_tolerance = 1e-5;
  relax.most_steps = 500;
  return relax;
}

BondStatistics statistics_of(const AtomicModel& model, const std::vector<md::Bond>& bonds) {
  BondStatistics found;
  found.bonds = static_cast<Index>(bonds.size());
  double sum = 0.0, squares = 0.0;
  for (const md::Bond& bond : bonds) {
    const double length = bond.length();
    sum += length;
    squares += length * length;
    found.shortest = found.shortest == 0.0 ? length : std::min(found.shortest, length);
    found.longest = std::max(found.longest, length);
  }
  if (!bonds.empty()) {
    const auto count = static_cast<double>(bonds.size());
    found.mean = sum / count;
    found.rms = std::sqrt(std::max(0.0, squares / count - found.mean * found.mean));
  }
  for (const int count : md::coordination(model.size(), bonds)) {
    ++found.atoms_with[static_cast<std::size_t>(std::min(count, 5))];
  }
  return found;
}

/// The surroundings of every atom: how many atoms stand near it, and how far these moved together.
struct Surroundings {
  std::vector<double> counts;  // atoms within the neighbourhood, itself included
  std::vector<Vec3> means;     // of their displacements
};

Surroundings surroundings_of(const AtomicModel& model, const std::vector<Vec3>& moves) {
  Surroundings found{std::vector<double>(moves.size(), 1.0), moves};
  for (const md::Bond& pair : md::bonds_of(model, neighbourhood)) {
    const auto a = static_cast<std::size_t>(pair.a), b = static_cast<std::size_t>(pair.b);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      found.means[a][axis] += moves[b][axis];
      found.means[b][axis] += moves[a][axis];
    }
    ++found.counts[a];
    ++found.counts[b];
  }
  for (std::size_t i = 0; i < moves.size(); ++i) {
    for (double& component : found.means[i]) component /= found.counts[i];
  }
  return found;
}

std::vector<std::size_t> atoms_inside(const std::vector<double>& counts) {
  const double most = *std::max_element(counts.begin(), counts.end());
  std::vector<std::size_t> inside, all;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    all.push_back(i);
    if (counts[i] >= least_of_neighbours * most) inside.push_back(i);
  }
  return inside.size() < 10 ? all : inside;
}

double square_of(const Vec3& v) {
  return v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
}

/// What relaxation released, how far the atoms moved, and how far against their neighbourhood: a
/// sheet that bends or shrinks as a whole moves far, and nowhere from its neighbours.
void measure(const AtomicModel& model, const md::Relaxation& relaxed, FrameVerdict& verdict) {
  const std::vector<Vec3>& moves = relaxed.displacements;
  double squares = 0.0, z_squares = 0.0, local_squares = 0.0;
  for (const Vec3& move : moves) {
    squares += square_of(move);
    z_squares += move[2] * move[2];
    verdict.move_max = std::max(verdict.move_max, std::sqrt(square_of(move)));
  }
  const Surroundings around = surroundings_of(model, moves);
  const std::vector<std::size_t> inside = atoms_inside(around.counts);
  for (const std::size_t i : inside) {
    Vec3 local = moves[i];
    for (std::size_t axis = 0; axis < 3; ++axis) local[axis] -= around.means[i][axis];
    local_squares += square_of(local);
    verdict.local_max = std::max(verdict.local_max, std::sqrt(square_of(local)));
    verdict.released += relaxed.energies_before[i] - relaxed.energies_after[i];
  }
  const auto all = static_cast<double>(moves.size()), within = static_cast<double>(inside.size());
  verdict.move_rms = std::sqrt(squares / all);
  verdict.move_z_rms = std::sqrt(z_squares / all);
  verdict.local_rms = std::sqrt(local_squares / within);
  verdict.released /= within;
  verdict.inside = static_cast<Index>(inside.size());
}

void run_dynamics(md::Engine& engine,
                  const AtomicModel& relaxed,
                  const ValidateOptions& options,
                  std::uint64_t seed,
                  FrameVerdict& verdict) {
  md::DynamicsOptions dynamics;
  dynamics.force_field = options.force_field;
  dynamics.temperature = options.temperature;
  dynamics.duration = options.md_time.value * 1e15;
  dynamics.seed = seed;
  const md::Dynamics run = engine.run(relaxed, dynamics);
  verdict.md = MdOutcome{run.mean_temperature,
                         run.rms_displacement,
                         run.largest_displacement,
                         static_cast<Index>(run.broken.size())};
}

void weigh(const ValidateOptions& options, FrameVerdict& verdict) {
  const auto object = [&](bool is_wrong, const std::string& reason) {
    if (is_wrong) verdict.reasons.push_back(reason);
  };
  object(
      verdict.released > options.most_energy,
      fmt::format(
          "relaxation releases {:.3f} eV per atom inside: the crystal would hold that at {:.0f} K",
          verdict.released,
          verdict.released / (1.5 * boltzmann)));
  object(verdict.local_max > options.most_move,
         fmt::format("an atom moves {:.2f} A against its neighbourhood while relaxed",
                     verdict.local_max));
  object(verdict.broken > 0, fmt::format("bonds that relaxation breaks: {}", verdict.broken));
  object(verdict.bonds.atoms_with[0] > 0,
         fmt::format("atoms without a bond: {}", verdict.bonds.atoms_with[0]));
  const Index crowded = verdict.bonds.atoms_with[4] + verdict.bonds.atoms_with[5];
  object(crowded > 0, fmt::format("atoms with more than three bonds: {}", crowded));
  verdict.verdict = verdict.reasons.empty() ? "sound" : "unsound";
}

void weigh_run(const MdOutcome& md, const ValidateOptions& options, FrameVerdict& verdict) {
  if (md.broken == 0) return;
  verdict.reasons.push_back(
      fmt::format("bonds that break at {} K: {}", options.temperature, md.broken));
  verdict.verdict = "unsound";
}

}  // namespace

FrameVerdict judge(std::unique_ptr<md::Engine>& engine,
                   const AtomicModel& model,
                   Index frame,
                   const ValidateOptions& options,
                   std::uint64_t seed) {
  FrameVerdict verdict;
  verdict.frame = frame;
  verdict.atoms = model.size();
  if (!engine) engine = std::make_unique<md::Engine>();
  try {
    const md::Relaxation relaxed = engine->relax(model, relax_options(options));
    verdict.energy = relaxed.energy_before;
    verdict.relaxed_energy = relaxed.energy_after;
    verdict.bonds = statistics_of(model, relaxed.bonds_before);
    verdict.broken =
        static_cast<Index>(md::broken_bonds(relaxed.bonds_before, relaxed.displacements).size());
    measure(model, relaxed, verdict);
    weigh(options, verdict);
    if (options.md_time.value > 0.0) {
      run_dynamics(*engine, relaxed.model, options, seed, verdict);
      weigh_run(*verdict.md, options, verdict);
    }
  } catch (const InputError& error) {
    engine.reset();
    if (verdict.verdict.empty()) verdict.verdict = "failed";
    if (verdict.verdict == "sound") verdict.verdict = "unsound";
    verdict.reasons.emplace_back(error.what());
  }
  return verdict;
}

}  // namespace kinema::atoms
