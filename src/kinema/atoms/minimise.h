// L-BFGS with a preconditioner: Nocedal and Wright, Numerical Optimization, algorithm 7.4, whose
// initial inverse Hessian is a function.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace kinema::atoms {

/// Value at x; writes the gradient.
using Objective = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct MinimiseOptions {
  int iterations = 60;
  int memory = 8;
  double tolerance = 0.05;  // of the value, over the last three iterations together
};

struct Minimised {
  double value = 0.0;
  int iterations = 0, evaluations = 0;
  bool converged = false;
};

/// Moves x to a minimum. `precondition` turns a gradient into a step length by length (an
/// approximate inverse Hessian, positive definite).
Minimised minimise(std::vector<double>& x,
                   const Objective& objective,
                   const std::function<void(std::span<double>)>& precondition,
                   const MinimiseOptions& options = {});

}  // namespace kinema::atoms
