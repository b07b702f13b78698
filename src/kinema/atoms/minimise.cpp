#include "kinema/atoms/minimise.h"

#include <cmath>
#include <deque>
#include <numeric>

namespace kinema::atoms {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

struct Pair {
  Vector step, change;  // of x and of the gradient
  double curvature;     // step . change
};

/// H gradient by the two-loop recursion.
Vector descent(const std::deque<Pair>& pairs,
               const Vector& gradient,
               const std::function<void(std::span<double>)>& precondition) {
  Vector q = gradient, alpha(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = dot(pairs[i].step, q) / pairs[i].curvature;
    for (std::size_t k = 0; k < q.size(); ++k) q[k] -= alpha[i] * pairs[i].change[k];
  }
  precondition(q);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = dot(pairs[i].change, q) / pairs[i].curvature;
    for (std::size_t k = 0; k < q.size(); ++k) q[k] += (alpha[i] - beta) * pairs[i].step[k];
  }
  return q;
}

}  // namespace

Minimised minimise(Vector& x,
                   const Objective& objective,
                   const std::function<void(std::span<double>)>& precondition,
                   const MinimiseOptions& options) {
  Minimised result;
  Vector gradient(x.size()), next(x.size()), next_gradient(x.size());
  result.value = objective(x, gradient);
  result.evaluations = 1;
  std::deque<Pair> pairs;
  std::deque<double> values{result.value};
  for (; result.iterations < options.iterations; ++result.iterations) {
    const Vector direction = descent(pairs, gradient, precondition);
    const double slope = dot(direction, gradient);
    if (!(slope > 0.0)) break;
    double step = 1.0, value = result.value;
    bool lower = false;
    for (int tries = 0; tries < 12 && !lower; ++tries) {
      for (std::size_t k = 0; k < x.size(); ++k) next[k] = x[k] - step * direction[k];
      value = objective(next, next_gradient);
      ++result.evaluations;
      lower = std::isfinite(value) && value <= result.value - 1e-4 * step * slope;
      if (!lower) step *= 0.4;
    }
    if (!lower) {
      result.converged = pairs.empty();
      if (pairs.empty()) break;
      pairs.clear();
      continue;
    }
    Pair pair{Vector(x.size()), Vector(x.size()), 0.0};
    for (std::size_t k = 0; k < x.size(); ++k) {
      pair.step[k] = next[k] - x[k];
      pair.change[k] = next_gradient[k] - gradient[k];
    }
    pair.curvature = dot(pair.step, pair.change);
    x.swap(next);
    gradient.swap(next_gradient);
    result.value = value;
    if (pair.curvature > 1e-9 * dot(pair.change, pair.change)) {
      pairs.push_back(std::move(pair));
      if (static_cast<int>(pairs.size()) > options.memory) pairs.pop_front();
    }
    values.push_back(value);
    if (values.size() > 4) values.pop_front();
    if (values.size() == 4 && values.front() - value < options.tolerance) {
      result.converged = true;
      break;
    }
  }
  return result;
}

}  // namespace kinema::atoms
