// Cutting flakes, placing defects, and following the net through time.
#include "kinema/simulate/graphene_structure.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double defect_distance = 9.0;  // angstrom between two of them
constexpr double edge_distance = 5.0;    // angstrom between one and an edge
constexpr std::uint64_t shape_stream = 1, defect_stream = 2, event_stream = 3, ripple_stream = 4;

/// The flake's radius by direction, relative to its mean.
class Outline {
 public:
  Outline(FlakeEdge edge, Rng& rng) {
    if (edge == FlakeEdge::round) return;
    for (int m = 2; m <= 7; ++m) {
      waves_.push_back({m, rng.uniform(0.2, 1.0) * 0.14 / m, rng.uniform(0.0, 2.0 * pi)});
    }
  }
  double operator()(double angle) const {
    double radius = 1.0;
    for (const auto& [m, size, phase] : waves_) radius += size * std::cos(m * angle + phase);
    return radius;
  }

 private:
  struct Wave {
    int m;
    double size, phase;
  };
  std::vector<Wave> waves_;
};

/// Atoms of the sheet within `radius` times the outline, without loose ends.
CarbonNet cut(const CarbonNet& sheet, const Outline& outline, double radius) {
  CarbonNet net = sheet;
  for (int i = 0; i < net.size(); ++i) {
    const double angle = std::atan2(net.at[i].y, net.at[i].x);
    if (norm(net.at[i]) > radius * outline(angle)) remove_atom(net, i);
  }
  trim(net);
  return net;
}

/// Whether the edge atom i can leave without a loose end.
bool may_leave(const CarbonNet& net, int i) {
  if (!net.present[i] || net.coordination(i) != 2) return false;
  return std::all_of(
      net.bonded[i].begin(), net.bonded[i].end(), [&](int n) { return net.coordination(n) == 3; });
}

/// The edge atom that may leave and lies farthest out; -1: none.
int outermost(const CarbonNet& net, const Outline& outline) {
  int best = -1;
  double farthest = 0.0;
  for (int i = 0; i < net.size(); ++i) {
    if (!may_leave(net, i)) continue;
    const double reach = norm(net.at[i]) / outline(std::atan2(net.at[i].y, net.at[i].x));
    if (reach > farthest) {
      farthest = reach;
      best = i;
    }
  }
  return best;
}

CarbonNet first_net(const StructureOptions& options, Rng rng) {
  const double angle = options.rotation ? *options.rotation : rng.uniform(0.0, pi / 3.0);
  switch (options.shape) {
    case SheetShape::periodic:
      return periodic_honeycomb(options.columns, options.rows, *options.period);
    case SheetShape::sheet: {
      const Vec2 reach{options.reach, options.reach};
      CarbonNet net = honeycomb(Vec2{} - reach, options.view + reach, angle);
      trim(net);
      return compact(net);
    }
    default:
      return cut_flake(options.atoms, options.edge, angle, rng);
  }
}

}  // namespace

CarbonNet cut_flake(Index atoms, FlakeEdge edge, double angle, Rng rng) {
  const Outline outline(edge, rng);
  constexpr double area_per_atom = 0.75 * std::numbers::sqrt3 * bond_length * bond_length;
  const double mean = std::sqrt(static_cast<double>(atoms) * area_per_atom / pi);
  const double widest = 1.6 * mean + 10.0;
  const CarbonNet sheet = honeycomb({-widest, -widest}, {widest, widest}, angle);
  double low = 0.5 * mean, high = 1.5 * mean;  // the smallest radius that holds enough atoms
  for (int step = 0; step < 24; ++step) {
    const double radius = 0.5 * (low + high);
    (cut(sheet, outline, radius).count() >= atoms ? high : low) = radius;
  }
  CarbonNet net = cut(sheet, outline, high);
  while (net.count() > atoms) {
    const int leaving = outermost(net, outline);
    if (leaving < 0) break;
    remove_atom(net, leaving);
  }
  return compact(net);
}

GrapheneStructure::GrapheneStructure(const StructureOptions& options,
                                     const Relax& relax,
                                     const Rng& rng,
                                     Progress& progress)
    : options_(options) {
  for (const StructureEvent& event : options.events.list) {
    if (event.frame < 1 || event.frame >= options.frames) {
      throw InputError("graphene: an event at frame " + std::to_string(event.frame) +
                       " cannot be seen; name frames from 1 to " +
                       std::to_string(options.frames - 1));
    }
  }
  Rng defects = rng.stream(defect_stream), events = rng.stream(event_stream);
  State state{0, first_net(options, rng.stream(shape_stream)), {}};
  add_defects(state.net, defects);
  relax_in_plane(state.net);
  states_.push_back(state);
  for (const StructureEvent& event : options.events.list) {
    State next{event.frame, states_.back().net, {}};
    change(next.net, event.change, events);
    relax_in_plane(next.net);
    if (states_.back().first == event.frame) {
      states_.back() = next;
    } else {
      states_.push_back(next);
    }
  }
  ripples_.emplace(options.ripples, options.period, rng.stream(ripple_stream));
  ripples_->scale_to(options.ripples.rms, states_.front().net.at, options.frames);
  progress.begin("relax", options.frames + static_cast<Index>(states_.size()), "moments");
  for (std::size_t s = 0; s < states_.size(); ++s) {
    const Index end = s + 1 < states_.size() ? states_[s + 1].first : options.frames;
    relax_through_time(states_[s], end, relax, progress);
  }
  progress.end();
}

int GrapheneStructure::site(const CarbonNet& net, Rng& rng) {
  std::vector<Vec2> edges;
  for (int i = 0; i < net.size(); ++i) {
    if (net.present[i] && net.coordination(i) == 2) edges.push_back(net.at[i]);
  }
  const bool is_cut_by_view = options_.shape == SheetShape::sheet;
  const auto is_free = [&](int i) {
    const Vec2 at = net.at[i];
    const auto nearer = [&](double reach) {
      return [&net, i, reach](Vec2 other) {
        CarbonNet pair;  // the way across a border, too
        pair.period = net.period;
        pair.at = {net.at[i], other};
        return norm(pair.way(0, 1)) < reach;
      };
    };
    if (std::any_of(edges.begin(), edges.end(), nearer(edge_distance))) return false;
    if (std::any_of(taken_.begin(), taken_.end(), nearer(defect_distance))) return false;
    return !is_cut_by_view || (at.x > edge_distance && at.x < options_.view.x - edge_distance &&
                               at.y > edge_distance && at.y < options_.view.y - edge_distance);
  };
  std::vector<int> candidates;
  for (int i = 0; i < net.size(); ++i) {
    if (net.present[i] && net.coordination(i) == 3 && is_free(i)) candidates.push_back(i);
  }
  if (candidates.empty()) {
    throw InputError("graphene: no room for another defect; ask for fewer, or for more atoms");
  }
  const auto chosen =
      static_cast<std::size_t>(rng.uniform(0.0, static_cast<double>(candidates.size())));
  const int atom = candidates[std::min(chosen, candidates.size() - 1)];
  taken_.push_back(net.at[atom]);
  return atom;
}

void GrapheneStructure::add_defects(CarbonNet& net, Rng& rng) {
  const auto partner = [&](int atom) {
    return net.bonded[atom][static_cast<std::size_t>(rng.uniform(0.0, 2.999))];
  };
  for (Index i = 0; i < options_.stone_wales; ++i) {
    const int atom = site(net, rng);
    rotate_bond(net, atom, partner(atom));
  }
  for (Index i = 0; i < options_.divacancies; ++i) {
    const int atom = site(net, rng);
    remove_pair(net, atom, partner(atom));
  }
  for (Index i = 0; i < options_.vacancies; ++i) remove_atom(net, site(net, rng));
  net = compact(net);
}

void GrapheneStructure::change(CarbonNet& net, StructureChange change, Rng& rng) {
  if (change == StructureChange::vacancy) return remove_atom(net, site(net, rng));
  if (change == StructureChange::rotation) {
    const int atom = site(net, rng);
    return rotate_bond(
        net, atom, net.bonded[atom][static_cast<std::size_t>(rng.uniform(0.0, 2.999))]);
  }
  std::vector<int> candidates;
  for (int i = 0; i < net.size(); ++i) {
    if (may_leave(net, i)) candidates.push_back(i);
  }
  if (candidates.empty() || options_.shape != SheetShape::flake) {
    throw InputError("graphene: no atom of an edge can leave; make a flake");
  }
  const auto chosen =
      static_cast<std::size_t>(rng.uniform(0.0, static_cast<double>(candidates.size())));
  remove_atom(net, candidates[std::min(chosen, candidates.size() - 1)]);
}

const GrapheneStructure::State& GrapheneStructure::state_of(Index t) const {
  std::size_t s = states_.size() - 1;
  while (s > 0 && states_[s].first > t) --s;
  return states_[s];
}

std::vector<double> GrapheneStructure::heights(const State& state, double time) const {
  std::vector<double> z = ripples_->heights(state.net.at, time);
  double mean = 0.0;
  for (int i = 0; i < state.net.size(); ++i) mean += state.net.present[i] ? z[i] : 0.0;
  for (double& height : z) height -= mean / state.net.count();
  return z;
}

void GrapheneStructure::relax_through_time(State& state,
                                           Index end,
                                           const Relax& relax,
                                           Progress& progress) {
  CarbonNet net = state.net;
  for (Index t = state.first; t <= end; ++t) {
    progress.check();
    const std::vector<double> z = heights(state, static_cast<double>(t));
    if (!relax || t == state.first) relax_in_plane(net, z);
    if (relax) {
      AtomicModel model;
      for (int i = 0; i < net.size(); ++i) {
        if (!net.present[i]) continue;
        model.atomic_numbers.push_back(6);
        model.positions.push_back({net.at[i].x, net.at[i].y, z[i]});
      }
      if (net.period) {
        model.cell =
            Cell{{Vec3{net.period->x, 0.0, 0.0}, {0.0, net.period->y, 0.0}, {0.0, 0.0, 40.0}},
                 {true, true, false},
                 {0.0, 0.0, -20.0}};
      }
      const AtomicModel relaxed = relax(model);
      for (int i = 0, at = 0; i < net.size(); ++i) {
        if (!net.present[i]) continue;
        net.at[i] = {relaxed.positions[at][0], relaxed.positions[at][1]};
        ++at;
      }
    }
    state.relaxed.push_back(net.at);
    progress.advance(1);
  }
}

std::vector<Vec3> GrapheneStructure::positions(Index t, double part) const {
  const State& state = state_of(t);
  const std::vector<double> z = heights(state, static_cast<double>(t) + part);
  const std::vector<Vec2>& before = state.relaxed[static_cast<std::size_t>(t - state.first)];
  const std::vector<Vec2>& after = state.relaxed[static_cast<std::size_t>(t - state.first + 1)];
  std::vector<Vec3> out;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Vec2 at = before[i] + part * (after[i] - before[i]);
    out.push_back({at.x, at.y, z[i]});
  }
  return out;
}

}  // namespace kinema::simulate
