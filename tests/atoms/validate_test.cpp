// The verdict: crystals pass, what no bonded carbon can be does not, and mirrors are not told
// apart.
#include "kinema/atoms/validate.h"

#include "kinema/base/error.h"
#include "kinema/base/rng.h"
#include "kinema/md/lammps_process.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>

namespace kinema::atoms {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A free flake of four-atom cells with a ripple of `height` angstrom.
AtomicModel flake(double height) {
  AtomicModel model;
  const double bond = 1.43, width = std::sqrt(3.0) * bond;
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 10; ++x) {
      const double left = x * width, top = y * 3.0 * bond;
      for (const Vec3& p : {Vec3{left, top, 0},
                            Vec3{left, top + bond, 0},
                            Vec3{left + width / 2, top + 1.5 * bond, 0},
                            Vec3{left + width / 2, top + 2.5 * bond, 0}}) {
        model.positions.push_back({p[0], p[1], height * std::sin(0.35 * p[0])});
      }
    }
  }
  model.atomic_numbers.assign(model.positions.size(), 6);
  return model;
}

class AtomsValidate : public testing::Test {
 protected:
  void SetUp() override {
    if (md::lammps_program().empty()) GTEST_SKIP() << "LAMMPS was not built in";
    options_.md_time = Time{5e-14};
  }
  FrameVerdict verdict(const AtomicModel& model) { return judge(engine_, model, 3, options_, 1); }

  ValidateOptions options_;
  std::unique_ptr<md::Engine> engine_;
};

TEST_F(AtomsValidate, ARippledFlakeIsSoundAndSoIsItsMirrorImage) {
  AtomicModel model = flake(0.5);
  const FrameVerdict up = verdict(model);
  EXPECT_EQ(up.verdict, "sound") << testing::PrintToString(up.reasons);
  EXPECT_EQ(up.frame, 3);
  EXPECT_EQ(up.atoms, 240);
  EXPECT_GT(up.inside, 60);
  EXPECT_LT(up.inside, 240);
  EXPECT_NEAR(up.bonds.mean, 1.43, 0.02);
  EXPECT_EQ(up.bonds.atoms_with[4] + up.bonds.atoms_with[5], 0);
  ASSERT_TRUE(up.md);
  EXPECT_EQ(up.md->broken, 0);
  for (Vec3& position : model.positions) position[2] = -position[2];
  const FrameVerdict down = verdict(model);
  EXPECT_EQ(down.verdict, "sound");
  EXPECT_NEAR(up.energy, down.energy, 1e-9);
  EXPECT_NEAR(up.released, down.released, 1e-6);
}

TEST_F(AtomsValidate, NoiseInHeightIsReleasedAsEnergy) {
  AtomicModel model = flake(0.5);
  Rng rng(9);
  for (Vec3& position : model.positions) position[2] += 0.45 * rng.normal();
  const FrameVerdict found = verdict(model);
  EXPECT_EQ(found.verdict, "unsound");
  EXPECT_THAT(found.reasons, Contains(HasSubstr("eV per atom")));
  EXPECT_GT(found.released, 0.5);
  EXPECT_GT(found.local_rms, 0.2);
}

TEST_F(AtomsValidate, ALoneAtomIsNamed) {
  AtomicModel model = flake(0.0);
  model.positions[0][2] += 4.0;
  EXPECT_THAT(verdict(model).reasons, Contains(HasSubstr("atoms without a bond: 1")));
}

TEST_F(AtomsValidate, WhatTheForceFieldDoesNotKnowFailsAndTheNextFrameIsJudged) {
  AtomicModel model = flake(0.0);
  model.atomic_numbers[4] = 79;
  const FrameVerdict failed = verdict(model);
  EXPECT_EQ(failed.verdict, "failed");
  EXPECT_THAT(failed.reasons, ElementsAre(HasSubstr("not Au")));
  options_.md_time = Time{0.0};
  const FrameVerdict next = verdict(flake(0.0));
  EXPECT_EQ(next.verdict, "sound");
  EXPECT_FALSE(next.md);
}

TEST_F(AtomsValidate, VerdictsComeBackFromJsonAndFillEveryColumn) {
  const FrameVerdict found = verdict(flake(0.2));
  EXPECT_EQ(to_json(verdict_from_json(to_json(found))), to_json(found));
  const std::string head = csv_head(), row = csv_row(found);
  EXPECT_EQ(std::count(head.begin(), head.end(), ','), std::count(row.begin(), row.end(), ','));
  EXPECT_THROW(verdict_from_json(Json{{"frame", "one"}}), InputError);
}

}  // namespace
}  // namespace kinema::atoms
