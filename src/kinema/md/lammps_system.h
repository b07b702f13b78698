// A model set up in LAMMPS: its box, its atoms, its force field.
#pragma once

#include "kinema/data/upright_cell.h"
#include "kinema/md/lammps_process.h"
#include "kinema/md/md.h"

#include <array>
#include <filesystem>
#include <vector>

namespace kinema::md {

/// Where the potentials of LAMMPS lie: LAMMPS_POTENTIALS, or the package's folder.
std::filesystem::path potential_folder();

/// Models in LAMMPS have an upright box, and atoms within its periods.
class LammpsSystem {
 public:
  /// Replaces what `process` held by the model. Throws InputError where the force field does not
  /// know an element, or its file is absent.
  LammpsSystem(LammpsProcess& process, const AtomicModel& model, ForceField force_field);

  /// How far the atoms are now from where the model has them, in the model's frame; none has moved
  /// by half a period or more since the last look.
  const std::vector<Vec3>& look();
  /// The model with its atoms where the last look() saw them.
  AtomicModel moved_model() const;
  std::vector<Vec3> forces();
  /// Energy of each atom, in eV, at the start or the end of the last run.
  std::vector<double> energies();
  /// Whether z of the box is z of the model.
  bool is_z_kept() const;

 private:
  void make_box();
  /// Room along the axes without a period, whatever the cell says there.
  void widen_free_axes();
  void make_atoms();
  void choose_force_field(ForceField force_field);
  /// Whole periods in a vector given in fractions of the box; none along free axes.
  Vec3 periods(const Vec3& fraction, double (*whole)(double)) const;

  LammpsProcess& process_;
  const AtomicModel& model_;
  UprightCell box_;
  std::array<bool, 3> periodic_{};
  std::vector<std::uint8_t> kinds_;  // atomic number of type 1, 2, ...
  std::vector<double> last_;         // 3 N, in the box's frame, as LAMMPS has them
  std::vector<Vec3> moved_;          // N, in the box's frame, without periods
  std::vector<Vec3> displacements_;  // the same in the model's frame
};

}  // namespace kinema::md
