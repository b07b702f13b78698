// The one way in which kinema's own parsers take bytes from files: every size is checked against
// what is there before anything is allocated, and whatever is wrong is told with its offset.
#pragma once

#include "kinema/base/array.h"
#include "kinema/io/file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kinema::io {

/// Reads numbers and texts one after another from a part of a file, or from memory, in either byte
/// order. Reading past the end is a FileError that names the place.
///
///   ByteReader reader(file, 0, file.size());
///   reader.set_order(std::endian::big);
///   const auto count = reader.read<std::uint32_t>();
///   const auto places = reader.array<std::uint64_t>(count, "frame offsets");
class ByteReader {
 public:
  /// Bytes [begin, end) of `file`, which must outlive this. Reads ahead, 64 KiB at a time.
  ByteReader(const InputFile& file, std::uint64_t begin, std::uint64_t end);
  explicit ByteReader(const InputFile& file) : ByteReader(file, 0, file.size()) {}
  /// Bytes in memory, which must outlive this; `path` and `base` are what errors name.
  ByteReader(std::span<const std::byte> bytes,
             const std::filesystem::path& path,
             std::uint64_t base = 0);

  void set_order(std::endian order) { swapped_ = order != std::endian::native; }
  bool swapped() const { return swapped_; }

  /// Offset in the file of the next byte, and how many are left.
  std::uint64_t position() const { return position_; }
  std::uint64_t remaining() const { return end_ - position_; }
  void seek(std::uint64_t position);
  void skip(std::uint64_t bytes);

  /// The next number: integers, float, double.
  template <class T>
  T read() {
    std::array<std::byte, sizeof(T)> raw;
    copy(raw);
    if (swapped_) std::reverse(raw.begin(), raw.end());
    return std::bit_cast<T>(raw);
  }
  /// `count` numbers; `what` names them should they not fit.
  template <class T>
  std::vector<T> array(std::uint64_t count, std::string_view what) {
    require_items(count, sizeof(T), what);
    std::vector<T> numbers(static_cast<std::size_t>(count));
    copy(std::as_writable_bytes(std::span(numbers)));
    if (swapped_ && sizeof(T) > 1) {
      for (T& number : numbers) {
        auto raw = std::bit_cast<std::array<std::byte, sizeof(T)>>(number);
        std::reverse(raw.begin(), raw.end());
        number = std::bit_cast<T>(raw);
      }
    }
    return numbers;
  }
  std::vector<std::byte> bytes(std::uint64_t count, std::string_view what) {
    return array<std::byte>(count, what);
  }
  /// `count` bytes as they are.
  std::string text(std::uint64_t count, std::string_view what);
  /// Fills `out`.
  void copy(std::span<std::byte> out);

  /// Throws FileError unless `count` items of `bytes_each` bytes are left.
  void require_items(std::uint64_t count, std::uint64_t bytes_each, std::string_view what) const;

  /// Guards a parser of nested structures: throws FileError beyond `most` levels. The level ends
  /// with the returned object.
  class Level {
   public:
    explicit Level(int& depth) : depth_(depth) {}
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --depth_; }

   private:
    int& depth_;
  };
  Level descend(int most = 32);
  /// Guards against files that repeat themselves: throws FileError when more than `most` items
  /// have been counted in all.
  void count_items(std::uint64_t items, std::uint64_t most = std::uint64_t{1} << 22);

  /// Throws FileError at the present place.
  [[noreturn]] void fail(const std::string& what) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  void fill();

  const InputFile* file_ = nullptr;
  std::filesystem::path path_;
  std::uint64_t begin_ = 0, end_ = 0, position_ = 0;
  std::vector<std::byte> ahead_;        // bytes read ahead, where they come from a file
  std::span<const std::byte> present_;  // bytes at hand, from offset present_at_ on
  std::uint64_t present_at_ = 0;
  bool swapped_ = false;
  int depth_ = 0;
  std::uint64_t items_ = 0;
};

}  // namespace kinema::io
