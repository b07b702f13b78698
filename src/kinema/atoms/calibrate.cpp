#include "kinema/atoms/calibrate.h"

#include "kinema/base/linear.h"
#include "kinema/base/parallel.h"

#include <cmath>
#include <mutex>

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
  std::vector<double> coordinates;
  for (const Vec3& p : *frame.positions) coordinates.insert(coordinates.end(), p.begin(), p.end());
  likelihood.fit_strength = true;
  value = likelihood.value(coordinates, {});
  return likelihood.expected();
}

}  // namespace

Calibration calibrate(std::span<const CalibrationFrame> frames,
                      const PaddedField& field,
                      const Recording& recording,
                      const Optics& optics,
                      const OpticsVector& known,
                      const OpticsVector& sigmas) {
  const imaging::FresnelModel base(field.field, optics);
  const OpticsVector here = to_vector(optics);
  Array<double, 2> curvature({optics_parameters, optics_parameters});
  std::vector<double> slope(optics_parameters, 0.0);
  Calibration result;
  std::mutex mutex;
  parallel_for(static_cast<Index>(frames.size()), [&](Index f) {
    const CalibrationFrame& frame = frames[static_cast<std::size_t>(f)];
    double value = 0.0, ignored = 0.0;
    const Array<float, 2> mean = expected_counts(base, optics, field, recording, frame, value);
    std::vector<Array<float, 2>> slopes(optics_parameters);
    for (int p = 0; p < optics_parameters; ++p) {
      if (sigmas[p] == 0.0) continue;
      OpticsVector high = here, low = here;
      high[p] += steps[p];
      low[p] -= steps[p];
      slopes[p] =
          expected_counts(base, with_vector(optics, high), field, recording, frame, ignored);
      const Array<float, 2> below =
          expected_counts(base, with_vector(optics, low), field, recording, frame, ignored);
      for (Index i = 0; i < mean.size(); ++i) {
        slopes[p].data()[i] =
            static_cast<float>((slopes[p].data()[i] - below.data()[i]) / (2.0 * steps[p]));
      }
    }
    const std::lock_guard lock(mutex);
    result.likelihood += value;
    for (Index i = 0; i < mean.size(); ++i) {
      const double expected = static_cast<double>(mean.data()[i]) + recording.read_variance;
      const double counts =
          static_cast<double>(frame.frame.data()[i]) / recording.units_per_electron +
          recording.read_variance;
      for (int p = 0; p < optics_parameters; ++p) {
        if (sigmas[p] == 0.0) continue;
        const double part = static_cast<double>(slopes[p].data()[i]) / expected;
        slope[p] += part * (counts - expected);
        for (int q = 0; q <= p; ++q) {
          if (sigmas[q] != 0.0) curvature(p, q) += part * static_cast<double>(slopes[q].data()[i]);
        }
      }
    }
  });
  for (int p = 0; p < optics_parameters; ++p) {
    const double precision = sigmas[p] == 0.0 ? 1.0 : 1.0 / (sigmas[p] * sigmas[p]);
    if (sigmas[p] != 0.0) slope[p] -= precision * (here[p] - known[p]);
    curvature(p, p) += precision;
  }
  // Scaled to a unit diagonal: the parameters' units are far apart.
  OpticsVector scale{};
  for (int p = 0; p < optics_parameters; ++p) scale[p] = 1.0 / std::sqrt(curvature(p, p));
  for (int p = 0; p < optics_parameters; ++p) {
    slope[p] *= scale[p];
    for (int q = 0; q <= p; ++q) curvature(p, q) *= scale[p] * scale[q];
  }
  result.optics = optics;
  if (!cholesky(curvature.view())) return result;
  cholesky_solve(std::as_const(curvature).view(), std::span<double>(slope));
  cholesky_invert(curvature.view());
  OpticsVector next = here;
  for (int p = 0; p < optics_parameters; ++p) {
    if (sigmas[p] == 0.0) continue;
    next[p] += scale[p] * slope[p];
    result.sigmas[p] = scale[p] * std::sqrt(curvature(p, p));
  }
  result.optics = with_vector(optics, next);
  return result;
}

}  // namespace kinema::atoms
