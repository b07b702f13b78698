// Frames and trajectories: the one question is which atom of a frame is which of the others.
#include "kinema/io/atom_frame.h"

#include "kinema/base/error.h"

#include <algorithm>
#include <limits>
#include <set>

namespace kinema::io {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path,
                         const AtomFrame& frame,
                         const std::string& what) {
  throw InputError(path.string() + ": frame at line " + std::to_string(frame.line) + ": " + what);
}

using Identities = std::map<std::int64_t, Index>;  // id -> row of the trajectory

/// Rows by id, and the kind of each row.
Identities identities_of(const std::vector<AtomFrame>& frames,
                         const std::filesystem::path& path,
                         std::vector<std::uint8_t>& kinds) {
  std::map<std::int64_t, std::uint8_t> kind_of;
  for (const AtomFrame& frame : frames) {
    for (std::size_t i = 0; i < frame.ids.size(); ++i) {
      const auto [known, is_new] = kind_of.emplace(frame.ids[i], frame.atoms.atomic_numbers[i]);
      if (!is_new && known->second != frame.atoms.atomic_numbers[i]) {
        refuse(path,
               frame,
               "atom " + std::to_string(frame.ids[i]) + " is " +
                   std::string(element_symbol(frame.atoms.atomic_numbers[i])) + " here and was " +
                   std::string(element_symbol(known->second)) + " before");
      }
    }
  }
  Identities rows;
  for (const auto& [id, kind] : kind_of) {
    rows.emplace(id, static_cast<Index>(kinds.size()));
    kinds.push_back(kind);
  }
  return rows;
}

void require_same_kinds(const std::vector<AtomFrame>& frames, const std::filesystem::path& path) {
  const AtomicModel& first = frames.front().atoms;
  for (const AtomFrame& frame : frames) {
    if (frame.atoms.atomic_numbers == first.atomic_numbers) continue;
    refuse(path,
           frame,
           std::to_string(frame.atoms.size()) + " atoms that are not the " +
               std::to_string(first.size()) +
               " of the first frame, kind by kind, and no ids say which is which; give every frame "
               "an integer column id");
  }
}

void require_same_cell(const std::vector<AtomFrame>& frames, const std::filesystem::path& path) {
  for (const AtomFrame& frame : frames) {
    if (frame.atoms.cell == frames.front().atoms.cell) continue;
    refuse(path, frame, "its cell is not that of the first frame, and a trajectory has but one");
  }
}

/// Empty arrays for `frames` of the rows' atoms; values start as NaN where atoms are present.
Trajectory blank_trajectory(const std::vector<AtomFrame>& frames, std::vector<std::uint8_t> kinds) {
  Trajectory trajectory;
  const auto count = static_cast<Index>(frames.size());
  const auto atoms = static_cast<Index>(kinds.size());
  trajectory.atomic_numbers = std::move(kinds);
  trajectory.cell = frames.front().atoms.cell;
  trajectory.positions = Array<double, 3>({count, atoms, 3});
  trajectory.present = Array<std::uint8_t, 2>({count, atoms});
  for (const AtomFrame& frame : frames) {
    if (!frame.sigmas.empty() && trajectory.sigmas.empty()) {
      trajectory.sigmas = Array<double, 3>({count, atoms, 3});
    }
    for (const auto& [name, numbers] : frame.values) {
      Array<double, 2>& array = trajectory.values[name];
      if (array.empty()) array = Array<double, 2>({count, atoms});
    }
  }
  return trajectory;
}

void place_frame(Trajectory& trajectory,
                 Index t,
                 const AtomFrame& frame,
                 const std::vector<Index>& rows) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    trajectory.present(t, rows[i]) = 1;
    std::copy_n(frame.atoms.positions[i].data(), 3, &trajectory.positions(t, rows[i], 0));
    if (!frame.sigmas.empty()) {
      std::copy_n(frame.sigmas[i].data(), 3, &trajectory.sigmas(t, rows[i], 0));
    }
  }
  for (auto& [name, array] : trajectory.values) {
    const auto numbers = frame.values.find(name);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      array(t, rows[i]) = numbers == frame.values.end() ? unknown : numbers->second[i];
    }
  }
}

}  // namespace

Time frame_time_of(const AtomFrame& first, const AtomFrame& last) {
  if (!first.time || !last.time || !first.number || !last.number) return {};
  const Index steps = *last.number - *first.number;
  const double step = (last.time->value - first.time->value) / static_cast<double>(steps);
  return steps > 0 && step > 0.0 ? Time{step} : Time{};
}

AtomFrame frame_of(const Trajectory& trajectory, Index t) {
  AtomFrame frame;
  frame.atoms = atoms_at(trajectory, t);
  std::vector<Index> rows;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) != 0) rows.push_back(i);
  }
  const auto held = trajectory.present.flat();
  if (std::find(held.begin(), held.end(), std::uint8_t{0}) != held.end()) {
    frame.ids.assign(rows.begin(), rows.end());
  }
  for (const Index i : rows) {
    if (trajectory.sigmas.empty()) break;
    const double* sigma = &trajectory.sigmas(t, i, 0);
    frame.sigmas.push_back({sigma[0], sigma[1], sigma[2]});
  }
  for (const auto& [name, array] : trajectory.values) {
    std::vector<double>& numbers = frame.values[name];
    for (const Index i : rows) numbers.push_back(array(t, i));
  }
  const auto place = static_cast<std::size_t>(t);
  frame.number = place < trajectory.frame_numbers.size() ? trajectory.frame_numbers[place] : t;
  if (trajectory.frame_time.value > 0.0) {
    frame.time = Time{static_cast<double>(*frame.number) * trajectory.frame_time.value};
  }
  return frame;
}

Trajectory trajectory_of(std::vector<AtomFrame> frames, const std::filesystem::path& path) {
  if (frames.empty()) throw InputError(path.string() + ": holds no frame of atoms");
  require_same_cell(frames, path);
  std::vector<std::uint8_t> kinds;
  Identities identities;
  const bool have_ids = std::all_of(frames.begin(), frames.end(), [](const AtomFrame& frame) {
    return static_cast<Index>(frame.ids.size()) == frame.atoms.size();
  });
  if (have_ids) {
    identities = identities_of(frames, path, kinds);
  } else {
    require_same_kinds(frames, path);
    kinds = frames.front().atoms.atomic_numbers;
  }
  Trajectory trajectory = blank_trajectory(frames, std::move(kinds));
  trajectory.frame_time = frame_time_of(frames.front(), frames.back());
  for (std::size_t t = 0; t < frames.size(); ++t) {
    std::vector<Index> rows(frames[t].atoms.positions.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] = have_ids ? identities.at(frames[t].ids[i]) : static_cast<Index>(i);
    }
    place_frame(trajectory, static_cast<Index>(t), frames[t], rows);
    trajectory.frame_numbers.push_back(frames[t].number.value_or(static_cast<Index>(t)));
    frames[t] = {};
  }
  return trajectory;
}

}  // namespace kinema::io
