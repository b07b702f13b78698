#include "kinema/atoms/calibrate.h"

#include "kinema/base/linear.h"
#include "kinema/base/parallel.h"

#include <cmath>

namespace kinema::atoms {
namespace {

constexpr OpticsVector steps{1.0, 2e3, 1.0, 1.0, 20.0, 20.0, 20.0, 20.0, 0.2, 0.01};

Array<float, 2> expected_counts(const imaging::FresnelModel& base,
                                const Optics& optics,
                                const PaddedField& field,
                                const Recording& recording,
                                const CalibrationFrame& frame,
                                double& value) {
  auto model = std::make_shared<imaging::FresnelModel>(base);
  model->set_optics(optics);
  FrameLikelihood likelihood(std::move(model), field, frame.frame, recording);
  value = likelihood.fit(*frame.positions);
  return likelihood.expected();
}

/// Minus the gradient and the curvature of minus log likelihood by the optics.
struct NormalEquations {
  Array<double, 2> curvature{{optics_parameters, optics_parameters}};
  std::vector<double> slope = std::vector<double>(optics_parameters, 0.0);
};

/// Derivatives of the expected counts, by central differences; empty for what is held.
std::vector<Array<float, 2>> slopes_of(const imaging::FresnelModel& base,
                                       const Optics& optics,
                                       const PaddedField& field,
                                       const Recording& recording,
                                       const CalibrationFrame& frame,
                                       const OpticsVector& sigmas) {
  std::vector<Array<float, 2>> slopes(optics_parameters);
  double ignored = 0.0;
  const auto at = [&](int p, double step) {
    OpticsVector moved = to_vector(optics);
    moved[p] += step;
    return expected_counts(base, with_vector(optics, moved), field, recording, frame, ignored);
  };
  for (int p = 0; p < optics_parameters; ++p) {
    if (sigmas[p] == 0.0) continue;
    slopes[p] = at(p, steps[p]);
    const Array<float, 2> below = at(p, -steps[p]);
    for (Index i = 0; i < below.size(); ++i) {
      slopes[p].data()[i] =
          static_cast<float>((slopes[p].data()[i] - below.data()[i]) / (2.0 * steps[p]));
    }
  }
  return slopes;
}

void add_frame(const CalibrationFrame& frame,
               const Recording& recording,
               const Array<float, 2>& mean,
               const std::vector<Array<float, 2>>& slopes,
               NormalEquations& equations) {
  for (Index i = 0; i < mean.size(); ++i) {
    const double expected = static_cast<double>(mean.data()[i]) + recording.read_variance;
    const double counts =
        static_cast<double>(frame.frame.data()[i]) / recording.units_per_electron +
        recording.read_variance;
    for (int p = 0; p < optics_parameters; ++p) {
      if (slopes[p].empty()) continue;
      const double part = static_cast<double>(slopes[p].data()[i]) / expected;
      equations.slope[p] += part * (counts - expected);
      for (int q = 0; q <= p; ++q) {
        if (!slopes[q].empty()) {
          equations.curvature(p, q) += part * static_cast<double>(slopes[q].data()[i]);
        }
      }
    }
  }
}

/// The step of the equations and what was known before, scaled to a unit diagonal: the parameters'
/// units are far apart.
void solve(NormalEquations equations,
           const OpticsVector& known,
           const OpticsVector& sigmas,
           Calibration& result) {
  auto& [curvature, slope] = equations;
  OpticsVector next = to_vector(result.optics), scale{};
  for (int p = 0; p < optics_parameters; ++p) {
    const double precision = sigmas[p] == 0.0 ? 1.0 : 1.0 / (sigmas[p] * sigmas[p]);
    if (sigmas[p] != 0.0) slope[p] -= precision * (next[p] - known[p]);
    curvature(p, p) += precision;
    scale[p] = 1.0 / std::sqrt(curvature(p, p));
  }
  for (int p = 0; p < optics_parameters; ++p) {
    slope[p] *= scale[p];
    for (int q = 0; q <= p; ++q) curvature(p, q) *= scale[p] * scale[q];
  }
  if (!cholesky(curvature.view())) return;
  cholesky_solve(std::as_const(curvature).view(), std::span<double>(slope));
  cholesky_invert(curvature.view());
  for (int p = 0; p < optics_parameters; ++p) {
    if (sigmas[p] == 0.0) continue;
    next[p] += scale[p] * slope[p];
    result.sigmas[p] = scale[p] * std::sqrt(curvature(p, p));
  }
  result.optics = with_vector(result.optics, next);
}

}  // namespace

Calibration calibrate(std::span<const CalibrationFrame> frames,
                      const PaddedField& field,
                      const Recording& recording,
                      const Optics& optics,
                      const OpticsVector& known,
                      const OpticsVector& sigmas) {
  const imaging::FresnelModel base(field.field, optics);
  std::vector<NormalEquations> parts(frames.size());
  std::vector<double> likelihoods(frames.size());
  parallel_for(static_cast<Index>(frames.size()), [&](Index f) {
    const auto n = static_cast<std::size_t>(f);
    const Array<float, 2> mean =
        expected_counts(base, optics, field, recording, frames[n], likelihoods[n]);
    const auto slopes = slopes_of(base, optics, field, recording, frames[n], sigmas);
    add_frame(frames[n], recording, mean, slopes, parts[n]);
  });
  NormalEquations equations;
  Calibration result;
  result.optics = optics;
  for (std::size_t n = 0; n < frames.size(); ++n) {  // in one order, on any number of threads
    result.likelihood += likelihoods[n];
    for (int p = 0; p < optics_parameters; ++p) {
      equations.slope[p] += parts[n].slope[p];
      for (int q = 0; q <= p; ++q) equations.curvature(p, q) += parts[n].curvature(p, q);
    }
  }
  solve(std::move(equations), known, sigmas, result);
  return result;
}

}  // namespace kinema::atoms
