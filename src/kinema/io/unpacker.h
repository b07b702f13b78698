// Unpacking one stream of bytes: gzip, bzip2 and zstd behind one interface.
#pragma once

#include "kinema/io/packed_file.h"

#include <memory>
#include <vector>

namespace kinema::io {

/// The packed bytes, a block at a time.
class PackedInput {
 public:
  explicit PackedInput(const std::filesystem::path& path);

  /// The next bytes: at least 16, but for the end of the file.
  std::span<const std::byte> ahead();
  void consume(std::size_t bytes) { begin_ += bytes; }
  /// Throws FileError at the present place.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  InputFile file_;
  std::vector<std::byte> block_;
  std::size_t begin_ = 0;   // of what is left in the block
  std::uint64_t next_ = 0;  // offset in the file of what follows the block
};

/// Unpacks a file from its start.
class Unpacker {
 public:
  virtual ~Unpacker() = default;
  /// Fills `out` as far as there is content; fewer bytes come only at its end.
  virtual std::size_t next(std::span<std::byte> out) = 0;
};

std::unique_ptr<Unpacker> make_unpacker(const std::filesystem::path& path, Packing packing);

}  // namespace kinema::io
