// Reading and writing by place, with the system's refusals as IoError.
#include "kinema/io/file.h"

#include "kinema/base/error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace kinema::io {
namespace {

constexpr std::size_t most_per_call = std::size_t{1} << 30;

[[noreturn]] void throw_refusal(const std::filesystem::path& path, const std::string& action) {
  const int reason = errno;
  const std::string mend =
      reason == ENOSPC || reason == EDQUOT ? "; free some space or write to another disk" : "";
  throw IoError(path, "cannot " + action + ": " + std::strerror(reason) + mend);
}

std::uint64_t size_of(const FileHandle& file, const std::filesystem::path& path) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_refusal(path, "be examined");
  return static_cast<std::uint64_t>(status.st_size);
}

void read_exactly(const FileHandle& file,
                  const std::filesystem::path& path,
                  std::uint64_t offset,
                  std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = pread(
        file.get(), out.data(), std::min(out.size(), most_per_call), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_refusal(path, "be read");
    if (got == 0) {
      throw FileError(path, offset, "the file ends " + std::to_string(out.size()) + " bytes early");
    }
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

/// Makes a rename in the folder of `path` last through a crash of the machine.
void sync_folder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  const FileHandle handle(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (handle.is_open()) fsync(handle.get());
}

}  // namespace

FileHandle::FileHandle(FileHandle&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

InputFile::InputFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path_, ignored);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw InputError(path_.string() + ": there is no such file");
  }
  if (status.type() == std::filesystem::file_type::directory) {
    throw InputError(path_.string() + ": is a folder; give a file in it");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputError(path_.string() +
                     ": is a pipe or a device, and movies are read from several places at once; "
                     "save it as a file first");
  }
  file_ = FileHandle(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_.is_open()) throw_refusal(path_, "be opened");
  size_ = size_of(file_, path_);
}

InputFile::InputFile(std::filesystem::path path, std::shared_ptr<FileContent> content)
    : path_(std::move(path)), content_(std::move(content)) {}

bool InputFile::reaches(std::uint64_t bytes) const {
  return content_ ? content_->reaches(bytes) : bytes <= size_;
}

void InputFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  if (content_) {
    content_->read_at(offset, out);
  } else {
    read_exactly(file_, path_, offset, out);
  }
}

std::vector<std::byte> InputFile::head(std::size_t count) const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(count, size())));
  read_at(0, bytes);
  return bytes;
}

std::filesystem::path PartialFile::partial_path(const std::filesystem::path& path) {
  return path.string() + ".partial";
}

PartialFile::PartialFile(std::filesystem::path path, FileHandle file)
    : path_(std::move(path)), file_(std::move(file)) {}

void require_file_or_nothing(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw InputError(path.string() + ": is a folder or a device, not a file; choose another name");
  }
}

PartialFile PartialFile::create(const std::filesystem::path& path, std::uint64_t bytes) {
  require_file_or_nothing(path);
  const std::filesystem::path partial = partial_path(path);
  FileHandle handle(open(partial.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!handle.is_open()) throw_refusal(partial, "be created");
  PartialFile file(path, std::move(handle));
  if (bytes > 0 && fallocate(file.file_.get(), 0, 0, static_cast<off_t>(bytes)) != 0) {
    if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) {
      throw_refusal(partial, "be given " + std::to_string(bytes) + " bytes");
    }
    if (ftruncate(file.file_.get(), static_cast<off_t>(bytes)) != 0) {
      throw_refusal(partial, "be given " + std::to_string(bytes) + " bytes");
    }
  }
  return file;
}

PartialFile PartialFile::reopen(const std::filesystem::path& path) {
  const std::filesystem::path partial = partial_path(path);
  FileHandle handle(open(partial.c_str(), O_RDWR | O_CLOEXEC));
  if (!handle.is_open()) throw_refusal(partial, "be opened");
  PartialFile file(path, std::move(handle));
  file.keep_ = true;
  return file;
}

PartialFile::~PartialFile() {
  if (file_.is_open() && !keep_) ::unlink(partial_path(path_).c_str());
}

std::uint64_t PartialFile::size() const {
  return size_of(file_, partial_path(path_));
}

void PartialFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(file_.get(),
                               bytes.data(),
                               std::min(bytes.size(), most_per_call),
                               static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) throw_refusal(partial_path(path_), "be written");
    offset += static_cast<std::uint64_t>(put);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void PartialFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  read_exactly(file_, partial_path(path_), offset, out);
}

void PartialFile::commit() {
  const std::filesystem::path partial = partial_path(path_);
  if (fsync(file_.get()) != 0 && errno != EINVAL) throw_refusal(partial, "be written to the disk");
  if (std::rename(partial.c_str(), path_.c_str()) != 0) {
    throw_refusal(partial, "be renamed to " + path_.string());
  }
  file_ = FileHandle();
  sync_folder(path_);
}

void write_text_file(const std::filesystem::path& path, const std::string& text) {
  PartialFile file = PartialFile::create(path, 0);
  file.write_at(0, std::as_bytes(std::span(text)));
  file.commit();
}

}  // namespace kinema::io
