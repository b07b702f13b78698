#include "kinema/atoms/track.h"

#include "kinema/atoms/events.h"
#include "kinema/metrics/atom_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace kinema::atoms {
namespace {

constexpr double widest_drift = 3.0;   // angstrom from frame to frame
constexpr double drift_step = 0.35;    // angstrom
constexpr double drift_radius = 0.45;  // angstrom: atoms that agree with a drift
constexpr double clear_share = 0.9;    // of atoms that agree: no other drift is tried
constexpr double second_gate = 1.6;    // angstrom, for atoms that both sides have left

/// One identity: in which detections of which frames it was seen.
struct Track {
  std::vector<Index> seen;  // T: place in the frame's list, -1 where it was not seen
  Vec3 last{};              // where it was last, moved on by the drift since
  Index missing = 0;        // frames since it was seen
};

std::vector<Vec3> moved(const std::vector<Vec3>& positions, const Vec2& by) {
  std::vector<Vec3> result = positions;
  for (Vec3& at : result) {
    at[0] += by[0];
    at[1] += by[1];
  }
  return result;
}

/// Lengths after which an upright cell repeats in x and y, angstrom; 0 where it does not.
Vec2 period_of(const AtomicModel& atoms) {
  Vec2 period{};
  if (!atoms.cell) return period;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const double skew = atoms.cell->edges[axis][1 - axis];
    if (atoms.cell->periodic[axis] && skew == 0.0) period[axis] = atoms.cell->edges[axis][axis];
  }
  return period;
}

/// Shares of `before`, shifted by `drift`, that lie on atoms of `now`; `drift` becomes their mean.
double agree(const std::vector<Vec3>& before,
             const std::vector<Vec3>& now,
             const Vec2& period,
             Vec2& drift) {
  const std::vector<Vec3> shifted = moved(before, drift);
  const auto match = metrics::match_atoms(shifted, now, drift_radius, period);
  if (match.pairs.empty()) return 0.0;
  Vec2 sum{};
  for (const auto& [b, n] : match.pairs) {
    const Vec3 &to = now[static_cast<std::size_t>(n)], &from = shifted[static_cast<std::size_t>(b)];
    const Vec2 shift = nearest_shift({to[0], to[1]}, {from[0], from[1]}, period);
    for (std::size_t axis = 0; axis < 2; ++axis) sum[axis] += shift[axis];
  }
  const double count = static_cast<double>(match.pairs.size());
  for (std::size_t axis = 0; axis < 2; ++axis) drift[axis] += sum[axis] / count;
  return count / static_cast<double>(before.size());
}

/// The drift under which most atoms of `before` lie on atoms of `now`; of those about as good the
/// smallest, because a lattice fits itself.
Vec2 drift_between(const std::vector<Vec3>& before,
                   const std::vector<Vec3>& now,
                   const Vec2& period) {
  const auto refined = [&](Vec2 trial) {
    for (int round = 0; round < 2; ++round) agree(before, now, period, trial);
    const double share = agree(before, now, period, trial);
    return std::pair{share, trial};
  };
  auto [best_share, best] = refined({});
  if (best_share > clear_share) return best;
  double best_score = best_share;
  const auto steps = static_cast<int>(widest_drift / drift_step);
  for (int j = -steps; j <= steps; ++j) {
    for (int i = -steps; i <= steps; ++i) {
      Vec2 trial{i * drift_step, j * drift_step};
      const double length = std::hypot(trial[0], trial[1]);
      const double score = agree(before, now, period, trial) - 0.03 * length;
      if (score > best_score) {
        best_score = score;
        best = trial;
      }
    }
  }
  return refined(best).second;
}

/// Hands the detections of frame t to the tracks: within the gate first, then what is left within
/// the wider one; a detection that is left over begins a track.
void assign_frame(std::vector<Track>& tracks,
                  const std::vector<Vec3>& positions,
                  Index t,
                  Index frames,
                  const Vec2& period,
                  const TrackOptions& options) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (tracks[i].missing <= options.persistence) open.push_back(i);
  }
  std::vector<Index> left(positions.size());
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<Index>(i);
  for (const double gate : {options.gate.value, second_gate}) {
    std::vector<Vec3> expected, offered;
    for (const std::size_t i : open) expected.push_back(tracks[i].last);
    for (const Index d : left) offered.push_back(positions[static_cast<std::size_t>(d)]);
    const auto match = metrics::match_atoms(offered, expected, gate, period);
    std::set<std::size_t> taken;
    for (const auto& [d, e] : match.pairs) {
      Track& track = tracks[open[static_cast<std::size_t>(e)]];
      track.seen[static_cast<std::size_t>(t)] = left[static_cast<std::size_t>(d)];
      track.last = offered[static_cast<std::size_t>(d)];
      track.missing = 0;
      taken.insert(open[static_cast<std::size_t>(e)]);
    }
    std::erase_if(open, [&](std::size_t i) { return taken.contains(i); });
    std::vector<Index> rest;
    for (const Index s : match.spurious) rest.push_back(left[static_cast<std::size_t>(s)]);
    left = std::move(rest);
  }
  for (const std::size_t i : open) ++tracks[i].missing;
  for (const Index d : left) {
    tracks.push_back({std::vector<Index>(static_cast<std::size_t>(frames), -1),
                      positions[static_cast<std::size_t>(d)],
                      0});
    tracks.back().seen[static_cast<std::size_t>(t)] = d;
  }
}

/// Sets what frame t says of one of its atoms.
void copy_atom(Trajectory& to, Index t, Index atom, const io::AtomFrame& frame, Index from) {
  const auto place = static_cast<std::size_t>(from);
  to.present(t, atom) = 1;
  std::copy_n(frame.atoms.positions[place].data(), 3, &to.positions(t, atom, 0));
  if (!to.sigmas.empty() && !frame.sigmas.empty()) {
    std::copy_n(frame.sigmas[place].data(), 3, &to.sigmas(t, atom, 0));
  }
  for (const auto& [name, values] : frame.values) to.values.at(name)(t, atom) = values[place];
}

Trajectory empty_trajectory(const std::vector<io::AtomFrame>& frames, Index atoms) {
  const auto count = static_cast<Index>(frames.size());
  Trajectory trajectory;
  trajectory.positions = Array<double, 3>({count, atoms, 3});
  trajectory.present = Array<std::uint8_t, 2>({count, atoms});
  const bool has_sigmas =
      std::ranges::all_of(frames, [](const io::AtomFrame& frame) { return !frame.sigmas.empty(); });
  if (has_sigmas) trajectory.sigmas = Array<double, 3>({count, atoms, 3});
  for (const io::AtomFrame& frame : frames) {
    trajectory.frame_numbers.push_back(
        frame.number.value_or(static_cast<Index>(trajectory.frame_numbers.size())));
    for (const auto& [name, values] : frame.values) {
      trajectory.values.try_emplace(name, Shape<2>{count, atoms});
    }
  }
  trajectory.values.try_emplace("interpolated", Shape<2>{count, atoms});
  trajectory.cell = frames.front().atoms.cell;
  trajectory.frame_time = io::frame_time_of(frames.front(), frames.back());
  return trajectory;
}

/// Fills the gaps of one atom between frames in which it was seen, moving with the drift.
Index fill_gaps(Trajectory& trajectory,
                Index atom,
                const std::vector<Vec2>& drift,
                const Vec2& period,
                bool fill) {
  Index gaps = 0, before = -1;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    if (trajectory.present(t, atom) == 0) continue;
    for (Index gap = before + 1; before >= 0 && gap < t; ++gap) {
      ++gaps;
      if (!fill) continue;
      const double f = static_cast<double>(gap - before) / static_cast<double>(t - before);
      const auto still = [&](Index at, Index axis) {
        const double away =
            axis < 2 ? drift[static_cast<std::size_t>(at)][static_cast<std::size_t>(axis)] : 0.0;
        return trajectory.positions(at, atom, axis) - away;
      };
      for (Index axis = 0; axis < 3; ++axis) {
        const double away =
            axis < 2 ? drift[static_cast<std::size_t>(gap)][static_cast<std::size_t>(axis)] : 0.0;
        const double from = still(before, axis), wrap = axis < 2 ? period[axis] : 0.0;
        double way = still(t, axis) - from;
        if (wrap > 0.0) way -= wrap * std::round(way / wrap);
        trajectory.positions(gap, atom, axis) = from + f * way + away;
        if (!trajectory.sigmas.empty()) {
          trajectory.sigmas(gap, atom, axis) =
              std::max(trajectory.sigmas(before, atom, axis), trajectory.sigmas(t, atom, axis));
        }
      }
      for (auto& [name, values] : trajectory.values) values(gap, atom) = values(before, atom);
      trajectory.values.at("interpolated")(gap, atom) = 1.0;
    }
    before = t;
  }
  if (!fill) return gaps;
  Index first = 0;
  while (first < trajectory.frames() && trajectory.present(first, atom) == 0) ++first;
  for (Index t = first; t < before; ++t) trajectory.present(t, atom) = 1;
  return gaps;
}

Index times_seen(const Track& track) {
  return std::ranges::count_if(track.seen, [](Index d) { return d >= 0; });
}

}  // namespace

Tracked track(const std::vector<io::AtomFrame>& frames, const TrackOptions& options) {
  if (frames.empty()) throw InputError("track: there is no frame of atoms");
  if (options.persistence < 1) {
    throw InputError("track: persistence counts frames and is at least 1");
  }
  if (!(options.gate.value > 0.0 && options.gate.value <= second_gate)) {
    throw InputError(
        fmt::format("track: the gate must be above 0 and at most {} angstrom; {} apart "
                    "atoms are each other's neighbours",
                    second_gate,
                    bond_length));
  }
  const auto count = static_cast<Index>(frames.size());
  const Vec2 period = period_of(frames.front().atoms);
  Tracked result;
  std::vector<Track> tracks;
  for (Index t = 0; t < count; ++t) {
    const auto& positions = frames[static_cast<std::size_t>(t)].atoms.positions;
    Vec2 step{};
    if (t > 0) {
      step =
          drift_between(frames[static_cast<std::size_t>(t - 1)].atoms.positions, positions, period);
      for (Track& track : tracks) {
        track.last[0] += step[0];
        track.last[1] += step[1];
      }
    }
    const Vec2 sum = t == 0 ? Vec2{} : result.drift.back();
    result.drift.push_back({sum[0] + step[0], sum[1] + step[1]});
    assign_frame(tracks, positions, t, count, period, options);
  }
  const Index least = std::min(options.persistence, count);
  const auto too_short = [&](const Track& track) { return times_seen(track) < least; };
  for (const Track& track : tracks) {
    if (too_short(track)) result.dropped += times_seen(track);
  }
  std::erase_if(tracks, too_short);

  result.trajectory = empty_trajectory(frames, static_cast<Index>(tracks.size()));
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    int element = 6;
    for (Index t = 0; t < count; ++t) {
      const io::AtomFrame& frame = frames[static_cast<std::size_t>(t)];
      const Index d = tracks[i].seen[static_cast<std::size_t>(t)];
      if (d < 0) continue;
      copy_atom(result.trajectory, t, static_cast<Index>(i), frame, d);
      element = frame.atoms.atomic_numbers[static_cast<std::size_t>(d)];
    }
    result.trajectory.atomic_numbers.push_back(static_cast<std::uint8_t>(element));
    result.gaps += fill_gaps(
        result.trajectory, static_cast<Index>(i), result.drift, period, options.fill_gaps);
  }
  if (result.gaps == 0 || !options.fill_gaps) result.trajectory.values.erase("interpolated");
  result.events = find_events(result.trajectory, options.persistence);
  return result;
}

Json to_json(const std::vector<Event>& events, const Trajectory& trajectory) {
  Json json = Json::array();
  for (const Event& event : events) {
    Json row{{"event", to_text(event.kind)},
             {"frame", trajectory.frame_numbers[static_cast<std::size_t>(event.frame)]},
             {"atoms", event.atoms},
             {"x_angstrom", event.place[0]},
             {"y_angstrom", event.place[1]}};
    if (!event.rings.empty()) row["rings"] = event.rings;
    json.push_back(std::move(row));
  }
  return json;
}

}  // namespace kinema::atoms
