// The Fourier transform against its definition, for even, odd and prime sizes.
#include "kinema/base/fft.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema {
namespace {

Array<Complex, 2> noise(Index height, Index width) {
  Array<Complex, 2> image({height, width});
  Rng rng(1);
  for (Complex& value : image.flat()) {
    const double re = rng.normal();
    value = {static_cast<float>(re), static_cast<float>(rng.normal())};
  }
  return image;
}

/// sum x e^{-2 pi i (ky y / H + kx x / W)}, in double precision.
std::complex<double> direct(const Array<Complex, 2>& image, Index ky, Index kx) {
  const auto [height, width] = image.shape();
  std::complex<double> sum;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      const double turns = static_cast<double>(ky * y) / static_cast<double>(height) +
                           static_cast<double>(kx * x) / static_cast<double>(width);
      sum += std::complex<double>(image(y, x)) * std::polar(1.0, -2.0 * std::numbers::pi * turns);
    }
  }
  return sum;
}

double energy(const Array<Complex, 2>& values) {
  double sum = 0.0;
  for (const Complex value : values.flat()) sum += std::norm(std::complex<double>(value));
  return sum;
}

class FftSizes : public testing::TestWithParam<Shape<2>> {
 protected:
  Array<Complex, 2> image_ = noise(GetParam()[0], GetParam()[1]);
  double tolerance_ = 1e-5 * std::sqrt(energy(image_) * static_cast<double>(image_.size()));
};
INSTANTIATE_TEST_SUITE_P(Fft,
                         FftSizes,
                         testing::Values(Shape<2>{1, 1},
                                         Shape<2>{8, 12},
                                         Shape<2>{9, 15},
                                         Shape<2>{13, 17},
                                         Shape<2>{1, 31},
                                         Shape<2>{16, 7}));

TEST_P(FftSizes, IsItsDefinition) {
  const Array<Complex, 2> spectrum = fft2(image_);
  const auto [height, width] = GetParam();
  for (Index ky = 0; ky < height; ++ky) {
    for (Index kx = 0; kx < width; ++kx) {
      EXPECT_NEAR(std::abs(std::complex<double>(spectrum(ky, kx)) - direct(image_, ky, kx)),
                  0.0,
                  tolerance_);
    }
  }
}

TEST_P(FftSizes, KeepsTheEnergy) {  // Parseval
  EXPECT_NEAR(
      energy(fft2(image_)) / (energy(image_) * static_cast<double>(image_.size())), 1.0, 1e-5);
}

TEST_P(FftSizes, IsUndoneByItsInverse) {
  const Array<Complex, 2> back = inverse_fft2(fft2(image_));
  for (Index i = 0; i < image_.size(); ++i) {
    EXPECT_NEAR(std::abs(back.data()[i] - image_.data()[i]), 0.0, 1e-5);
  }
}

TEST_P(FftSizes, OfRealNumbersIsHalfOfTheWhole) {
  const auto [height, width] = GetParam();
  Array<float, 2> real({height, width});
  for (Index i = 0; i < real.size(); ++i) {
    real.data()[i] = image_.data()[i].real();
    image_.data()[i] = real.data()[i];
  }
  const Array<Complex, 2> whole = fft2(image_);
  const Array<Complex, 2> half = real_fft2(real.view());
  ASSERT_EQ(half.shape(), (Shape<2>{height, width / 2 + 1}));
  for (Index ky = 0; ky < height; ++ky) {
    for (Index kx = 0; kx <= width / 2; ++kx) {
      EXPECT_NEAR(std::abs(half(ky, kx) - whole(ky, kx)), 0.0, tolerance_);
      // The other half is its mirror image: X(-k) = conj X(k).
      const Complex mirror = whole((height - ky) % height, (width - kx) % width);
      EXPECT_NEAR(std::abs(std::conj(mirror) - half(ky, kx)), 0.0, tolerance_);
    }
  }
}

}  // namespace
}  // namespace kinema
