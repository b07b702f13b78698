#include "kinema/report/atoms_view.h"

#include "kinema/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::report {

namespace {

constexpr std::uint16_t absent = 65535;
constexpr double highest_level = 65534.0;

/// One axis of the positions (T, N, 3) as a quantity; nothing where an atom is absent.
AtomQuantity axis_of(const Trajectory& trajectory, Index axis, const char* name) {
  AtomQuantity quantity{.name = name, .label = name, .unit = "\u00c5", .coloured = axis == 2};
  quantity.values = Array<double, 2>({trajectory.frames(), trajectory.atoms()});
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      quantity.values(t, i) = trajectory.present(t, i) != 0
                                  ? trajectory.positions(t, i, axis)
                                  : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return quantity;
}

std::vector<double> finite_values(const Array<double, 2>& values) {
  std::vector<double> finite;
  for (const double value : values.flat()) {
    if (std::isfinite(value)) finite.push_back(value);
  }
  std::sort(finite.begin(), finite.end());
  return finite;
}

/// The colour scale: between the 1 and 99 percentiles, as far below zero as above where diverging.
Json description_of(const AtomQuantity& quantity, const std::vector<double>& sorted, double step) {
  double low = 0.0, high = 1.0;
  if (!sorted.empty()) {
    low = sorted[sorted.size() / 100];
    high = sorted[sorted.size() - 1 - sorted.size() / 100];
  }
  if (quantity.diverging) {
    high = std::max(std::abs(low), std::abs(high));
    low = -high;
  }
  if (!(high > low)) high = low + 1e-6;
  return {{"name", quantity.name},
          {"label", quantity.label},
          {"unit", quantity.unit},
          {"diverging", quantity.diverging},
          {"offset", sorted.empty() ? 0.0 : sorted.front()},
          {"step", step},
          {"low", rounded(low)},
          {"high", rounded(high)}};
}

/// Levels of every `step`-th frame, each but the first less those of the frame before, modulo
/// 65536: neighbouring frames are alike, and small numbers pack well.
void append_levels(const AtomQuantity& quantity,
                   double offset,
                   double unit,
                   Index step,
                   std::vector<std::uint16_t>& levels) {
  const auto [frames, atoms] = quantity.values.shape();
  std::vector<std::uint16_t> before(static_cast<std::size_t>(atoms), 0);
  for (Index t = 0; t < frames; t += step) {
    for (Index i = 0; i < atoms; ++i) {
      const double value = quantity.values(t, i);
      const auto level = std::isfinite(value)
                             ? static_cast<std::uint16_t>(
                                   std::clamp((value - offset) / unit, 0.0, highest_level) + 0.5)
                             : absent;
      std::uint16_t& last = before[static_cast<std::size_t>(i)];
      levels.push_back(static_cast<std::uint16_t>(level - last));
      last = level;
    }
  }
}

struct PackedAtoms {
  Json quantities = Json::array();
  Block block;
};

PackedAtoms pack_atoms(const std::vector<AtomQuantity>& quantities, Index step) {
  PackedAtoms packed;
  std::vector<std::uint16_t> levels;
  const auto [frames, atoms] = quantities.front().values.shape();
  for (const AtomQuantity& quantity : quantities) {
    const std::vector<double> sorted = finite_values(quantity.values);
    const double offset = sorted.empty() ? 0.0 : sorted.front();
    const double range = sorted.empty() ? 0.0 : sorted.back() - offset;
    const double unit = range > 0.0 ? range / highest_level : 1.0;
    append_levels(quantity, offset, unit, step, levels);
    packed.quantities.push_back(description_of(quantity, sorted, unit));
  }
  packed.block =
      block_of({static_cast<Index>(quantities.size()), (frames + step - 1) / step, atoms}, levels);
  return packed;
}

Json cell_json(const std::optional<kinema::Cell>& cell) {
  if (!cell) return nullptr;
  return {{"edges", cell->edges}, {"periodic", cell->periodic}, {"origin", cell->origin}};
}

/// The numbers of elements: one where all atoms are alike.
Json elements_of(const Trajectory& trajectory) {
  const auto& numbers = trajectory.atomic_numbers;
  const bool alike =
      std::ranges::adjacent_find(numbers, std::ranges::not_equal_to{}) == numbers.end();
  return alike ? Json::array({numbers.empty() ? 0 : numbers.front()}) : Json(numbers);
}

}  // namespace

void add_atoms(Page& page, const AtomsView& view) {
  const Trajectory& trajectory = *view.trajectory;
  std::vector<AtomQuantity> quantities = {
      axis_of(trajectory, 0, "x"), axis_of(trajectory, 1, "y"), axis_of(trajectory, 2, "z")};
  quantities.insert(quantities.end(), view.quantities.begin(), view.quantities.end());
  Index step = 1;
  PackedAtoms packed = pack_atoms(quantities, step);
  while (static_cast<Index>(packed.block.text.size()) > view.budget && step < trajectory.frames()) {
    const Index bytes = static_cast<Index>(packed.block.text.size());
    step = std::max(step + 1, step * bytes / view.budget);
    packed = pack_atoms(quantities, step);
  }
  std::vector<Index> frames;
  for (Index t = 0; t < trajectory.frames(); t += step) {
    frames.push_back(trajectory.frame_numbers[static_cast<std::size_t>(t)]);
  }
  Json colour_by = Json::array();
  for (const AtomQuantity& quantity : quantities) {
    if (quantity.coloured) colour_by.push_back(quantity.name);
  }
  const double seconds = trajectory.frame_time.value;
  std::string left_out = "All frames and atoms are held.";
  if (step > 1) {
    left_out = fmt::format(
        "To keep this page small, {} of {} frames are held.", frames.size(), trajectory.frames());
  }
  page.paragraph(left_out);
  page.view({{"kind", "atoms"},
             {"atoms", trajectory.atoms()},
             {"atomic_numbers", elements_of(trajectory)},
             {"frames", frames},
             {"total_frames", view.total_frames},
             {"frame_seconds", seconds > 0.0 ? Json(seconds) : Json()},
             {"cell", cell_json(trajectory.cell)},
             {"bond_reach", view.bond_reach},
             {"quantities", packed.quantities},
             {"colour_by", colour_by},
             {"left_out", left_out}},
            {{"values", packed.block}});
}

}  // namespace kinema::report
