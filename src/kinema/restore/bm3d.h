// Block matching and collaborative filtering: the strongest classical denoiser of single frames,
// and of movies where alike blocks are sought in neighbouring frames too.
//
// Dabov, Foi, Katkovnik, Egiazarian, IEEE Trans. Image Process. 16, 2080 (2007), and V-BM3D,
// EUSIPCO 2007. Noise is the same everywhere: counts go through anscombe.h first.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"
#include "kinema/base/progress.h"
#include "kinema/restore/frame_stream.h"
#include "kinema/restore/noise_colour.h"

#include <memory>

namespace kinema::restore {

/// Of noisy frames, more candidates find more alike noise: the search is narrower, and groups are
/// larger, than the paper's (step 3, search 19, group 16).
struct Bm3dOptions {
  int step = 4;             // pixels from one reference block to the next
  int search = 8;           // blocks are sought this many pixels around, in the block's own frame
  int neighbours = 0;       // and in this many frames before and after (0: each frame alone)
  int frame_search = 5;     // around the best match of the frame nearer by
  int group = 32;           // blocks of a group at most, a power of two; the second pass doubles it
  double threshold = 2.7;   // of coefficients in the first pass, in units of sigma
  bool second_pass = true;  // Wiener filtering, guided by the first
};

/// The frames of `noisy`, of at least 8 x 8 pixels, denoised; `noise` in units of the pixels.
/// Holds a few frames at a time. `noisy` and `progress`, which is asked whether to stop, must live
/// as long as the stream.
std::unique_ptr<FrameStream> bm3d_stream(FrameStream& noisy,
                                         const NoiseColour& noise,
                                         const Bm3dOptions& options,
                                         const Progress& progress,
                                         Simd simd = best_simd());

/// Frames that the stream holds at once, for whoever must stay within a memory.
Index bm3d_frames_held(const Bm3dOptions& options);

/// Denoised frames (T, Y, X) of a movie in memory, of white noise; `sigma` > 0.
Array<float, 3> bm3d(ArrayView<const float, 3> noisy,
                     double sigma,
                     const Bm3dOptions& options,
                     const Progress& progress,
                     Simd simd = best_simd());

}  // namespace kinema::restore
