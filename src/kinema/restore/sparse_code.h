// Patches of 8 x 8 pixels as sums of few atoms of a dictionary.
//
// Orthogonal matching pursuit with precomputed products of the atoms: Rubinstein, Zibulevsky, Elad,
// "Efficient Implementation of the K-SVD Algorithm using Batch Orthogonal Matching Pursuit", CS
// Technion 2008.
#pragma once

#include "kinema/restore/ksvd_kernel.h"

#include <array>

namespace kinema::restore {

/// 256 atoms of norm one, and what coding with them needs. Its atoms have no mean.
class Dictionary {
 public:
  /// From atoms (256, 64), which are freed of their means and made to have norm one.
  explicit Dictionary(Array<float, 2> atoms);
  const float* atom(Index k) const { return atoms_[k].data(); }
  const Array<float, 2>& atoms() const { return atoms_; }
  const Array<float, 2>& by_pixel() const { return by_pixel_; }
  const Array<float, 2>& products() const { return products_; }

 private:
  Array<float, 2> atoms_, by_pixel_, products_;  // (256, 64), (64, 256), (256, 256)
};

/// Products of 16 x 16 cosines, of which 8 a side are a basis.
Dictionary cosine_dictionary();

inline constexpr int most_atoms = 24;

struct SparseCode {
  int count = 0;
  std::array<int, most_atoms> atoms{};
  std::array<float, most_atoms> weights{};
};

/// As few atoms as leave a squared residual of at most `bound` of a patch (64) without its mean.
SparseCode sparse_code(const Dictionary& dictionary,
                       const float* patch,
                       float bound,
                       const KsvdKernels& kernels);

/// patch (64) += sign * what the code stands for.
void add_coded(const Dictionary& dictionary, const SparseCode& code, float sign, float* patch);

}  // namespace kinema::restore
