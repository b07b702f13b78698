// The masks of a movie's groups, and in how many frames they are open, counted once.
#pragma once

#include "kinema/data/measurement.h"

#include <map>
#include <tuple>

namespace kinema::codec {

/// In how many frames each pixel is open, (Y, X), kept by the caller.
struct OpenCounts {
  OpenCounts(const std::uint16_t* by_pixel, Index size);
  const std::uint16_t* counts;
  Index pixels;
  std::uint16_t fewest, most;
};

/// Hands out what it keeps; one thread at a time.
class MaskBank {
 public:
  explicit MaskBank(const MaskSet& masks) : masks_(masks) {}

  Index height() const { return masks_.height(); }
  Index width() const { return masks_.width(); }
  /// Those of the movie, or, where they are adaptive, of as many frames as the group's.
  const MaskSet& of(const Group& group);
  /// In how many frames each pixel of a coded group's snapshot k is open: (Y, X).
  const OpenCounts& open(const Group& group, Index k);

 private:
  MaskSet masks_;
  std::map<Index, MaskSet> fewer_;  // by frames per snapshot
  /// By what tells exposures apart: frames per snapshot, whether there is one before, and, of the
  /// last one, how many frames there are from its nominal begin on.
  struct Counted {
    Array<std::uint16_t, 2> by_pixel;
    OpenCounts counts;
  };
  std::map<std::tuple<Index, bool, Index>, Counted> open_;
};

}  // namespace kinema::codec
