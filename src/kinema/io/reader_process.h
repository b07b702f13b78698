// The parent's side of the reader process: files that are parsed by libraries which damage can
// crash (HDF5, video) are parsed by `kinema_reader`, a small program of its own, so that whatever a
// file does to it becomes an InputError here. See docs/adr/0007-reader-process.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/reader_protocol.h"

#include <filesystem>
#include <memory>
#include <string>
#include <sys/types.h>

namespace kinema::io {

/// A time that is the longer the more there is to read.
struct TimeLimit {
  double seconds = 0.0, bytes_per_second = 1.0;
  double of(Index bytes) const { return seconds + static_cast<double>(bytes) / bytes_per_second; }
};

/// What a reader process may take before it is stopped. Bytes are those of the file, and of the
/// frames that are asked for at once.
struct ReaderLimits {
  TimeLimit wall{60.0, 1e6};      // to answer a question: disks may be slow
  TimeLimit open_cpu{1.0, 1e8};   // processor time to answer anything but `read`
  TimeLimit read_cpu{1.0, 1e6};   // to read frames: many may have to be undone to get at one
  Index memory = Index{2} << 30;  // address space, besides a few frames; less for small files
};

/// Opens a movie of the format `format` in a reader process. The source behaves as the one that
/// `open_movie_here` gives, with these differences: a FileError comes as InputError with its text,
/// and a process that dies or does not answer in time is an InputError.
std::unique_ptr<MovieSource> open_in_reader(const std::filesystem::path& path,
                                            const ReadOptions& options,
                                            const std::string& format,
                                            const ReaderLimits& limits = {});

/// Has a reader process walk through all of an HDF5 file; InputError where that kills it or takes
/// too long. After it the HDF5 library may be let loose on the file in this process. Whether the
/// file holds what it should is not looked at.
void probe_hdf5(const std::filesystem::path& path, const ReaderLimits& limits = {});

/// The program that reads; empty where it is not found.
std::filesystem::path reader_program();

/// What a reader process is started for: see kinema_reader.
enum class ReaderPurpose : std::uint8_t { read, probe };

/// A running kinema_reader. It is killed and waited for at the end of this object.
class ReaderProcess {
 public:
  /// Starts the process for one file. InputError where the program is missing.
  ReaderProcess(std::filesystem::path path,
                std::string format,
                ReaderPurpose purpose,
                const ReaderLimits& limits);
  ~ReaderProcess();
  ReaderProcess(const ReaderProcess&) = delete;
  ReaderProcess& operator=(const ReaderProcess&) = delete;

  /// Asks; `doing` says for errors what the process does: "opening it".
  void ask(ReaderMessage kind, const std::string& text, const std::string& doing);
  /// The answer to the oldest question, for which frames of so many bytes are read; 0: none. What
  /// the process reports as an error is thrown here, with its type and text.
  std::string answer(Index bytes, const std::string& doing);
  /// An InputError that says that what the process answered cannot be.
  [[noreturn]] void refuse(const std::string& why, const std::string& doing);

  /// Memory that both have mapped once the process was told so; sized and sealed by this call.
  int size_memory(Index bytes);
  /// Address space that the process may have.
  void limit_memory(Index bytes);

 private:
  void start(ReaderPurpose purpose);
  double cpu_seconds() const;
  void require_alive_and_ours() const;
  [[noreturn]] void stopped(const std::string& how, const std::string& doing);
  std::string fate();
  void end() noexcept;

  std::filesystem::path path_;
  std::string format_;
  ReaderLimits limits_;
  Index file_bytes_ = 0;
  FileHandle memory_;
  std::optional<Channel> channel_;
  pid_t child_ = -1, owner_ = -1;
  std::string refusal_;  // why nothing more can be asked
};

}  // namespace kinema::io
