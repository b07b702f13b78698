// GAP-TV: generalised alternating projection with total variation (Yuan, ICIP 2016), on one tile
// of one group of frames.
//
// Each iteration steps onto the data and then denoises,
//
//   x = v + C r / (Phi C + rho),   r = y - Phi v,   v = prox of TV at x,
//
// where rho = 0 makes every estimate agree with y exactly (plain GAP, accelerated by adding up
// r), and rho > 0 leaves y the room that its noise asks for. Where a group has several snapshots
// this holds for each of them with its own frames, C, y and rho; no pixel of a frame is in two. The
// TV dual is kept from one iteration to the next, so that a few inner steps suffice.
#pragma once

#include "kinema/codec/tv_kernel.h"

#include <vector>

namespace kinema::codec {

/// A frame that falls into a snapshot, through a mask of its own.
struct Passage {
  Index frame = 0, snapshot = 0;
};

/// One tile: y (snapshots, h, w), masks (passages, h, w) as 0 and 1, and how much the data step
/// gives way.
struct GapTvTile {
  Index frames = 0, height = 0, width = 0;
  const float* y = nullptr;
  const float* masks = nullptr;
  const float* rho = nullptr;  // (snapshots, h, w); null is plain GAP
};

struct GapTvSettings {
  int iterations = 40;
  int tv_iterations = 5;
  float weight = 0.0F;       // of spatial TV, in units of the frames
  float weight_time = 0.0F;  // of temporal TV; 0 is 2D
  bool accelerate = true;    // add up the residual (plain GAP alone)
};

/// Estimates all frames of tiles of one size; keeps its memory from tile to tile.
class GapTv {
 public:
  /// Passages in the order of their frames; none: all frames fall into one snapshot.
  GapTv(Simd simd, Index frames, Index height, Index width, std::vector<Passage> passages = {});

  /// Writes (frames, h, w) to `out`; returns |y - Phi v| / |y| of the result.
  double run(const GapTvTile& tile, const GapTvSettings& settings, float* out);

 private:
  /// Row y of frame, passage or snapshot t.
  float* row(std::vector<float>& volume, Index t, Index y) {
    return volume.data() + (t * height_ + y) * stride_ + tv_pad;
  }
  void load(const GapTvTile& tile);
  void load_row(const GapTvTile& tile, Index snapshot, Index y);
  void start();
  double residual_row(Index snapshot, Index y, bool collect);
  double residual(const GapTvSettings& settings, bool noisy);
  void step_onto_data();
  void denoise_frames(const GapTvSettings& settings);
  void denoise_volume(const GapTvSettings& settings);
  void primal_row(Index t, Index y, bool in_time, float* u);
  void dual_row(Index t,
                Index y,
                const float* u,
                const float* below,
                const float* next,
                const GapTvSettings& settings);

  TvKernels kernels_;
  Index frames_, height_, width_, stride_;
  std::vector<Passage> passages_;
  Index snapshots_ = 1;
  std::vector<float> x_, v_, qx_, qy_, qt_;               // (T, Y, stride)
  std::vector<float> mask_;                               // (passages, Y, stride)
  std::vector<float> y_, collected_, inverse_, r_, sum_;  // (snapshots, Y, stride)
  std::vector<float> u_now_, u_next_, zeros_;
  double norm_ = 0.0;
};

}  // namespace kinema::codec
