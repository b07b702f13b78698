// Means over a normal distribution by few nodes.
#pragma once

#include <vector>

namespace kinema::imaging {

struct QuadratureNode {
  double at, weight;  // in standard deviations; the weights sum to 1
};

/// Gauss-Hermite nodes of a normal distribution of mean 0 and variance 1, from low to high: exact
/// for polynomials up to degree 2 count - 1 (Abramowitz and Stegun 25.4.46, scaled). Throws
/// std::logic_error unless 1 <= count <= 100.
std::vector<QuadratureNode> normal_quadrature(int count);

/// As many nodes as the mean of exp(i phase at) needs to be within about 1e-3 for every phase up to
/// `phase`: 1 where it is 0, at most 64.
int quadrature_nodes(double phase);

}  // namespace kinema::imaging
