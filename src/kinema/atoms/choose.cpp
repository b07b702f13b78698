#include "kinema/atoms/choose.h"

#include "kinema/atoms/grow.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace kinema::atoms {
namespace {

constexpr double influence = 3.0;  // angstrom: sites that settle anew with a change
constexpr double closest = 0.8;    // angstrom between two atoms in projection
constexpr double farthest = 2.0;   // angstrom from the sheet to an atom that may belong to it
constexpr double doubtful = 0.35;  // of an atom's energy: less support asks for a trial without
constexpr int settling = 5;        // rounds
constexpr std::size_t most_together = 6, most_added = 4;
constexpr Index smallest_piece = 13;  // atoms in the view
constexpr int most_rounds = 8;

/// A change around a place: sites are removed and added, the sites around settle, and what that
/// won is known; what did not pay is taken back.
class Change {
 public:
  Change(Sites& sites, const Vec2& place, double radius)
      : sites_(sites), group_(sites.near(place, radius)) {
    for (const int id : group_) before_.push_back(sites.at(id));
    around_ = sites.near(place, radius + longest_bond);  // whose bonds may change, too
    score_ = score();
  }

  void remove(int id) {
    sites_.remove(id);
    removed_.push_back(id);
  }

  int add(const Vec2& place) {
    const int id = sites_.add(place);
    added_.push_back(id);
    group_.push_back(id);
    around_.push_back(id);
    return id;
  }

  /// Settles what is there and tells what all changes won, in nats.
  double won(int rounds) {
    sites_.settle(alive(group_), rounds);
    return score() - score_;
  }

  /// Takes the latest changes back, down to `removed` and `added` of them, and settles.
  void keep(std::size_t removed, std::size_t added) {
    for (; removed_.size() > removed; removed_.pop_back()) sites_.restore(removed_.back());
    for (; added_.size() > added; added_.pop_back()) sites_.remove(added_.back());
    if (removed + added > 0) {
      sites_.settle(alive(group_), settling);
      return;
    }
    for (std::size_t i = 0; i < before_.size(); ++i) sites_.move(group_[i], before_[i]);
  }

  std::vector<int> members() const { return alive(group_); }

 private:
  std::vector<int> alive(const std::vector<int>& ids) const {
    std::vector<int> there;
    for (const int id : ids) {
      if (sites_.alive(id)) there.push_back(id);
    }
    return there;
  }
  double score() const { return sites_.likelihood(alive(group_)) + sites_.prior(alive(around_)); }

  Sites& sites_;
  std::vector<int> group_, around_, removed_, added_;
  std::vector<Vec2> before_;
  double score_ = 0.0;
};

/// The member whose loss costs least once its rarity is counted.
int least_held(const Sites& sites, const std::vector<int>& members) {
  int weakest = -1;
  double least = 1e300;
  for (const int id : members) {
    const double held = sites.gain(sites.at(id), id) - Bonding::rarity(sites.bonded(id).size());
    if (held < least) {
      least = held;
      weakest = id;
    }
  }
  return weakest;
}

/// Removes a site, and on from there the least held of its surroundings, as far as that pays: a
/// chain or a hexagon of noise holds itself together and goes only as a whole.
bool remove_from(Sites& sites, int start) {
  const Vec2 place = sites.at(start);
  Change change(sites, place, influence);
  change.remove(start);
  double best = change.won(settling);
  std::size_t best_count = best > 0.0 ? 1 : 0;
  best = std::max(best, 0.0);
  for (std::size_t count = 2; count <= most_together; ++count) {
    const int next = least_held(sites, change.members());
    if (next < 0 || sites.gain(sites.at(next), next) > doubtful * sites.atom_energy()) break;
    change.remove(next);
    const double won = change.won(2);
    if (won > best) {
      best = won;
      best_count = count;
    }
  }
  change.keep(best_count, 0);
  return best_count > 0;
}

/// Removes sites that the frame is more likely without, the least supported first.
int remove_unsupported(Sites& sites) {
  std::vector<std::pair<double, int>> weak;
  for (const int id : sites.ids()) {
    if (!sites.filled && sites.frame().depth(sites.at(id)[0], sites.at(id)[1]) < influence)
      continue;
    const double gain = sites.gain(sites.at(id), id);
    if (gain < doubtful * sites.atom_energy()) weak.emplace_back(gain, id);
  }
  std::ranges::sort(weak);
  int changes = 0;
  for (const auto& [gain, id] : weak) {
    if (sites.alive(id) && remove_from(sites, id)) ++changes;
  }
  return changes;
}

/// Places where one more atom would help, best first: peaks of what the sites leave unexplained.
std::vector<std::pair<double, Vec2>> open_places(const Sites& sites) {
  constexpr double step = 0.3;  // angstrom
  const Frame& frame = sites.frame();
  std::vector<std::pair<double, Vec2>> places;
  const double least = -0.5 * sites.atom_energy();
  for (double y = 0.0; y < frame.height(); y += step) {
    for (double x = 0.0; x < frame.width(); x += step) {
      if (sites.evidence().correlation.value(x, y) < 0.0) continue;
      if (!sites.near({x, y}, closest).empty()) continue;
      if (sites.near({x, y}, farthest).empty()) continue;
      const double gain = sites.gain({x, y});
      if (gain > least) places.push_back({gain, {x, y}});
    }
  }
  std::ranges::sort(places, std::greater{}, [](const auto& p) { return p.first; });
  return places;
}

/// Removes pieces of fewer atoms than `smallest_piece`: noise, not a sheet.
int remove_crumbs(Sites& sites) {
  std::vector<int> order = sites.ids();
  std::set<int> seen;
  int changes = 0;
  for (const int start : order) {
    if (!seen.insert(start).second) continue;
    std::vector<int> piece{start};
    for (std::size_t i = 0; i < piece.size(); ++i) {
      for (const int next : sites.near(sites.at(piece[i]), longest_bond, piece[i])) {
        if (seen.insert(next).second) piece.push_back(next);
      }
    }
    const auto seen_atoms = std::ranges::count_if(piece, [&](int id) {
      return sites.frame().depth(sites.at(id)[0], sites.at(id)[1]) >= 0.0;
    });
    if (seen_atoms >= smallest_piece) continue;
    for (const int id : piece) sites.remove(id);
    changes += static_cast<int>(piece.size());
  }
  return changes;
}

/// The best supported place around a site for one more neighbour.
std::optional<Vec2> next_place(const Sites& sites, int id) {
  std::optional<Vec2> best;
  double most = -sites.atom_energy();
  for (const Vec2& expected : expected_neighbours(sites, id)) {
    const Vec2 place = sites.climb(expected);
    if (sites.frame().depth(place[0], place[1]) < 0.0) continue;
    if (!sites.near(place, closest).empty()) continue;
    const double gain = sites.gain(place);
    if (gain > most) {
      most = gain;
      best = place;
    }
  }
  return best;
}

/// Adds a site, and on from there one neighbour after another, as far as that pays: the first
/// atoms of a hexagon pay only together.
bool add_from(Sites& sites, const Vec2& place) {
  Change change(sites, place, influence);
  double best = 0.0;
  std::size_t best_count = 0;
  std::optional<Vec2> next = place;
  for (std::size_t count = 1; next && count <= most_added; ++count) {
    const int id = change.add(*next);
    const double won = change.won(settling);
    if (won > best) {
      best = won;
      best_count = count;
    }
    next = next_place(sites, id);
  }
  change.keep(0, best_count);
  return best_count > 0;
}

int add_missing(Sites& sites) {
  int changes = 0;
  for (const auto& [gain, start] : open_places(sites)) {
    if (!sites.near(start, closest).empty()) continue;
    const Vec2 place = sites.climb(start);
    if (sites.frame().depth(place[0], place[1]) < 0.0) continue;
    if (!sites.near(place, closest).empty()) continue;
    if (add_from(sites, place)) ++changes;
  }
  return changes;
}

}  // namespace

void choose(Sites& sites) {
  for (int round = 0; round < most_rounds; ++round) {
    const int removed = remove_crumbs(sites) + remove_unsupported(sites);
    const int added = add_missing(sites);
    if (removed + added == 0) break;
    sites.settle(sites.ids(), 6);
    sites.set_strength(sites.best_strength());
  }
  remove_crumbs(sites);
}

}  // namespace kinema::atoms
