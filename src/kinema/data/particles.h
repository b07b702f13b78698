// A movie of one molecule, cut out and in order of time: what `dynamics` works on.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/units.h"
#include "kinema/data/pose.h"

#include <vector>

namespace kinema {

/// Frame t is images[t]; the molecule is positive, and so is the CTF at low frequencies.
struct Particles {
  Array<float, 3> images;  // (T, N, N)
  Length pixel_size;
  std::vector<Pose> poses;     // T
  std::vector<FrameCtf> ctfs;  // T

  Index frames() const { return images.shape()[0]; }
  Index box() const { return images.shape()[1]; }
};

}  // namespace kinema
