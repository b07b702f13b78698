// Gauss-Hermite nodes: roots of orthonormal Hermite polynomials, degree by degree.
#include "kinema/imaging/quadrature.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kinema::imaging {
namespace {

/// Orthonormal Hermite polynomials of the normal distribution at x: of degrees n and n - 1.
struct Hermite {
  double value, below;
};
Hermite hermite(int n, double x) {
  double below = 0.0, value = 1.0;
  for (int k = 0; k < n; ++k) {
    const double above = (x * value - std::sqrt(static_cast<double>(k)) * below) / std::sqrt(k + 1);
    below = value;
    value = above;
  }
  return {value, below};
}

/// The root of degree n between `low` and `high`, where the polynomial changes its sign: halving,
/// then Newton's steps (the derivative is sqrt(n) times the polynomial below).
double root_between(int n, double low, double high) {
  const bool rises = hermite(n, high).value > 0.0;
  for (int step = 0; step < 12; ++step) {
    const double middle = 0.5 * (low + high);
    ((hermite(n, middle).value > 0.0) == rises ? high : low) = middle;
  }
  double root = 0.5 * (low + high);
  for (int step = 0; step < 4; ++step) {
    const auto [value, below] = hermite(n, root);
    root -= value / (std::sqrt(n) * below);
  }
  return root;
}

}  // namespace

std::vector<QuadratureNode> normal_quadrature(int count) {
  if (count < 1 || count > 100) throw std::logic_error("a quadrature has 1 to 100 nodes");
  std::vector<double> roots;
  for (int n = 1; n <= count; ++n) {  // roots of degree n lie between those of degree n - 1
    const double bound = 2.0 * std::sqrt(n) + 1.0;
    std::vector<double> fences = roots;
    fences.insert(fences.begin(), -bound);
    fences.push_back(bound);
    roots.resize(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < roots.size(); ++i) {
      roots[i] = root_between(n, fences[i], fences[i + 1]);
    }
  }
  std::vector<QuadratureNode> nodes;
  for (const double root : roots) {
    const double below = hermite(count, root).below;
    nodes.push_back({root, 1.0 / (count * below * below)});
  }
  return nodes;
}

int quadrature_nodes(double phase) {
  // The mean of exp(i a x) over n nodes comes back, instead of vanishing, near a = 2 sqrt(n).
  if (phase <= 0.0) return 1;
  const double half = 0.5 * (phase + 3.5);
  return std::clamp(static_cast<int>(std::ceil(half * half)), 3, 64);
}

}  // namespace kinema::imaging
