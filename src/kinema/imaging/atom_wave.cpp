#include "kinema/imaging/atom_wave.h"

#include "kinema/imaging/ctf.h"

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

constexpr double pi = std::numbers::pi;

/// Radii and weights r dr of an integral over the plane: fine near the nucleus.
struct Radii {
  std::vector<double> r, weight;
};

Radii radii(double finest, double largest) {
  Radii made;
  for (double inner = 0.0; inner < largest;) {
    const double width = std::max(finest, 0.02 * inner), middle = inner + width / 2.0;
    made.r.push_back(middle);
    made.weight.push_back(2.0 * pi * middle * width);
    inner += width;
  }
  return made;
}

/// The projected potential in V angstrom at each radius, from its transform.
std::vector<double> projected_potential(int number,
                                        Potential potential,
                                        double msd,
                                        const Radii& radii) {
  const double largest_k = 3.0 / (pi * std::sqrt(2.0 * msd)), step = 0.02;
  std::vector<double> values(radii.r.size(), 0.0);
  for (double k = step / 2.0; k < largest_k; k += step) {
    const double spread = std::exp(-2.0 * pi * pi * k * k * msd);
    const double strength = volt_angstrom2_per_scattering *
                            scattering_factor(number, k, potential) * spread * 2.0 * pi * k * step;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] += strength * j0(2.0 * pi * k * radii.r[i]);
  }
  return values;
}

}  // namespace

std::vector<std::complex<double>> atom_wave(int atomic_number,
                                            Potential potential,
                                            Voltage voltage,
                                            double thermal_msd,
                                            double step,
                                            double largest_k) {
  const double sigma = interaction_constant(voltage);
  const Radii plane = radii(std::sqrt(thermal_msd) / 8.0, 6.0);
  const std::vector<double> v = projected_potential(atomic_number, potential, thermal_msd, plane);
  std::vector<std::complex<double>> wave;
  for (double k = 0.0; k < largest_k + step; k += step) {
    // The linear term from its transform, exact far from the nucleus; the rest, which is short,
    // here.
    std::complex<double> sum = 0.0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double phase = sigma * v[i];
      sum += plane.weight[i] * j0(2.0 * pi * k * plane.r[i]) *
             std::complex<double>(std::cos(phase) - 1.0, std::sin(phase) - phase);
    }
    const double linear = sigma * volt_angstrom2_per_scattering *
                          scattering_factor(atomic_number, k, potential) *
                          std::exp(-2.0 * pi * pi * k * k * thermal_msd);
    wave.push_back(sum + std::complex<double>(0.0, linear));
  }
  return wave;
}

}  // namespace kinema::imaging
