// The iteration of GAP-TV over padded rows.
#include "kinema/codec/gap_tv.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kinema::codec {
namespace {

constexpr float step_2d = 0.125F;        // 1 / |D|^2: 8 in two dimensions,
constexpr float step_3d = 1.0F / 12.0F;  // 12 in three

}  // namespace

TvKernels tv_kernels(Simd simd) {
#if defined(__x86_64__)
  if (simd == Simd::avx512) return avx512::tv_kernels();
  if (simd == Simd::avx2) return avx2::tv_kernels();
#endif
  (void)simd;
  return scalar::tv_kernels();
}

GapTv::GapTv(Simd simd, Index frames, Index height, Index width, std::vector<Passage> passages)
    : kernels_(tv_kernels(simd)),
      frames_(frames),
      height_(height),
      width_(width),
      stride_(tv_stride(width)),
      passages_(std::move(passages)) {
  if (passages_.empty()) {
    for (Index t = 0; t < frames_; ++t) passages_.push_back({t, 0});
  }
  for (const Passage& passage : passages_) {
    snapshots_ = std::max(snapshots_, passage.snapshot + 1);
  }
  const auto image = static_cast<std::size_t>(height_ * stride_);
  const auto volume = image * static_cast<std::size_t>(frames_);
  for (auto* v : {&x_, &v_, &qx_, &qy_}) v->resize(volume);
  mask_.resize(image * passages_.size());
  for (auto* v : {&y_, &collected_, &inverse_, &r_, &sum_}) {
    v->resize(image * static_cast<std::size_t>(snapshots_));
  }
  for (auto* v : {&u_now_, &u_next_}) v->resize(image);
  zeros_.resize(static_cast<std::size_t>(stride_));
}

double GapTv::run(const GapTvTile& tile, const GapTvSettings& settings, float* out) {
  load(tile);
  start();
  const bool in_time = settings.weight_time > 0.0F && frames_ > 1;
  if (in_time && qt_.empty()) qt_.resize(x_.size());
  for (auto* dual : {&qx_, &qy_, &qt_}) std::fill(dual->begin(), dual->end(), 0.0F);

  const bool noisy = tile.rho != nullptr;
  for (int iteration = 0; iteration < settings.iterations; ++iteration) {
    residual(settings, noisy);
    step_onto_data();
    if (in_time) {
      denoise_volume(settings);
    } else {
      denoise_frames(settings);
    }
  }
  const double left = residual(settings, noisy);
  for (Index t = 0; t < frames_; ++t) {
    for (Index y = 0; y < height_; ++y) {
      std::copy_n(row(v_, t, y), width_, out + (t * height_ + y) * width_);
    }
  }
  return norm_ > 0.0 ? std::sqrt(left / norm_) : 0.0;
}

void GapTv::load(const GapTvTile& tile) {
  norm_ = 0.0;
  std::fill(inverse_.begin(), inverse_.end(), 0.0F);
  for (Index y = 0; y < height_; ++y) {
    for (Index p = 0; p < static_cast<Index>(passages_.size()); ++p) {
      float* inverse = row(inverse_, passages_[static_cast<std::size_t>(p)].snapshot, y);
      float* mask = row(mask_, p, y);
      std::copy_n(tile.masks + (p * height_ + y) * width_, width_, mask);
      for (Index x = 0; x < width_; ++x) inverse[x] += mask[x];
    }
    for (Index s = 0; s < snapshots_; ++s) load_row(tile, s, y);
  }
  std::fill(collected_.begin(), collected_.end(), 0.0F);
}

/// `inverse_` holds the sum of the masks.
void GapTv::load_row(const GapTvTile& tile, Index snapshot, Index y) {
  const Index at = (snapshot * height_ + y) * width_;
  float* inverse = row(inverse_, snapshot, y);
  float* data = row(y_, snapshot, y);
  std::copy_n(tile.y + at, width_, data);
  for (Index x = 0; x < width_; ++x) {
    norm_ += static_cast<double>(data[x]) * static_cast<double>(data[x]);
    const float open = inverse[x] > 0.0F ? inverse[x] : 1.0F;  // TCS-DL: zeros of the sum are ones
    inverse[x] = 1.0F / (open + (tile.rho != nullptr ? tile.rho[at + x] : 0.0F));
    row(r_, snapshot, y)[x] = data[x] / open;  // the mean of the open frames, for the start
  }
}

/// Every frame starts as the mean of the open frames, Y / sum C, of the snapshot that it fell into.
void GapTv::start() {
  for (std::size_t p = 0; p < passages_.size(); ++p) {
    const auto [t, snapshot] = passages_[p];
    const bool shared = p + 1 < passages_.size() && passages_[p + 1].frame == t;
    const bool second = p > 0 && passages_[p - 1].frame == t;
    for (Index y = 0; y < height_; ++y) {
      float* v = row(v_, t, y);
      if (!shared && !second) {
        std::copy_n(row(r_, snapshot, y), width_, v);
        continue;
      }
      if (!second) std::fill_n(v, width_, 0.0F);
      kernels_.forward({row(r_, snapshot, y), row(mask_, static_cast<Index>(p), y), v, width_});
    }
  }
}

/// r = (y - Phi v), added up in the accelerated form, times the inverse; returns |y - Phi v|^2.
double GapTv::residual(const GapTvSettings& settings, bool noisy) {
  const bool collect = settings.accelerate && !noisy;
  std::fill(sum_.begin(), sum_.end(), 0.0F);
  double square = 0.0;
  for (Index y = 0; y < height_; ++y) {
    for (std::size_t p = 0; p < passages_.size(); ++p) {
      const auto [t, snapshot] = passages_[p];
      kernels_.forward(
          {row(v_, t, y), row(mask_, static_cast<Index>(p), y), row(sum_, snapshot, y), width_});
    }
    for (Index s = 0; s < snapshots_; ++s) square += residual_row(s, y, collect);
  }
  return square;
}

double GapTv::residual_row(Index snapshot, Index y, bool collect) {
  const float* data = row(y_, snapshot, y);
  const float* sum = row(sum_, snapshot, y);
  const float* inverse = row(inverse_, snapshot, y);
  float* collected = row(collected_, snapshot, y);
  float* r = row(r_, snapshot, y);
  float square = 0.0F;
  for (Index x = 0; x < width_; ++x) {
    const float missing = data[x] - sum[x];
    square += missing * missing;
    if (collect) collected[x] += missing;
    r[x] = (collect ? collected[x] + missing : missing) * inverse[x];
  }
  return static_cast<double>(square);
}

void GapTv::step_onto_data() {
  for (std::size_t p = 0; p < passages_.size(); ++p) {
    const auto [t, snapshot] = passages_[p];
    const bool second = p > 0 && passages_[p - 1].frame == t;
    for (Index y = 0; y < height_; ++y) {
      const float* mask = row(mask_, static_cast<Index>(p), y);
      const float* r = row(r_, snapshot, y);
      if (second) {
        kernels_.forward({r, mask, row(x_, t, y), width_});
      } else {
        kernels_.data({row(v_, t, y), mask, r, row(x_, t, y), width_});
      }
    }
  }
}

void GapTv::primal_row(Index t, Index y, bool in_time, float* u) {
  const float* above = y > 0 ? row(qy_, t, y - 1) : zeros_.data() + tv_pad;
  const float* qt = in_time ? row(qt_, t, y) : nullptr;
  const float* before = !in_time ? nullptr : t > 0 ? row(qt_, t - 1, y) : zeros_.data() + tv_pad;
  kernels_.primal({row(x_, t, y), row(qx_, t, y), row(qy_, t, y), above, qt, before, u, width_});
}

void GapTv::dual_row(Index t,
                     Index y,
                     const float* u,
                     const float* below,
                     const float* next,
                     const GapTvSettings& settings) {
  const bool in_time = next != nullptr;
  kernels_.dual({u,
                 below,
                 next,
                 row(qx_, t, y),
                 row(qy_, t, y),
                 in_time ? row(qt_, t, y) : nullptr,
                 settings.weight,
                 settings.weight_time,
                 in_time ? step_3d : step_2d,
                 width_});
}

/// 2D: one frame at a time stays in the cache for all of its inner steps.
void GapTv::denoise_frames(const GapTvSettings& settings) {
  for (Index t = 0; t < frames_; ++t) {
    for (int inner = 0; inner < settings.tv_iterations; ++inner) {
      primal_row(t, 0, false, row(u_now_, 0, 0));
      for (Index y = 0; y < height_; ++y) {
        const Index below = std::min(y + 1, height_ - 1);
        if (y + 1 < height_) primal_row(t, y + 1, false, row(u_now_, 0, (y + 1) % 2));
        dual_row(t, y, row(u_now_, 0, y % 2), row(u_now_, 0, below % 2), nullptr, settings);
      }
    }
    for (Index y = 0; y < height_; ++y) primal_row(t, y, false, row(v_, t, y));
  }
}

/// 3D: two frames of the primal are alive at a time.
void GapTv::denoise_volume(const GapTvSettings& settings) {
  for (int inner = 0; inner < settings.tv_iterations; ++inner) {
    for (Index y = 0; y < height_; ++y) primal_row(0, y, true, row(u_now_, 0, y));
    for (Index t = 0; t < frames_; ++t) {
      for (Index y = 0; y < height_; ++y) {
        const Index below = std::min(y + 1, height_ - 1);
        if (t + 1 < frames_) primal_row(t + 1, y, true, row(u_next_, 0, y));
        const float* next = row(t + 1 < frames_ ? u_next_ : u_now_, 0, y);
        dual_row(t, y, row(u_now_, 0, y), row(u_now_, 0, below), next, settings);
      }
      std::swap(u_now_, u_next_);
    }
  }
  for (Index t = 0; t < frames_; ++t) {
    for (Index y = 0; y < height_; ++y) primal_row(t, y, true, row(v_, t, y));
  }
}

}  // namespace kinema::codec
