// All frames of a movie together: heights change smoothly in time, so that each frame is refined
// with what its neighbours in time expect of it, one after the other, in sweeps over the movie.
#include "kinema/atoms/evidence.h"
#include "kinema/atoms/journal.h"
#include "kinema/atoms/records.h"
#include "kinema/atoms/smooth_time.h"
#include "kinema/base/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr int sweeps = 2;
constexpr Index colours = 3;  // frames so far apart do not see each other

/// The atoms of frame t as the tracked movie has them; their identities go to `atoms`.
FrameWork work_of(const Shared& shared,
                  const Trajectory& trajectory,
                  Index t,
                  std::vector<Index>& atoms) {
  FrameWork work;
  std::vector<Vec2> flat;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    atoms.push_back(i);
    work.positions.push_back({trajectory.positions(t, i, 0),
                              trajectory.positions(t, i, 1),
                              trajectory.positions(t, i, 2)});
    flat.push_back({trajectory.positions(t, i, 0), trajectory.positions(t, i, 1)});
  }
  const Frame view{ArrayView<const float, 2>(nullptr, {shared.movie.height, shared.movie.width}),
                   shared.movie.pixel,
                   {},
                   0.0,
                   shared.movie.recording.periodic};
  Bounds bounds;
  bounds.period = shared.period;
  if (!shared.movie.recording.periodic)
    bounds.depth = [view](const Vec2& p) { return view.depth(p[0], p[1]); };
  work.topology = connect(flat, bounds);
  return work;
}

double rms_height_error(const Array<double, 3>& sigmas, const Trajectory& trajectory) {
  double sum = 0.0, count = 0.0;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      sum += sigmas(t, i, 2) * sigmas(t, i, 2);
      count += 1.0;
    }
  }
  return count > 0.0 ? std::sqrt(sum / count) : 0.0;
}

/// Frame t of the trajectory from what it has now and what its neighbours expect.
JointFrame refined(const Shared& shared,
                   const RefineOptions& options,
                   const Trajectory& trajectory,
                   Index t,
                   double height_step,
                   FrameSummary& summary,
                   const Rng& rng) {
  std::vector<Index> atoms;
  FrameWork work = work_of(shared, trajectory, t, atoms);
  const Expectation expected = expectation(trajectory, t, atoms, height_step);
  const Index number = trajectory.frame_numbers[static_cast<std::size_t>(t)];
  refine_frame(shared, number, options, expected, true, work, rng);
  summarise(work.refined, summary);
  JointFrame frame;
  if (options.errors) {
    for (const Vec3& sigma : work.refined.sigmas) frame.z_sigmas.push_back(sigma[2]);
    frame.sign_probability = work.refined.sign_probability;
    frame.residual = residuals(shared, number, work.positions);
  }
  frame.positions = std::move(work.positions);
  return frame;
}

void put(const JointFrame& frame, Trajectory& trajectory, Index t) {
  std::size_t n = 0;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    std::copy_n(frame.positions[n].data(), 3, &trajectory.positions(t, i, 0));
    if (!frame.z_sigmas.empty()) {
      trajectory.sigmas(t, i, 2) = frame.z_sigmas[n];
      trajectory.values.at("sign_probability")(t, i) = frame.sign_probability[n];
      trajectory.values.at("residual")(t, i) = frame.residual[n];
    }
    ++n;
  }
}

FrameSummary& summary_of(Reconstruction& result, Index number) {
  return *std::find_if(result.frames.begin(), result.frames.end(), [&](const auto& summary) {
    return summary.frame == number;
  });
}

}  // namespace

void refine_jointly(const Shared& shared,
                    Reconstruction& result,
                    Progress& progress,
                    const Rng& rng,
                    Journal& journal) {
  Trajectory& trajectory = result.tracked.trajectory;
  result.height_step = height_step(trajectory);
  if (result.height_step == 0.0) {
    result.notes.emplace_back("too few frames to refine them jointly: each was taken alone");
    return;
  }
  result.joint = true;
  const double error_alone = rms_height_error(trajectory.sigmas, trajectory);
  smooth_heights(trajectory, result.height_step);
  RefineOptions options = shared.refine;
  options.frames_alike = std::min(static_cast<double>(trajectory.frames()),
                                  1.0 / variance_ratio(error_alone, result.height_step));
  progress.begin("refine jointly", sweeps * trajectory.frames(), "frames");
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    options.errors = sweep + 1 == sweeps;
    for (Index colour = 0; colour < colours; ++colour) {
      parallel_for((trajectory.frames() - colour + colours - 1) / colours, [&](Index k) {
        progress.check();
        const Index t = colours * k + colour;
        const Index number = trajectory.frame_numbers[static_cast<std::size_t>(t)];
        FrameSummary& summary = summary_of(result, number);
        const std::string step = fmt::format("joint {} {}", sweep, number);
        JointFrame frame;
        if (const Json* kept = journal.find(step)) {
          recall_joint(*kept, summary, frame);
        } else {
          frame = refined(shared, options, trajectory, t, result.height_step, summary, rng);
          journal.keep(step, joint_record(summary, frame));
        }
        put(frame, trajectory, t);
        progress.advance(1);
      });
    }
  }
  progress.end();
}

}  // namespace kinema::atoms
