// Truths of block matching in coloured noise: noise does not pass for a specimen, a specimen stays,
// and white noise is none of this.
#include "kinema/restore/bm3d.h"
#include "kinema/restore/whitening.h"

#include <gtest/gtest.h>

#include "restore/scene.h"

namespace kinema::restore {
namespace {

const Progress silent;

/// Noise of which pixels that lie d apart along x or y correlate by 0.65^d, as a counting camera's
/// upsampled frames do; frames are independent.
Array<float, 3> coloured_noise(const Shape<3>& shape, double sigma, std::uint64_t seed) {
  Array<float, 3> noise = with_noise(Array<float, 3>(shape), sigma, seed);
  const auto alike = 0.65F, fresh = std::sqrt(1.0F - alike * alike);
  for (Index t = 0; t < shape[0]; ++t) {
    for (Index y = 0; y < shape[1]; ++y) {
      for (Index x = 1; x < shape[2]; ++x) {
        noise(t, y, x) = alike * noise(t, y, x - 1) + fresh * noise(t, y, x);
      }
    }
    for (Index y = 1; y < shape[1]; ++y) {
      for (Index x = 0; x < shape[2]; ++x) {
        noise(t, y, x) = alike * noise(t, y - 1, x) + fresh * noise(t, y, x);
      }
    }
  }
  return noise;
}

Array<float, 3> sum(Array<float, 3> a, const Array<float, 3>& b) {
  for (Index i = 0; i < a.size(); ++i) a.data()[i] += b.data()[i];
  return a;
}

/// Every frame the mean of all.
Array<float, 3> mean_in_time(const Array<float, 3>& movie) {
  const auto [frames, height, width] = movie.shape();
  Array<float, 3> mean(movie.shape());
  for (Index t = 0; t < frames; ++t) {
    for (Index i = 0; i < height * width; ++i) {
      for (Index s = 0; s < frames; ++s) {
        mean[t].data()[i] += movie[s].data()[i] / static_cast<float>(frames);
      }
    }
  }
  return mean;
}

/// Of the noise above, as frames of nothing else show it.
NoiseColour colour(double sigma) {
  const Array<float, 3> noise = coloured_noise({4, 192, 192}, sigma, 3);
  std::vector<Array<float, 2>> frames;
  for (Index t = 0; t < 4; ++t) frames.push_back(Array<float, 2>::copy_of(noise[t]));
  return colour_of(frames).value();
}

class Frames : public FrameStream {
 public:
  explicit Frames(const Array<float, 3>& movie) : movie_(movie) {}
  std::optional<Array<float, 2>> next() override {
    if (next_ == movie_.shape()[0]) return std::nullopt;
    return Array<float, 2>::copy_of(movie_[next_++]);
  }

 private:
  const Array<float, 3>& movie_;
  Index next_ = 0;
};

Array<float, 3> denoised(const Array<float, 3>& noisy, const NoiseColour& noise) {
  Frames frames(noisy);
  const auto stream = bm3d_stream(frames, noise, {.neighbours = 2}, silent);
  Array<float, 3> out(noisy.shape());
  for (Index t = 0; t < noisy.shape()[0]; ++t) {
    const Array<float, 2> frame = stream->next().value();
    std::copy_n(frame.data(), frame.size(), out[t].data());
  }
  return out;
}

TEST(ColouredBm3d, CorrelationIsThatOfTheNoise) {
  const auto correlation = correlation_of(colour(20.0));
  EXPECT_NEAR(correlation[0], 1.0, 1e-6);
  EXPECT_NEAR(correlation[1], 0.65, 0.07);
  EXPECT_NEAR(correlation[3], 0.27, 0.1);
  EXPECT_NEAR(correlation_of(white_noise())[1], 0.0, 1e-6);
}

TEST(ColouredBm3d, BlocksNeedNotLieApartInWhiteNoise) {
  EXPECT_EQ(distance_apart(white_noise()), 1);
  EXPECT_GE(distance_apart(colour(20.0)), 4);
}

TEST(ColouredBm3d, WhitenedNoiseIsWhite) {
  const Array<float, 3> noise = coloured_noise({1, 192, 192}, 20.0, 9);
  const BlockFrame white = Whitening(colour(20.0))(BlockFrame(noise[0]));
  double power = 0.0, with_next = 0.0;
  for (Index y = 0; y < 191; ++y) {
    for (Index x = 0; x < 191; ++x) {
      const double here = *white.at(y, x);
      power += here * here;
      with_next += 0.5 * here * (*white.at(y, x + 1) + *white.at(y + 1, x));
    }
  }
  EXPECT_NEAR(power / (191.0 * 191.0), 1.0, 0.35);
  EXPECT_LT(std::abs(with_next / power), 0.1);
}

TEST(ColouredBm3d, NoiseAloneLeavesASmallPart) {
  const Array<float, 3> flat({6, 96, 96}, 100.0F);
  const Array<float, 3> noisy = sum(flat, coloured_noise(flat.shape(), 20.0, 4));
  EXPECT_LT(rms_difference(denoised(noisy, colour(20.0)), flat), 0.18 * 20.0);
}

TEST(ColouredBm3d, EdgesAndStripesAreKeptBetterThanByAMean) {
  for (const double sigma : {20.0, 60.0}) {
    const Array<float, 3> clean = movie_of({5, 80, 80});
    const Array<float, 3> noisy = sum(clean, coloured_noise(clean.shape(), sigma, 5));
    const double ours = rms_difference(denoised(noisy, colour(sigma)), clean);
    EXPECT_LT(ours, 0.9 * rms_difference(mean_in_time(noisy), clean)) << sigma;
  }
}

}  // namespace
}  // namespace kinema::restore
