// atoms track: identities through a movie, and what happens to the atoms.
#include "kinema/atoms/evaluate.h"
#include "kinema/atoms/track.h"
#include "kinema/io/extxyz.h"

#include <fmt/format.h>

#include "app_atoms.h"

namespace kinema::app {
namespace {

std::string events_text(const std::vector<atoms::Event>& events, const Trajectory& trajectory) {
  std::string text;
  for (const atoms::Event& event : events) {
    text += fmt::format("  frame {:<6} {:<15} atom{} {} at {:.1f}, {:.1f} A",
                        trajectory.frame_numbers[static_cast<std::size_t>(event.frame)],
                        to_text(event.kind),
                        event.atoms.size() == 1 ? " " : "s",
                        fmt::join(event.atoms, " "),
                        event.place[0],
                        event.place[1]);
    if (!event.rings.empty()) text += fmt::format(", rings {}", fmt::join(event.rings, "-"));
    text += "\n";
  }
  return text;
}

Outcome track_atoms(const Arguments& arguments,
                    const atoms::TrackOptions& options,
                    const Session& session) {
  const std::string in = arguments.at("ATOMS"), out = arguments.at("OUT");
  session.require_writable(out);
  const auto frames = atoms::read_atom_frames(in);
  const atoms::Tracked tracked = atoms::track(frames, options);
  const Trajectory& trajectory = tracked.trajectory;
  io::write_extxyz(out, trajectory);
  const Json json{{"input", in},
                  {"output", out},
                  {"frames", trajectory.frames()},
                  {"atoms", trajectory.atoms()},
                  {"gaps", tracked.gaps},
                  {"dropped", tracked.dropped},
                  {"drift_angstrom", tracked.drift.back()},
                  {"events", atoms::to_json(tracked.events, trajectory)}};
  return {
      json,
      fmt::format("{}: {} atoms through {} frames, {} gaps, {} detections dropped, drift {:.2f}, "
                  "{:.2f} A, {} events\n{}",
                  out,
                  trajectory.atoms(),
                  trajectory.frames(),
                  tracked.gaps,
                  tracked.dropped,
                  tracked.drift.back()[0],
                  tracked.drift.back()[1],
                  tracked.events.size(),
                  events_text(tracked.events, trajectory)),
      {}};
}

}  // namespace

Verb atoms_track_verb() {
  return make_verb<atoms::TrackOptions>(
      "atoms track",
      "which atom is which through a movie, and what happens to them",
      {{"ATOMS", "atoms of each frame: extended XYZ, XYZ, or a dump of LAMMPS"}},
      "the trajectory to write, with identities (.extxyz)",
      track_atoms);
}

}  // namespace kinema::app
