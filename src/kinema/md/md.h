// Molecular dynamics by LAMMPS: energies, relaxation and runs at constant temperature of models of
// first-row atoms. It validates and relaxes; it never replaces what was measured.
//
// Units: angstrom, eV, kelvin; times inside a run in femtoseconds. Models without a cell, and axes
// without a period, are free. A missing LAMMPS, a missing potential and whatever LAMMPS refuses are
// InputErrors of one line.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/atomic_model.h"
#include "kinema/md/bonds.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kinema::md {

enum class ForceField : std::uint8_t {
  tersoff,  // C, B, N: Kinaci et al., Phys. Rev. B 86, 115410 (2012); BNC.tersoff
  airebo,   // C, H: Stuart, Tutein, Harrison, J. Chem. Phys. 112, 6472 (2000); CH.airebo
  lcbop     // C: Los and Fasolino, Phys. Rev. B 68, 024107 (2003); C.lcbop
};

inline constexpr EnumName<ForceField> force_field_names[] = {
    {ForceField::tersoff, "tersoff"}, {ForceField::airebo, "airebo"}, {ForceField::lcbop, "lcbop"}};
constexpr std::span<const EnumName<ForceField>> enum_names(ForceField) {
  return force_field_names;
}

/// Energy of a model and its gradient.
struct Forces {
  double energy = 0.0;       // eV, of all atoms
  std::vector<Vec3> forces;  // eV/angstrom: minus the gradient of the energy
};

struct RelaxOptions {
  ForceField force_field = ForceField::tersoff;
  bool hold_z = false;            // atoms keep their z: relaxation within the sheet
  double force_tolerance = 1e-3;  // eV/angstrom: no atom's force is larger at the end
  double energy_tolerance = 0.0;  // relative change of the energy in a step that ends it; 0: none
  int most_steps = 5000;
};

/// A model at rest, or on the way there: read `converged`.
struct Relaxation {
  AtomicModel model;                                    // the relaxed one
  std::vector<Vec3> displacements;                      // angstrom, from where the atoms were
  std::vector<Bond> bonds_before, bonds_after;          // of the model as given, and relaxed
  double energy_before = 0.0, energy_after = 0.0;       // eV per atom
  std::vector<double> energies_before, energies_after;  // eV of each atom, as the potential shares
  double largest_force = 0.0;                           // eV/angstrom, at the end
  bool converged = false;
};

struct DynamicsOptions {
  ForceField force_field = ForceField::tersoff;
  double temperature = 300.0;  // kelvin, of the velocities at the start and of the thermostat
  double duration = 1000.0;    // fs
  double time_step = 1.0;      // fs
  bool thermostat = true;      // Nose and Hoover, damped over 100 fs (NVT); else NVE
  std::uint64_t seed = 0;      // of the velocities
};

/// What a run went through. Samples are 10 fs apart, or a thousandth of longer runs.
struct Dynamics {
  AtomicModel last;                   // the final frame
  std::vector<Vec3> mean_positions;   // over the second half
  double rms_displacement = 0.0;      // angstrom: about the mean positions, over the second half
  double largest_displacement = 0.0;  // angstrom: of any atom at any sample, from the start
  std::vector<double> times;          // fs, of the samples; the first is 0
  std::vector<double> potential_energies, total_energies;  // eV per atom, at those times
  double mean_temperature = 0.0;                           // kelvin, over the second half
  std::vector<Bond> bonds;                                 // of the model at the start
  std::vector<Bond> broken;  // those that the final frame has no longer
};

/// A LAMMPS that stays for many models: starting one takes a third of a second. For one thread at a
/// time; as many as there are cores may run beside each other.
class Engine {
 public:
  Engine();
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Forces evaluate(const AtomicModel& model, ForceField force_field);
  /// Minimises the energy by conjugate gradients, at a fixed cell. Without atoms: InputError.
  Relaxation relax(const AtomicModel& model, const RelaxOptions& options = {});
  /// `progress` is asked whether to stop (Interrupted), also of the calls that follow.
  Dynamics run(const AtomicModel& model, const DynamicsOptions& options = {});
  void watch(const Progress* progress);
  /// Of LAMMPS, e.g. "20210929".
  std::string version();

 private:
  class Lammps;
  std::unique_ptr<Lammps> lammps_;
};

/// The same by a LAMMPS that starts and ends with the call.
Forces evaluate(const AtomicModel& model, ForceField force_field);
Relaxation relax(const AtomicModel& model, const RelaxOptions& options = {});
Dynamics run_nvt(const AtomicModel& model, const DynamicsOptions& options = {});

/// What is there: {"version", "program", "potentials"}; throws InputError that says what is
/// missing.
Json lammps_info();
inline constexpr const char* lammps_mend =
    "apt install liblammps-dev lammps-data, then ./run build";

}  // namespace kinema::md
