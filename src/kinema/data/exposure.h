// Which frames of a group each of its snapshots sums, pixel by pixel.
//
// Through masks of most kinds a group of n frames makes one snapshot, y = sum_b m_b * x_b.
// Staggered masks make several, and every electron falls into one of them: each pixel cuts the
// group's time into contiguous exposures, the k-th cut (k = 1, 2, ...) before frame k B - h + p(y,
// x), where h = B div 2, and p, 0 to B - 1, is the pixel's own; snapshot k is the sum of exposure
// k, counted from 0. Mask i is open where i >= p: where the cut is past when i frames have gone
// since k B - h. So the same B masks serve every cut, and mask B - 1 is open everywhere.
#pragma once

#include "kinema/data/mask_set.h"

#include <vector>

namespace kinema {

/// How a frame passes: where mask `mask` is open, or, turned, where it is closed.
struct Shutter {
  Index mask = 0;
  bool turned = false;
};

/// The frames that one snapshot sums: [first, first + shutters.size()), counted within the group.
struct Exposure {
  Index first = 0;
  std::vector<Shutter> shutters;

  Index end() const { return first + static_cast<Index>(shutters.size()); }
};

/// Snapshots that a group of `frames` becomes; with staggered masks as many as leave each pixel
/// a frame in all of them.
Index coded_buckets(MaskKind kind, Index ratio, Index frames);

/// The exposures of a coded group, one for each snapshot.
std::vector<Exposure> exposures_of(const MaskSet& masks, Index frames);

/// Most frames that a pixel is open in one snapshot.
Index longest_exposure(MaskKind kind, Index ratio);

/// In how many frames of an exposure each pixel is open: (Y, X).
Array<std::uint16_t, 2> open_counts(const MaskSet& masks, const Exposure& exposure);

}  // namespace kinema
