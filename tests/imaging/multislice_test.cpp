// Multislice against truths, against the linear theory of the lens, and against abTEM.
#include "kinema/imaging/multislice.h"

#include "kinema/imaging/ctf.h"
#include "kinema/imaging/fresnel.h"
#include "kinema/imaging/quadrature.h"
#include "kinema/imaging/wave_image.h"

#include <gtest/gtest.h>

#include "test_data.h"
#include <cmath>
#include <complex>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;
const double at_rest = 0.0;

AtomicModel one_atom(int z, Vec3 at) {
  return {{static_cast<std::uint8_t>(z)}, {at}, std::nullopt};
}

/// Carbon atoms in a heap, up to 3 A high.
AtomicModel heap() {
  AtomicModel atoms;
  for (int i = 0; i < 9; ++i) {
    atoms.atomic_numbers.push_back(6);
    atoms.positions.push_back({3.0 + 1.4 * (i % 3), 3.0 + 1.3 * (i / 3), 0.37 * i});
  }
  return atoms;
}

Optics lens(double c10) {
  Optics optics;
  optics.voltage = 80_kV;
  optics.defocus.value = -c10;
  return optics;
}

double largest_difference(const Array<float, 2>& a, const Array<float, 2>& b) {
  double worst = 0.0;
  for (Index i = 0; i < a.size(); ++i) {
    worst = std::max<double>(worst, std::abs(a.data()[i] - b.data()[i]));
  }
  return worst;
}

TEST(Quadrature, IsExactForMomentsOfTheNormalDistribution) {
  for (const int count : {1, 4, 9, 40, 64}) {
    double mean = 0.0, variance = 0.0, sum = 0.0;
    for (const QuadratureNode& node : normal_quadrature(count)) {
      sum += node.weight;
      mean += node.weight * node.at;
      variance += node.weight * node.at * node.at;
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
    EXPECT_NEAR(mean, 0.0, 1e-12);
    EXPECT_NEAR(variance, count == 1 ? 0.0 : 1.0, 1e-11);
  }
}

TEST(Quadrature, AveragesEveryPhaseItWasAskedFor) {
  for (const double largest : {0.5, 2.0, 12.0}) {
    const auto nodes = normal_quadrature(quadrature_nodes(largest));
    for (double phase = 0.0; phase <= largest; phase += 0.1) {
      double mean = 0.0;
      for (const QuadratureNode& node : nodes) mean += node.weight * std::cos(phase * node.at);
      EXPECT_NEAR(mean, std::exp(-phase * phase / 2.0), 4e-3) << phase;
    }
  }
}

TEST(Multislice, OfNothingIsOneEverywhere) {
  Optics optics = lens(36.0);
  optics.focal_spread = {8.5};
  optics.blur = {0.15};
  optics.convergence = 1e-3;
  const Field field = multislice_field(40, 48, 0.2);
  const Array<float, 2> image =
      image_of(exit_wave({}, {&at_rest, 1}, field, 80_kV), optics, 40, 48);
  for (const float value : image.flat()) EXPECT_NEAR(value, 1.0, 1e-6);
}

// A phase object takes no electron away. Only the band limit does: what it scatters beyond.
TEST(Multislice, ConservesIntensity) {
  const Field field = multislice_field(50, 50, 0.2);
  const Wave wave = exit_wave(heap(), {&at_rest, 1}, field, 80_kV);
  double sum = 0.0;
  for (const Complex value : wave.spectrum.flat()) sum += std::norm(value);
  const auto points = static_cast<double>(wave.spectrum.size());
  EXPECT_NEAR(sum / (points * points), 1.0, 1e-3);
}

TEST(Multislice, HeightActsLikeDefocus) {
  const Field field = multislice_field(60, 60, 0.2);
  AtomicModel raised = heap();
  for (Vec3& at : raised.positions) at[2] += 7.3;
  const auto image = [&](const AtomicModel& atoms, double c10) {
    return image_of(exit_wave(atoms, {&at_rest, 1}, field, 80_kV), lens(c10), 60, 60);
  };
  EXPECT_LT(largest_difference(image(raised, 36.0), image(heap(), 36.0 - 7.3)), 2e-4);
  EXPECT_GT(largest_difference(image(raised, 36.0), image(heap(), 36.0)), 0.02);
}

TEST(Multislice, ThickSlicesKeepTheHeights) {
  const Field field = multislice_field(60, 60, 0.2);
  const auto image = [&](double slice) {
    const MultisliceOptions options{Potential::lobato, slice};
    return image_of(exit_wave(heap(), {&at_rest, 1}, field, 80_kV, options), lens(36.0), 60, 60);
  };
  EXPECT_LT(largest_difference(image(0.5), image(0.02)), 1e-3);
  EXPECT_THROW(image(0.001), InputError);
}

TEST(Multislice, OrderOfAtomsAndWholePeriodsChangeNothing) {
  const Field field = multislice_field(60, 60, 0.2);
  AtomicModel other = heap();
  std::reverse(other.positions.begin(), other.positions.end());
  other.positions[0][0] += 12.0;
  other.positions[3][1] -= 24.0;
  const auto image = [&](const AtomicModel& atoms) {
    return image_of(exit_wave(atoms, {&at_rest, 1}, field, 80_kV), lens(36.0), 60, 60);
  };
  EXPECT_LT(largest_difference(image(other), image(heap())), 1e-4);
}

// F[I - 1] = 2 sigma V(k) sin chi(k) to first order in the potential. Hydrogen that moves widely
// is weak; what lies beyond first order goes with its square.
TEST(Multislice, AWeakAtomMakesTheLinearImage) {
  constexpr Index n = 80;
  constexpr double pixel = 0.2, extent = n * pixel, height = 5.0, c10 = 60.0;
  const double msd = 0.02, blur = 0.2;
  Optics optics = lens(c10);
  optics.c12 = {12.0, 0.4};
  optics.blur = {blur};
  const Field field = multislice_field(n, n, pixel);
  const Wave wave = exit_wave(one_atom(1, {0.0, 0.0, height}), {&msd, 1}, field, 80_kV);
  const Array<float, 2> image = image_of(wave, optics, n, n);
  Array<Complex, 2> excess({n, n});
  for (Index i = 0; i < image.size(); ++i) excess.data()[i] = image.data()[i] - 1.0F;
  const Array<Complex, 2> found = fft2(excess);

  optics.defocus.value = -(c10 - height);
  double largest = 0.0, worst = 0.0;
  for (Index y = 0; y < 20; ++y) {
    for (Index x = 0; x < 20; ++x) {
      if (x == 0 && y == 0) continue;
      const double kx = static_cast<double>(x) / extent, ky = static_cast<double>(y) / extent;
      const double k2 = kx * kx + ky * ky;
      const auto area = [&](double k) {
        return k == 0.0 ? 1.0 : std::sin(pi * k * pixel) / (pi * k * pixel);
      };
      const double v = volt_angstrom2_per_scattering * std::exp(-2.0 * pi * pi * k2 * msd) *
                       scattering_factor(1, std::sqrt(k2), Potential::lobato);
      const double linear = 2.0 * interaction_constant(80_kV) * v * std::sin(chi(optics, kx, ky)) *
                            std::exp(-2.0 * pi * pi * k2 * blur * blur) * area(kx) * area(ky) /
                            (pixel * pixel);
      largest = std::max(largest, std::abs(linear));
      worst = std::max<double>(worst, std::abs(found(y, x) - Complex(static_cast<float>(linear))));
    }
  }
  EXPECT_LT(worst, 0.012 * largest);
}

// Half-angle at 1/e, Frank's envelope exp(-(alpha / 2 lambda)^2 |grad chi|^2) of the linear image.
TEST(WaveImage, AWideBeamDampsLikeItsEnvelope) {
  constexpr Index n = 80;
  const double msd = 0.01;
  const Field field = multislice_field(n, n, 0.2);
  const Wave wave = exit_wave(one_atom(1, {8.0, 8.0, 0.0}), {&msd, 1}, field, 80_kV);
  const auto transform = [&](double convergence) {
    Optics optics = lens(150.0);
    optics.convergence = convergence;
    const Array<float, 2> image = image_of(wave, optics, n, n);
    Array<Complex, 2> values({n, n});
    for (Index i = 0; i < image.size(); ++i) values.data()[i] = image.data()[i] - 1.0F;
    return fft2(values);
  };
  const Array<Complex, 2> sharp = transform(0.0), damped = transform(2e-3);
  Optics optics = lens(150.0);
  optics.convergence = 2e-3;
  for (Index x = 3; x < 12; ++x) {
    const double expected = spatial_envelope(optics, static_cast<double>(x) / 16.0, 0.0);
    EXPECT_NEAR(damped(0, x).real() / sharp(0, x).real(), expected, 0.03) << x;
  }
}

TEST(WaveImage, APeakLiesWhereItsAtomIs) {
  const double msd = 0.0036;
  const Field field = multislice_field(60, 60, 0.2);
  const Vec3 at{5.2, 7.4, 0.0};
  const Wave wave = exit_wave(one_atom(6, at), {&msd, 1}, field, 80_kV);
  const Array<float, 2> image = image_of(wave, lens(36.0), 60, 60);  // C10 > 0: atoms are bright
  const auto peak = std::max_element(image.flat().begin(), image.flat().end());
  const auto index = peak - image.flat().begin();
  EXPECT_EQ(index % 60, 26);
  EXPECT_EQ(index / 60, 37);
}

// The model of atoms that scatter once goes another way to the same image, aberrations included.
// Its pixels are points: their area is added to its blur.
TEST(Multislice, AgreesWithAtomsThatScatterOnce) {
  constexpr Index n = 80;
  const double msd = 0.0036;
  Optics optics = lens(40.0);
  optics.cs = {-4e4};
  optics.c12 = {30.0, 0.5};
  optics.c21 = {1500.0, 1.0};
  optics.c23 = {2000.0, 0.3};
  optics.focal_spread = {8.5};
  optics.blur = {0.15};
  optics.convergence = 1e-3;
  const Wave wave = exit_wave(heap(), {&msd, 1}, multislice_field(n, n, 0.2), 80_kV);
  const Array<float, 2> image = image_of(wave, optics, n, n);

  optics.blur = {std::sqrt(0.15 * 0.15 + 0.2 * 0.2 / 12.0)};
  FresnelOptions options;
  options.potential = Potential::lobato;
  const FresnelModel model({n, n, 0.2, 0.2}, optics, options);
  FresnelModel::Scratch scratch;
  Array<float, 2> single({n, n});
  model.image(heap().positions, single.view(), scratch);
  double error = 0.0, power = 0.0;
  for (Index i = 0; i < image.size(); ++i) {
    error += std::pow(image.data()[i] - single.data()[i], 2);
    power += std::pow(image.data()[i] - 1.0, 2);
  }
  EXPECT_LT(std::sqrt(error / power), 0.03);
}

/// Frame `wanted` of an extended XYZ file of carbon.
AtomicModel frame_of_xyz(const std::filesystem::path& path, int wanted) {
  std::ifstream file(path);
  AtomicModel atoms;
  std::size_t count = 0;
  std::string line;
  for (int frame = 0; frame <= wanted && file >> count; ++frame) {
    std::getline(file, line);  // rest of the count
    std::getline(file, line);  // comment
    atoms.atomic_numbers.assign(count, 6);
    atoms.positions.assign(count, Vec3{});
    for (Vec3& at : atoms.positions) file >> line >> at[0] >> at[1] >> at[2];
  }
  return atoms;
}

/// The last `count` floats of a file.
std::vector<float> last_floats(const std::filesystem::path& path, std::size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::vector<float> values(count);
  const auto bytes = static_cast<std::streamoff>(count * sizeof(float));
  file.seekg(-bytes, std::ios::end);
  file.read(reinterpret_cast<char*>(values.data()), bytes);
  return values;
}

// Three frames of a rippled flake as abTEM 1.0.9 images it (Lobato, infinite projection, slices of
// 0.1 A), conditions.json beside them. Measured: 0.9 % of the signal's rms.
TEST(Multislice, AgreesWithAnotherProgram) {
  const auto folder = test::test_data("graphene");
  KINEMA_REQUIRE_DATA(folder / "flake12_noiseless.npy");
  const std::vector<float> theirs = last_floats(folder / "flake12_noiseless.npy", 280 * 280);
  Optics optics = lens(36.0);
  optics.focal_spread = {6.0 * std::numbers::sqrt2};
  optics.blur = {0.15};
  const double msd = 0.0036;
  const Wave wave = exit_wave(frame_of_xyz(folder / "flake12_truth.extxyz", 8),
                              {&msd, 1},
                              multislice_field(280, 280, 0.2),
                              80_kV);
  const Array<float, 2> image = image_of(wave, optics, 280, 280);
  double mean = 0.0, power = 0.0, error = 0.0;
  for (const float value : theirs) mean += value / (280.0 * 280.0);
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    power += std::pow(theirs[i] - mean, 2);
    error += std::pow(theirs[i] - image.data()[i], 2);
  }
  EXPECT_LT(std::sqrt(error / power), 0.012);
}

}  // namespace
}  // namespace kinema::imaging
