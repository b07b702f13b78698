// Learning, and coding of all overlapping patches.
#include "kinema/restore/ksvd.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <string>
#include <vector>

namespace kinema::restore {
namespace {

constexpr Index patches_at_once = 256, rows_at_once = 16;
constexpr std::size_t least_users = 4;  // of an atom that is worth keeping

float bound_of(double sigma, const KsvdOptions& options) {
  const double deviation = options.error * sigma;
  return static_cast<float>(patch_pixels * deviation * deviation);
}

/// The patch at (y, x) without its mean, which comes back.
float take_patch(ArrayView<const float, 2> frame, Index y, Index x, float* patch) {
  for (Index row = 0; row < patch_edge; ++row) {
    std::copy_n(frame[y + row].data() + x, patch_edge, patch + row * patch_edge);
  }
  const float mean = std::accumulate(patch, patch + patch_pixels, 0.0F) / patch_pixels;
  for (Index p = 0; p < patch_pixels; ++p) patch[p] -= mean;
  return mean;
}

/// Patches with their codes, and what the codes leave of them.
struct Coded {
  std::vector<SparseCode> codes;
  Array<float, 2> rest;  // (N, 64)
};

Coded code_all(ArrayView<const float, 2> patches,
               const Dictionary& dictionary,
               float bound,
               const KsvdKernels& kernels) {
  const Index count = patches.shape()[0];
  Coded coded{std::vector<SparseCode>(static_cast<std::size_t>(count)),
              Array<float, 2>::copy_of(patches)};
  parallel_for((count + patches_at_once - 1) / patches_at_once, [&](Index chunk) {
    const Index end = std::min(count, (chunk + 1) * patches_at_once);
    for (Index i = chunk * patches_at_once; i < end; ++i) {
      SparseCode& code = coded.codes[static_cast<std::size_t>(i)];
      code = sparse_code(dictionary, patches[i].data(), bound, kernels);
      add_coded(dictionary, code, -1.0F, coded.rest[i].data());
    }
  });
  return coded;
}

/// One use of an atom: by which patch, and where in its code.
struct Use {
  Index patch;
  std::size_t place;
};

std::vector<std::vector<Use>> uses_of(const Coded& coded) {
  std::vector<std::vector<Use>> uses(atom_count);
  for (std::size_t i = 0; i < coded.codes.size(); ++i) {
    for (std::size_t n = 0; n < static_cast<std::size_t>(coded.codes[i].count); ++n) {
      uses[static_cast<std::size_t>(coded.codes[i].atoms[n])].push_back({static_cast<Index>(i), n});
    }
  }
  return uses;
}

/// The atom fitted to its users, and their weights to the atom: one power iteration on the rest
/// that they would have without it.
void refit(const std::vector<Use>& uses, Coded& coded, std::span<float> atom) {
  const auto weight_of = [&](const Use& use) -> float& {
    return coded.codes[static_cast<std::size_t>(use.patch)].weights[use.place];
  };
  std::array<float, patch_pixels> fitted{};
  for (const Use& use : uses) {
    float* rest = coded.rest[use.patch].data();
    const float weight = weight_of(use);
    for (std::size_t p = 0; p < fitted.size(); ++p) {
      rest[p] += weight * atom[p];  // as it were without this atom
      fitted[p] += weight * rest[p];
    }
  }
  const float norm =
      std::sqrt(std::inner_product(fitted.begin(), fitted.end(), fitted.begin(), 0.0F));
  if (norm > 0.0F) {
    for (std::size_t p = 0; p < fitted.size(); ++p) atom[p] = fitted[p] / norm;
  }
  for (const Use& use : uses) {
    float* rest = coded.rest[use.patch].data();
    const float weight = std::inner_product(atom.begin(), atom.end(), rest, 0.0F);
    weight_of(use) = weight;
    for (std::size_t p = 0; p < fitted.size(); ++p) rest[p] -= weight * atom[p];
  }
}

/// Patches by how much their codes leave of them, the most first.
std::vector<Index> worst_coded(const Coded& coded) {
  std::vector<float> left(coded.codes.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const auto rest = coded.rest[static_cast<Index>(i)].flat();
    left[i] = std::inner_product(rest.begin(), rest.end(), rest.begin(), 0.0F);
  }
  std::vector<Index> order(left.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto end = order.begin() + std::min<Index>(atom_count, static_cast<Index>(order.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](Index a, Index b) {
    const float x = left[static_cast<std::size_t>(a)], y = left[static_cast<std::size_t>(b)];
    return x != y ? x > y : a < b;
  });
  order.erase(end, order.end());
  return order;
}

class KsvdStream : public FrameStream {
 public:
  KsvdStream(FrameStream& noisy,
             double sigma,
             const KsvdOptions& options,
             const Progress& progress,
             Simd simd)
      : noisy_(noisy),
        sigma_(sigma),
        options_(options),
        progress_(progress),
        simd_(simd),
        kernels_(ksvd_kernels(simd)) {}

  std::optional<Array<float, 2>> next() override {
    if (!dictionary_) learn();
    if (!first_.empty()) {
      const Array<float, 2> frame = std::move(first_.front());
      first_.pop_front();
      return denoised(frame.view());
    }
    const std::optional<Array<float, 2>> frame = noisy_.next();
    if (!frame) return std::nullopt;
    return denoised(frame->view());
  }

 private:
  void learn() {
    while (static_cast<Index>(first_.size()) < learned_frames) {
      std::optional<Array<float, 2>> frame = noisy_.next();
      if (!frame) break;
      require_size(*frame);
      first_.push_back(std::move(*frame));
    }
    if (first_.empty()) return;
    dictionary_ = learn_dictionary(sample().view(), sigma_, options_, progress_, simd_);
  }

  static void require_size(const Array<float, 2>& frame) {
    const auto [height, width] = frame.shape();
    if (height >= patch_edge && width >= patch_edge) return;
    throw InputError("K-SVD: frames of " + std::to_string(height) + " x " + std::to_string(width) +
                     " pixels are smaller than its patches of 8 x 8");
  }

  /// Patches of the first frames, evenly spread.
  Array<float, 2> sample() const {
    const auto [height, width] = first_.front().shape();
    const Index rows = height - patch_edge + 1, columns = width - patch_edge + 1;
    const Index all = rows * columns * static_cast<Index>(first_.size());
    const Index count = std::min(all, options_.learned_patches);
    Array<float, 2> patches({count, patch_pixels});
    for (Index i = 0; i < count; ++i) {
      const Index place = i * (all / count) + i * (all % count) / count;
      const Index t = place / (rows * columns), within = place % (rows * columns);
      const Array<float, 2>& frame = first_[static_cast<std::size_t>(t)];
      take_patch(frame.view(), within / columns, within % columns, patches[i].data());
    }
    return patches;
  }

  /// The mean of all overlapping coded patches. Strips of rows work at the same time where they are
  /// too far from each other to touch: the sums are the same by any number of threads.
  Array<float, 2> denoised(ArrayView<const float, 2> frame) const {
    Array<float, 2> sums(frame.shape()), counts(frame.shape());
    const Index strips = (frame.shape()[0] - patch_edge) / rows_at_once + 1;
    for (const Index odd : {0, 1}) {
      parallel_for((strips - odd + 1) / 2, [&](Index i) {
        progress_.check();
        code_strip(frame, 2 * i + odd, sums, counts);
      });
    }
    for (Index i = 0; i < sums.size(); ++i) sums.data()[i] /= counts.data()[i];
    return sums;
  }

  void code_strip(ArrayView<const float, 2> frame,
                  Index strip,
                  Array<float, 2>& sums,
                  Array<float, 2>& counts) const {
    const Index last_y = frame.shape()[0] - patch_edge, last_x = frame.shape()[1] - patch_edge;
    const float bound = bound_of(sigma_, options_);
    float patch[patch_pixels], coded[patch_pixels];
    for (Index y = strip * rows_at_once; y < (strip + 1) * rows_at_once && y <= last_y; ++y) {
      if (y % options_.step != 0 && y != last_y) continue;
      for (Index x = 0; x <= last_x; ++x) {
        if (x % options_.step != 0 && x != last_x) continue;
        const float mean = take_patch(frame, y, x, patch);
        std::fill_n(coded, patch_pixels, mean);
        add_coded(*dictionary_, sparse_code(*dictionary_, patch, bound, kernels_), 1.0F, coded);
        for (Index p = 0; p < patch_pixels; ++p) {
          sums(y + p / patch_edge, x + p % patch_edge) += coded[p];
          counts(y + p / patch_edge, x + p % patch_edge) += 1.0F;
        }
      }
    }
  }

  FrameStream& noisy_;
  double sigma_;
  KsvdOptions options_;
  const Progress& progress_;
  Simd simd_;
  KsvdKernels kernels_;
  std::deque<Array<float, 2>> first_;
  std::optional<Dictionary> dictionary_;
};

}  // namespace

Dictionary learn_dictionary(ArrayView<const float, 2> patches,
                            double sigma,
                            const KsvdOptions& options,
                            const Progress& progress,
                            Simd simd) {
  const KsvdKernels kernels = ksvd_kernels(simd);
  const float bound = bound_of(sigma, options);
  Dictionary dictionary = cosine_dictionary();
  for (int round = 0; round < options.rounds; ++round) {
    progress.check();
    Coded coded = code_all(patches, dictionary, bound, kernels);
    const std::vector<std::vector<Use>> uses = uses_of(coded);
    const std::vector<Index> worst = worst_coded(coded);
    Array<float, 2> atoms = dictionary.atoms();
    std::size_t next_worst = 0;
    for (Index k = 0; k < atom_count; ++k) {
      const std::vector<Use>& users = uses[static_cast<std::size_t>(k)];
      if (users.size() >= least_users) {
        refit(users, coded, atoms[k].flat());
      } else if (next_worst < worst.size() && round + 1 < options.rounds) {
        std::copy_n(patches[worst[next_worst++]].data(), patch_pixels, atoms[k].data());
      }
    }
    dictionary = Dictionary(std::move(atoms));
  }
  return dictionary;
}

std::unique_ptr<FrameStream> ksvd_stream(FrameStream& noisy,
                                         double sigma,
                                         const KsvdOptions& options,
                                         const Progress& progress,
                                         Simd simd) {
  if (!(sigma > 0.0)) throw InputError("K-SVD: sigma must be positive");
  if (options.step < 1 || options.step > patch_edge || options.rounds < 0) {
    throw InputError("K-SVD: step is 1 to 8 pixels, rounds are 0 or more");
  }
  return std::make_unique<KsvdStream>(noisy, sigma, options, progress, simd);
}

}  // namespace kinema::restore
