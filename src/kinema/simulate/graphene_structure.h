// A sheet of graphene through time: its net of atoms with defects and sudden changes, ripples that
// travel, and bonds at rest within the plane at every moment.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/base/rng.h"
#include "kinema/simulate/carbon_net.h"
#include "kinema/simulate/ripples.h"
#include "kinema/simulate/structure_events.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace kinema::simulate {

enum class SheetShape : std::uint8_t {
  flake,    // free, with all its edges in view
  sheet,    // goes on beyond the view
  periodic  // repeats with the view
};
inline constexpr EnumName<SheetShape> sheet_shape_names[] = {
    {SheetShape::flake, "flake"}, {SheetShape::sheet, "sheet"}, {SheetShape::periodic, "periodic"}};
constexpr std::span<const EnumName<SheetShape>> enum_names(SheetShape) {
  return sheet_shape_names;
}

enum class FlakeEdge : std::uint8_t { irregular, round };
inline constexpr EnumName<FlakeEdge> flake_edge_names[] = {{FlakeEdge::irregular, "irregular"},
                                                           {FlakeEdge::round, "round"}};
constexpr std::span<const EnumName<FlakeEdge>> enum_names(FlakeEdge) {
  return flake_edge_names;
}

struct StructureOptions {
  SheetShape shape = SheetShape::flake;
  FlakeEdge edge = FlakeEdge::irregular;
  Index atoms = 747;               // of the whole net, or in view, before defects
  std::optional<double> rotation;  // of the lattice, radian; drawn where absent
  Vec2 view;                       // angstrom; used by sheets and periodic ones
  double reach = 0.0;              // angstrom that a sheet goes beyond the view
  std::optional<Period> period;    // of periodic ones: the view that their cells fit
  int columns = 0, rows = 0;       // cells of periodic ones
  Index stone_wales = 0, vacancies = 0, divacancies = 0;
  StructureEvents events;
  RippleOptions ripples;
  Index frames = 45;
};

/// Relaxes a model while its z are held; by a force field that app/ knows of. An empty function
/// leaves the net to its springs.
using Relax = std::function<AtomicModel(const AtomicModel&)>;

/// A flake of exactly `atoms` atoms, or the nearest number that its lattice allows, around (0, 0).
CarbonNet cut_flake(Index atoms, FlakeEdge edge, double angle, Rng rng);

class GrapheneStructure {
 public:
  /// Makes the net, and relaxes it at the border of every frame. Throws InputError where defects
  /// find no room and where an event's frame lies outside of the movie.
  GrapheneStructure(const StructureOptions& options,
                    const Relax& relax,
                    const Rng& rng,
                    Progress& progress);

  /// Identities; atoms may be absent from some frame on.
  Index atoms() const { return static_cast<Index>(states_.front().net.at.size()); }
  /// The net in frame t, in its flat form.
  const CarbonNet& net(Index t) const { return state_of(t).net; }
  /// Positions at a time within frame `t`, `part` from 0 (its begin) to 1 (its end): z has mean 0.
  /// Those of absent atoms mean nothing.
  std::vector<Vec3> positions(Index t, double part) const;

 private:
  /// The net between two events, and its relaxed places at the borders of its frames.
  struct State {
    Index first = 0;                         // frame
    CarbonNet net;                           // flat
    std::vector<std::vector<Vec2>> relaxed;  // (frames + 1) x atoms
  };
  const State& state_of(Index t) const;
  std::vector<double> heights(const State& state, double time) const;
  void change(CarbonNet& net, StructureChange change, Rng& rng);
  void add_defects(CarbonNet& net, Rng& rng);
  void relax_through_time(State& state, Index end, const Relax& relax, Progress& progress);
  /// An atom with three bonds whose surroundings are whole, far from edges and other defects.
  int site(const CarbonNet& net, Rng& rng);

  StructureOptions options_;
  std::vector<Vec2> taken_;  // places of defects
  std::vector<State> states_;
  std::optional<Ripples> ripples_;
};

}  // namespace kinema::simulate
