// Waiting for bytes, a tenth of a second at a time so that a stop is seen.
#include "kinema/io/live_bytes.h"

#include "kinema/io/raw_source.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace kinema::io {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int poll_milliseconds = 100;
constexpr std::chrono::milliseconds between_looks{5};  // at a file that grows
constexpr std::size_t most_per_call = std::size_t{1} << 30;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

[[noreturn]] void throw_refusal(const std::string& name, const char* action) {
  throw IoError(name, std::string("cannot be ") + action + ": " + std::strerror(errno));
}

/// Opens what is there, or comes within the time in which a writer may begin.
FileHandle open_within(const std::string& name, double seconds) {
  for (const Clock::time_point begin = Clock::now();;) {
    FileHandle file(open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.is_open()) return file;
    if (errno != ENOENT) throw_refusal(name, "opened");
    if (seconds_since(begin) >= seconds) break;
    std::this_thread::sleep_for(between_looks);
  }
  throw InputError(name + ": there is no such file" +
                   (seconds > 0.0 ? ", and none came within --idle" : ""));
}

struct stat status_of(int descriptor, const std::string& name) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) throw_refusal(name, "examined");
  return status;
}

}  // namespace

ByteFeed::ByteFeed(const std::string& name,
                   const FrameFormat& format,
                   const LiveOptions& options,
                   MovieInfo info)
    : name_(name), format_(format), options_(options), info_(std::move(info)) {
  if (name != "-") {
    file_ = open_within(name, options.follow ? options.idle.value : 0.0);
    descriptor_ = file_.get();
  }
  const struct stat status = status_of(descriptor_, told());
  if (S_ISDIR(status.st_mode)) throw InputError(told() + ": is a folder; give a raw file");
  is_file_ = name != "-" && S_ISREG(status.st_mode);
  if (is_file_ && !options.follow) {
    const Index whole = static_cast<Index>(status.st_size) / format.bytes();
    known_ = std::min(whole, options.frames.value_or(whole));
  }
  if (options.follow && !is_file_) {
    throw InputError(told() +
                     ": --follow is for a file that grows; a pipe says itself when it ends");
  }
}

void ByteFeed::wait_for_first(const Progress& progress) {
  first_.resize(static_cast<std::size_t>(format_.bytes()));
  const Index got = read_frame(first_, [&] { return progress.stop_requested(); });
  progress.check();
  if (got == format_.bytes()) return;
  throw InputError(told() + ": " +
                   (got == 0 ? std::string("no frame came")
                             : "ended after " + std::to_string(got) + " bytes, of the " +
                                   std::to_string(format_.bytes()) + " that a frame of " +
                                   to_text(FrameShape{format_.height, format_.width}) + " " +
                                   to_text(format_.type) + " has") +
                   "; check the source, --shape and --type");
}

Arrival ByteFeed::take(Index most, std::span<std::byte> out, const std::stop_token& stop) {
  if (most == 0 || !end_.reason.empty()) return {};
  const std::span<std::byte> frame = out.first(static_cast<std::size_t>(format_.bytes()));
  if (!first_.empty()) {
    std::copy(first_.begin(), first_.end(), frame.begin());
    first_ = {};
  } else if (options_.frames && frames_ == *options_.frames) {
    end_.reason = "--frames have come";
    return {};
  } else {
    const Index got = read_frame(frame, [&] { return stop.stop_requested(); });
    if (stop.stop_requested()) return {};
    if (got < format_.bytes()) {
      end_.trailing_bytes = got;
      end_.reason = options_.follow ? "nothing came for " + to_text(options_.idle) : "it ended";
      return {};
    }
  }
  ++frames_;
  const bool swap =
      (options_.byte_order == ByteOrder::little) != (std::endian::native == std::endian::little);
  if (swap) swap_bytes(frame, bytes_of_number(format_.type));
  return {.frames = 1};
}

Index ByteFeed::waiting() const {
  if (!is_file_) return 0;
  struct stat status {};
  if (fstat(descriptor_, &status) != 0) return 0;
  return std::max<Index>(0, static_cast<Index>(status.st_size) - bytes_.load()) / format_.bytes();
}

/// Bytes of a frame that came: all, or fewer at the end.
Index ByteFeed::read_frame(std::span<std::byte> out, const Stop& stop) {
  Index got = 0;
  while (got < static_cast<Index>(out.size())) {
    const Index more = read_some(out.subspan(static_cast<std::size_t>(got)), stop);
    if (more == 0) break;
    got += more;
    bytes_ += more;
  }
  return got;
}

/// Waits for bytes; none where there will be no more, or `stop` says so.
Index ByteFeed::read_some(std::span<std::byte> out, const Stop& stop) {
  if (out.size() > most_per_call) out = out.first(most_per_call);
  return is_file_ ? read_file(out, stop) : read_pipe(out, stop);
}

Index ByteFeed::read_pipe(std::span<std::byte> out, const Stop& stop) const {
  while (!stop()) {
    pollfd ready{descriptor_, POLLIN, 0};
    if (poll(&ready, 1, poll_milliseconds) < 0 && errno != EINTR) throw_refusal(told(), "read");
    if (ready.revents == 0) continue;
    const ssize_t got = ::read(descriptor_, out.data(), out.size());
    if (got >= 0) return static_cast<Index>(got);
    if (errno != EINTR && errno != EAGAIN) throw_refusal(told(), "read");
  }
  return 0;
}

Index ByteFeed::read_file(std::span<std::byte> out, const Stop& stop) {
  for (const Clock::time_point begin = Clock::now(); !stop();) {
    const ssize_t got = ::read(descriptor_, out.data(), out.size());
    if (got > 0) return static_cast<Index>(got);
    if (got < 0 && errno != EINTR) throw_refusal(told(), "read");
    const auto size = static_cast<Index>(status_of(descriptor_, told()).st_size);
    if (size < bytes_) {
      throw FileError(told(),
                      static_cast<std::uint64_t>(size),
                      "the file was cut short while it was read; what came before is kept");
    }
    if (!options_.follow || seconds_since(begin) >= options_.idle.value) break;
    std::this_thread::sleep_for(between_looks);
  }
  return 0;
}

}  // namespace kinema::io
