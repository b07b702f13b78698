#include "kinema/atoms/report.h"

#include "kinema/atoms/report_parts.h"
#include "kinema/md/bonds.h"
#include "kinema/report/atoms_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace kinema::atoms {
namespace {

report::Facts optics_facts(const Reconstruction& result) {
  const OpticsVector values = to_vector(result.optics);
  const char* names[] = {"C10",
                         "Cs",
                         "C12 cos",
                         "C12 sin",
                         "C21 cos",
                         "C21 sin",
                         "C23 cos",
                         "C23 sin",
                         "focal spread, rms",
                         "blur, rms"};
  report::Facts facts{"Optics (\u00c5)", {}};
  for (int p = 0; p < optics_parameters; ++p) {
    const double sigma = result.optics_sigmas[p];
    facts.rows.emplace_back(
        names[p],
        report::Cell(values[p],
                     sigma > 0.0 ? fmt::format("{:.4g} \u00b1 {:.2g}", values[p], sigma)
                                 : fmt::format("{:.4g} (held)", values[p])));
  }
  return facts;
}

report::Facts result_facts(const ReportInput& input) {
  const Reconstruction& result = *input.result;
  report::Facts facts{"Result", {}};
  facts.rows.emplace_back("frames", result.tracked.trajectory.frames());
  facts.rows.emplace_back("atoms", result.tracked.trajectory.atoms());
  facts.rows.emplace_back("refined jointly", result.joint ? "yes" : "no");
  facts.rows.emplace_back(
      "temperature of stretching (K)",
      report::Cell(result.temperature, fmt::format("{:.0f}", result.temperature)));
  if (!input.verdicts.empty()) {
    const Index sound = std::ranges::count(input.verdicts, "sound", &FrameVerdict::verdict);
    facts.rows.emplace_back(
        "frames that molecular dynamics finds sound",
        report::Cell(sound, fmt::format("{} of {}", sound, input.verdicts.size())));
  }
  return facts;
}

void add_events(report::Page& page, const Tracked& tracked) {
  if (tracked.events.empty()) return;
  report::Table table{
      "Events that lasted", {"frame", "event", "atoms", "x (\u00c5)", "y (\u00c5)"}, {}};
  for (const Event& event : tracked.events) {
    table.rows.push_back({tracked.trajectory.frame_numbers[static_cast<std::size_t>(event.frame)],
                          kinema::to_text(event.kind),
                          fmt::format("{}", fmt::join(event.atoms, " ")),
                          report::Cell(event.place[0], fmt::format("{:.1f}", event.place[0])),
                          report::Cell(event.place[1], fmt::format("{:.1f}", event.place[1]))});
  }
  page.table(table);
}

/// One number of three (T, N, 3), of atoms that a frame holds.
report::AtomQuantity quantity_along(const Array<double, 3>& numbers,
                                    Index axis,
                                    report::AtomQuantity quantity) {
  const auto [frames, atoms, axes] = numbers.shape();
  quantity.values = Array<double, 2>({frames, atoms});
  for (Index i = 0; i < quantity.values.size(); ++i) {
    quantity.values.data()[i] = numbers.data()[axes * i + axis];
  }
  return quantity;
}

/// How a value that the trajectory names is called, and in what unit.
report::AtomQuantity named_quantity(const std::string& name) {
  if (name == "residual")
    return {.name = name, .label = "residual", .unit = "\u03c7\u00b2 a pixel"};
  if (name == "sign_probability") return {.name = name, .label = "sign probability"};
  if (name == "strain") return {.name = name, .label = "strain", .diverging = true};
  return {.name = name, .label = name};
}

void add_scene(report::Page& page, const ReportInput& input) {
  const Trajectory& trajectory = input.result->tracked.trajectory;
  report::AtomsView view{.trajectory = &trajectory,
                         .total_frames = trajectory.frame_numbers.back() + 1,
                         .bond_reach = md::bond_reach};
  const char* axes[] = {"x", "y", "z"};
  for (Index axis = 0; axis < 3 && !trajectory.sigmas.empty(); ++axis) {
    view.quantities.push_back(
        quantity_along(trajectory.sigmas,
                       axis,
                       {.name = fmt::format("sigma_{}", axes[axis]),
                        .label = fmt::format("standard error of {}", axes[axis]),
                        .unit = "\u00c5",
                        .coloured = axis == 2}));
  }
  for (const auto& [name, values] : trajectory.values) {
    report::AtomQuantity quantity = named_quantity(name);
    quantity.values = values;
    view.quantities.push_back(std::move(quantity));
  }
  for (Index axis = 0; axis < 3 && input.truth; ++axis) {
    view.quantities.push_back(quantity_along(input.truth->errors,
                                             axis,
                                             {.name = fmt::format("error_{}", axes[axis]),
                                              .label = fmt::format("error of {}", axes[axis]),
                                              .unit = "\u00c5",
                                              .diverging = true}));
  }
  page.section("Atoms");
  page.paragraph(
      "Every atom in every frame. x and y count from the centre of pixel (0, 0), z along the beam "
      "and against the mean height; z is drawn larger than it is unless the slider says 1 \u00d7. "
      "Numbers in full are in trajectory.extxyz.");
  report::add_atoms(page, view);
}

}  // namespace

report::Page report(const ReportInput& input, Progress& progress) {
  const Reconstruction& result = *input.result;
  report::Page page(input.title, input.subtitle);
  if (!input.caution.empty()) page.note(input.caution);
  for (const std::string& note : result.notes) page.note(note);
  for (const FrameSummary& frame : result.frames) {
    if (!frame.failure.empty()) page.note(fmt::format("Frame {}: {}", frame.frame, frame.failure));
  }
  page.facts({result_facts(input), optics_facts(result)});
  add_scene(page, input);
  add_events(page, result.tracked);
  add_movies(page, input, progress);
  add_curves(page, input);
  add_truth(page, input);
  add_distributions(page, input);
  add_profile(page, result.tracked.trajectory);
  page.section("Settings");
  std::vector<report::Facts> lists;
  for (const auto& [name, values] : input.settings.items())
    lists.push_back(report::facts_of(name, values));
  for (const auto& [name, values] : input.provenance.items())
    lists.push_back(report::facts_of(name, values));
  page.facts(lists);
  return page;
}

}  // namespace kinema::atoms
