// Looking at processor, memory, BLAS, and the parts that are loaded on demand.
#include "kinema/doctor/doctor.h"

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"
#include "kinema/base/module.h"
#include "kinema/base/parallel.h"
#include "kinema/data/provenance.h"
#include "kinema/io/reader_process.h"
#include "kinema/io/video.h"
#include "kinema/md/md.h"
#include "kinema/nn/torch_info.h"

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>

namespace kinema::doctor {
namespace {

constexpr double slow_blas = 20.0;  // GFLOP/s; OpenBLAS gives 50-110 a core, the reference BLAS 1-5
constexpr const char* blas_mend =
    "apt install libopenblas0-pthread; where it is installed, choose it: "
    "update-alternatives --config libblas.so.3-$(gcc -print-multiarch)";
constexpr const char* busy_mend = "the library is a fast one: look again when the machine is idle";
constexpr const char* reader_mend =
    "install kinema anew (./run install), or name its folder in KINEMA_MODULE_PATH";
constexpr const char* mpi_mend = "apt install libopenmpi-dev, then ./run build";

Finding look_at_cpu() {
  const std::vector<std::string> features = cpu_features();
  const std::string simd(to_text(best_simd()));
  return {"cpu",
          {{"model", cpu_model()}, {"features", features}, {"simd", simd}, {"threads", threads()}},
          fmt::format("{}; {} threads; kernels: {} ({})",
                      cpu_model(),
                      threads(),
                      simd,
                      fmt::join(features, " ")),
          ""};
}

/// A field of /proc/meminfo in bytes; 0 where it is unknown.
std::int64_t meminfo_bytes(const std::string& field) {
  std::ifstream info("/proc/meminfo");
  for (std::string name, unit; info >> name;) {
    std::int64_t kibibytes = 0;
    info >> kibibytes;
    std::getline(info, unit);
    if (name == field + ":") return kibibytes * 1024;
  }
  return 0;
}

Finding look_at_memory() {
  const std::int64_t total = meminfo_bytes("MemTotal");
  const std::int64_t free = meminfo_bytes("MemAvailable");
  constexpr double gib = 1024.0 * 1024.0 * 1024.0;
  return {"memory",
          {{"total_bytes", total}, {"available_bytes", free}},
          fmt::format("{:.1f} GiB, {:.1f} GiB available",
                      static_cast<double>(total) / gib,
                      static_cast<double>(free) / gib),
          ""};
}

/// C = A B for column-major matrices, the Fortran way in which every BLAS says it.
using Sgemm = void(const char*,
                   const char*,
                   const int*,
                   const int*,
                   const int*,
                   const float*,
                   const float*,
                   const int*,
                   const float*,
                   const int*,
                   const float*,
                   float*,
                   const int*);

/// Best speed of a few square products, in GFLOP/s.
double sgemm_speed(Sgemm* sgemm) {
  constexpr int n = 768;
  const Array<float, 2> a({n, n}, 1.0F);
  Array<float, 2> product({n, n});
  const float one = 1.0F, zero = 0.0F;
  double fastest = 1e9;  // seconds
  for (int round = 0; round < 4; ++round) {
    const auto start = std::chrono::steady_clock::now();
    sgemm("N", "N", &n, &n, &n, &one, a.data(), &n, a.data(), &n, &zero, product.data(), &n);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fastest = std::min(fastest, took.count());
  }
  return 2.0 * n * n * n / fastest * 1e-9;
}

std::string mend_of_blas(const std::string& file, double speed) {
  if (speed >= slow_blas) return "";
  for (const char* fast : {"openblas", "mkl", "blis"}) {
    if (file.find(fast) != std::string::npos) return busy_mend;
  }
  return blas_mend;
}

Finding look_at_blas() {
  void* library = dlopen("libblas.so.3", RTLD_NOW | RTLD_LOCAL);
  void* symbol = library != nullptr ? dlsym(library, "sgemm_") : nullptr;
  if (symbol == nullptr) return {"blas", nullptr, "no libblas.so.3", blas_mend};
  Dl_info where{};
  dladdr(symbol, &where);
  const std::string file = std::filesystem::canonical(where.dli_fname).string();
  const double speed = sgemm_speed(reinterpret_cast<Sgemm*>(symbol));
  return {"blas",
          {{"library", file}, {"gflops", speed}},
          fmt::format("{}: {:.0f} GFLOP/s", file, speed),
          mend_of_blas(file, speed)};
}

Finding look_at_torch() {
  try {
    auto* info =
        module_function<decltype(kinema_torch_info)>("torch", torch_info_symbol, torch_mend);
    const Json found = Json::parse(info());
    return {"torch",
            found,
            fmt::format("LibTorch {} on {}",
                        found.at("version").get<std::string>(),
                        fmt::join(found.at("devices").get<std::vector<std::string>>(), ", ")),
            ""};
  } catch (const InputError& error) {
    return {"torch", nullptr, error.what(), torch_mend};
  }
}

Finding look_at_mpi(int ranks) {
  const std::string module = find_module("mpi").string();
  if (module.empty()) return {"mpi", nullptr, "the MPI module was not built", mpi_mend};
  return {"mpi",
          {{"module", module}, {"ranks", ranks}},
          fmt::format("{}; {} rank{}", module, ranks, ranks > 1 ? "s" : ""),
          ""};
}

Finding look_at_video() {
  try {
    const Json found = io::video_module_info();
    const Json& encoder = found["h264_encoder"];
    const std::string text =
        encoder.is_null() ? "no H.264 encoder" : "H.264 encoder " + encoder.get<std::string>();
    return {"video",
            found,
            fmt::format("FFmpeg {}, {}", found["version"].get<std::string>(), text),
            encoder.is_null() ? "apt install libavcodec59 (built with libx264)" : ""};
  } catch (const InputError& error) {
    return {"video", nullptr, error.what(), io::video_mend};
  }
}

Finding look_at_lammps() {
  try {
    const Json found = md::lammps_info();
    return {"lammps",
            found,
            fmt::format("LAMMPS {}, potentials in {}",
                        found["version"].get<std::string>(),
                        found["potentials"].get<std::string>()),
            ""};
  } catch (const InputError& error) {
    return {"lammps", nullptr, error.what(), md::lammps_mend};
  }
}

Finding look_at_hdf5() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  const std::string number = fmt::format("{}.{}.{}", major, minor, release);
  return {"hdf5", {{"version", number}}, "HDF5 " + number, ""};
}

Finding look_at_reader() {
  const std::string program = io::reader_program().string();
  if (!program.empty()) return {"reader", {{"program", program}}, program, ""};
  return {"reader", nullptr, "kinema_reader, which reads HDF5 and video, is missing", reader_mend};
}

}  // namespace

std::vector<Finding> examine(int ranks) {
  return {look_at_cpu(),
          look_at_memory(),
          look_at_blas(),
          look_at_torch(),
          look_at_mpi(ranks),
          look_at_hdf5(),
          look_at_reader(),
          look_at_video(),
          look_at_lammps()};
}

Json to_json(const std::vector<Finding>& findings) {
  Json json{{"version", version()}};
  Json mends = Json::array();
  for (const Finding& finding : findings) {
    json[finding.name] = finding.json;
    if (finding.mend.empty()) continue;
    mends.push_back({{"part", finding.name}, {"problem", finding.text}, {"mend", finding.mend}});
  }
  json["mends"] = mends;
  return json;
}

}  // namespace kinema::doctor
