#include "kinema/data/trajectory.h"

#include <algorithm>
#include <numeric>

namespace kinema {

AtomicModel atoms_at(const Trajectory& trajectory, Index t) {
  AtomicModel model;
  model.cell = trajectory.cell;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    model.atomic_numbers.push_back(trajectory.atomic_numbers[static_cast<std::size_t>(i)]);
    model.positions.push_back({trajectory.positions(t, i, 0),
                               trajectory.positions(t, i, 1),
                               trajectory.positions(t, i, 2)});
  }
  return model;
}

Trajectory to_trajectory(const std::vector<AtomicModel>& frames) {
  Trajectory trajectory;
  if (frames.empty()) return trajectory;
  const auto count = static_cast<Index>(frames.size());
  const Index atoms = frames.front().size();
  trajectory.atomic_numbers = frames.front().atomic_numbers;
  trajectory.cell = frames.front().cell;
  trajectory.positions = Array<double, 3>({count, atoms, 3});
  trajectory.present = Array<std::uint8_t, 2>({count, atoms}, std::uint8_t{1});
  trajectory.frame_numbers.resize(frames.size());
  std::iota(trajectory.frame_numbers.begin(), trajectory.frame_numbers.end(), Index{0});
  for (Index t = 0; t < count; ++t) {
    const AtomicModel& model = frames[static_cast<std::size_t>(t)];
    if (model.atomic_numbers != trajectory.atomic_numbers) {
      throw InputError("frame " + std::to_string(t) + " holds " + std::to_string(model.size()) +
                       " atoms that are not the " + std::to_string(atoms) +
                       " of frame 0, kind by kind");
    }
    for (Index i = 0; i < atoms; ++i) {
      std::copy_n(
          model.positions[static_cast<std::size_t>(i)].data(), 3, &trajectory.positions(t, i, 0));
    }
  }
  return trajectory;
}

}  // namespace kinema
