#include "kinema/atoms/movie_work.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr double residual_radius = 1.0;  // angstrom

}  // namespace

void attempt(FrameSummary& summary, const std::function<void()>& body) {
  const auto begin = std::chrono::steady_clock::now();
  try {
    body();
  } catch (const InputError& error) {
    summary.failure = error.what();
  }
  summary.seconds +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void summarise(const Refined& refined, FrameSummary& summary) {
  summary.atoms = static_cast<Index>(refined.positions.size());
  summary.chi_squared = refined.chi_squared;
  summary.mean_counts = refined.mean_counts;
  summary.strength = refined.strength;
  summary.bond_mean = refined.bond_mean;
  summary.bond_spread = refined.bond_spread;
  summary.converged = refined.converged;
}

std::vector<double> residuals(const Shared& shared,
                              Index frame,
                              const std::vector<Vec3>& positions) {
  const Array<float, 2> recorded = shared.movie.frame(frame);
  FrameLikelihood likelihood(shared.model, shared.field, recorded.view(), shared.movie.recording);
  likelihood.fit(positions);
  const Array<float, 2> expected = likelihood.expected();
  const auto [height, width] = expected.shape();
  const double dx = shared.movie.pixel.x.value, dy = shared.movie.pixel.y.value;
  std::vector<double> values;
  for (const Vec3& p : positions) {
    const auto reach_x = static_cast<Index>(residual_radius / dx),
               reach_y = static_cast<Index>(residual_radius / dy);
    const auto middle_x = static_cast<Index>(std::lround(p[0] / dx)),
               middle_y = static_cast<Index>(std::lround(p[1] / dy));
    double sum = 0.0, count = 0.0;
    for (Index y = std::max<Index>(0, middle_y - reach_y);
         y <= std::min(height - 1, middle_y + reach_y);
         ++y) {
      for (Index x = std::max<Index>(0, middle_x - reach_x);
           x <= std::min(width - 1, middle_x + reach_x);
           ++x) {
        const double mean = expected(y, x) + shared.movie.recording.read_variance;
        const double off = likelihood.counts()(y, x) - expected(y, x);
        sum += off * off / mean;
        count += 1.0;
      }
    }
    values.push_back(count > 0.0 ? sum / count : 0.0);
  }
  return values;
}

void locate_frame(const Shared& shared, const Optics& optics, Index frame, FrameWork& work) {
  Array<float, 2> counts = shared.movie.frame(frame);
  const auto per_electron = static_cast<float>(1.0 / shared.movie.recording.units_per_electron);
  for (float& value : counts.flat()) value *= per_electron;
  LocateOptions options;
  options.periodic = shared.movie.recording.periodic;
  Located located = locate(counts.view(), shared.movie.pixel, optics, shared.movie.dose, options);
  work.topology = std::move(located.topology);
  work.positions.clear();
  for (const Vec2& p : located.positions) work.positions.push_back({p[0], p[1], 0.0});
}

void refine_frame(const Shared& shared,
                  Index frame,
                  const RefineOptions& options,
                  const Expectation& expectation,
                  bool warm,
                  FrameWork& work,
                  const Rng& rng) {
  const Array<float, 2> recorded = shared.movie.frame(frame);
  FrameLikelihood likelihood(shared.model, shared.field, recorded.view(), shared.movie.recording);
  likelihood.fit_strength = warm;
  work.refined = refine(likelihood,
                        work.topology,
                        work.positions,
                        shared.period,
                        expectation,
                        warm,
                        options,
                        rng.stream(static_cast<std::uint64_t>(frame)));
  work.positions = work.refined.positions;
}

void set_optics(Shared& shared, const Optics& optics) {
  auto model = std::make_shared<imaging::FresnelModel>(*shared.model);
  model->set_optics(optics);
  shared.model = std::move(model);
}

}  // namespace kinema::atoms
