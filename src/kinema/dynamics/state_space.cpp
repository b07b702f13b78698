// Filter and smoother over small dense matrices.
#include "kinema/dynamics/state_space.h"

#include "kinema/base/linear.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kinema::dynamics {
namespace {

using Matrix = Array<double, 2>;
using Vector = std::vector<double>;

/// The inverse of a symmetric positive definite matrix, and the log of its determinant.
struct Inverse {
  Matrix matrix;
  double log_determinant = 0.0;
};

Inverse inverse_of(Matrix a) {
  const Index n = a.shape()[0];
  if (!cholesky(a.view())) throw std::logic_error("state space: a covariance is not positive");
  Inverse inverse;
  for (Index i = 0; i < n; ++i) inverse.log_determinant += 2.0 * std::log(a(i, i));
  cholesky_invert(a.view());
  for (Index i = 0; i < n; ++i) {
    for (Index j = i + 1; j < n; ++j) a(i, j) = a(j, i);
  }
  inverse.matrix = std::move(a);
  return inverse;
}

Matrix product(const Matrix& a, const Matrix& b) {
  const Index n = a.shape()[0];
  Matrix c({n, n});
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < n; ++k) {
      for (Index j = 0; j < n; ++j) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

Matrix transpose(const Matrix& a) {
  Matrix out(a.shape());
  for (Index i = 0; i < a.shape()[0]; ++i) {
    for (Index j = 0; j < a.shape()[1]; ++j) out(j, i) = a(i, j);
  }
  return out;
}

Vector product(const Matrix& a, const Vector& x) {
  Vector out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      out[i] += a(static_cast<Index>(i), static_cast<Index>(j)) * x[j];
    }
  }
  return out;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// a + factor b
Matrix sum(Matrix a, const Matrix& b, double factor) {
  for (Index i = 0; i < a.size(); ++i) a.data()[i] += factor * b.data()[i];
  return a;
}

struct Gaussian {
  Vector mean;
  Matrix covariance;
};

/// One step of the prior forwards.
Gaussian predicted(const Gaussian& state, const LatentPrior& prior) {
  Gaussian next = state;
  const auto n = static_cast<Index>(prior.persistence.size());
  for (Index i = 0; i < n; ++i) {
    const double a = prior.persistence[static_cast<std::size_t>(i)];
    next.mean[static_cast<std::size_t>(i)] *= a;
    for (Index j = 0; j < n; ++j) {
      next.covariance(i, j) *= a * prior.persistence[static_cast<std::size_t>(j)];
    }
    next.covariance(i, i) += 1.0 - a * a;
  }
  return next;
}

/// Joins a frame's evidence; adds the log of its probability.
Gaussian updated(const Gaussian& before,
                 const Inverse& before_inverse,
                 const LatentEvidence& evidence,
                 Index t,
                 double& log_evidence) {
  const Index n = evidence.latents();
  Matrix information = before_inverse.matrix;
  const Vector before_pull = product(before_inverse.matrix, before.mean);
  Vector pull = before_pull;
  for (Index i = 0; i < n; ++i) {
    pull[static_cast<std::size_t>(i)] += evidence.pull(t, i);
    for (Index j = 0; j < n; ++j) information(i, j) += evidence.precision(t, i, j);
  }
  Inverse after = inverse_of(std::move(information));
  Gaussian state{.mean = product(after.matrix, pull), .covariance = std::move(after.matrix)};
  log_evidence += 0.5 * (dot(pull, state.mean) - dot(before_pull, before.mean) -
                         after.log_determinant - before_inverse.log_determinant);
  return state;
}

}  // namespace

LatentPosterior smooth(const LatentEvidence& evidence, const LatentPrior& prior) {
  const Index frames = evidence.frames(), n = evidence.latents();
  LatentPosterior out;
  out.mean = Array<double, 2>({frames, n});
  out.covariance = Array<double, 3>({frames, n, n});

  std::vector<Gaussian> filtered, ahead;
  std::vector<Matrix> ahead_inverse;
  Gaussian next{Vector(static_cast<std::size_t>(n)), Matrix({n, n})};
  for (Index i = 0; i < n; ++i) next.covariance(i, i) = 1.0;
  for (Index t = 0; t < frames; ++t) {
    Inverse inverse = inverse_of(next.covariance);
    filtered.push_back(updated(next, inverse, evidence, t, out.log_evidence));
    ahead.push_back(std::move(next));
    ahead_inverse.push_back(std::move(inverse.matrix));
    next = predicted(filtered.back(), prior);
  }

  Gaussian smoothed = filtered.back();
  for (Index t = frames - 1;; --t) {
    const auto i = static_cast<std::size_t>(t);
    std::copy(smoothed.mean.begin(), smoothed.mean.end(), out.mean[t].data());
    std::copy_n(smoothed.covariance.data(), n * n, out.covariance[t].data());
    if (t == 0) return out;
    Matrix gain = filtered[i - 1].covariance;
    for (Index r = 0; r < n; ++r) {
      for (Index c = 0; c < n; ++c) gain(r, c) *= prior.persistence[static_cast<std::size_t>(c)];
    }
    gain = product(gain, ahead_inverse[i]);
    Vector step = smoothed.mean;
    for (std::size_t k = 0; k < step.size(); ++k) step[k] -= ahead[i].mean[k];
    const Vector moved = product(gain, step);
    const Matrix change = sum(smoothed.covariance, ahead[i].covariance, -1.0);
    smoothed = filtered[i - 1];
    for (std::size_t k = 0; k < moved.size(); ++k) smoothed.mean[k] += moved[k];
    smoothed.covariance =
        sum(std::move(smoothed.covariance), product(product(gain, change), transpose(gain)), 1.0);
  }
}

LatentPrior likeliest_prior(const LatentEvidence& evidence, LatentPrior start) {
  double most = smooth(evidence, start).log_evidence;
  for (double& persistence : start.persistence) {
    const double rest = 1.0 - persistence, before = persistence;
    double best = before;
    for (const double factor : {0.2, 0.5, 0.8, 1.25, 2.0, 5.0}) {
      persistence = 1.0 - std::clamp(rest * factor, 1e-5, 1.0);
      const double found = smooth(evidence, start).log_evidence;
      if (found <= most) continue;
      most = found;
      best = persistence;
    }
    persistence = best;
  }
  return start;
}

}  // namespace kinema::dynamics
