// Levels of images that were asked for, kept for a while.
#pragma once

#include "kinema/report/pyramid.h"

#include "view_movie.h"
#include <list>
#include <memory>
#include <mutex>
#include <tuple>

namespace kinema::app {

class ViewCache {
 public:
  /// Keeps up to `budget` bytes.
  explicit ViewCache(Index budget) : budget_(budget) {}

  /// A level of an image of a pane, made where it is not here. Threads that ask one pane wait for
  /// each other.
  std::shared_ptr<const report::LevelImage> level(ViewPane& pane, Index image, Index level);

 private:
  using Key = std::tuple<const ViewPane*, Index, Index>;
  using Kept = std::shared_ptr<const report::LevelImage>;

  Kept find(const Key& key);
  void keep(const Key& key, Kept image);

  Index budget_, bytes_ = 0;
  std::list<std::pair<Key, Kept>> kept_;  // last asked for first
  std::mutex mutex_;
};

}  // namespace kinema::app
