// Masks by blurring and a smooth threshold.
#include "kinema/dynamics/mask.h"

#include "kinema/base/fft.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace kinema::dynamics {
namespace {

float smooth_step(double x) {
  const double t = std::clamp(x, 0.0, 1.0);
  return static_cast<float>(t * t * (3.0 - 2.0 * t));
}

}  // namespace

Array<float, 3> blurred(const Array<float, 3>& volume, double width) {
  const Index n = volume.shape()[0];
  Array<Complex, 3> grid(volume.shape());
  for (Index i = 0; i < volume.size(); ++i) grid.data()[i] = volume.data()[i];
  fft3(grid.view());
  std::vector<float> along(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    const double k = static_cast<double>(i <= n / 2 ? i : i - n) / static_cast<double>(n);
    along[static_cast<std::size_t>(i)] =
        static_cast<float>(std::exp(-2.0 * std::pow(std::numbers::pi * width * k, 2)));
  }
  for (Index z = 0; z < n; ++z) {
    for (Index y = 0; y < n; ++y) {
      for (Index x = 0; x < n; ++x) {
        grid(z, y, x) *= along[static_cast<std::size_t>(z)] * along[static_cast<std::size_t>(y)] *
                         along[static_cast<std::size_t>(x)];
      }
    }
  }
  inverse_fft3(grid.view());
  Array<float, 3> out(volume.shape());
  for (Index i = 0; i < out.size(); ++i) out.data()[i] = grid.data()[i].real();
  return out;
}

Array<float, 3> sphere_mask(Index box) {
  Array<float, 3> mask({box, box, box});
  const double centre = static_cast<double>(box / 2), radius = static_cast<double>(box) / 2;
  for (Index z = 0; z < box; ++z) {
    for (Index y = 0; y < box; ++y) {
      for (Index x = 0; x < box; ++x) {
        const double r = std::hypot(static_cast<double>(z) - centre,
                                    static_cast<double>(y) - centre,
                                    static_cast<double>(x) - centre);
        mask(z, y, x) = smooth_step((0.95 - r / radius) / 0.1);
      }
    }
  }
  return mask;
}

Array<float, 3> support_mask(const Array<float, 3>& map, double blur) {
  const Array<float, 3> soft = blurred(map, blur);
  Array<float, 3> mask = sphere_mask(map.shape()[0]);
  const double peak =
      static_cast<double>(*std::max_element(soft.flat().begin(), soft.flat().end()));
  for (Index i = 0; i < mask.size(); ++i) {
    const double level = static_cast<double>(soft.data()[i]) / peak;
    mask.data()[i] *= smooth_step((level - 0.04) / 0.10);
  }
  return mask;
}

}  // namespace kinema::dynamics
