#include "kinema/atoms/movie_work.h"

namespace kinema::atoms {

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
