// Starting kinema_lammps, asking, and telling what became of it.
#include "kinema/md/lammps_process.h"

#include "kinema/base/error.h"
#include "kinema/base/module.h"
#include "kinema/md/md.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace kinema::md {
namespace {

constexpr const char* program_name = "kinema_lammps";
constexpr int look_around = 100;  // milliseconds between looks at whether to stop
constexpr std::size_t most_words = std::size_t{1} << 16;

[[noreturn]] void throw_refusal(const std::string& what) {
  throw IoError(program_name, what + ": " + std::strerror(errno));
}

/// Variables for the child: ours without those by which an MPI job would take it for one of its
/// ranks, and with those that make Open MPI start alone, at once and without a network.
std::vector<std::string> child_environment(const std::filesystem::path& scratch) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const bool is_of_mpi = text.starts_with("OMPI_") || text.starts_with("PMIX_") ||
                           text.starts_with("PMI_") || text.starts_with("PRTE_") ||
                           text.starts_with("SLURM_");
    if (!is_of_mpi && !text.starts_with("OMP_NUM_THREADS=")) variables.emplace_back(text);
  }
  for (const char* ours : {"OMPI_MCA_ess_singleton_isolated=1",
                           "OMPI_MCA_pml=ob1",
                           "OMPI_MCA_btl=self",
                           "OMPI_MCA_plm=isolated",
                           "OMPI_MCA_pmix=isolated",
                           "OMP_NUM_THREADS=1"}) {
    variables.emplace_back(ours);
  }
  variables.push_back("OMPI_MCA_orte_tmpdir_base=" + scratch.string());
  return variables;
}

std::filesystem::path make_scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kinema-md-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw_refusal("cannot make a folder for LAMMPS");
  return pattern;
}

/// A copy of a descriptor that lies above those that the child is given.
int lifted(int descriptor) {
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 16);
  close(descriptor);
  if (copy < 0) throw_refusal("cannot be given its descriptors");
  return copy;
}

/// Starts the program with `socket` as descriptor 3 and `words` as standard output and error.
int spawn(const std::filesystem::path& program,
          int socket,
          int words,
          std::vector<std::string> environment,
          pid_t& child) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, lammps_socket);
  posix_spawn_file_actions_addclosefrom_np(&actions, lammps_socket + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> variables;
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  std::string name = program_name;
  char* arguments[] = {name.data(), nullptr};
  const int failure =
      posix_spawn(&child, program.c_str(), &actions, &attributes, arguments, variables.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failure;
}

/// The last line of `words` that begins with ERROR, without the place in LAMMPS' source; empty
/// where there is none.
std::string error_in(const std::string& words) {
  const auto begin = words.rfind("ERROR");
  if (begin == std::string::npos) return "";
  std::string line = words.substr(begin, words.find('\n', begin) - begin);
  if (const auto colon = line.find(": "); colon != std::string::npos) line.erase(0, colon + 2);
  if (const auto place = line.rfind(" (src/"); place != std::string::npos) line.resize(place);
  return line;
}

}  // namespace

std::filesystem::path lammps_program() {
  return find_program(program_name);
}

LammpsProcess::LammpsProcess() {
  try {
    start();
  } catch (...) {
    end();
    throw;
  }
}

LammpsProcess::~LammpsProcess() {
  end();
}

void LammpsProcess::start() {
  const std::filesystem::path program = lammps_program();
  if (program.empty()) {
    throw InputError(std::string("molecular dynamics needs the program ") + program_name +
                     ", which was not built into this kinema; " + lammps_mend);
  }
  scratch_ = make_scratch();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_refusal("cannot be given a socket");
  }
  socket_ = ends[0];
  const int theirs = lifted(ends[1]);
  words_ = memfd_create("words of LAMMPS", MFD_CLOEXEC);
  const int failure =
      words_ < 0 ? errno : spawn(program, theirs, words_, child_environment(scratch_), child_);
  close(theirs);
  if (failure == 0) return;
  child_ = -1;
  throw InputError(program.string() + ": cannot be started: " + std::strerror(failure) + "; " +
                   lammps_mend);
}

void LammpsProcess::end() noexcept {
  if (socket_ >= 0) close(socket_);  // at which the child ends
  if (words_ >= 0) close(words_);
  socket_ = words_ = -1;
  for (int wait = 0; child_ > 0; ++wait) {
    if (waitpid(child_, nullptr, WNOHANG) != 0) break;
    if (wait == 200) kill(child_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(wait < 200 ? 5 : 50));
  }
  child_ = -1;
  std::error_code ignored;
  if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
  scratch_.clear();
}

void LammpsProcess::tell_end() {
  std::string words(most_words, '\0');
  const off_t size = lseek(words_, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(most_words));
  const ssize_t got = pread(words_, words.data(), words.size(), begin);
  words.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  std::string reason = error_in(words);
  if (reason.empty()) reason = "the process ended without a word, perhaps for lack of memory";
  end();
  throw InputError("LAMMPS refused '" + doing_ + "': " + reason);
}

void LammpsProcess::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) tell_end();
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void LammpsProcess::receive(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    pollfd socket{socket_, POLLIN, 0};
    if (poll(&socket, 1, look_around) <= 0) {
      if (progress_ == nullptr || !progress_->stop_requested()) continue;
      end();
      throw Interrupted();
    }
    const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) tell_end();
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

std::vector<std::byte> LammpsProcess::ask(LammpsRequest kind,
                                          const std::string& text,
                                          std::span<const std::byte> data) {
  if (socket_ < 0) throw InputError("LAMMPS has ended ('" + doing_ + "'); start another one");
  doing_ = text;
  const LammpsRequestHead head{
      static_cast<std::uint32_t>(kind), static_cast<std::uint32_t>(text.size()), data.size()};
  send(std::as_bytes(std::span(&head, 1)));
  send(std::as_bytes(std::span(text)));
  send(data);
  LammpsAnswerHead answer;
  receive(std::as_writable_bytes(std::span(&answer, 1)));
  std::vector<std::byte> bytes(answer.data_bytes);
  receive(bytes);
  return bytes;
}

std::string LammpsProcess::version() {
  const std::vector<std::byte> bytes = ask(LammpsRequest::version, "version", {});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void LammpsProcess::command(const std::string& text) {
  ask(LammpsRequest::command, text, {});
}

void LammpsProcess::create(std::span<const double> positions, std::span<const std::int32_t> types) {
  std::vector<std::byte> data(positions.size_bytes() + types.size_bytes());
  std::copy_n(std::as_bytes(positions).begin(), positions.size_bytes(), data.begin());
  std::copy_n(std::as_bytes(types).begin(),
              types.size_bytes(),
              data.begin() + static_cast<std::ptrdiff_t>(positions.size_bytes()));
  ask(LammpsRequest::create, std::to_string(types.size()), data);
}

std::vector<double> LammpsProcess::gather(const std::string& name) {
  const std::vector<std::byte> bytes = ask(LammpsRequest::gather, name, {});
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

double LammpsProcess::thermo(const std::string& keyword) {
  double value = 0.0;
  const std::vector<std::byte> bytes = ask(LammpsRequest::thermo, keyword, {});
  if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace kinema::md
