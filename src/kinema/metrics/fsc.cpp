// Fourier shell correlation (Harauz and van Heel, Optik 73, 1986).
#include "kinema/metrics/fsc.h"

#include "kinema/base/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace kinema::metrics {
namespace {

void require_cubes(const Volume& a, const Volume& b) {
  const Shape<3> shape = a.density.shape();
  if (shape == b.density.shape() && shape[0] == shape[1] && shape[1] == shape[2] && shape[0] >= 4)
    return;
  const auto text = [](const Shape<3>& s) {
    return std::to_string(s[0]) + " x " + std::to_string(s[1]) + " x " + std::to_string(s[2]);
  };
  throw InputError("FSC: volumes of " + text(shape) + " and " + text(b.density.shape()) +
                   " voxels; both must be one cube of 4 or more");
}

/// 1 inside 0.85 of the radius, 0 outside 0.95.
float soft_sphere(double r, double radius) {
  const double edge = std::clamp((r / radius - 0.85) / 0.1, 0.0, 1.0);
  return static_cast<float>(0.5 + 0.5 * std::cos(std::numbers::pi * edge));
}

Array<Complex, 3> spectrum(const Volume& volume, FscMask mask) {
  const Index n = volume.density.shape()[0];
  const double centre = static_cast<double>(n / 2), radius = static_cast<double>(n) / 2;
  Array<Complex, 3> grid({n, n, n});
  for (Index z = 0; z < n; ++z) {
    for (Index y = 0; y < n; ++y) {
      for (Index x = 0; x < n; ++x) {
        const double r = std::hypot(static_cast<double>(z) - centre,
                                    static_cast<double>(y) - centre,
                                    static_cast<double>(x) - centre);
        const float weight = mask == FscMask::none ? 1.0F : soft_sphere(r, radius);
        grid(z, y, x) = weight * volume.density(z, y, x);
      }
    }
  }
  fft3(grid.view());
  return grid;
}

}  // namespace

FscCurve fsc(const Volume& a, const Volume& b, FscMask mask) {
  require_cubes(a, b);
  const Index n = a.density.shape()[0];
  const Array<Complex, 3> fa = spectrum(a, mask), fb = spectrum(b, mask);
  const auto shells = static_cast<std::size_t>(n / 2);
  std::vector<double> cross(shells), power_a(shells), power_b(shells);
  const auto signed_index = [n](Index i) {
    return static_cast<double>(i < (n + 1) / 2 ? i : i - n);
  };
  for (Index z = 0; z < n; ++z) {
    for (Index y = 0; y < n; ++y) {
      for (Index x = 0; x < n; ++x) {
        const double k = std::hypot(signed_index(z), signed_index(y), signed_index(x));
        const auto shell = static_cast<std::size_t>(std::lround(k));
        if (shell >= shells) continue;
        const Complex u = fa(z, y, x), v = fb(z, y, x);
        cross[shell] += static_cast<double>((u * std::conj(v)).real());
        power_a[shell] += static_cast<double>(std::norm(u));
        power_b[shell] += static_cast<double>(std::norm(v));
      }
    }
  }
  FscCurve curve{.values = std::vector<double>(shells), .box = n, .voxel_size = a.voxel_size};
  for (std::size_t s = 0; s < shells; ++s) {
    const double power = std::sqrt(power_a[s] * power_b[s]);
    curve.values[s] = power > 0.0 ? cross[s] / power : 0.0;
  }
  return curve;
}

double resolution(const FscCurve& curve, double threshold) {
  const std::vector<double>& c = curve.values;
  for (std::size_t s = 1; s < c.size(); ++s) {
    if (c[s] >= threshold) continue;
    const double above = s == 1 ? 1.0 : c[s - 1];
    const double shell = static_cast<double>(s) - (threshold - c[s]) / (above - c[s]);
    return 1.0 / curve.frequency(std::max(shell, 1.0));
  }
  return 2.0 * curve.voxel_size.value;
}

double area_under(const FscCurve& curve) {
  double sum = 0.0;
  for (std::size_t s = 1; s < curve.values.size(); ++s) sum += curve.values[s];
  return sum / static_cast<double>(curve.values.size() - 1);
}

FscCurve mean_curve(std::span<const FscCurve> curves) {
  FscCurve mean = curves[0];
  for (std::size_t i = 1; i < curves.size(); ++i) {
    for (std::size_t s = 0; s < mean.values.size(); ++s) mean.values[s] += curves[i].values[s];
  }
  for (double& value : mean.values) value /= static_cast<double>(curves.size());
  return mean;
}

Volume difference(const Volume& volume, const Volume& mean) {
  Volume out = volume;
  for (Index i = 0; i < out.density.size(); ++i) out.density.data()[i] -= mean.density.data()[i];
  return out;
}

Volume mean_volume(std::span<const Volume> volumes) {
  Volume mean = volumes[0];
  for (Index i = 0; i < mean.density.size(); ++i) {
    double sum = 0.0;
    for (const Volume& volume : volumes) sum += static_cast<double>(volume.density.data()[i]);
    mean.density.data()[i] = static_cast<float>(sum / static_cast<double>(volumes.size()));
  }
  return mean;
}

}  // namespace kinema::metrics
