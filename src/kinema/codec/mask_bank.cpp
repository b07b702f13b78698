// Exposures that are alike share their counts.
#include "kinema/codec/mask_bank.h"

namespace kinema::codec {

const MaskSet& MaskBank::of(const Group& /*group*/) {
  return masks_;
}

const std::uint16_t* MaskBank::open(const Group& group, Index k) {
  const MaskSet& masks = of(group);
  const bool last = k + 1 == group.buckets;
  const std::tuple key{masks.ratio(), k > 0, last ? group.frames - k * masks.ratio() : -1};
  const auto known = open_.find(key);
  if (known != open_.end()) return known->second.data();
  const std::vector<Exposure> exposures = exposures_of(masks, group.frames);
  const Exposure& exposure = exposures.at(static_cast<std::size_t>(k));
  return open_.emplace(key, open_counts(masks, exposure)).first->second.data();
}

}  // namespace kinema::codec
