// A pool of sleeping threads that share one job at a time.
#include "kinema/base/parallel.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <sched.h>
#include <thread>
#include <vector>

namespace kinema {
namespace {

thread_local bool inside_job = false;

int available_cpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// One parallel_for: indices are handed out by an atomic counter.
struct Job {
  Index count = 0;
  const std::function<void(Index)>* body = nullptr;
  std::atomic<Index> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::exception_ptr failure;

  void work() {
    inside_job = true;
    for (Index i = next++; i < count && !failed; i = next++) {
      try {
        (*body)(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failed.exchange(true)) failure = std::current_exception();
      }
    }
    inside_job = false;
  }
};

class Pool {
 public:
  ~Pool() { resize(1); }

  void resize(int threads) {
    const std::lock_guard no_job_now(job_mutex_);
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
    closing_ = false;
    for (int i = 1; i < threads; ++i) {
      workers_.emplace_back([this, seen = generation_] { run(seen); });
    }
  }

  void run_job(Job& job) {
    const std::lock_guard one_job_at_a_time(job_mutex_);
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      busy_ = static_cast<int>(workers_.size());
      ++generation_;
    }
    wake_.notify_all();
    job.work();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
    job_ = nullptr;
  }

 private:
  void run(std::uint64_t seen) {
    for (;;) {
      Job* job = nullptr;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return closing_ || generation_ != seen; });
        if (closing_) return;
        seen = generation_;
        job = job_;
      }
      job->work();
      const std::lock_guard lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex job_mutex_, mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> workers_;
  Job* job_ = nullptr;
  int busy_ = 0;
  std::uint64_t generation_ = 0;
  bool closing_ = false;
};

struct State {
  std::mutex mutex;
  std::atomic<int> threads = available_cpus();
  int pool_threads = 1;
  Pool pool;
};

State& state() {
  static State instance;
  return instance;
}

}  // namespace

void set_threads(int count) {
  if (count < 1) throw InputError("threads must be at least 1, not " + std::to_string(count));
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.threads = count;
}

int threads() {
  return state().threads;
}

void parallel_for(Index count, const std::function<void(Index)>& body) {
  if (count <= 0) return;
  State& s = state();
  if (inside_job || s.threads == 1 || count == 1) {
    for (Index i = 0; i < count; ++i) body(i);
    return;
  }
  {
    const std::lock_guard lock(s.mutex);
    if (s.pool_threads != s.threads) {
      s.pool.resize(s.threads);
      s.pool_threads = s.threads;
    }
  }
  Job job;
  job.count = count;
  job.body = &body;
  s.pool.run_job(job);
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace kinema
