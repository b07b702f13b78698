// GAP-TV once more, plainly and in double precision: what the fast one is held against.
#pragma once

#include "kinema/codec/gap_tv.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kinema::test {

/// The estimate (T, Y, X) of codec::GapTv after the same iterations, index by index.
class GapTvReference {
 public:
  GapTvReference(const codec::GapTvTile& tile, const codec::GapTvSettings& settings)
      : tile_(tile),
        settings_(settings),
        pixels_(tile.height * tile.width),
        in_time_(settings.weight_time > 0.0F && tile.frames > 1) {}

  std::vector<double> run() {
    start();
    for (int iteration = 0; iteration < settings_.iterations; ++iteration) {
      step_onto_data();
      for (int inner = 0; inner < settings_.tv_iterations; ++inner) step_dual();
      primal(v_);
    }
    return v_;
  }

 private:
  double mask(Index i) const { return static_cast<double>(tile_.masks[i]); }
  double open(Index p) const {
    double sum = 0.0;
    for (Index t = 0; t < tile_.frames; ++t) sum += mask(t * pixels_ + p);
    return std::max(1.0, sum);
  }

  /// v = Y / sum C in every frame, q = 0.
  void start() {
    const auto size = static_cast<std::size_t>(tile_.frames * pixels_);
    for (auto* volume : {&x_, &v_, &qx_, &qy_, &qt_, &u_}) volume->assign(size, 0.0);
    collected_.assign(static_cast<std::size_t>(pixels_), 0.0);
    for (Index i = 0; i < tile_.frames * pixels_; ++i) {
      at(v_, i) = static_cast<double>(tile_.y[i % pixels_]) / open(i % pixels_);
    }
  }

  /// x = v + C (y - Phi v, and in the accelerated form all of its past) / (Phi C + rho).
  void step_onto_data() {
    for (Index p = 0; p < pixels_; ++p) {
      double missing = static_cast<double>(tile_.y[p]);
      for (Index i = p; i < tile_.frames * pixels_; i += pixels_) missing -= mask(i) * at(v_, i);
      const bool collect = settings_.accelerate && tile_.rho == nullptr;
      if (collect) at(collected_, p) += missing;
      const double rho = tile_.rho != nullptr ? static_cast<double>(tile_.rho[p]) : 0.0;
      const double r = (at(collected_, p) + missing) / (open(p) + rho);
      for (Index i = p; i < tile_.frames * pixels_; i += pixels_) {
        at(x_, i) = at(v_, i) + mask(i) * r;
      }
    }
  }

  /// u = x - D^T q: the divergence of q added to x.
  void primal(std::vector<double>& u) const {
    for (Index i = 0; i < tile_.frames * pixels_; ++i) {
      const Index x = i % tile_.width, y = i / tile_.width % tile_.height;
      double divergence = at(qx_, i) + at(qy_, i) + at(qt_, i);
      if (x > 0) divergence -= at(qx_, i - 1);
      if (y > 0) divergence -= at(qy_, i - tile_.width);
      if (i >= pixels_) divergence -= at(qt_, i - pixels_);
      at(u, i) = at(x_, i) + divergence;
    }
  }

  /// q <- projection of q + step D u onto |(qx, qy)| <= weight, |qt| <= weight_time.
  void step_dual() {
    primal(u_);
    const double step = in_time_ ? 1.0 / 12.0 : 1.0 / 8.0;
    const auto weight = static_cast<double>(settings_.weight);
    const auto bound = static_cast<double>(settings_.weight_time);
    for (Index i = 0; i < tile_.frames * pixels_; ++i) {
      const Index x = i % tile_.width, y = i / tile_.width % tile_.height;
      if (x + 1 < tile_.width) at(qx_, i) += step * (at(u_, i + 1) - at(u_, i));
      if (y + 1 < tile_.height) at(qy_, i) += step * (at(u_, i + tile_.width) - at(u_, i));
      const double length = std::hypot(at(qx_, i), at(qy_, i));
      if (length > weight) {
        at(qx_, i) *= weight / length;
        at(qy_, i) *= weight / length;
      }
      if (in_time_ && i + pixels_ < tile_.frames * pixels_) {
        at(qt_, i) =
            std::clamp(at(qt_, i) + step * (at(u_, i + pixels_) - at(u_, i)), -bound, bound);
      }
    }
  }

  static double& at(std::vector<double>& v, Index i) { return v[static_cast<std::size_t>(i)]; }
  static double at(const std::vector<double>& v, Index i) { return v[static_cast<std::size_t>(i)]; }

  const codec::GapTvTile& tile_;
  const codec::GapTvSettings& settings_;
  Index pixels_;
  bool in_time_;
  std::vector<double> x_, v_, qx_, qy_, qt_, u_;  // (T, Y, X)
  std::vector<double> collected_;                 // (Y, X)
};

}  // namespace kinema::test
