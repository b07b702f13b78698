// Denoising by a dictionary that is learned from the noisy frames themselves.
//
// K-SVD: Aharon, Elad, Bruckstein, IEEE Trans. Signal Process. 54, 4311 (2006); the denoising of
// Elad, Aharon, IEEE Trans. Image Process. 15, 3736 (2006). Noise is white and of one standard
// deviation: counts go through anscombe.h first.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"
#include "kinema/base/progress.h"
#include "kinema/restore/frame_stream.h"
#include "kinema/restore/sparse_code.h"

#include <memory>
#include <span>

namespace kinema::restore {

struct KsvdOptions {
  int rounds = 10;                // of learning
  int step = 2;                   // pixels from one patch to the next
  double error = 1.15;            // of a coded patch, in units of sigma
  Index learned_patches = 20000;  // at most
};

/// A dictionary for patches (N, 64) without their means: coded by it, each atom then fitted to the
/// patches that use it (the approximate K-SVD of Rubinstein et al.), over and again.
Dictionary learn_dictionary(ArrayView<const float, 2> patches,
                            double sigma,
                            const KsvdOptions& options,
                            const Progress& progress,
                            Simd simd = best_simd());

/// Frames that the dictionary is learned from, the first of the movie.
inline constexpr Index learned_frames = 4;

/// The frames of `noisy`, of at least 8 x 8 pixels, denoised; `sigma` > 0 in units of the pixels.
/// `noisy` and `progress` must live as long as the stream.
std::unique_ptr<FrameStream> ksvd_stream(FrameStream& noisy,
                                         double sigma,
                                         const KsvdOptions& options,
                                         const Progress& progress,
                                         Simd simd = best_simd());

}  // namespace kinema::restore
