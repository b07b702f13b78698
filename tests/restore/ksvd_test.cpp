// Truths of sparse coding and of dictionaries that are learned.
#include "kinema/restore/ksvd.h"

#include "kinema/base/parallel.h"

#include <gtest/gtest.h>

#include "restore/scene.h"
#include <numeric>

namespace kinema::restore {
namespace {

const Progress silent;

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

Array<float, 3> denoised(const Array<float, 3>& noisy, double sigma) {
  Frames frames(noisy);
  const auto stream = ksvd_stream(frames, sigma, {}, silent);
  Array<float, 3> out(noisy.shape());
  for (Index t = 0; t < out.shape()[0]; ++t) {
    const Array<float, 2> frame = stream->next().value();
    std::copy_n(frame.data(), frame.size(), out[t].data());
  }
  EXPECT_FALSE(stream->next());
  return out;
}

float energy_of(const float* patch) {
  return std::inner_product(patch, patch + patch_pixels, patch, 0.0F);
}

TEST(SparseCode, FindsTheAtomsThatAPatchIsMadeOf) {
  const Dictionary dictionary = cosine_dictionary();
  for (const Simd simd : usable_simd()) {
    float patch[patch_pixels] = {};
    const SparseCode made{3, {20, 133, 250}, {5.0F, -3.0F, 2.0F}};
    add_coded(dictionary, made, 1.0F, patch);
    const float before = energy_of(patch);
    const SparseCode found = sparse_code(dictionary, patch, 1e-3F, ksvd_kernels(simd));
    add_coded(dictionary, found, -1.0F, patch);
    EXPECT_LE(energy_of(patch), 1.1e-3F) << before;
    EXPECT_LE(found.count, 8);
  }
}

TEST(SparseCode, LeavesNoMoreThanItIsAllowed) {
  const Dictionary dictionary = cosine_dictionary();
  Rng rng(9);
  for (int i = 0; i < 50; ++i) {
    float patch[patch_pixels];
    for (float& pixel : patch) pixel = static_cast<float>(rng.normal());
    const float mean = std::accumulate(patch, patch + patch_pixels, 0.0F) / patch_pixels;
    for (float& pixel : patch) pixel -= mean;
    const SparseCode code = sparse_code(dictionary, patch, 30.0F, ksvd_kernels(best_simd()));
    add_coded(dictionary, code, -1.0F, patch);
    EXPECT_LE(energy_of(patch), 30.1F);
  }
}

TEST(Ksvd, AConstantStaysAConstant) {
  const Array<float, 3> out = denoised(Array<float, 3>({2, 40, 50}, 12.5F), 1.0);
  for (const float pixel : out.flat()) EXPECT_NEAR(pixel, 12.5F, 1e-4);
}

TEST(Ksvd, MostOfTheNoiseGoes) {
  const Array<float, 3> clean = movie_of({2, 96, 100});
  for (const double sigma : {10.0, 25.0}) {
    const Array<float, 3> noisy = with_noise(clean, sigma, 5);
    EXPECT_LT(rms_difference(denoised(noisy, sigma), clean), 0.45 * sigma) << sigma;  // 7 dB
  }
}

TEST(Ksvd, LearningBeatsTheCosinesItBeginsWith) {
  const Array<float, 3> noisy = with_noise(movie_of({1, 96, 100}), 20.0, 5);
  Array<float, 2> patches({2000, patch_pixels});
  for (Index i = 0; i < 2000; ++i) {
    const Index y = (i * 37) % 88, x = (i * 53) % 92;
    for (Index p = 0; p < patch_pixels; ++p) patches(i, p) = noisy(0, y + p / 8, x + p % 8);
    const auto patch = patches[i].flat();
    const float mean = std::accumulate(patch.begin(), patch.end(), 0.0F) / patch_pixels;
    for (float& pixel : patch) pixel -= mean;
  }
  const Dictionary learned = learn_dictionary(patches.view(), 20.0, {}, silent);
  const auto atoms_needed = [&](const Dictionary& dictionary) {
    int count = 0;
    for (Index i = 0; i < 2000; ++i) {
      const float bound = 1.15F * 1.15F * 64.0F * 400.0F;
      count += sparse_code(dictionary, patches[i].data(), bound, ksvd_kernels(best_simd())).count;
    }
    return count;
  };
  EXPECT_LT(atoms_needed(learned), 0.9 * atoms_needed(cosine_dictionary()));
}

TEST(Ksvd, AnyThreadsGiveTheSame) {
  const Array<float, 3> noisy = with_noise(movie_of({2, 70, 60}), 20.0, 7);
  const int before = threads();
  set_threads(3);
  const Array<float, 3> many = denoised(noisy, 20.0);
  set_threads(1);
  const Array<float, 3> one = denoised(noisy, 20.0);
  set_threads(before);
  EXPECT_EQ(rms_difference(many, one), 0.0);
}

}  // namespace
}  // namespace kinema::restore
