// How fast movies are read, against a plain sequential read() of the same file in the same run.
//
//   reading [--rounds 5] [--threads N] FILE...
//
// Prints one JSON object a file: GB/s of the file's bytes by read(), of its pixels by the movie's
// source, both through one buffer of 8 MiB (or one frame, where that is larger), and the ratio.
#include "kinema/base/parallel.h"
#include "kinema/io/formats.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace kinema {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{8} << 20;

template <class Work>
double seconds_of(Work&& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void read_plainly(const std::string& path, std::vector<std::byte>& buffer) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw std::runtime_error(path + " cannot be opened");
  while (read(file, buffer.data(), buffer.size()) > 0) {
  }
  close(file);
}

void read_frames(MovieSource& source, Index at_once, std::vector<std::byte>& buffer) {
  const Index frames = source.frames().value();
  for (Index t = 0; t < frames; t += at_once) {
    const Index count = std::min(at_once, frames - t);
    source.read(t,
                count,
                std::span(buffer).first(static_cast<std::size_t>(count * source.format().bytes())));
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

nlohmann::ordered_json measure(const std::string& path, int rounds) {
  const auto source = io::open_movie(path);
  const Index frame_bytes = source->format().bytes();
  const Index at_once = std::max<Index>(1, static_cast<Index>(buffer_bytes) / frame_bytes);
  std::vector<std::byte> buffer(static_cast<std::size_t>(at_once * frame_bytes));
  std::vector<double> plain, frames;
  read_plainly(path, buffer);  // once, so that both find the file in memory
  for (int round = 0; round < rounds; ++round) {
    plain.push_back(seconds_of([&] { read_plainly(path, buffer); }));
    frames.push_back(seconds_of([&] { read_frames(*source, at_once, buffer); }));
  }
  const double file_gb = static_cast<double>(std::filesystem::file_size(path)) / 1e9;
  const double pixel_gb =
      static_cast<double>(frame_bytes) * static_cast<double>(source->frames().value()) / 1e9;
  return {{"format", io::movie_format(path)},
          {"file_gb", file_gb},
          {"pixel_gb", pixel_gb},
          {"threads", threads()},
          {"read_gb_s", file_gb / median(plain)},
          {"frames_gb_s", pixel_gb / median(frames)},
          {"ratio", pixel_gb / median(frames) / (file_gb / median(plain))}};
}

}  // namespace
}  // namespace kinema

int main(int count, char** arguments) {
  int rounds = 5;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--rounds" && i + 1 < count) {
      rounds = std::max(1, std::atoi(arguments[++i]));
    } else if (argument == "--threads" && i + 1 < count) {
      kinema::set_threads(std::max(1, std::atoi(arguments[++i])));
    } else {
      std::printf("%s\n", kinema::measure(argument, rounds).dump().c_str());
    }
  }
  return 0;
}
