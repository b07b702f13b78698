// Energies, relaxation and dynamics: the commands and what is read from them.
#include "kinema/base/error.h"
#include "kinema/md/lammps_system.h"
#include "kinema/md/md.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::md {
namespace {

constexpr double sample_time = 10.0;   // fs between samples of a run
constexpr double most_samples = 1000;  // longer runs are sampled less often
constexpr double damping = 100.0;      // fs, of the thermostat

double norm(const Vec3& v) {
  return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

double largest(const std::vector<Vec3>& vectors) {
  double most = 0.0;
  for (const Vec3& vector : vectors) most = std::max(most, norm(vector));
  return most;
}

void require_sane(const DynamicsOptions& options) {
  const bool is_sane = options.temperature > 0.0 && options.temperature <= 1e5 &&
                       options.duration > 0.0 && options.duration <= 1e9 &&
                       options.time_step > 0.0 && options.time_step <= 10.0;
  if (!is_sane) {
    throw InputError(
        "molecular dynamics: the temperature, the duration and the time step must be larger than "
        "0, and the step at most 10 fs");
  }
}

/// Sums over the second half of a run, for means and fluctuations.
class Averages {
 public:
  explicit Averages(std::size_t atoms) : sum_(atoms), squares_(atoms) {}

  void add(const std::vector<Vec3>& displacements, double temperature) {
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        sum_[i][axis] += displacements[i][axis];
        squares_[i] += displacements[i][axis] * displacements[i][axis];
      }
    }
    temperature_ += temperature;
    ++count_;
  }
  void read(const AtomicModel& start, Dynamics& result) const {
    const double count = std::max(1, count_);
    double square = 0.0;
    result.mean_positions = start.positions;
    for (std::size_t i = 0; i < sum_.size(); ++i) {
      square += squares_[i] / count;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double mean = sum_[i][axis] / count;
        result.mean_positions[i][axis] += mean;
        square -= mean * mean;
      }
    }
    result.rms_displacement = std::sqrt(std::max(0.0, square) / static_cast<double>(sum_.size()));
    result.mean_temperature = temperature_ / count;
  }

 private:
  std::vector<Vec3> sum_;
  std::vector<double> squares_;
  double temperature_ = 0.0;
  int count_ = 0;
};

}  // namespace

class Engine::Lammps {
 public:
  LammpsProcess process;
};

Engine::Engine() : lammps_(std::make_unique<Lammps>()) {}
Engine::~Engine() = default;

void Engine::watch(const Progress* progress) {
  lammps_->process.watch(progress);
}

std::string Engine::version() {
  return lammps_->process.version();
}

Forces Engine::evaluate(const AtomicModel& model, ForceField force_field) {
  LammpsSystem system(lammps_->process, model, force_field);
  lammps_->process.command("run 0 post no");
  return {lammps_->process.thermo("pe"), system.forces()};
}

Relaxation Engine::relax(const AtomicModel& model, const RelaxOptions& options) {
  if (!(options.force_tolerance > 0.0) || !(options.energy_tolerance >= 0.0) ||
      options.most_steps < 1) {
    throw InputError("relaxation: tolerances and the number of steps must be positive");
  }
  LammpsProcess& process = lammps_->process;
  LammpsSystem system(process, model, options.force_field);
  if (options.hold_z) {
    if (!system.is_z_kept()) {
      throw InputError("relaxation within the sheet: the cell's first two edges must lie in x, y");
    }
    process.command("fix hold all setforce NULL NULL 0.0");
  }
  const auto atoms = static_cast<double>(model.size());
  Relaxation result;
  result.bonds_before = bonds_of(model);
  process.command("run 0 post no");
  result.energy_before = process.thermo("pe") / atoms;
  result.energies_before = system.energies();
  process.command("min_style cg");
  process.command("min_modify norm max");
  process.command(fmt::format("minimize {} {} {} {}",
                              options.energy_tolerance,
                              options.force_tolerance,
                              options.most_steps,
                              10 * options.most_steps));
  process.command("run 0 post no");
  result.energy_after = process.thermo("pe") / atoms;
  result.energies_after = system.energies();
  result.largest_force = largest(system.forces());
  result.converged = result.largest_force <= options.force_tolerance * 1.000001;
  result.displacements = system.look();
  result.model = system.moved_model();
  result.bonds_after = bonds_of(result.model);
  return result;
}

Dynamics Engine::run(const AtomicModel& model, const DynamicsOptions& options) {
  require_sane(options);
  LammpsProcess& process = lammps_->process;
  LammpsSystem system(process, model, options.force_field);
  const bool is_periodic =
      model.cell && (model.cell->periodic[0] || model.cell->periodic[1] || model.cell->periodic[2]);
  process.command(fmt::format("timestep {}", options.time_step * 1e-3));
  process.command(fmt::format("velocity all create {} {} mom yes rot {} dist gaussian",
                              options.temperature,
                              options.seed % 900000000 + 1,
                              is_periodic ? "no" : "yes"));
  process.command(
      options.thermostat
          ? fmt::format("fix move all nvt temp {0} {0} {1}", options.temperature, damping * 1e-3)
          : std::string("fix move all nve"));
  process.command("run 0 post no");

  const auto steps = static_cast<Index>(std::llround(options.duration / options.time_step));
  const double between = std::max(sample_time, options.duration / most_samples);
  const auto chunk = std::max<Index>(1, std::llround(between / options.time_step));
  const auto atoms = static_cast<double>(model.size());
  Dynamics result;
  result.bonds = bonds_of(model);
  Averages averages(model.positions.size());
  const auto sample = [&](Index done) {
    result.times.push_back(static_cast<double>(done) * options.time_step);
    const double potential = process.thermo("pe") / atoms;
    result.potential_energies.push_back(potential);
    result.total_energies.push_back(potential + process.thermo("ke") / atoms);
    const std::vector<Vec3>& displacements = system.look();
    result.largest_displacement = std::max(result.largest_displacement, largest(displacements));
    if (2 * done >= steps) averages.add(displacements, process.thermo("temp"));
    if (done == steps) result.broken = broken_bonds(result.bonds, displacements);
  };
  sample(0);
  for (Index done = 0; done < steps;) {
    const Index now = std::min(chunk, steps - done);
    process.command(fmt::format("run {} pre no post no", now));
    done += now;
    sample(done);
  }
  averages.read(model, result);
  result.last = system.moved_model();
  return result;
}

Forces evaluate(const AtomicModel& model, ForceField force_field) {
  return Engine().evaluate(model, force_field);
}

Relaxation relax(const AtomicModel& model, const RelaxOptions& options) {
  return Engine().relax(model, options);
}

Dynamics run_nvt(const AtomicModel& model, const DynamicsOptions& options) {
  return Engine().run(model, options);
}

Json lammps_info() {
  const std::string version = Engine().version();
  const std::filesystem::path folder = potential_folder();
  for (const char* file : {"BNC.tersoff", "CH.airebo", "C.lcbop"}) {
    if (std::filesystem::exists(folder / file)) continue;
    throw InputError((folder / file).string() +
                     ": the potential is not there; apt install "
                     "lammps-data, or name its folder in LAMMPS_POTENTIALS");
  }
  return {{"version", version},
          {"program", lammps_program().string()},
          {"potentials", folder.string()}};
}

}  // namespace kinema::md
