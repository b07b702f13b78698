// GAP-TV of 8 frames of 256 x 256 on one thread: its time, the time of the plain double-precision
// reference for the same iterations, and how far their PSNR differs.
#include "kinema/base/cpu.h"
#include "kinema/base/parallel.h"
#include "kinema/codec/gap_tv.h"
#include "kinema/codec/masks.h"

#include "codec/gap_tv_reference.h"
#include "codec/movies.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <string>
#include <vector>

namespace kinema {
namespace {

constexpr Index frames = 8, edge = 256;

/// A moving disk, its balanced masks as floats, and the noise-free snapshot.
struct Scene {
  Array<float, 3> truth = test::disk_movie({frames, edge, edge}, 1.0);
  std::vector<float> masks, y;

  Scene() : masks(static_cast<std::size_t>(truth.size())), y(edge * edge) {
    const MaskSet bits = codec::make_masks({MaskKind::balanced, frames, 3}, edge, edge);
    for (Index i = 0; i < truth.size(); ++i) {
      const bool open = bits.masks(i / (edge * edge), i / edge % edge, i % edge);
      masks[static_cast<std::size_t>(i)] = open ? 1.0F : 0.0F;
      if (open) y[static_cast<std::size_t>(i % (edge * edge))] += truth.data()[i];
    }
  }
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void gap_tv(benchmark::State& state, bool in_time) {
  const Scene scene;
  const codec::GapTvTile tile{frames, edge, edge, scene.y.data(), scene.masks.data(), nullptr};
  codec::GapTvSettings settings;
  settings.tv_iterations = static_cast<int>(state.range(0));
  settings.weight = 12.0F;
  settings.weight_time = in_time ? 2.4F : 0.0F;
  set_threads(1);

  auto estimate = Array<float, 3>::uninitialised({frames, edge, edge});
  codec::GapTv solver(best_simd(), frames, edge, edge);
  std::vector<double> times;
  for ([[maybe_unused]] auto turn : state) {
    const double start = now();
    benchmark::DoNotOptimize(solver.run(tile, settings, estimate.data()));
    times.push_back(now() - start);
    state.SetIterationTime(times.back());
  }
  const double start = now();
  const std::vector<double> exact = test::GapTvReference(tile, settings).run();
  const double reference_time = now() - start;
  auto reference = Array<float, 3>::uninitialised({frames, edge, edge});
  std::copy(exact.begin(), exact.end(), reference.data());

  std::sort(times.begin(), times.end());
  const double psnr = test::psnr_of(estimate.view(), scene.truth.view(), 255.0);
  state.counters["best_ms"] = 1e3 * times.front();
  state.counters["median_ms"] = 1e3 * times[times.size() / 2];
  state.counters["reference_ms"] = 1e3 * reference_time;
  state.counters["psnr_db"] = psnr;
  state.counters["psnr_difference_db"] =
      psnr - test::psnr_of(reference.view(), scene.truth.view(), 255.0);
}

void cases(benchmark::internal::Benchmark* bench) {
  bench->ArgName("tv")->Arg(2)->Arg(5)->UseManualTime()->Iterations(40)->Unit(
      benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(gap_tv, 2d, false)->Apply(cases);
BENCHMARK_CAPTURE(gap_tv, 3d, true)->Apply(cases);

}  // namespace
}  // namespace kinema

int main(int count, char** arguments) {
  benchmark::AddCustomContext("simd", std::string(kinema::to_text(kinema::best_simd())));
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
