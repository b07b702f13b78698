// Dense linear algebra by the machine's BLAS and LAPACK (OpenBLAS), loaded on first use: the
// program links neither. Matrices are row-major; sums are in the type of the elements.
#pragma once

#include "kinema/base/array.h"

#include <span>
#include <vector>

namespace kinema {

enum class Op { none, transpose };

/// C (M, N) = alpha op(A) op(B) + beta C. Throws std::logic_error where shapes disagree and
/// InputError where no BLAS is found.
void gemm(Op op_a,
          Op op_b,
          float alpha,
          ArrayView<const float, 2> a,
          ArrayView<const float, 2> b,
          float beta,
          ArrayView<float, 2> c);
void gemm(Op op_a,
          Op op_b,
          double alpha,
          ArrayView<const double, 2> a,
          ArrayView<const double, 2> b,
          double beta,
          ArrayView<double, 2> c);

/// Replaces the lower triangle of a symmetric positive definite (N, N) by its Cholesky factor L,
/// A = L L^T; the strict upper triangle is neither read nor written. False where A is not positive
/// definite (the matrix is then spoilt).
bool cholesky(ArrayView<float, 2> a);
bool cholesky(ArrayView<double, 2> a);

/// x = A^-1 b from the factor of cholesky(), in place, for one right-hand side (N).
void cholesky_solve(ArrayView<const float, 2> factor, std::span<float> b);
void cholesky_solve(ArrayView<const double, 2> factor, std::span<double> b);

/// Replaces the factor of cholesky() by the lower triangle of A^-1.
void cholesky_invert(ArrayView<float, 2> factor);
void cholesky_invert(ArrayView<double, 2> factor);

/// The same for a symmetric matrix of N rows that is zero more than W places from its diagonal,
/// stored as (N, W + 1): row i holds A(i, i - W) ... A(i, i).
bool band_cholesky(ArrayView<double, 2> band);

/// X = A^-1 B from the factor of band_cholesky(), in place: each row of b (K, N) is a right-hand
/// side.
void band_cholesky_solve(ArrayView<const double, 2> factor, ArrayView<double, 2> b);

/// y = L^-T x in place, from the factor L of cholesky(): white noise becomes a sample of the
/// Gaussian whose precision is A.
void cholesky_sample(ArrayView<const float, 2> factor, std::span<float> x);

/// Eigenvalues, rising, of a symmetric (N, N); its rows become the eigenvectors, in that order.
std::vector<double> symmetric_eigen(ArrayView<double, 2> a);

/// Threads that the BLAS works with; by default those of the pool at the time of the first call.
void set_blas_threads(int count);

}  // namespace kinema
