#include "view_cache.h"

#include <algorithm>

namespace kinema::app {

std::shared_ptr<const report::LevelImage> ViewCache::level(ViewPane& pane,
                                                           Index image,
                                                           Index level) {
  const Key key{&pane, image, level}, whole_key{&pane, image, 0};
  const std::lock_guard lock(pane.busy);
  if (Kept found = find(key)) return found;
  Kept whole = find(whole_key);
  if (!whole) {
    whole = std::make_shared<report::LevelImage>(pane.image(image));
    keep(whole_key, whole);
  }
  if (level == 0) return whole;
  auto made = std::make_shared<report::LevelImage>(report::binned(*whole, level));
  keep(key, made);
  return made;
}

ViewCache::Kept ViewCache::find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(kept_, key, [](const auto& entry) { return entry.first; });
  if (found == kept_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, found);
  return found->second;
}

void ViewCache::keep(const Key& key, Kept image) {
  const std::lock_guard lock(mutex_);
  bytes_ += static_cast<Index>(image->numbers.size());
  kept_.emplace_front(key, std::move(image));
  while (bytes_ > budget_ && kept_.size() > 1) {
    bytes_ -= static_cast<Index>(kept_.back().second->numbers.size());
    kept_.pop_back();
  }
}

}  // namespace kinema::app
