// Starting a reader process, waiting for its answers, and telling what became of it.
#include "kinema/io/reader_process.h"

#include "kinema/base/error.h"
#include "kinema/base/module.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace kinema::io {
namespace {

constexpr const char* program_name = "kinema_reader";
constexpr const char* mend_of_program = "install kinema anew (./run install)";
constexpr const char* mend_of_file =
    "the file is damaged or not what it says; copy it again from where it was recorded";
constexpr std::size_t most_error_text = 4096;
constexpr double patience_with_the_dying = 2.0;  // seconds

// A sanitizer's shadow memory knows no limits and is a file, and its findings are to be seen.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

constexpr double slow = sanitized ? 20.0 : 1.0;

[[noreturn]] void throw_refusal(const std::string& what) {
  throw IoError(program_name, what + ": " + std::strerror(errno));
}

/// A copy of a descriptor that lies above those that the child is given.
FileHandle lifted(int descriptor) {
  FileHandle copy(fcntl(descriptor, F_DUPFD_CLOEXEC, 16));
  if (!copy.is_open()) throw_refusal("cannot be given its descriptors");
  return copy;
}

/// What the child starts with: the socket, the memory, and nothing else of this process.
class SpawnPlan {
 public:
  SpawnPlan(int socket, int memory) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, socket, reader_socket);
    posix_spawn_file_actions_adddup2(&actions_, memory, reader_memory);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!sanitized) {
      posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, reader_memory + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  /// Returns an errno.
  int spawn(const std::filesystem::path& program,
            std::string purpose,
            std::string file,
            pid_t& child) {
    std::string name = program_name;
    char* arguments[] = {name.data(), purpose.data(), file.data(), nullptr};
    return posix_spawn(&child, program.c_str(), &actions_, &attributes_, arguments, environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::string signal_text(int signal) {
  if (signal == SIGKILL) return "killed, perhaps for lack of memory";
  const char* known = sigdescr_np(signal);
  std::string text = known != nullptr ? known : "signal " + std::to_string(signal);
  text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

/// One line of bounded length, whatever the child wrote.
std::string clean_line(std::string text) {
  if (text.size() > most_error_text) text = text.substr(0, most_error_text) + " ...";
  const auto breaks_line = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), breaks_line, ' ');
  return text;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string seconds_text(double seconds) {
  return shortest_text(std::round(seconds * 10.0) / 10.0) + " s";
}

}  // namespace

std::filesystem::path reader_program() {
  return find_program(program_name);
}

ReaderProcess::ReaderProcess(std::filesystem::path path,
                             std::string format,
                             ReaderPurpose purpose,
                             const ReaderLimits& limits)
    : path_(std::move(path)), format_(std::move(format)), limits_(limits), owner_(getpid()) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(path_, unknown);
  if (!unknown) file_bytes_ = static_cast<Index>(bytes);
  start(purpose);
  const rlimit none{0, 0};
  prlimit(child_, RLIMIT_CORE, &none, nullptr);
  if (!sanitized) prlimit(child_, RLIMIT_FSIZE, &none, nullptr);
  limit_memory(limits_.memory);
}

ReaderProcess::~ReaderProcess() {
  end();
}

void ReaderProcess::start(ReaderPurpose purpose) {
  const std::filesystem::path program = reader_program();
  if (program.empty()) {
    throw InputError(path_.string() + ": " + format_ + " files are read by the program " +
                     program_name + ", which is not where kinema's modules are; " +
                     mend_of_program + ", or name its folder in KINEMA_MODULE_PATH");
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_refusal("cannot be given a socket");
  }
  channel_.emplace(FileHandle(ends[0]));
  const FileHandle theirs(ends[1]);
  memory_ = FileHandle(memfd_create("kinema pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory_.is_open()) throw_refusal("cannot be given shared memory");
  const FileHandle socket = lifted(theirs.get()), memory = lifted(memory_.get());
  SpawnPlan plan(socket.get(), memory.get());
  const int failure = plan.spawn(
      program, purpose == ReaderPurpose::probe ? "probe" : "read", path_.string(), child_);
  if (failure == 0) return;
  child_ = -1;
  throw InputError(program.string() + ": cannot be started: " + std::strerror(failure) + "; " +
                   mend_of_program);
}

void ReaderProcess::ask(ReaderMessage kind, const std::string& text, const std::string& doing) {
  require_alive_and_ours();
  if (!channel_->send(kind, text)) stopped("stopped (" + fate() + ")", doing);
}

std::string ReaderProcess::answer(Index bytes, const std::string& doing) {
  require_alive_and_ours();
  const Index all_bytes = bytes + file_bytes_;
  const double most_wall = limits_.wall.of(all_bytes);
  const double most_cpu = slow * (bytes > 0 ? limits_.read_cpu : limits_.open_cpu).of(all_bytes);
  const double cpu_before = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  std::string late;
  const auto patience = [&] {
    if (seconds_since(start) > most_wall) {
      late = seconds_text(most_wall) + " without an answer";
    } else if (cpu_seconds() - cpu_before > most_cpu) {
      late = seconds_text(most_cpu) + " of processor time without an answer";
    }
    return late.empty();
  };
  Message message;
  switch (channel_->receive(message, patience)) {
    case Arrival::complete:
      break;
    case Arrival::closed:
      stopped("stopped (" + fate() + ")", doing);
    case Arrival::late:
      stopped("was stopped after " + late, doing);
    case Arrival::broken:
      refuse("a message of an impossible size", doing);
  }
  switch (message.kind) {
    case ReaderMessage::answer:
      return std::move(message.text);
    case ReaderMessage::input_error:
      throw InputError(clean_line(std::move(message.text)));
    case ReaderMessage::io_error: {
      const std::string text = clean_line(std::move(message.text)), name = path_.string() + ": ";
      throw IoError(path_, text.starts_with(name) ? text.substr(name.size()) : text);
    }
    case ReaderMessage::bug:
      throw std::runtime_error(clean_line(std::move(message.text)));
    default:
      refuse("a message of no known kind", doing);
  }
}

void ReaderProcess::refuse(const std::string& why, const std::string& doing) {
  stopped("gave an answer that makes no sense (" + why + ")", doing);
}

int ReaderProcess::size_memory(Index bytes) {
  require_alive_and_ours();
  if (ftruncate(memory_.get(), static_cast<off_t>(bytes)) != 0 ||
      fcntl(memory_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    throw_refusal("cannot be given " + std::to_string(bytes) + " bytes of shared memory");
  }
  return memory_.get();
}

void ReaderProcess::limit_memory(Index bytes) {
  if (sanitized) return;
  const rlimit most{static_cast<rlim_t>(bytes), RLIM_INFINITY};
  prlimit(child_, RLIMIT_AS, &most, nullptr);
}

/// Processor time that the process has taken since its start.
double ReaderProcess::cpu_seconds() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(child_, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0.0;
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

void ReaderProcess::require_alive_and_ours() const {
  if (!refusal_.empty()) throw InputError(refusal_);
  if (getpid() != owner_) {
    throw InputError(path_.string() +
                     ": was opened before this process was forked; open it here again");
  }
}

void ReaderProcess::stopped(const std::string& how, const std::string& doing) {
  refusal_ = path_.string() + ": the reader of " + format_ + " files " + how + " while " + doing +
             ": " + mend_of_file;
  end();
  throw InputError(refusal_);
}

/// How a process that has closed its socket ended; one that lingers is killed. InputError where it
/// did not come to read anything: 2 is its own refusal to start, 127 the dynamic linker's.
std::string ReaderProcess::fate() {
  int status = 0;
  pid_t ended = 0;
  const auto start = std::chrono::steady_clock::now();
  while ((ended = waitpid(child_, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
    if (seconds_since(start) > patience_with_the_dying) return "it closed its socket";
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  child_ = -1;
  if (ended < 0) return "it is gone";  // somebody else in this program waited for it
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 2 || WEXITSTATUS(status) == 127)) {
    throw InputError(std::string(program_name) +
                     " is of another version than this kinema, or lacks a library; " +
                     mend_of_program);
  }
  if (WIFSIGNALED(status)) return signal_text(WTERMSIG(status));
  return "it ended with code " + std::to_string(WEXITSTATUS(status));
}

void ReaderProcess::end() noexcept {
  const pid_t child = std::exchange(child_, -1);
  if (child < 0 || getpid() != owner_) return;
  kill(child, SIGKILL);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace kinema::io
