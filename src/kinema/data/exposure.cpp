// Cuts of staggered exposures, and open frames counted.
#include "kinema/data/exposure.h"

#include "kinema/base/parallel.h"

#include <algorithm>

namespace kinema {
namespace {

/// Snapshot k of several: opening around the cut before it, closing around the one behind.
Exposure staggered_exposure(Index k, Index buckets, Index ratio, Index frames) {
  const Index before = ratio / 2;  // h
  const bool opens = k > 0, closes = k + 1 < buckets;
  Exposure exposure{opens ? k * ratio - before : 0, {}};
  // The last mask is open everywhere: turned, none is left.
  const Index end = closes ? (k + 2) * ratio - before - 1 : frames;
  for (Index t = exposure.first; t < end; ++t) {
    const Index cut = (t + before) / ratio, mask = (t + before) % ratio;
    const bool near_first = opens && cut == k, near_last = closes && cut == k + 1;
    exposure.shutters.push_back({near_first || near_last ? mask : ratio - 1, near_last});
  }
  return exposure;
}

}  // namespace

Index coded_buckets(MaskKind kind, Index ratio, Index frames) {
  return kind == MaskKind::staggered ? std::max<Index>(1, (frames + ratio / 2) / ratio) : 1;
}

std::vector<Exposure> exposures_of(const MaskSet& masks, Index frames) {
  std::vector<Exposure> exposures;
  if (masks.kind == MaskKind::staggered) {
    const Index buckets = coded_buckets(masks.kind, masks.ratio(), frames);
    for (Index k = 0; k < buckets; ++k) {
      exposures.push_back(staggered_exposure(k, buckets, masks.ratio(), frames));
    }
    return exposures;
  }
  exposures.resize(1);
  for (Index b = 0; b < frames; ++b) exposures[0].shutters.push_back({b, false});
  return exposures;
}

Index longest_exposure(MaskKind kind, Index ratio) {
  return kind == MaskKind::staggered ? 2 * ratio - 1 : ratio;
}

Array<std::uint16_t, 2> open_counts(const MaskSet& masks, const Exposure& exposure) {
  Array<std::uint16_t, 2> counts({masks.height(), masks.width()});
  parallel_for(masks.height(), [&](Index y) {
    for (const Shutter& shutter : exposure.shutters) {
      const std::uint64_t* row = masks.masks.row(shutter.mask, y);
      const std::uint64_t turned = shutter.turned ? 1U : 0U;
      for (Index x = 0; x < masks.width(); ++x) {
        const std::uint64_t open = ((row[x / 64] >> (x % 64)) & 1U) ^ turned;
        counts(y, x) = static_cast<std::uint16_t>(counts(y, x) + open);
      }
    }
  });
  return counts;
}

}  // namespace kinema
