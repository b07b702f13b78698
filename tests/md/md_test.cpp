// LAMMPS behind its small interface, against what is known of graphene and of mechanics.
#include "kinema/md/md.h"

#include "kinema/base/error.h"
#include "kinema/md/lammps_process.h"

#include "sheets.h"
#include <cstdlib>
#include <gmock/gmock.h>

namespace kinema::md {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class Md : public testing::Test {
 protected:
  void SetUp() override {
    if (lammps_program().empty()) GTEST_SKIP() << "LAMMPS was not built in";
  }
  double energy_at(double bond, ForceField force_field) {
    const AtomicModel sheet = test::periodic_sheet(3, 2, bond);
    return engine().evaluate(sheet, force_field).energy / static_cast<double>(sheet.size());
  }
  Engine& engine() {
    if (!engine_) engine_.emplace();
    return *engine_;
  }
  std::optional<Engine> engine_;
};

double norm(const Vec3& v) {
  return std::hypot(v[0], v[1], v[2]);
}

TEST_F(Md, EveryForceFieldHasItsOwnBondOfGraphene) {
  const struct {
    ForceField force_field;
    double bond, energy;  // of the published potentials: angstrom, eV per atom
  } known[] = {{ForceField::tersoff, 1.4388, -7.98},
               {ForceField::airebo, 1.3968, -7.4},
               {ForceField::lcbop, 1.4200, -7.35}};
  for (const auto& [force_field, bond, energy] : known) {
    const double step = 0.002;
    const double left = energy_at(bond - step, force_field), here = energy_at(bond, force_field),
                 right = energy_at(bond + step, force_field);
    const double lowest = bond + 0.5 * step * (left - right) / (left - 2.0 * here + right);
    EXPECT_NEAR(lowest, bond, 0.0015) << to_text(force_field);
    EXPECT_NEAR(here, energy, 0.1) << to_text(force_field);
  }
}

TEST_F(Md, ForcesAreTheSlopeOfTheEnergy) {
  for (const ForceField force_field :
       {ForceField::tersoff, ForceField::airebo, ForceField::lcbop}) {
    for (const bool is_periodic : {true, false}) {
      AtomicModel model = test::shaken(test::periodic_sheet(3, 2, 1.42), 0.05, 7);
      if (!is_periodic) model.cell.reset();
      const Forces forces = engine().evaluate(model, force_field);
      for (const auto& [atom, axis] : {std::pair{0, 0}, {5, 1}, {11, 2}, {20, 2}}) {
        constexpr double step = 1e-4;
        double& coordinate = model.positions[static_cast<std::size_t>(atom)][axis];
        coordinate += step;
        const double right = engine().evaluate(model, force_field).energy;
        coordinate -= 2 * step;
        const double left = engine().evaluate(model, force_field).energy;
        coordinate += step;
        EXPECT_NEAR(
            forces.forces[static_cast<std::size_t>(atom)][axis], (left - right) / (2 * step), 2e-4)
            << to_text(force_field);
      }
    }
  }
}

TEST_F(Md, WhereAModelStandsDoesNotMatter) {
  AtomicModel flake = test::without_cell(test::shaken(test::periodic_sheet(4, 3, 1.42), 0.05, 1));
  const Forces here = engine().evaluate(flake, ForceField::airebo);
  for (Vec3& position : flake.positions) {
    position = {position[0] + 312.5, position[1] - 77.25, position[2] + 1000};
  }
  const Forces there = engine().evaluate(flake, ForceField::airebo);
  EXPECT_NEAR(here.energy, there.energy, 1e-8);
  for (std::size_t i = 0; i < here.forces.size(); ++i) {
    EXPECT_NEAR(norm({here.forces[i][0] - there.forces[i][0],
                      here.forces[i][1] - there.forces[i][1],
                      here.forces[i][2] - there.forces[i][2]}),
                0.0,
                1e-7);
  }
}

TEST_F(Md, ATurnedCellIsTheSameCrystal) {
  const AtomicModel sheet = test::shaken(test::periodic_sheet(3, 2, 1.42), 0.05, 3);
  const Forces upright = engine().evaluate(sheet, ForceField::tersoff);
  AtomicModel turned = sheet;  // x -> y -> z -> x
  for (Vec3& p : turned.positions) p = {p[2], p[0], p[1]};
  for (Vec3& edge : turned.cell->edges) edge = {edge[2], edge[0], edge[1]};
  turned.cell->origin = {-10, 0, 0};
  const Forces other = engine().evaluate(turned, ForceField::tersoff);
  EXPECT_NEAR(upright.energy, other.energy, 1e-8);
  EXPECT_NEAR(upright.forces[4][0], other.forces[4][1], 1e-7);
  EXPECT_NEAR(upright.forces[4][2], other.forces[4][0], 1e-7);
}

TEST_F(Md, ARelaxedSheetDoesNotMoveAndAShakenOneGoesBack) {
  const AtomicModel sheet = test::periodic_sheet(4, 3, 1.4388);
  const Relaxation still = engine().relax(sheet);
  EXPECT_TRUE(still.converged);
  for (const Vec3& way : still.displacements) EXPECT_LT(norm(way), 1e-6);

  RelaxOptions options;
  options.force_tolerance = 1e-5;
  const Relaxation back = engine().relax(test::shaken(sheet, 0.1, 5), options);
  EXPECT_TRUE(back.converged);
  EXPECT_GT(back.energy_before, still.energy_after + 0.1);
  EXPECT_NEAR(back.energy_after, still.energy_after, 1e-6);
  ASSERT_EQ(back.energies_before.size(), sheet.positions.size());
  double sum = 0.0;
  for (const double energy : back.energies_before) sum += energy;
  EXPECT_NEAR(sum / static_cast<double>(sheet.size()), back.energy_before, 1e-9);
  for (const double energy : back.energies_after) EXPECT_NEAR(energy, back.energy_after, 1e-3);
  for (const Bond& bond : back.bonds_after) EXPECT_NEAR(bond.length(), 1.4388, 2e-3);
}

TEST_F(Md, AtomsThatAreHeldKeepTheirHeight) {
  const AtomicModel shaken =
      test::without_cell(test::shaken(test::periodic_sheet(4, 3, 1.42), 0.1, 11));
  RelaxOptions options;
  options.hold_z = true;
  const Relaxation relaxed = engine().relax(shaken, options);
  EXPECT_TRUE(relaxed.converged);
  EXPECT_LT(relaxed.energy_after, relaxed.energy_before - 0.05);
  for (std::size_t i = 0; i < shaken.positions.size(); ++i) {
    EXPECT_NEAR(relaxed.model.positions[i][2], shaken.positions[i][2], 1e-9);
  }
}

TEST_F(Md, WithoutAThermostatTheEnergyIsKept) {
  DynamicsOptions options;
  options.thermostat = false;
  options.duration = 100.0;
  const Dynamics run = engine().run(test::periodic_sheet(4, 3, 1.4388), options);
  ASSERT_EQ(run.times.size(), 11U);
  EXPECT_EQ(run.times.back(), 100.0);
  const double kinetic = run.total_energies[0] - run.potential_energies[0];
  EXPECT_NEAR(kinetic, 1.5 * 8.617e-5 * 300, 1.5 * 8.617e-5 * 300 * 0.05);
  for (const double energy : run.total_energies) {
    EXPECT_NEAR(energy, run.total_energies[0], 0.01 * kinetic);
  }
  EXPECT_TRUE(run.broken.empty());
}

TEST_F(Md, ASheetAt300KelvinTremblesAndHolds) {
  DynamicsOptions options;
  options.seed = 4;
  const AtomicModel sheet = test::periodic_sheet(6, 4, 1.4388);
  const Dynamics run = engine().run(sheet, options);
  EXPECT_NEAR(run.mean_temperature, 300.0, 60.0);
  EXPECT_GT(run.rms_displacement, 0.03);  // Debye and Waller: 0.05 in the sheet, more out of it
  EXPECT_LT(run.rms_displacement, 0.4);
  EXPECT_LT(run.largest_displacement, 1.2);
  EXPECT_TRUE(run.broken.empty());
  const Dynamics again = engine().run(sheet, options);
  EXPECT_EQ(run.last.positions, again.last.positions);
  options.seed = 5;
  EXPECT_NE(run.last.positions, engine().run(sheet, options).last.positions);
}

TEST_F(Md, WhatLammpsRefusesIsOneLineAndTheNextModelWorks) {
  AtomicModel model = test::periodic_sheet(2, 2, 1.42);
  model.atomic_numbers[0] = 14;
  EXPECT_THAT([&] { engine().evaluate(model, ForceField::tersoff); },
              ThrowsMessage<InputError>(HasSubstr("Tersoff knows C, B, N and not Si")));
  EXPECT_THROW(engine().relax(AtomicModel{}), InputError);
  model.atomic_numbers[0] = 6;
  EXPECT_NO_THROW(engine().evaluate(model, ForceField::tersoff));
  LammpsProcess process;
  EXPECT_THAT([&] { process.command("pair_style nonsense"); },
              ThrowsMessage<InputError>(HasSubstr("Unrecognized pair style 'nonsense'")));
  EXPECT_THROW(process.command("units metal"), InputError);
}

TEST_F(Md, AMissingPotentialSaysWhichPackageHasIt) {
  ASSERT_EQ(setenv("LAMMPS_POTENTIALS", "/nowhere", 1), 0);
  EXPECT_THAT([] { evaluate(test::periodic_sheet(1, 1, 1.42), ForceField::airebo); },
              ThrowsMessage<InputError>(HasSubstr("apt install lammps-data")));
  EXPECT_THROW(lammps_info(), InputError);
  unsetenv("LAMMPS_POTENTIALS");
  EXPECT_EQ(lammps_info()["version"].get<std::string>().size(), 8U);
}

TEST_F(Md, AStopEndsARunAtOnce) {
  Progress progress;
  engine().watch(&progress);
  progress.request_stop();
  DynamicsOptions options;
  options.duration = 1e8;
  EXPECT_THROW(engine().run(test::periodic_sheet(12, 8, 1.42), options), Interrupted);
}

}  // namespace
}  // namespace kinema::md
