// The encoder on one thread against memcpy of the same frames, turn by turn in one run.
//
// Both go through the movie group by group and write into one buffer, of a snapshot or of a group.
// One group of small frames lies in the cache (groups = 1); a movie never does (groups = 24 or 8).
#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"
#include "kinema/codec/encode.h"
#include "kinema/codec/encode_kernel.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstring>
#include <vector>

namespace kinema {
namespace {

template <class Work>
double seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  benchmark::ClobberMemory();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<Index>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double least(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

std::vector<std::byte> random_bytes(std::size_t size) {
  std::vector<std::byte> bytes(size);
  Rng rng(2);
  for (std::size_t i = 0; i + 4 <= size; i += 4) {
    const std::uint32_t bits = rng.bits();
    std::memcpy(bytes.data() + i, &bits, 4);
  }
  return bytes;
}

void encode_against_memcpy(benchmark::State& state, PixelType recorded) {
  const Index edge = state.range(0), ratio = state.range(1), groups = state.range(2);
  const PixelType sum = codec::sum_type(recorded, ratio);
  const MaskSet masks = codec::make_masks({MaskKind::balanced, ratio, 1}, edge, edge);
  const auto group_bytes = static_cast<std::size_t>(ratio * edge * edge * bytes_of(recorded));
  const auto bytes = static_cast<std::size_t>(groups) * group_bytes;
  const std::vector<std::byte> frames = random_bytes(bytes);
  std::vector<std::byte> snapshot(static_cast<std::size_t>(edge * edge * bytes_of(sum)));
  std::vector<std::byte> copy(group_bytes);

  set_threads(1);
  const auto encode = [&] {
    for (std::size_t at = 0; at < bytes; at += group_bytes) {
      codec::encode_group(recorded, frames.data() + at, ratio, masks, sum, snapshot.data());
      benchmark::DoNotOptimize(snapshot.data());
    }
  };
  const auto copy_frames = [&] {
    for (std::size_t at = 0; at < bytes; at += group_bytes) {
      std::memcpy(copy.data(), frames.data() + at, group_bytes);
      benchmark::DoNotOptimize(copy.data());
    }
  };
  encode();
  copy_frames();
  std::vector<double> encoding, copying;
  for ([[maybe_unused]] auto turn : state) {
    encoding.push_back(seconds(encode));
    copying.push_back(seconds(copy_frames));
    state.SetIterationTime(encoding.back());
  }
  const double gigabytes = static_cast<double>(bytes) / 1e9;
  state.counters["encode_best_gb_s"] = gigabytes / least(encoding);
  state.counters["encode_median_gb_s"] = gigabytes / median(encoding);
  state.counters["memcpy_best_gb_s"] = gigabytes / least(copying);
  state.counters["memcpy_median_gb_s"] = gigabytes / median(copying);
  state.counters["ratio_best"] = least(copying) / least(encoding);
  state.counters["ratio_median"] = median(copying) / median(encoding);
}

void cases(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"edge", "B", "groups"})->UseManualTime()->Unit(benchmark::kMillisecond);
}
void cached_cases(benchmark::internal::Benchmark* bench) {
  cases(bench);
  bench->Args({512, 10, 1})->Args({512, 30, 1})->Iterations(400);
}
void movie_cases(benchmark::internal::Benchmark* bench) {
  cases(bench);
  bench->Args({512, 10, 24})->Args({512, 30, 8})->Iterations(40);
}
void large_cases(benchmark::internal::Benchmark* bench) {
  cases(bench);
  bench->Args({4096, 10, 1})->Args({4096, 30, 1})->Iterations(15);
}

BENCHMARK_CAPTURE(encode_against_memcpy, u8, PixelType::u8)->Apply(cached_cases);
BENCHMARK_CAPTURE(encode_against_memcpy, u16, PixelType::u16)->Apply(cached_cases);
BENCHMARK_CAPTURE(encode_against_memcpy, u8, PixelType::u8)->Apply(movie_cases);
BENCHMARK_CAPTURE(encode_against_memcpy, u16, PixelType::u16)->Apply(movie_cases);
BENCHMARK_CAPTURE(encode_against_memcpy, u8, PixelType::u8)->Apply(large_cases);
BENCHMARK_CAPTURE(encode_against_memcpy, u16, PixelType::u16)->Apply(large_cases);

}  // namespace
}  // namespace kinema

int main(int count, char** arguments) {
  benchmark::AddCustomContext("simd", std::string(kinema::to_text(kinema::best_simd())));
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
