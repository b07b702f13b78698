// See sparse_code.h.
#include "kinema/restore/sparse_code.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace kinema::restore {
namespace {

/// Without mean, of norm one; an atom that had nothing else stays zero.
void normalise(std::span<float> atom) {
  const float mean = std::accumulate(atom.begin(), atom.end(), 0.0F) / patch_pixels;
  float squares = 0.0F;
  for (float& value : atom) {
    value -= mean;
    squares += value * value;
  }
  if (squares < 1e-12F) return std::fill(atom.begin(), atom.end(), 0.0F);
  for (float& value : atom) value /= std::sqrt(squares);
}

/// The lower triangle L of the chosen atoms' products, L L^T, one row for each further atom.
class Triangle {
 public:
  /// Adds an atom by its products with those before it; false where it depends on them.
  bool add(const std::array<double, most_atoms>& products, int count) {
    double left = 1.0;
    for (int i = 0; i < count; ++i) {
      double value = products[static_cast<std::size_t>(i)];
      for (int j = 0; j < i; ++j) value -= at(count, j) * at(i, j);
      at(count, i) = value / at(i, i);
      left -= at(count, i) * at(count, i);
    }
    if (left < 1e-6) return false;
    at(count, count) = std::sqrt(left);
    return true;
  }
  /// The solution of L L^T x = b, in place.
  void solve(std::array<double, most_atoms>& x, int count) {
    for (int i = 0; i < count; ++i) {
      for (int j = 0; j < i; ++j) x[static_cast<std::size_t>(i)] -= at(i, j) * x[j];
      x[static_cast<std::size_t>(i)] /= at(i, i);
    }
    for (int i = count - 1; i >= 0; --i) {
      for (int j = i + 1; j < count; ++j) x[static_cast<std::size_t>(i)] -= at(j, i) * x[j];
      x[static_cast<std::size_t>(i)] /= at(i, i);
    }
  }

 private:
  double& at(int i, int j) { return values_[static_cast<std::size_t>(i * most_atoms + j)]; }
  std::array<double, most_atoms * most_atoms> values_{};
};

}  // namespace

Dictionary::Dictionary(Array<float, 2> atoms)
    : atoms_(std::move(atoms)),
      by_pixel_({patch_pixels, atom_count}),
      products_({atom_count, atom_count}) {
  for (Index k = 0; k < atom_count; ++k) {
    normalise(atoms_[k].flat());
    for (Index p = 0; p < patch_pixels; ++p) by_pixel_(p, k) = atoms_(k, p);
  }
  for (Index i = 0; i < atom_count; ++i) {
    for (Index j = 0; j < atom_count; ++j) {
      products_(i, j) = std::inner_product(atom(i), atom(i) + patch_pixels, atom(j), 0.0F);
    }
  }
}

Dictionary cosine_dictionary() {
  Array<float, 2> atoms({atom_count, patch_pixels});
  const auto wave = [](Index k, Index x) {
    return std::cos(std::numbers::pi * static_cast<double>(k * (2 * x + 1)) / 32.0);
  };
  for (Index k = 0; k < atom_count; ++k) {
    for (Index p = 0; p < patch_pixels; ++p) {
      const double value = wave(k / 16, p / patch_edge) * wave(k % 16, p % patch_edge);
      atoms(k, p) = static_cast<float>(value);
    }
  }
  return Dictionary(std::move(atoms));
}

SparseCode sparse_code(const Dictionary& dictionary,
                       const float* patch,
                       float bound,
                       const KsvdKernels& kernels) {
  SparseCode code;
  const double energy = std::inner_product(patch, patch + patch_pixels, patch, 0.0);
  if (energy <= bound) return code;
  alignas(64) float first[atom_count], left[atom_count];
  kernels.correlate(dictionary.by_pixel().data(), patch, first);
  std::copy_n(first, atom_count, left);
  Triangle triangle;
  const float* rows[most_atoms];
  while (code.count < most_atoms) {
    const Index k = kernels.largest(left);
    std::array<double, most_atoms> products{}, weights{};
    for (int i = 0; i < code.count; ++i) {
      products[static_cast<std::size_t>(i)] = dictionary.products()(code.atoms[i], k);
    }
    if (left[k] == 0.0F || !triangle.add(products, code.count)) break;
    rows[code.count] = dictionary.products()[k].data();
    code.atoms[static_cast<std::size_t>(code.count++)] = static_cast<int>(k);
    for (int i = 0; i < code.count; ++i) {
      weights[static_cast<std::size_t>(i)] = first[code.atoms[static_cast<std::size_t>(i)]];
    }
    const std::array<double, most_atoms> projected = weights;
    triangle.solve(weights, code.count);
    double explained = 0.0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(code.count); ++i) {
      code.weights[i] = static_cast<float>(weights[i]);
      explained += weights[i] * projected[i];
    }
    if (energy - explained <= bound) break;
    kernels.subtract(first, rows, code.weights.data(), code.count, left);
  }
  return code;
}

void add_coded(const Dictionary& dictionary, const SparseCode& code, float sign, float* patch) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(code.count); ++i) {
    const float weight = sign * code.weights[i];
    const float* atom = dictionary.atom(code.atoms[i]);
    for (Index p = 0; p < patch_pixels; ++p) patch[p] += weight * atom[p];
  }
}

KsvdKernels ksvd_kernels(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx512) return avx512::ksvd_kernels();
  if (simd == Simd::avx2) return avx2::ksvd_kernels();
#endif
  (void)simd;
  return scalar::ksvd_kernels();
}

}  // namespace kinema::restore
