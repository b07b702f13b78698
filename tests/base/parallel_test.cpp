// The pool of threads: every index once, exceptions come back, and threads come and go.
#include "kinema/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

namespace kinema {
namespace {

/// Sets the number of threads for one test.
class Parallel : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_threads(GetParam()); }
  void TearDown() override { set_threads(before_); }

 private:
  int before_ = threads();
};
INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1, 2, 3, 8));

std::vector<int> visits(Index count) {
  std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
  parallel_for(count, [&](Index i) { ++seen[static_cast<std::size_t>(i)]; });
  return {seen.begin(), seen.end()};
}

TEST_P(Parallel, VisitsEachIndexOnce) {
  for (const Index count : {0, 1, 2, 7, 1000}) {
    EXPECT_EQ(visits(count), std::vector<int>(static_cast<std::size_t>(count), 1));
  }
}

TEST_P(Parallel, RethrowsAnExceptionAndWorksOn) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(parallel_for(50,
                              [](Index i) {
                                if (i == 17) throw InputError("index 17");
                              }),
                 InputError);
    EXPECT_EQ(visits(20), std::vector<int>(20, 1));
  }
}

TEST_P(Parallel, RunsWithinItself) {
  std::atomic<Index> sum{0};
  parallel_for(10, [&](Index i) { parallel_for(10, [&](Index j) { sum += 10 * i + j; }); });
  EXPECT_EQ(sum, 99 * 100 / 2);
}

TEST_P(Parallel, ServesSeveralCallersAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<Index> sum{0};
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 25; ++round) parallel_for(20, [&](Index i) { sum += i; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 4 * 25 * 190);
}

TEST(ParallelThreads, MayChangeBetweenAndDuringJobs) {
  const int before = threads();
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) EXPECT_EQ(visits(50), std::vector<int>(50, 1));
  });
  for (int round = 0; round < 50; ++round) {
    set_threads(1 + round % 5);
    EXPECT_EQ(threads(), 1 + round % 5);
    EXPECT_EQ(visits(50), std::vector<int>(50, 1));
  }
  done = true;
  other.join();
  set_threads(before);
}

TEST(ParallelThreads, AreOneOrMore) {
  EXPECT_GE(threads(), 1);
  EXPECT_THROW(set_threads(0), InputError);
  EXPECT_THROW(set_threads(-2), InputError);
}

}  // namespace
}  // namespace kinema
