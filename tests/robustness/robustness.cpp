// Opens and reads files and damaged copies of them, each in a process of its own, and tells what
// became of each: data, a clear refusal, or a finding (a crash, another exception, too slow, too
// large).
//
//   robustness [--truncations 64] [--flips 1000] [--seconds 2] [--megabytes 512] FILE...
//
// Prints one JSON object a file; exit 1 when there is a finding.
#include "kinema/base/error.h"
#include "kinema/base/rng.h"
#include "kinema/io/formats.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace kinema {
namespace {

namespace fs = std::filesystem;
using Bytes = std::string;

struct Limits {
  int truncations = 64, flips = 1000;
  double seconds = 2.0, megabytes = 512.0;
};

enum Answer : int { data = 0, refusal = 10, system_refusal = 11, other_exception = 12 };

/// What became of one damaged copy.
struct Outcome {
  int answer = 0;  // an Answer, or 128 + the signal that ended it
  double seconds = 0.0, megabytes = 0.0;
  std::string message;
};

/// Reads at most 64 MB of frames, and all that the file says.
void read_some(const fs::path& path) {
  const auto source = io::open_movie(path);
  const Index bytes = source->format().bytes(), frames = source->frames().value_or(0);
  constexpr Index most = Index{64} << 20;
  for (Index t = 0; t < frames && (t + 1) * bytes <= most; ++t) {
    std::vector<std::byte> frame(static_cast<std::size_t>(bytes));
    source->read(t, 1, frame);
  }
  source->metadata();
}

[[noreturn]] void run_child(const fs::path& path, int pipe, double seconds) {
  alarm(static_cast<unsigned>(2.0 * seconds) + 1);
  int answer = data;
  std::string message;
  try {
    read_some(path);
  } catch (const InputError& error) {
    answer = refusal;
    message = error.what();
  } catch (const IoError& error) {
    answer = system_refusal;
    message = error.what();
  } catch (const std::exception& error) {
    answer = other_exception;
    message = error.what();
  }
  rusage own{}, children{};
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  message = std::to_string(std::max(own.ru_maxrss, children.ru_maxrss)) + " " + message;
  if (write(pipe, message.data(), std::min<std::size_t>(message.size(), 4000)) < 0) _exit(99);
  _exit(answer);
}

Outcome try_one(const fs::path& path, double seconds) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) run_child(path, ends[1], seconds);
  close(ends[1]);
  std::string told;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
    told.append(buffer, static_cast<std::size_t>(got));
  }
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  Outcome outcome;
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  outcome.answer = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  char* rest = nullptr;
  const long told_kb = std::strtol(told.c_str(), &rest, 10);
  outcome.megabytes = static_cast<double>(std::max(told_kb, usage.ru_maxrss)) / 1024.0;
  outcome.message = *rest == ' ' ? rest + 1 : "";
  return outcome;
}

class Trial {
 public:
  Trial(const fs::path& sample, const Limits& limits) : sample_(sample), limits_(limits) {
    // Siblings go along: side-cars, and files that this one refers to.
    std::string pattern = (fs::temp_directory_path() / "robustness-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    for (const auto& entry : fs::directory_iterator(fs::absolute(sample).parent_path())) {
      if (entry.is_regular_file() && entry.file_size() < (8 << 20)) {
        fs::copy_file(entry.path(), folder_ / entry.path().filename());
        fs::permissions(folder_ / entry.path().filename(), fs::perms::owner_all);
      }
    }
    path_ = folder_ / sample.filename();
    std::ifstream file(sample, std::ios::binary);
    whole_.assign(std::istreambuf_iterator<char>(file), {});
  }
  ~Trial() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  /// One JSON object: counts, the worst of time and memory, and every finding.
  nlohmann::ordered_json run() {
    judge(whole_, "none");
    for (int i = 0; i < limits_.truncations; ++i) {
      // Half of the places near the start, where headers lie.
      const double at = (i + 0.5) / limits_.truncations;
      const double part = i % 2 == 0 ? at : at * at * at;
      const auto length = static_cast<std::size_t>(part * static_cast<double>(whole_.size()));
      judge(whole_.substr(0, length), "cut at byte " + std::to_string(length));
    }
    Rng flips(1);
    for (int i = 0; i < limits_.flips && !whole_.empty(); ++i) {
      Bytes bytes = whole_;
      const std::size_t reach =
          i % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 4096);
      const auto at = static_cast<std::size_t>(flips.uniform() * static_cast<double>(reach));
      const int bit = static_cast<int>(flips.uniform() * 8.0);
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
      judge(bytes, "bit " + std::to_string(bit) + " of byte " + std::to_string(at));
    }
    return {{"file", sample_.string()},
            {"tried", tried_},
            {"data", data_},
            {"refused", refused_},
            {"worst_seconds", worst_seconds_},
            {"worst_megabytes", worst_megabytes_},
            {"findings", findings_}};
  }

 private:
  void judge(const Bytes& bytes, const std::string& what) {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
    const Outcome outcome = try_one(path_, limits_.seconds);
    ++tried_;
    data_ += outcome.answer == data ? 1 : 0;
    refused_ += outcome.answer == refusal || outcome.answer == system_refusal ? 1 : 0;
    worst_seconds_ = std::max(worst_seconds_, outcome.seconds);
    worst_megabytes_ = std::max(worst_megabytes_, outcome.megabytes);
    const bool one_line = outcome.message.find('\n') == std::string::npos;
    if (outcome.answer <= system_refusal && outcome.seconds <= limits_.seconds &&
        outcome.megabytes <= limits_.megabytes && one_line) {
      return;
    }
    findings_.push_back({{"damage", what},
                         {"answer", outcome.answer},
                         {"seconds", outcome.seconds},
                         {"megabytes", outcome.megabytes},
                         {"message", outcome.message}});
  }

  fs::path sample_, folder_, path_;
  Limits limits_;
  Bytes whole_;
  int tried_ = 0, data_ = 0, refused_ = 0;
  double worst_seconds_ = 0.0, worst_megabytes_ = 0.0;
  nlohmann::ordered_json findings_ = nlohmann::ordered_json::array();
};

int run(const std::vector<std::string>& arguments) {
  Limits limits;
  bool found = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto takes = [&](std::string_view flag, auto& value) {
      if (arguments[i] != flag || i + 1 >= arguments.size()) return false;
      value = static_cast<std::remove_reference_t<decltype(value)>>(
          std::strtod(arguments[++i].c_str(), nullptr));
      return true;
    };
    if (takes("--truncations", limits.truncations) || takes("--flips", limits.flips) ||
        takes("--seconds", limits.seconds) || takes("--megabytes", limits.megabytes)) {
      continue;
    }
    const nlohmann::ordered_json told = Trial(arguments[i], limits).run();
    found = found || !told["findings"].empty();
    std::printf("%s\n", told.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).c_str());
    std::fflush(stdout);
  }
  return found ? 1 : 0;
}

}  // namespace
}  // namespace kinema

int main(int count, char** arguments) {
  return kinema::run({arguments + 1, arguments + count});
}
