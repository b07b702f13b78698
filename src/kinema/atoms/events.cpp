#include "kinema/atoms/events.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace kinema::atoms {
namespace {

constexpr double border = 2.0;             // angstrom
constexpr double same_place = 3.5;         // angstrom: a lost atom belongs to the vacancy so near
using Spells = std::vector<std::uint8_t>;  // T: whether something is so

/// Mends spells shorter than `persistence` that lie between two that say otherwise.
void mend(Spells& spells, Index persistence) {
  const auto count = static_cast<Index>(spells.size());
  for (Index length = 1; length < persistence; ++length) {
    for (Index first = 1; first + length < count; ++first) {
      const std::uint8_t before = spells[static_cast<std::size_t>(first - 1)];
      const auto other = [&](Index t) { return spells[static_cast<std::size_t>(t)] != before; };
      bool is_short = !other(first + length);
      for (Index t = first; t < first + length && is_short; ++t) is_short = other(t);
      if (!is_short) continue;
      for (Index t = first; t < first + length; ++t) spells[static_cast<std::size_t>(t)] = before;
    }
  }
}

/// Frames at which the spells turn to `state` and keep it for `persistence` frames, having been
/// otherwise for as many.
std::vector<Index> turns(const Spells& spells, std::uint8_t state, Index persistence) {
  const auto count = static_cast<Index>(spells.size());
  std::vector<Index> found;
  for (Index t = persistence; t + persistence <= count; ++t) {
    bool holds = true;
    for (Index d = 0; d < persistence && holds; ++d) {
      holds = spells[static_cast<std::size_t>(t + d)] == state &&
              spells[static_cast<std::size_t>(t - 1 - d)] != state;
    }
    if (holds) found.push_back(t);
  }
  return found;
}

using Bond = std::pair<Index, Index>;

/// The topology of a frame with identities of the trajectory in it.
struct FrameGraph {
  Topology topology;
  std::vector<Index> identity;  // of each atom of the topology
};

FrameGraph graph_of(const Trajectory& trajectory, Index t) {
  FrameGraph graph;
  std::vector<Vec2> positions;
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    positions.push_back({trajectory.positions(t, i, 0), trajectory.positions(t, i, 1)});
    graph.identity.push_back(i);
  }
  Bounds bounds;
  if (trajectory.cell) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      if (trajectory.cell->periodic[axis]) bounds.period[axis] = trajectory.cell->edges[axis][axis];
    }
  }
  graph.topology = connect(positions, bounds);
  return graph;
}

/// The movie as spells: of atoms, and of bonds.
class Story {
 public:
  Story(const Trajectory& trajectory, Index persistence)
      : trajectory_(trajectory), persistence_(persistence) {
    const auto frames = static_cast<std::size_t>(trajectory.frames());
    for (Index t = 0; t < trajectory.frames(); ++t) {
      graphs_.push_back(graph_of(trajectory, t));
      const FrameGraph& graph = graphs_.back();
      for (std::size_t i = 0; i < graph.identity.size(); ++i) {
        for (const int j : graph.topology.neighbours[i]) {
          const Index a = graph.identity[i], b = graph.identity[static_cast<std::size_t>(j)];
          if (a < b) {
            bonds_.try_emplace({a, b}, Spells(frames, 0))
                .first->second[static_cast<std::size_t>(t)] = 1;
          }
        }
      }
    }
    for (auto& [bond, spells] : bonds_) mend(spells, persistence);
  }

  std::vector<Event> events() {
    atoms_come_and_go();
    vacancies_come_and_go();
    bonds_rotate();
    std::ranges::stable_sort(events_, {}, &Event::frame);
    return std::move(events_);
  }

 private:
  Vec2 place(Index t, Index atom) const {
    // An atom that is absent is where it was last, or will be first.
    for (Index d = 0; d < trajectory_.frames(); ++d) {
      for (const Index at : {t - d, t + d}) {
        if (at < 0 || at >= trajectory_.frames() || trajectory_.present(at, atom) == 0) continue;
        return {trajectory_.positions(at, atom, 0), trajectory_.positions(at, atom, 1)};
      }
    }
    return {};
  }

  bool at_border(const Vec2& at) const {
    if (!trajectory_.cell) return false;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      if (trajectory_.cell->periodic[axis]) continue;
      const double from = at[axis] - trajectory_.cell->origin[axis];
      if (from < border || from > trajectory_.cell->edges[axis][axis] - border) return true;
    }
    return false;
  }

  void atoms_come_and_go() {
    for (Index i = 0; i < trajectory_.atoms(); ++i) {
      Spells spells(static_cast<std::size_t>(trajectory_.frames()));
      for (Index t = 0; t < trajectory_.frames(); ++t) {
        spells[static_cast<std::size_t>(t)] = trajectory_.present(t, i);
      }
      mend(spells, persistence_);
      for (const std::uint8_t state : {0, 1}) {
        for (const Index t : turns(spells, state, persistence_)) {
          const Vec2 at = place(state == 0 ? t - 1 : t, i);
          if (at_border(at)) continue;
          const EventKind kind = state == 0 ? EventKind::atom_lost : EventKind::atom_gained;
          events_.push_back({kind, t, {i}, at, {}});
        }
      }
    }
  }

  bool has_vacancy(Index t, const Vec2& at) const {
    const auto& vacancies = graphs_[static_cast<std::size_t>(t)].topology.vacancies;
    return std::ranges::any_of(vacancies, [&](const Vacancy& vacancy) {
      return std::hypot(vacancy.centre[0] - at[0], vacancy.centre[1] - at[1]) < same_place;
    });
  }

  /// A vacancy forms where atoms are lost and a hole is seen in most of the frames that follow; it
  /// closes where atoms are gained and a hole was seen before. Atoms close together share it.
  void vacancies_come_and_go() {
    const std::vector<Event> changes = events_;
    for (const Event& change : changes) {
      const bool lost = change.kind == EventKind::atom_lost;
      Index seen = 0;
      for (Index d = 0; d < persistence_; ++d) {
        if (has_vacancy(lost ? change.frame + d : change.frame - 1 - d, change.place)) ++seen;
      }
      if (2 * seen <= persistence_) continue;
      const EventKind kind = lost ? EventKind::vacancy_formed : EventKind::vacancy_closed;
      const auto same = std::ranges::find_if(events_, [&](const Event& event) {
        return event.kind == kind && std::abs(event.frame - change.frame) < persistence_ &&
               std::hypot(event.place[0] - change.place[0], event.place[1] - change.place[1]) <
                   same_place;
      });
      if (same == events_.end()) {
        events_.push_back({kind, change.frame, change.atoms, change.place, {}});
      } else {
        same->atoms.push_back(change.atoms.front());
      }
    }
  }

  /// Sizes of the rings around two atoms in most of the frames from t on.
  std::vector<Index> rings_around(Index t, Index a, Index b) const {
    std::map<std::vector<Index>, Index> votes;
    for (Index at = t; at < std::min(t + persistence_, trajectory_.frames()); ++at) {
      const FrameGraph& graph = graphs_[static_cast<std::size_t>(at)];
      std::vector<Index> sizes;
      for (const Ring& ring : graph.topology.rings) {
        const bool touches = std::ranges::any_of(ring.atoms, [&](int atom) {
          const Index identity = graph.identity[static_cast<std::size_t>(atom)];
          return identity == a || identity == b;
        });
        if (touches) sizes.push_back(static_cast<Index>(ring.atoms.size()));
      }
      std::ranges::sort(sizes);
      ++votes[sizes];
    }
    return std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first;
  }

  /// A bond a-b has rotated where it stays while a and b each give a neighbour to the other.
  void bonds_rotate() {
    std::map<Index, std::vector<std::pair<Index, Bond>>> broken, made;  // by atom: frame, bond
    for (const auto& [bond, spells] : bonds_) {
      for (const std::uint8_t state : {0, 1}) {
        for (const Index t : turns(spells, state, persistence_)) {
          for (const Index atom : {bond.first, bond.second}) {
            (state == 0 ? broken : made)[atom].emplace_back(t, bond);
          }
        }
      }
    }
    for (const auto& [bond, spells] : bonds_) {
      const auto& [a, b] = bond;
      for (const auto& [t, lost] : broken[a]) {
        const auto lasts = [&](Index at) {
          return at >= 0 && at < trajectory_.frames() && spells[static_cast<std::size_t>(at)] != 0;
        };
        if (!lasts(t - 1) || !lasts(t)) continue;
        const Index from_a = lost.first == a ? lost.second : lost.first;
        if (from_a == b || !passed(made[b], t, b, from_a)) continue;
        const bool swapped = std::ranges::any_of(broken[b], [&](const auto& other) {
          const Index from_b = other.second.first == b ? other.second.second : other.second.first;
          return from_b != a && near(other.first, t) && passed(made[a], t, a, from_b);
        });
        if (!swapped) continue;
        const Vec2 pa = place(t, a), pb = place(t, b);
        events_.push_back({EventKind::bond_rotated,
                           t,
                           {a, b},
                           {0.5 * (pa[0] + pb[0]), 0.5 * (pa[1] + pb[1])},
                           rings_around(t, a, b)});
      }
    }
  }

  bool near(Index t, Index other) const { return std::abs(t - other) < persistence_; }

  /// Whether a bond from `atom` to `neighbour` was made about frame t.
  bool passed(const std::vector<std::pair<Index, Bond>>& made,
              Index t,
              Index atom,
              Index neighbour) const {
    return std::ranges::any_of(made, [&](const auto& bond) {
      return near(bond.first, t) &&
             (bond.second == Bond{std::min(atom, neighbour), std::max(atom, neighbour)});
    });
  }

  const Trajectory& trajectory_;
  Index persistence_;
  std::vector<FrameGraph> graphs_;
  std::map<Bond, Spells> bonds_;
  std::vector<Event> events_;
};

}  // namespace

std::vector<Event> find_events(const Trajectory& trajectory, Index persistence) {
  return Story(trajectory, persistence).events();
}

}  // namespace kinema::atoms
