// The frames beside what the atoms found explain of them.
#include "kinema/atoms/report_parts.h"

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr double map_sigma = 0.6, map_reach = 1.6;  // angstrom

AtomicModel model_of(const ReportInput& input, Index t) {
  return atoms_at(input.result->tracked.trajectory, t);
}

Array<float, 2> simulated(const ReportInput& input, Index t) {
  const AtomicModel atoms = model_of(input, t);
  const Index frame = input.result->tracked.trajectory.frame_numbers[static_cast<std::size_t>(t)];
  return simulated_frame(*input.movie, frame, input.result->optics, atoms.positions);
}

Array<float, 2> recorded(const ReportInput& input, Index t) {
  Array<float, 2> frame = input.movie->frame(
      input.result->tracked.trajectory.frame_numbers[static_cast<std::size_t>(t)]);
  const auto scale = static_cast<float>(1.0 / input.movie->recording.units_per_electron);
  for (float& value : frame.flat()) value *= scale;
  return frame;
}

}  // namespace

void add_movies(report::Page& page, const ReportInput& input, Progress& progress) {
  const Trajectory& trajectory = input.result->tracked.trajectory;
  report::Player player{.frames = trajectory.frames(),
                        .height = input.movie->height,
                        .width = input.movie->width,
                        .pixel_size = input.movie->pixel,
                        .panes = {},
                        .budget = 12'000'000};
  if (trajectory.frame_time.value > 0.0) player.frame_time = trajectory.frame_time;
  player.panes = {
      {.name = "recorded", .unit = "e/px", .image = [&](Index t) { return recorded(input, t); }},
      {.name = "simulated from the atoms",
       .unit = "e/px",
       .image = [&](Index t) { return simulated(input, t); }},
      {.name = "residual",
       .unit = "standard deviations",
       .image =
           [&](Index t) {
             Array<float, 2> rest = recorded(input, t);
             const Array<float, 2> expected = simulated(input, t);
             for (Index i = 0; i < rest.size(); ++i) {
               const float mean = std::max(1e-3F, expected.data()[i]);
               rest.data()[i] = (rest.data()[i] - mean) / std::sqrt(mean);
             }
             return rest;
           },
       .diverging = true},
      {.name = "height",
       .unit = "A",
       .image = [&](Index t) { return height_map(*input.movie, model_of(input, t)); },
       .diverging = true}};
  page.section("Frames");
  page.paragraph(
      "Each frame as it was recorded, the image that the atoms found would give without noise, "
      "what "
      "is left over in standard deviations of the counts, and the height of the sheet. Structure "
      "in "
      "the residual is something that the atoms do not explain.");
  page.player(player, progress);
}

Array<float, 2> height_map(const MovieOfAtoms& movie, const AtomicModel& atoms) {
  Array<float, 2> sum({movie.height, movie.width}), weight(sum.shape());
  const double dx = movie.pixel.x.value, dy = movie.pixel.y.value;
  for (const Vec3& p : atoms.positions) {
    const auto first_y = std::max<Index>(0, static_cast<Index>(std::ceil((p[1] - map_reach) / dy)));
    const auto first_x = std::max<Index>(0, static_cast<Index>(std::ceil((p[0] - map_reach) / dx)));
    for (Index y = first_y; y < movie.height && static_cast<double>(y) * dy <= p[1] + map_reach;
         ++y) {
      for (Index x = first_x; x < movie.width && static_cast<double>(x) * dx <= p[0] + map_reach;
           ++x) {
        const double away =
            std::hypot(static_cast<double>(x) * dx - p[0], static_cast<double>(y) * dy - p[1]);
        if (away > map_reach) continue;
        const auto w = static_cast<float>(std::exp(-0.5 * away * away / (map_sigma * map_sigma)));
        sum(y, x) += w * static_cast<float>(p[2]);
        weight(y, x) += w;
      }
    }
  }
  for (Index i = 0; i < sum.size(); ++i) {
    if (weight.data()[i] > 0.0F) sum.data()[i] /= weight.data()[i];
  }
  return sum;
}

}  // namespace kinema::atoms
