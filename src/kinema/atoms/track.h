// Which atom is which through a movie, from lists of atoms frame by frame, and what happens to
// them: atoms lost and gained, vacancies, rotated bonds.
#pragma once

#include "kinema/atoms/topology.h"
#include "kinema/base/options.h"
#include "kinema/data/trajectory.h"
#include "kinema/io/atom_frame.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kinema::atoms {

struct TrackOptions {
  Length gate{0.8};
  Index persistence = 3;
  bool fill_gaps = true;

  static void fields(auto& self, auto&& visit) {
    visit(
        "gate", self.gate, "farthest that an atom moves from one frame to the next, besides drift");
    visit("persistence",
          self.persistence,
          "frames that a change must last to be an event, and an atom to be one");
    visit("fill_gaps",
          self.fill_gaps,
          "give atoms that a few frames miss the place between before and after");
  }
};

enum class EventKind : std::uint8_t {
  atom_lost,
  atom_gained,
  vacancy_formed,
  vacancy_closed,
  bond_rotated
};

inline constexpr EnumName<EventKind> event_kind_names[] = {
    {EventKind::atom_lost, "atom lost"},
    {EventKind::atom_gained, "atom gained"},
    {EventKind::vacancy_formed, "vacancy formed"},
    {EventKind::vacancy_closed, "vacancy closed"},
    {EventKind::bond_rotated, "bond rotated"}};
constexpr std::span<const EnumName<EventKind>> enum_names(EventKind) {
  return event_kind_names;
}

/// Something that happened and lasted.
struct Event {
  EventKind kind = EventKind::atom_lost;
  Index frame = 0;           // the first frame, by its place in the movie, in which it is so
  std::vector<Index> atoms;  // identities: lost, gained, missing, or the two of the rotated bond
  Vec2 place{};              // angstrom
  std::vector<Index> rings;  // sizes of the rings around a rotated bond, rising
};

/// A movie's atoms by identity. The value "interpolated" is 1 where a gap was filled.
struct Tracked {
  Trajectory trajectory;
  std::vector<Event> events;  // in order of frames
  std::vector<Vec2> drift;    // T: of the whole sheet since frame 0, angstrom
  Index gaps = 0;             // atoms in frames that had to be filled, or are left open
  Index dropped = 0;          // detections that did not persist
};

/// One to one from frame to frame with the least sum of squared distances, drift taken out first.
/// Identities count from 0 in order of appearance. Throws InputError where there is no frame.
Tracked track(const std::vector<io::AtomFrame>& frames, const TrackOptions& options = {});

Json to_json(const std::vector<Event>& events, const Trajectory& trajectory);

}  // namespace kinema::atoms
