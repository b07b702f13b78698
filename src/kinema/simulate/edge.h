// The bright line along the edge of whatever is thicker than its surroundings.
#pragma once

#include <algorithm>

namespace kinema::simulate {

/// Intensity of the first Fresnel fringe, relative to none: `inside` is the distance to the edge
/// in pixels, positive within the thing. The fringe lies just outside and is 3.5 pixels wide.
inline float fresnel_rim(float inside) {
  constexpr float width = 3.5F, height = 0.07F;
  const float off_rim = (inside + 0.7F * width) / width;
  const float bump = std::max(0.0F, 1.0F - off_rim * off_rim);
  return 1.0F + height * bump * bump;
}

}  // namespace kinema::simulate
