// Coloured noise made white, so that blocks are compared by what is not noise.
#pragma once

#include "kinema/restore/bm3d_pass.h"
#include "kinema/restore/noise_colour.h"

#include <array>

namespace kinema::restore {

/// The symmetric filter of 15 x 15 pixels that takes noise to white noise of variance one:
/// distances between filtered blocks are Mahalanobis's between the blocks (Goossens, Luong,
/// Pizurica, Philips, LNLA 2008).
class Whitening {
 public:
  explicit Whitening(const NoiseColour& noise);

  /// `frame` filtered, mirrored at its edges.
  BlockFrame operator()(const BlockFrame& frame) const;

 private:
  static constexpr Index reach = 7;
  std::array<float, (reach + 1) * (reach + 1)> quarter_{};  // of the kernel: y, x from its centre
};

}  // namespace kinema::restore
