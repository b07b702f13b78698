// Truths of a simulated molecule: its volume and its frames tell of the same atoms.
#include "kinema/simulate/molecule.h"

#include "kinema/simulate/molecule_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace kinema::simulate {
namespace {

/// Carbon atoms at random in a ball, and the same stretched along x as the end of their way.
MoleculeModel cloud(int atoms) {
  Rng rng(5);
  MoleculeModel model;
  model.states.resize(2);
  while (static_cast<int>(model.states[0].size()) < atoms) {
    const Vec3 p{rng.uniform(-20, 20), rng.uniform(-20, 20), rng.uniform(-20, 20)};
    if (std::hypot(p[0], p[1], p[2]) > 20.0) continue;
    model.atomic_numbers.push_back(6);
    model.b_factors.push_back(20.0);
    model.states[0].push_back(p);
    model.states[1].push_back({1.3 * p[0], p[1], p[2]});
  }
  centre(model);
  return model;
}

MoleculeOptions small_movie() {
  MoleculeOptions options;
  options.frames = 6;
  options.size = 24;
  options.snr = 1e6;
  options.truth_frames = 2;
  return options;
}

/// The phases of a shift, and the CTF, undone is what a slice of the volume would be: here, a
/// frame along the body's own z.
TEST(Molecule, AProjectionIsTheSumOfTheVolumeAlongTheBeam) {
  for (const Scattering scattering : {Scattering::atoms, Scattering::blobs}) {
    MoleculeOptions options = small_movie();
    options.scattering = scattering;
    const MoleculeModel model = cloud(60);
    const MoleculeImage image(model, options);
    const Volume volume = image.volume(model.states[0]);
    Array<float, 2> sum({24, 24});
    for (Index z = 0; z < 24; ++z) {
      for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += volume.density[z].data()[i];
    }
    const std::vector<Complex> spectrum = image.projection(model.states[0]);
    const Array<float, 2> frame = imaging::image_of_spectrum(spectrum.data(), image.lattice());
    const float peak = *std::max_element(frame.flat().begin(), frame.flat().end());
    for (Index i = 0; i < sum.size(); ++i) {
      EXPECT_NEAR(sum.data()[i], frame.data()[i], 1e-3F * peak);
    }
  }
}

TEST(Molecule, ASolventOfItsOwnDensityHidesAMolecule) {
  MoleculeOptions options = small_movie();
  const MoleculeModel model = cloud(200);
  const auto total = [&](double solvent) {
    options.solvent = solvent;
    const Volume volume = MoleculeImage(model, options).volume(model.states[0]);
    double sum = 0.0;
    for (const float v : volume.density.flat()) sum += static_cast<double>(v);
    return sum;
  };
  const double vacuum = total(0.0);
  EXPECT_GT(vacuum, total(1.0));
  EXPECT_GT(total(1.0), 0.1 * vacuum);  // protein is denser than water
}

TEST(Molecule, NoiseHasTheRatioAskedFor) {
  MoleculeOptions options = small_movie();
  options.frames = 100;
  const auto movie = [&](double snr) {
    options.snr = snr;
    Progress silent;
    return simulate_molecule(cloud(60), options, Rng(3), silent);
  };
  const MoleculeMovie clean = movie(1e9), noisy = movie(0.25);
  double noise = 0.0, signal = 0.0, mean = 0.0;
  for (Index i = 0; i < clean.particles.images.size(); ++i) {
    const double c = clean.particles.images.data()[i];
    noise += std::pow(static_cast<double>(noisy.particles.images.data()[i]) - c, 2);
    signal += c * c;
    mean += c;
  }
  const auto count = static_cast<double>(clean.particles.images.size());
  EXPECT_NEAR((signal / count - mean * mean / count / count) / (noise / count), 0.25, 0.01);
}

TEST(Molecule, FewerElectronsAreNoisier) {
  MoleculeOptions options = small_movie();
  options.frames = 20;
  const auto snr = [&](double dose) {
    options.dose = Fluence{dose};
    Progress silent;
    return simulate_molecule(cloud(300), options, Rng(3), silent).snr;
  };
  EXPECT_NEAR(snr(4000) / snr(1000), 4.0, 0.4);
}

TEST(Molecule, MotionsBeginWhereTheyShouldAndStayOnTheWay) {
  for (const auto& [motion, name] : motion_names) {
    MotionOptions options;
    options.motion = motion;
    options.frames = 500;
    const std::vector<double> way = coordinates(options, Rng(1));
    ASSERT_EQ(way.size(), 500U) << name;
    for (const double q : way) {
      EXPECT_GE(q, 0.0);
      EXPECT_LE(q, 1.0);
    }
    const auto [low, high] = std::minmax_element(way.begin(), way.end());
    EXPECT_EQ(*high - *low > 0.5, motion != Motion::still) << name;
  }
}

TEST(Molecule, ATurningDomainKeepsItsShape) {
  MoleculeModel model = cloud(40);
  model.states.resize(1);
  std::vector<int> residues(40);
  for (int i = 0; i < 40; ++i) residues[static_cast<std::size_t>(i)] = i;
  MotionOptions options;
  options.domain = "0:14";
  add_domain_turn(model, residues, options);
  const auto distance = [](const Vec3& a, const Vec3& b) {
    return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  };
  const std::vector<Vec3> begin = model.at(0.0), end = model.at(1.0);
  EXPECT_NEAR(distance(end[0], end[14]), distance(begin[0], begin[14]), 1e-6);
  EXPECT_NEAR(distance(end[20], begin[20]), 0.0, 1e-9);
  EXPECT_GT(distance(end[0], begin[0]), 1.0);
  options.domain = "fifteen";
  EXPECT_THROW(add_domain_turn(model, residues, options), InputError);
}

TEST(Molecule, AFrameTooSmallIsRefused) {
  MoleculeOptions options = small_movie();
  options.pixel = 1_A;
  Progress silent;
  EXPECT_THROW(simulate_molecule(cloud(20), options, Rng(1), silent), InputError);
}

}  // namespace
}  // namespace kinema::simulate
