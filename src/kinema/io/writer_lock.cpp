// flock and fdatasync.
#include "kinema/io/writer_lock.h"

#include "kinema/base/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace kinema::io {

using std::chrono::steady_clock;

bool is_written(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

WriterLock::WriterLock(const std::filesystem::path& path)
    : path_(path),
      descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)),
      synced_(steady_clock::now()) {
  if (descriptor_ < 0)
    throw IoError(path, std::string("cannot be written: ") + std::strerror(errno));
  if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw InputError(path.string() +
                   ": is being written by another process; wait for it, or give another name");
}

WriterLock::~WriterLock() {
  ::close(descriptor_);
}

void WriterLock::sync() {
  if (fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) {
    throw IoError(path_, std::string("cannot be put onto the disk: ") + std::strerror(errno));
  }
  synced_ = steady_clock::now();
}

void WriterLock::sync_now_and_then() {
  if (steady_clock::now() - synced_ >= std::chrono::seconds(1)) sync();
}

}  // namespace kinema::io
