#include "kinema/base/fourier.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

namespace kinema {
namespace {

Array<float, 2> noise(Index height, Index width) {
  Array<float, 2> image({height, width});
  Rng rng(7);
  for (float& value : image.flat()) value = static_cast<float>(rng.normal());
  return image;
}

class Fourier : public testing::TestWithParam<Shape<2>> {};

TEST_P(Fourier, RealTransformIsThatOfBaseFftAndGoesBack) {
  const auto [height, width] = GetParam();
  const Array<float, 2> image = noise(height, width);
  const RealFourier2 plan(height, width);
  Array<Complex, 2> half(plan.half_shape());
  plan.forward(image.view(), half.view());
  const Array<Complex, 2> expected = real_fft2(image.view());
  for (Index i = 0; i < half.size(); ++i) {
    EXPECT_NEAR(std::abs(half.data()[i] - expected.data()[i]), 0.0, 2e-3);
  }
  Array<float, 2> back(image.shape());
  plan.inverse(half.view(), back.view());
  for (Index i = 0; i < image.size(); ++i) EXPECT_NEAR(back.data()[i], image.data()[i], 1e-5);
}

TEST_P(Fourier, ComplexTransformIsThatOfBaseFftAndGoesBack) {
  const auto [height, width] = GetParam();
  const Array<float, 2> image = noise(height, width);
  Array<Complex, 2> values({height, width});
  for (Index i = 0; i < image.size(); ++i) values.data()[i] = {image.data()[i], 1.0F};
  const Array<Complex, 2> before = values, expected = fft2(values);
  const ComplexFourier2 plan(height, width);
  plan.forward(values.view());
  for (Index i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(std::abs(values.data()[i] - expected.data()[i]), 0.0, 5e-3);
  }
  plan.inverse(values.view());
  for (Index i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(std::abs(values.data()[i] - before.data()[i]), 0.0, 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes,
                         Fourier,
                         testing::Values(Shape<2>{280, 280}, Shape<2>{36, 50}, Shape<2>{7, 9}));

}  // namespace
}  // namespace kinema
