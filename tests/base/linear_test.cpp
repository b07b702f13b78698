#include "kinema/base/linear.h"

#include "kinema/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinema {
namespace {

template <class T>
Array<T, 2> random_matrix(Index rows, Index columns, std::uint64_t seed) {
  Array<T, 2> matrix({rows, columns});
  Rng rng(seed);
  for (T& value : matrix.flat()) value = static_cast<T>(rng.normal());
  return matrix;
}

/// A A^T + n, which is positive definite.
Array<double, 2> positive_matrix(Index n) {
  const Array<double, 2> a = random_matrix<double>(n, n, 3);
  Array<double, 2> product({n, n});
  gemm(Op::none, Op::transpose, 1.0, a.view(), a.view(), 0.0, product.view());
  for (Index i = 0; i < n; ++i) product(i, i) += static_cast<double>(n);
  return product;
}

TEST(Linear, GemmIsTheSumOfProductsForEveryTranspose) {
  const Index m = 5, n = 7, inner = 4;
  for (const bool turn_a : {false, true}) {
    for (const bool turn_b : {false, true}) {
      const auto a = random_matrix<float>(turn_a ? inner : m, turn_a ? m : inner, 1);
      const auto b = random_matrix<float>(turn_b ? n : inner, turn_b ? inner : n, 2);
      Array<float, 2> c({m, n}, 1.0F);
      gemm(turn_a ? Op::transpose : Op::none,
           turn_b ? Op::transpose : Op::none,
           2.0F,
           a.view(),
           b.view(),
           0.5F,
           c.view());
      for (Index i = 0; i < m; ++i) {
        for (Index j = 0; j < n; ++j) {
          double expected = 0.5;
          for (Index k = 0; k < inner; ++k) {
            expected += 2.0 * (turn_a ? a(k, i) : a(i, k)) * (turn_b ? b(j, k) : b(k, j));
          }
          EXPECT_NEAR(c(i, j), expected, 1e-5);
        }
      }
    }
  }
}

TEST(Linear, CholeskySolvesAndInverts) {
  const Index n = 40;
  const Array<double, 2> matrix = positive_matrix(n);
  Array<double, 2> factor = matrix;
  ASSERT_TRUE(cholesky(factor.view()));
  std::vector<double> x(static_cast<std::size_t>(n), 1.0);
  cholesky_solve(std::as_const(factor).view(), x);
  Array<double, 2> inverse = factor;
  cholesky_invert(inverse.view());
  for (Index i = 0; i < n; ++i) {
    double product = 0.0, row = 0.0;
    for (Index j = 0; j < n; ++j) {
      product += matrix(i, j) * x[static_cast<std::size_t>(j)];
      row += i >= j ? inverse(i, j) : inverse(j, i);
    }
    EXPECT_NEAR(product, 1.0, 1e-10);
    EXPECT_NEAR(row, x[static_cast<std::size_t>(i)], 1e-12);
  }
}

TEST(Linear, CholeskySaysWhereAMatrixIsNotPositive) {
  Array<double, 2> matrix({2, 2});
  matrix(0, 0) = 1.0, matrix(1, 1) = 1.0, matrix(1, 0) = 2.0;
  EXPECT_FALSE(cholesky(matrix.view()));
}

TEST(Linear, BandCholeskySolvesRows) {
  const Index n = 30, width = 3;
  Array<double, 2> band({n, width + 1}), full({n, n}), rows({2, n});
  Rng rng(4);
  for (Index i = 0; i < n; ++i) {
    for (Index j = std::max<Index>(0, i - width); j <= i; ++j) {
      full(i, j) = full(j, i) = band(i, width - (i - j)) = i == j ? 8.0 : rng.normal();
    }
  }
  for (double& value : rows.flat()) value = rng.normal();
  const Array<double, 2> right = rows;
  ASSERT_TRUE(band_cholesky(band.view()));
  band_cholesky_solve(std::as_const(band).view(), rows.view());
  for (Index r = 0; r < 2; ++r) {
    for (Index i = 0; i < n; ++i) {
      double sum = 0.0;
      for (Index j = 0; j < n; ++j) sum += full(i, j) * rows(r, j);
      EXPECT_NEAR(sum, right(r, i), 1e-10);
    }
  }
}

TEST(Linear, SamplesHaveTheInverseAsCovariance) {
  Array<float, 2> factor({2, 2});
  factor(0, 0) = 2.0F, factor(1, 0) = 1.0F, factor(1, 1) = 3.0F;  // L
  std::vector<float> x{5.0F, 6.0F};
  cholesky_sample(std::as_const(factor).view(), x);  // L^T y = x
  EXPECT_FLOAT_EQ(2.0F * x[0] + 1.0F * x[1], 5.0F);
  EXPECT_FLOAT_EQ(3.0F * x[1], 6.0F);
}

TEST(Linear, EigenvectorsComeAsRows) {
  const Index n = 12;
  const Array<double, 2> matrix = positive_matrix(n);
  Array<double, 2> vectors = matrix;
  const std::vector<double> values = symmetric_eigen(vectors.view());
  for (Index e = 0; e < n; ++e) {
    if (e > 0) {
      EXPECT_GE(values[static_cast<std::size_t>(e)], values[static_cast<std::size_t>(e - 1)]);
    }
    for (Index i = 0; i < n; ++i) {
      double product = 0.0;
      for (Index j = 0; j < n; ++j) product += matrix(i, j) * vectors(e, j);
      EXPECT_NEAR(product, values[static_cast<std::size_t>(e)] * vectors(e, i), 1e-9);
    }
  }
}

}  // namespace
}  // namespace kinema
