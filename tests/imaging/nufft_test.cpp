#include "kinema/imaging/nufft.h"

#include "kinema/base/fft.h"
#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::imaging {
namespace {

constexpr Index height = 60, width = 72, count = 40;

std::vector<GridPoint> random_points() {
  Rng rng(5);
  std::vector<GridPoint> points;
  for (Index j = 0; j < count; ++j) points.push_back({rng.uniform(-9, 80), rng.uniform(-5, 66)});
  return points;
}

Array<float, 2> random_weights(Index sets) {
  Rng rng(6);
  Array<float, 2> weights({sets, count});
  for (float& weight : weights.flat()) weight = static_cast<float>(rng.normal());
  return weights;
}

TEST(Nufft, SumsPlaneWavesOverThePoints) {
  const SpreadKernel kernel;
  const auto points = random_points();
  const auto weights = random_weights(1);
  Array<float, 3> grid({1, height, width});
  spread(kernel, points, weights.view(), grid.view());
  const Array<Complex, 2> spectrum = real_fft2(grid.view()[0]);
  const auto across = kernel.correction(width), down = kernel.correction(height);
  double worst = 0.0;
  for (Index y = 0; y < height; ++y) {
    const Index ky = y <= height / 2 ? y : y - height;
    for (Index x = 0; x <= width * 4 / 10; ++x) {
      if (std::hypot(static_cast<double>(x) / width, static_cast<double>(ky) / height) > 0.375)
        continue;
      std::complex<double> sum = 0.0;
      for (Index j = 0; j < count; ++j) {
        const double turn = static_cast<double>(x) * points[j].x / width +
                            static_cast<double>(ky) * points[j].y / height;
        sum += static_cast<double>(weights(0, j)) * std::polar(1.0, -2.0 * std::numbers::pi * turn);
      }
      const auto found =
          std::complex<double>(spectrum(y, x)) * static_cast<double>(across[x] * down[y]);
      worst = std::max(worst, std::abs(found - sum));
    }
  }
  EXPECT_LT(worst, 1e-4 * std::sqrt(static_cast<double>(count)));
}

TEST(Nufft, GatherIsTheAdjointOfSpread) {
  const SpreadKernel kernel;
  const auto points = random_points();
  const auto weights = random_weights(2);
  Array<float, 3> grids({2, height, width}), other({2, height, width});
  spread(kernel, points, weights.view(), grids.view());
  Rng rng(8);
  for (float& value : other.flat()) value = static_cast<float>(rng.normal());
  Array<float, 3> gathered({2, count, 3});
  gather(kernel, points, other.view(), gathered.view());
  double left = 0.0, right = 0.0;
  for (Index i = 0; i < grids.size(); ++i)
    left += static_cast<double>(grids.data()[i]) * other.data()[i];
  for (Index p = 0; p < 2; ++p) {
    for (Index j = 0; j < count; ++j)
      right += static_cast<double>(weights(p, j)) * gathered(p, j, 0);
  }
  EXPECT_NEAR(left, right, 1e-5 * std::abs(left) + 1e-4);
}

TEST(Nufft, SlopesAreDerivativesByThePoint) {
  const SpreadKernel kernel;
  Array<float, 3> grid({1, height, width});
  Rng rng(9);
  for (float& value : grid.flat()) value = static_cast<float>(rng.normal());
  const GridPoint at{10.3, 20.7};
  const double step = 0.01;
  const GridPoint near[] = {
      at, {at.x + step, at.y}, {at.x - step, at.y}, {at.x, at.y + step}, {at.x, at.y - step}};
  Array<float, 3> out({1, 5, 3});
  gather(kernel, near, grid.view(), out.view());
  EXPECT_NEAR(out(0, 0, 1), (out(0, 1, 0) - out(0, 2, 0)) / (2 * step), 2e-2);
  EXPECT_NEAR(out(0, 0, 2), (out(0, 3, 0) - out(0, 4, 0)) / (2 * step), 2e-2);
}

}  // namespace
}  // namespace kinema::imaging
