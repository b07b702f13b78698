// Exposures that are alike share their counts.
#include "kinema/codec/mask_bank.h"

#include "kinema/codec/masks.h"

#include <algorithm>

namespace kinema::codec {

OpenCounts::OpenCounts(const std::uint16_t* by_pixel, Index size)
    : counts(by_pixel), pixels(size), fewest(by_pixel[0]), most(by_pixel[0]) {
  for (Index i = 1; i < size; ++i) {
    fewest = std::min(fewest, counts[i]);
    most = std::max(most, counts[i]);
  }
}

const MaskSet& MaskBank::of(const Group& group) {
  if (group.ratio == 0 || group.ratio == masks_.ratio()) return masks_;
  const auto known = fewer_.find(group.ratio);
  if (known != fewer_.end()) return known->second;
  const MaskOptions options{masks_.kind, group.ratio, masks_.seed};
  return fewer_.emplace(group.ratio, make_masks(options, height(), width())).first->second;
}

const OpenCounts& MaskBank::open(const Group& group, Index k) {
  const MaskSet& masks = of(group);
  const bool last = k + 1 == group.buckets;
  const std::tuple key{masks.ratio(), k > 0, last ? group.frames - k * masks.ratio() : -1};
  const auto known = open_.find(key);
  if (known != open_.end()) return known->second.counts;
  const std::vector<Exposure> exposures = exposures_of(masks, group.frames);
  const Exposure& exposure = exposures.at(static_cast<std::size_t>(k));
  Array<std::uint16_t, 2> by_pixel = open_counts(masks, exposure);
  const OpenCounts counts(by_pixel.data(), by_pixel.size());
  return open_.emplace(key, Counted{std::move(by_pixel), counts}).first->second.counts;
}

}  // namespace kinema::codec
