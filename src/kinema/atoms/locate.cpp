#include "kinema/atoms/locate.h"

#include "kinema/atoms/choose.h"
#include "kinema/atoms/grow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::atoms {
namespace {

constexpr int settling = 20;                // rounds over all sites
constexpr int fillings = 2;                 // times that what lies beyond the view is made anew
constexpr std::size_t smallest_sheet = 24;  // atoms

void require_sane(const Frame& frame) {
  const auto [height, width] = frame.counts.shape();
  const double px = frame.pixel.x.value, py = frame.pixel.y.value;
  if (!(px > 0.0) || !(py > 0.0) || std::max(px, py) > 0.7) {
    throw InputError(fmt::format(
        "locate: a pixel of {:.3g} x {:.3g} angstrom; atoms 1.42 angstrom apart need at most 0.7",
        px,
        py));
  }
  if (std::min(frame.height(), frame.width()) < 10.0) {
    throw InputError(
        fmt::format("locate: a view of {} x {} pixels is {:.1f} x {:.1f} angstrom; at "
                    "least 10 angstrom each way are needed",
                    width,
                    height,
                    frame.width(),
                    frame.height()));
  }
  if (!(frame.optics.voltage.value > 0.0)) {
    throw InputError("locate: the optics say no voltage; give it, e.g. \"80 kV\"");
  }
  const auto bad =
      std::ranges::find_if(frame.counts.flat(), [](float count) { return !std::isfinite(count); });
  if (bad != frame.counts.flat().end()) {
    const Index at = bad - frame.counts.flat().begin();
    throw InputError(
        fmt::format("locate: the count at x {}, y {} is not a number; mend bad pixels "
                    "with `kinema restore`",
                    at % width,
                    at / width));
  }
}

std::vector<Vec2> positions_of(const Sites& sites) {
  std::vector<Vec2> positions;
  for (const int id : sites.ids()) positions.push_back(sites.at(id));
  return positions;
}

void settle_all(Sites& sites) {
  sites.settle(sites.ids(), settling);
  sites.set_strength(sites.best_strength());
}

/// Chooses and settles the sites; where the sheet leaves the view, what it shows beyond is filled
/// in by the sites themselves, as in expectation maximisation.
void settle_on(Sites& sites, Evidence& seen, bool leaves_view) {
  settle_all(sites);
  for (int round = 0; leaves_view && round < fillings; ++round) {
    grow_beyond_view(sites, seen.reach);
    seen = evidence(sites.frame(), positions_of(sites), sites.strength());
    sites.filled = true;
    settle_all(sites);
  }
  sites.filled = true;  // with nothing, where the sheet ends within the view
  choose(sites);
  settle_all(sites);
}

Vec2 wrapped(Vec2 at, const Vec2& period) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (period[axis] > 0.0) at[axis] -= period[axis] * std::floor(at[axis] / period[axis]);
  }
  return at;
}

}  // namespace

Located locate(ArrayView<const float, 2> counts,
               PixelSize pixel,
               const Optics& optics,
               Fluence dose,
               const LocateOptions& options) {
  const Frame frame{counts, pixel, optics, dose.value, options.periodic};
  require_sane(frame);
  Evidence seen = evidence(frame);
  const LatticeSearch search = find_lattice(frame, seen);
  Sites sites(frame, seen, search.lattice, patch_strength(seen, search));
  grow(sites, search.patches);
  settle_on(sites, seen, !frame.periodic && reaches_border(frame, search.patches));

  Located located;
  for (const int id : sites.ids()) {
    if (frame.depth(sites.at(id)[0], sites.at(id)[1]) < 0.0) continue;
    located.positions.push_back(wrapped(sites.at(id), seen.period));
    located.sigmas.push_back(sites.sigma(id));
  }
  if (located.positions.size() < smallest_sheet) {
    throw InputError(fmt::format("locate: {} atoms are no sheet; at least {} are needed",
                                 located.positions.size(),
                                 smallest_sheet));
  }
  located.topology = connect(
      located.positions, {seen.period, [&](const Vec2& at) { return frame.depth(at[0], at[1]); }});
  located.lattice = search.lattice;
  located.background = seen.mean;
  located.strength = sites.strength();
  return located;
}

}  // namespace kinema::atoms
