// Files as bytes at places: one that is read, and one that is written under a temporary name and
// gets its own when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kinema::io {

/// An open file descriptor, closed when it goes.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept;
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// Bytes that stand in for those of a file: what a packed one unpacks to.
class FileContent {
 public:
  virtual ~FileContent() = default;
  /// How many there are or, until somebody has seen the end, can be at most.
  virtual std::uint64_t size() const = 0;
  virtual bool size_is_exact() const = 0;
  /// As InputFile::read_at; by one thread at a time.
  virtual void read_at(std::uint64_t offset, std::span<std::byte> out) = 0;
  /// Whether there are so many bytes, for which all of them may have to be unpacked.
  virtual bool reaches(std::uint64_t bytes) = 0;
};

/// A file that is read at any place. Throws InputError where it is absent or no regular file.
class InputFile {
 public:
  explicit InputFile(std::filesystem::path path);
  /// What stands in for the bytes of the file at `path`, which errors name.
  InputFile(std::filesystem::path path, std::shared_ptr<FileContent> content);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return content_ ? content_->size() : size_; }
  /// False for a packed file of which size() is but the most that it can unpack to.
  bool size_is_exact() const { return !content_ || content_->size_is_exact(); }
  /// Whether there are so many bytes, for which a packed file may have to be unpacked.
  bool reaches(std::uint64_t bytes) const;
  /// Fills `out` from `offset` on; FileError where the file ends before, IoError where the system
  /// refuses.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  /// The first bytes, `count` of them or as many as there are.
  std::vector<std::byte> head(std::size_t count) const;

 private:
  std::filesystem::path path_;
  FileHandle file_;
  std::uint64_t size_ = 0;
  std::shared_ptr<FileContent> content_;
};

/// A file that is written as `<path>.partial` and renamed to `path` by commit(). Unless it was
/// committed, it is removed (or kept, see keep()) at its end. Every refusal is an IoError.
class PartialFile {
 public:
  /// A new file of `bytes` bytes, reserved on the disk where the file system can.
  static PartialFile create(const std::filesystem::path& path, std::uint64_t bytes);
  /// The partial file that an interrupted run kept; it must exist.
  static PartialFile reopen(const std::filesystem::path& path);
  static std::filesystem::path partial_path(const std::filesystem::path& path);

  PartialFile(PartialFile&& other) noexcept = default;
  PartialFile& operator=(PartialFile&& other) noexcept = delete;
  ~PartialFile();

  std::uint64_t size() const;
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  /// Whether the partial file outlives this object when it is not committed.
  void keep(bool keep) { keep_ = keep; }
  /// Syncs, closes and renames.
  void commit();

 private:
  PartialFile(std::filesystem::path path, FileHandle file);

  std::filesystem::path path_;
  FileHandle file_;
  bool keep_ = false;
};

/// Throws InputError where `path` is something other than a regular file (a device, a folder): a
/// finished file would be renamed over it.
void require_file_or_nothing(const std::filesystem::path& path);

/// Writes a small file whole, by way of a partial one.
void write_text_file(const std::filesystem::path& path, const std::string& text);

}  // namespace kinema::io
