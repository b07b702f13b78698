// The parent's side of kinema_lammps: LAMMPS in a process of its own, so that what LAMMPS calls an
// error becomes one line here.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/md/lammps_protocol.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kinema::md {

/// The program; empty where it is not found.
std::filesystem::path lammps_program();

/// A running LAMMPS, for one thread at a time. Every call throws InputError, with the last error
/// that LAMMPS printed, where the process ended; then nothing more can be asked.
class LammpsProcess {
 public:
  LammpsProcess();
  ~LammpsProcess();
  LammpsProcess(const LammpsProcess&) = delete;
  LammpsProcess& operator=(const LammpsProcess&) = delete;

  std::string version();
  void command(const std::string& text);
  void create(std::span<const double> positions, std::span<const std::int32_t> types);
  std::vector<double> gather(const std::string& name);
  double thermo(const std::string& keyword);

  /// Whom to ask, while LAMMPS works, whether to stop; then Interrupted is thrown.
  void watch(const Progress* progress) { progress_ = progress; }

 private:
  void start();
  std::vector<std::byte> ask(LammpsRequest kind,
                             const std::string& text,
                             std::span<const std::byte> data);
  void send(std::span<const std::byte> bytes);
  void receive(std::span<std::byte> bytes);
  [[noreturn]] void tell_end();
  void end() noexcept;

  int socket_ = -1, words_ = -1;  // the channel; a file in memory with what LAMMPS printed
  pid_t child_ = -1;
  std::filesystem::path scratch_;  // what Open MPI lays down; removed at the end
  const Progress* progress_ = nullptr;
  std::string doing_;
};

}  // namespace kinema::md
