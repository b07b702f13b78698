// See work.h: a worker thread, and a loop that wakes twenty times a second.
#include "work.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kinema::python {
namespace {

namespace py = pybind11;

/// Writes down what it is told, from any thread; the calling thread takes the news away.
class NotedProgress : public Progress {
 public:
  struct Stage {
    std::string name, unit;
    Index done = 0, total = 0;
    bool changed = true;
  };
  struct News {
    std::vector<Stage> stages;
    std::vector<std::string> notes;
  };

  void begin(std::string_view stage, Index total, std::string_view unit) override {
    const std::lock_guard lock(mutex_);
    stages_.push_back({std::string(stage), std::string(unit), 0, total});
  }
  void advance(Index steps) override {
    const std::lock_guard lock(mutex_);
    if (stages_.empty()) return;
    stages_.back().done += steps;
    stages_.back().changed = true;
  }
  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    notes_.emplace_back(text);
  }

  /// What changed since the last time.
  News take() {
    const std::lock_guard lock(mutex_);
    News news{{}, std::exchange(notes_, {})};
    for (Stage& stage : stages_) {
      if (std::exchange(stage.changed, false)) news.stages.push_back(stage);
    }
    if (stages_.size() > 1) stages_.erase(stages_.begin(), stages_.end() - 1);
    return news;
  }

 private:
  std::mutex mutex_;
  std::vector<Stage> stages_;
  std::vector<std::string> notes_;
};

/// Tells Python what is new.
class Teller {
 public:
  explicit Teller(const py::object& progress) {
    if (PyBool_Check(progress.ptr())) {
      prints_ = progress.cast<bool>();
    } else if (PyCallable_Check(progress.ptr()) != 0) {
      function_ = progress;
    } else if (!progress.is_none()) {
      throw py::type_error("progress is None, True, False or a function of four arguments");
    }
  }

  void tell(const NotedProgress::News& news) {
    for (const std::string& text : news.notes) {
      if (PyErr_WarnEx(PyExc_UserWarning, text.c_str(), 1) != 0) throw py::error_already_set();
    }
    for (const NotedProgress::Stage& stage : news.stages) {
      if (function_) function_(stage.name, stage.done, stage.total, stage.unit);
      if (prints_) print(stage);
    }
  }

 private:
  /// A line a second at most, and one where a stage is complete.
  void print(const NotedProgress::Stage& stage) {
    const auto now = std::chrono::steady_clock::now();
    if (stage.done < stage.total && now - printed_ < std::chrono::seconds(1)) return;
    printed_ = now;
    py::print(stage.name + ": " + std::to_string(stage.done) + "/" + std::to_string(stage.total) +
                  " " + stage.unit,
              py::arg("file") = py::module_::import("sys").attr("stderr"),
              py::arg("flush") = true);
  }

  bool prints_ = false;
  py::object function_;
  std::chrono::steady_clock::time_point printed_{};
};

/// A function on a thread of its own.
class Worker {
 public:
  explicit Worker(const std::function<void()>& work) {
    thread_ = std::thread([this, &work] {
      try {
        work();
      } catch (...) {
        failure_ = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      finished_ = true;
      woken_.notify_one();
    });
  }
  ~Worker() { thread_.join(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Waits for a moment, or until the work is done; true then.
  bool wait() {
    const py::gil_scoped_release others_may_run;
    std::unique_lock lock(mutex_);
    return woken_.wait_for(lock, std::chrono::milliseconds(50), [this] { return finished_; });
  }
  const std::exception_ptr& failure() const { return failure_; }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool finished_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace

void run_beside_python(const py::object& progress, const std::function<void(Progress&)>& work) {
  Teller teller(progress);
  NotedProgress noted;
  const std::function<void()> job = [&] { work(noted); };
  Worker worker(job);
  std::exception_ptr raised;  // by Python
  for (bool finished = false; !finished;) {
    finished = worker.wait();
    if (raised) continue;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      teller.tell(noted.take());
    } catch (...) {
      raised = std::current_exception();
      noted.request_stop();
    }
  }
  if (raised) std::rethrow_exception(raised);
  if (worker.failure()) std::rethrow_exception(worker.failure());
}

}  // namespace kinema::python
