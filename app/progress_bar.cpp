// A bar that redraws itself ten times a second at most, and its plainer relatives.
#include "progress_bar.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <unistd.h>

namespace kinema::app {
namespace {

using Clock = std::chrono::steady_clock;

enum class Look { bar, plain, json };

class ShownProgress : public Progress {
 public:
  explicit ShownProgress(Look look) : look_(look) {}

  void begin(std::string_view stage, Index total, std::string_view unit) override {
    const std::lock_guard lock(mutex_);
    stage_ = stage;
    unit_ = unit;
    total_ = total;
    done_ = 0;
    start_ = Clock::now();
    shown_ = start_ - std::chrono::hours(1);
    show(false);
  }
  void advance(Index steps) override {
    const std::lock_guard lock(mutex_);
    done_ += steps;
    show(done_ >= total_);
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    if (look_ == Look::bar) std::fputs("\n", stderr);
  }
  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (look_ == Look::json) {
      std::fputs((nlohmann::json{{"note", text}}.dump() + "\n").c_str(), stderr);
    } else {
      std::fputs(fmt::format("{}kinema: {}\n", look_ == Look::bar ? "\r\033[K" : "", text).c_str(),
                 stderr);
    }
  }

 private:
  void show(bool now) {
    const auto time = Clock::now();
    const auto pause =
        look_ == Look::bar ? std::chrono::milliseconds(100) : std::chrono::seconds(5);
    if (!now && time - shown_ < pause) return;
    shown_ = time;
    const double seconds = std::chrono::duration<double>(time - start_).count();
    const double share =
        total_ > 0 ? std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_)) : 0.0;
    const double rate = seconds > 0.0 ? static_cast<double>(done_) / seconds : 0.0;
    const double left = rate > 0.0 ? static_cast<double>(total_ - done_) / rate : 0.0;
    std::string line;
    switch (look_) {
      case Look::bar: {
        constexpr int cells = 30;
        const int full = static_cast<int>(share * cells);
        line = fmt::format("\r\033[K{:<10} [{:=<{}}{: <{}}] {}/{} {}  {:.1f}/s  {:.0f} s left",
                           stage_,
                           "",
                           full,
                           "",
                           cells - full,
                           done_,
                           total_,
                           unit_,
                           rate,
                           left);
        break;
      }
      case Look::plain:
        line = fmt::format("{}: {}/{} {}, {:.1f} s\n", stage_, done_, total_, unit_, seconds);
        break;
      case Look::json:
        line = nlohmann::json{{"stage", stage_},
                              {"done", done_},
                              {"total", total_},
                              {"unit", unit_},
                              {"seconds", seconds}}
                   .dump() +
               "\n";
        break;
    }
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
  }

  Look look_;
  std::mutex mutex_;
  std::string stage_, unit_;
  Index total_ = 0, done_ = 0;
  Clock::time_point start_, shown_;
};

}  // namespace

std::unique_ptr<Progress> make_progress(const std::string& kind) {
  if (kind == "none") return std::make_unique<Progress>();
  if (kind == "bar") return std::make_unique<ShownProgress>(Look::bar);
  if (kind == "plain") return std::make_unique<ShownProgress>(Look::plain);
  if (kind == "json") return std::make_unique<ShownProgress>(Look::json);
  if (kind == "auto") {
    return std::make_unique<ShownProgress>(isatty(STDERR_FILENO) != 0 ? Look::bar : Look::plain);
  }
  throw InputError("option 'progress': '" + kind + "' is not one of auto, bar, plain, json, none");
}

}  // namespace kinema::app
