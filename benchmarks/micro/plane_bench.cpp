// The coder of planes on one thread: how many pixels a second, how close to the entropy of the
// noise that it codes, and against packing of bits and memcpy of the same plane, turn by turn in
// one run; seconds are those of the thread, whatever else the machine does.
#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"
#include "kinema/codec/bit_pack.h"
#include "kinema/codec/plane_coder.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <cstring>
#include <ctime>
#include <numbers>
#include <vector>

namespace kinema {
namespace {

/// Seconds that this thread has run.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Work>
double seconds(const Work& work) {
  const double start = now();
  work();
  benchmark::ClobberMemory();
  return now() - start;
}

double least(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

/// A wave of 60 steps under normal noise of `sigma` steps.
Array<std::int32_t, 2> noisy_plane(Index edge, double sigma) {
  Array<std::int32_t, 2> plane({edge, edge});
  Rng rng(1);
  for (Index y = 0; y < edge; ++y) {
    for (Index x = 0; x < edge; ++x) {
      const double at = 0.05 * static_cast<double>(x) + 0.03 * static_cast<double>(y);
      plane(y, x) =
          static_cast<std::int32_t>(std::round(100.0 + 30.0 * std::sin(at) + sigma * rng.normal()));
    }
  }
  return plane;
}

/// Bits a pixel of normal noise of `sigma` steps, rounded to them.
double entropy_of(double sigma) {
  return std::log2(
      std::sqrt(2.0 * std::numbers::pi * std::numbers::e * (sigma * sigma + 1.0 / 12.0)));
}

void plane(benchmark::State& state) {
  const Index edge = state.range(0);
  const double sigma = static_cast<double>(state.range(1)) / 100.0;
  const Array<std::int32_t, 2> values = noisy_plane(edge, sigma);
  Array<std::int32_t, 2> back(values.shape());
  set_threads(1);
  std::vector<std::byte> coded, packed;
  const auto code = [&] { coded = codec::pack_plane(values.view()); };
  const auto decode = [&] { codec::unpack_plane(coded, back.view()); };
  const auto pack = [&] { packed = codec::pack<std::int32_t>(values.flat()); };
  const auto copy = [&] {
    std::memcpy(back.data(), values.data(), static_cast<std::size_t>(values.size()) * 4);
  };
  std::vector<double> coding, decoding, packing, copying;
  for ([[maybe_unused]] auto turn : state) {
    coding.push_back(seconds(code));
    decoding.push_back(seconds(decode));
    packing.push_back(seconds(pack));
    copying.push_back(seconds(copy));
    state.SetIterationTime(coding.back());
  }
  const auto pixels = static_cast<double>(values.size());
  state.counters["code_mpx_s"] = pixels / 1e6 / least(coding);
  state.counters["decode_mpx_s"] = pixels / 1e6 / least(decoding);
  state.counters["ratio_to_bit_packing"] = least(packing) / least(coding);
  state.counters["ratio_to_memcpy"] = least(copying) / least(coding);
  state.counters["coded_bits"] = 8.0 * static_cast<double>(coded.size()) / pixels;
  state.counters["packed_bits"] = 8.0 * static_cast<double>(packed.size()) / pixels;
  state.counters["entropy_bits"] = entropy_of(sigma);
}

BENCHMARK(plane)
    ->Name("plane/wave")
    ->ArgNames({"edge", "sigma_percent"})
    ->Args({512, 100})
    ->Args({512, 50})
    ->Args({512, 1200})
    ->Args({2048, 100})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);

}  // namespace
}  // namespace kinema

int main(int count, char** arguments) {
  benchmark::AddCustomContext("simd", std::string(kinema::to_text(kinema::best_simd())));
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
