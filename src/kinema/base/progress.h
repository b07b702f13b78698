// Progress is handed to every verb that takes long: it is told what is done, and it is asked
// whether to stop. The library never prints; app/ decides how progress looks.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/error.h"

#include <atomic>
#include <string_view>

namespace kinema {

/// Told of stages and steps, from any thread. The base class is silent.
class Progress {
 public:
  virtual ~Progress() = default;

  /// A new stage of `total` steps begins, e.g. ("encode", 60, "frames").
  virtual void begin(std::string_view stage, Index total, std::string_view unit) {
    (void)stage, (void)total, (void)unit;
  }
  /// `steps` more are done.
  virtual void advance(Index steps) { (void)steps; }
  /// The stage is complete.
  virtual void end() {}
  /// A line that the user should see although the work goes on.
  virtual void note(std::string_view text) { (void)text; }

  /// May be called from a signal handler.
  void request_stop() { stop_.store(true, std::memory_order_relaxed); }
  bool stop_requested() const { return stop_.load(std::memory_order_relaxed); }

  /// Throws Interrupted if a stop was asked for; call between units of work that may be dropped.
  void check() const {
    if (stop_requested()) throw Interrupted();
  }

 private:
  std::atomic<bool> stop_{false};
};

}  // namespace kinema
