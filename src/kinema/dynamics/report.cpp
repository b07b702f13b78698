#include "kinema/dynamics/report.h"

#include "kinema/imaging/particle_ctf.h"
#include "kinema/imaging/projection.h"
#include "kinema/report/volume_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace kinema::dynamics {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

report::Facts result_facts(const ReportInput& input) {
  const metrics::FscCurve halves{.values = input.result->half_fsc,
                                 .box = input.particles->box(),
                                 .voxel_size = input.particles->pixel_size};
  const auto number = [](double value, const char* format) {
    return report::Cell(value, fmt::format(fmt::runtime(format), value));
  };
  report::Facts facts{"Result", {}};
  facts.rows.emplace_back("model", input.model);
  facts.rows.emplace_back("frames", input.particles->frames());
  facts.rows.emplace_back("volumes", static_cast<Index>(input.frames.size()));
  facts.rows.emplace_back("halves of the mean map agree to",
                          number(metrics::resolution(halves, 0.143), "{:.1f} \u00c5 (FSC 0.143)"));
  if (!input.result->held_out.empty()) {
    facts.rows.emplace_back("epoch that predicts held-out frames best",
                            Index{input.result->best_epoch});
  }
  for (std::size_t k = 0; k < input.result->prior.persistence.size(); ++k) {
    facts.rows.emplace_back(fmt::format("persistence of latent {}", k + 1),
                            number(input.result->prior.persistence[k], "{:.4f} a frame"));
  }
  return facts;
}

report::Facts truth_facts(const Evaluation& evaluation) {
  const auto number = [](double value, const char* format) {
    return report::Cell(value, fmt::format(fmt::runtime(format), value));
  };
  report::Facts facts{"Against the truth", {}};
  facts.rows.emplace_back("volumes compared", evaluation.frames);
  facts.rows.emplace_back("FSC 0.5", number(evaluation.resolution_half, "{:.2f} \u00c5"));
  facts.rows.emplace_back("FSC 0.143", number(evaluation.resolution_seventh, "{:.2f} \u00c5"));
  facts.rows.emplace_back("mean FSC (AUC)", number(evaluation.area, "{:.3f}"));
  facts.rows.emplace_back("mean FSC of differences from the mean (dynamic AUC)",
                          number(evaluation.dynamic_area, "{:.3f}"));
  if (evaluation.latent_correlation) {
    facts.rows.emplace_back("correlation of latents and true coordinate",
                            number(*evaluation.latent_correlation, "{:.4f}"));
  }
  return facts;
}

void add_scene(report::Page& page, const ReportInput& input, Progress& progress) {
  report::VolumesView view{
      .frames = input.frames, .total_frames = input.particles->frames(), .level = input.level};
  const auto count = static_cast<Index>(input.frames.size());
  const auto frame = [&input](Index i) { return input.frames[static_cast<std::size_t>(i)]; };
  view.series.push_back(
      {input.model, count, [&, frame](Index i) { return input.result->volumes->at(frame(i)); }});
  if (input.truth) {
    view.series.push_back(
        {"truth", count, [&, frame](Index i) { return input.truth->volume(frame(i)); }});
  }
  view.series.push_back({"mean map", 1, [&](Index) { return input.result->mean_map; }});
  page.section("Volumes");
  page.paragraph(
      "The molecule at each time point whose volume was written, beside a second series. Its "
      "surface is where the density passes the level; slices show all of the density.");
  report::add_volumes(page, view, progress);
}

/// What the microscope would record of a volume at a frame's pose without noise, and what it would
/// with a perfect lens.
struct Projections {
  Array<float, 2> seen, plain;  // (N, N)
};

Projections projections_of(const Volume& volume, const Pose& pose, const FrameCtf& ctf) {
  const Index box = volume.density.shape()[0];
  const imaging::SliceLattice lattice = imaging::slice_lattice(box);
  std::vector<Complex> seen(static_cast<std::size_t>(lattice.size()));
  imaging::slice(
      imaging::fourier_volumes({volume.density}), pose.lab_from_body, lattice, seen.data());
  std::vector<Complex> plain = seen;
  const double length = static_cast<double>(box) * volume.voxel_size.value;
  for (std::size_t s = 0; s < seen.size(); ++s) {
    const double kx = lattice.kx[s] / length, ky = lattice.ky[s] / length;
    const double turn = 2.0 * std::numbers::pi * (kx * pose.shift[0] + ky * pose.shift[1]);
    const Complex moved(static_cast<float>(std::cos(turn)), static_cast<float>(std::sin(turn)));
    plain[s] *= moved;
    seen[s] *= moved * static_cast<float>(imaging::particle_ctf(ctf, kx, ky));
  }
  return {imaging::image_of_spectrum(seen.data(), lattice),
          imaging::image_of_spectrum(plain.data(), lattice)};
}

/// For every frame of the movie the place of the nearest one whose volume is shown.
std::vector<Index> nearest_shown(const ReportInput& input) {
  std::vector<Index> places;
  for (Index t = 0; t < input.particles->frames(); ++t) {
    const auto nearest = std::ranges::min_element(
        input.frames, {}, [t](Index frame) { return std::abs(frame - t); });
    places.push_back(nearest - input.frames.begin());
  }
  return places;
}

void add_movies(report::Page& page, const ReportInput& input, Progress& progress) {
  const Particles& particles = *input.particles;
  const std::vector<Index> places = nearest_shown(input);
  std::vector<Projections> projections;
  for (const Index frame : input.frames) {
    progress.check();
    const auto t = static_cast<std::size_t>(frame);
    projections.push_back(
        projections_of(input.result->volumes->at(frame), particles.poses[t], particles.ctfs[t]));
  }
  const auto recorded = [&](Index i) {
    const auto image = particles.images[input.frames[static_cast<std::size_t>(i)]];
    Array<float, 2> copy(image.shape());
    std::ranges::copy(image.flat(), copy.flat().begin());
    return copy;
  };
  report::Player player{.frames = particles.frames(),
                        .height = particles.box(),
                        .width = particles.box(),
                        .pixel_size = PixelSize{particles.pixel_size, particles.pixel_size},
                        .panes = {},
                        .budget = 8'000'000};
  const auto pane = [&](const char* name, auto image) {
    player.panes.push_back({.name = name, .image = image, .image_of_frame = places});
  };
  pane("recorded", recorded);
  pane("projection of the volume",
       [&](Index i) { return projections[static_cast<std::size_t>(i)].seen; });
  pane("the same with a perfect lens",
       [&](Index i) { return projections[static_cast<std::size_t>(i)].plain; });
  pane("recorded less projection", [&](Index i) {
    Array<float, 2> rest = recorded(i);
    const Array<float, 2>& seen = projections[static_cast<std::size_t>(i)].seen;
    for (Index p = 0; p < rest.size(); ++p) rest.data()[p] -= seen.data()[p];
    return rest;
  });
  player.panes.back().diverging = true;
  page.section("Frames");
  page.paragraph(
      "Frames whose volumes are shown (of others the nearest), beside the projection of that "
      "volume "
      "in the frame's orientation through the frame's transfer function, and what is left over.");
  page.player(player, progress);
}

/// Numbers 0, 1, ... count - 1.
std::vector<double> counting(Index count) {
  std::vector<double> numbers;
  for (Index i = 0; i < count; ++i) numbers.push_back(static_cast<double>(i));
  return numbers;
}

report::Series latent_series(const LatentPosterior& latents, Index k) {
  report::Series series{.name = fmt::format("z{}", k + 1)};
  for (Index t = 0; t < latents.mean.shape()[0]; ++t) {
    series.y.push_back(latents.mean(t, k));
    series.error.push_back(std::sqrt(latents.covariance(t, k, k)));
  }
  return series;
}

/// The first two latents against each other, coloured by time; frames whose volumes are shown are
/// marked.
report::Plot latent_plane(const ReportInput& input) {
  const LatentPosterior& latents = input.result->latents;
  report::Plot plot{.title = "Latent plane; shown volumes are marked",
                    .x_label = "z1",
                    .y_label = "z2",
                    .value_label = "frame"};
  report::Series all{.name = "frames", .style = report::Style::points};
  report::Series shown{
      .name = "volumes shown", .colour = report::Colour::orange, .style = report::Style::points};
  for (Index t = 0; t < latents.mean.shape()[0]; ++t) {
    plot.x.push_back(latents.mean(t, 0));
    plot.frames.push_back(t);
    all.y.push_back(latents.mean(t, 1));
    all.value.push_back(static_cast<double>(t));
    shown.y.push_back(std::ranges::binary_search(input.frames, t) ? all.y.back() : nothing);
  }
  plot.series = {std::move(all), std::move(shown)};
  return plot;
}

void add_latents(report::Page& page, const ReportInput& input) {
  const LatentPosterior& latents = input.result->latents;
  if (latents.mean.size() == 0) return;
  const auto [frames, count] = latents.mean.shape();
  std::vector<report::Plot> plots;
  for (Index k = 0; k < count; ++k) {
    plots.push_back({.title = fmt::format("Latent {}; the band is one standard error", k + 1),
                     .x_label = "frame",
                     .y_label = fmt::format("z{}", k + 1),
                     .x = counting(frames),
                     .series = {latent_series(latents, k)},
                     .over_frames = true});
  }
  if (input.truth && !input.truth->coordinate.empty()) {
    plots.push_back({.title = "True coordinate",
                     .x_label = "frame",
                     .y_label = "coordinate",
                     .x = counting(frames),
                     .series = {{.name = "truth",
                                 .y = input.truth->coordinate,
                                 .colour = report::Colour::orange}},
                     .over_frames = true});
  }
  if (count > 1) plots.push_back(latent_plane(input));
  page.section("Latents");
  page.paragraph(
      "The numbers that tell a frame's state. They have no scale or sign of their own; how they go "
      "together with time is what they tell.");
  page.plots(plots);
}

void add_resolution(report::Page& page, const ReportInput& input) {
  const metrics::FscCurve halves{.values = input.result->half_fsc,
                                 .box = input.particles->box(),
                                 .voxel_size = input.particles->pixel_size};
  report::Plot plot{.title = "Fourier shell correlation",
                    .x_label = "spatial frequency (1/\u00c5)",
                    .y_label = "FSC"};
  for (std::size_t shell = 0; shell < halves.values.size(); ++shell) {
    plot.x.push_back(halves.frequency(static_cast<double>(shell)));
  }
  const auto level = [&](double value, const char* name) {
    return report::Series{.name = name,
                          .y = std::vector<double>(plot.x.size(), value),
                          .colour = report::Colour::grey,
                          .dashed = true};
  };
  plot.series = {{.name = "halves of the mean map", .y = halves.values}, level(0.143, "0.143")};
  if (const auto& half_sets = input.result->half_sets) {
    plot.series.push_back({.name = "halves of the volumes",
                           .y = half_sets->volumes,
                           .colour = report::Colour::purple});
    plot.series.push_back({.name = "halves of differences from the mean",
                           .y = half_sets->differences,
                           .colour = report::Colour::red});
  }
  if (input.truth) {
    plot.series.push_back({.name = "against the truth",
                           .y = input.truth->evaluation.curve.values,
                           .colour = report::Colour::orange});
    plot.series.push_back({.name = "of differences from the mean",
                           .y = input.truth->evaluation.difference.values,
                           .colour = report::Colour::green});
    plot.series.push_back(level(0.5, "0.5"));
  }
  std::vector<report::Plot> plots = {std::move(plot)};
  const std::vector<double>& held_out = input.result->held_out;
  if (!held_out.empty()) {
    plots.push_back({.title = "Frames that were held out",
                     .x_label = "epoch",
                     .y_label = "log likelihood a frame (nats)",
                     .x = counting(static_cast<Index>(held_out.size())),
                     .series = {{.name = "held out", .y = held_out}}});
  }
  page.section("Resolution and training");
  page.plots(plots);
}

}  // namespace

report::Page report(const ReportInput& input, Progress& progress) {
  report::Page page(input.title, input.subtitle);
  if (!input.caution.empty()) page.note(input.caution);
  std::vector<report::Facts> facts = {result_facts(input)};
  if (input.truth) facts.push_back(truth_facts(input.truth->evaluation));
  page.facts(facts);
  add_scene(page, input, progress);
  add_latents(page, input);
  add_movies(page, input, progress);
  add_resolution(page, input);
  page.section("Settings");
  std::vector<report::Facts> lists;
  for (const auto& [name, values] : input.settings.items())
    lists.push_back(report::facts_of(name, values));
  for (const auto& [name, values] : input.provenance.items())
    lists.push_back(report::facts_of(name, values));
  page.facts(lists);
  return page;
}

}  // namespace kinema::dynamics
