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

class ShownProgress : public Progress {
 public:
  explicit ShownProgress(ProgressLook look) : look_(look) {}

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
    show(total_ > 0 && done_ >= total_);
  }
  void end() override {
    const std::lock_guard lock(mutex_);
    if (look_ == ProgressLook::bar) std::fputs("\n", stderr);
  }
  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (look_ == ProgressLook::json) {
      std::fputs((nlohmann::json{{"note", text}}.dump() + "\n").c_str(), stderr);
    } else {
      std::fputs(
          fmt::format("{}kinema: {}\n", look_ == ProgressLook::bar ? "\r\033[K" : "", text).c_str(),
          stderr);
    }
  }

 private:
  void show(bool now) {
    const auto time = Clock::now();
    const auto pause =
        look_ == ProgressLook::bar ? std::chrono::milliseconds(100) : std::chrono::seconds(5);
    if (!now && time - shown_ < pause) return;
    shown_ = time;
    const double seconds = std::chrono::duration<double>(time - start_).count();
    const double share =
        total_ > 0 ? std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_)) : 0.0;
    const double rate = seconds > 0.0 ? static_cast<double>(done_) / seconds : 0.0;
    const double left = rate > 0.0 ? static_cast<double>(total_ - done_) / rate : 0.0;
    std::string line;
    switch (look_) {
      case ProgressLook::bar: {
        constexpr int cells = 30;
        const int full = static_cast<int>(share * cells);
        if (total_ == 0) {
          line = fmt::format("\r\033[K{:<10} {} {}  {:.1f}/s", stage_, done_, unit_, rate);
          break;
        }
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
      case ProgressLook::plain:
        line = fmt::format("{}: {}{} {}, {:.1f} s\n",
                           stage_,
                           done_,
                           total_ > 0 ? fmt::format("/{}", total_) : "",
                           unit_,
                           seconds);
        break;
      case ProgressLook::json:
        line = nlohmann::json{{"stage", stage_},
                              {"done", done_},
                              {"total", total_},
                              {"unit", unit_},
                              {"seconds", seconds}}
                   .dump() +
               "\n";
        break;
      case ProgressLook::automatic:
      case ProgressLook::none:
        break;
    }
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
  }

  ProgressLook look_;
  std::mutex mutex_;
  std::string stage_, unit_;
  Index total_ = 0, done_ = 0;
  Clock::time_point start_, shown_;
};

}  // namespace

std::unique_ptr<Progress> make_progress(ProgressLook look) {
  if (look == ProgressLook::none) return std::make_unique<Progress>();
  if (look == ProgressLook::automatic) {
    look = isatty(STDERR_FILENO) != 0 ? ProgressLook::bar : ProgressLook::plain;
  }
  return std::make_unique<ShownProgress>(look);
}

}  // namespace kinema::app
