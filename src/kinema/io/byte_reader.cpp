// Reading ahead, and refusing what is not there.
#include "kinema/io/byte_reader.h"

#include "kinema/base/error.h"

#include <cstring>

namespace kinema::io {
namespace {

constexpr std::size_t ahead_bytes = 64 << 10;

}  // namespace

ByteReader::ByteReader(const InputFile& file, std::uint64_t begin, std::uint64_t end)
    : file_(&file), path_(file.path()), begin_(begin), end_(end), position_(begin) {
  if (begin > end || end > file.size()) {
    throw FileError(path_, begin, "a part of the file is named that ends beyond it");
  }
}

ByteReader::ByteReader(std::span<const std::byte> bytes,
                       const std::filesystem::path& path,
                       std::uint64_t base)
    : path_(path),
      begin_(base),
      end_(base + bytes.size()),
      position_(base),
      present_(bytes),
      present_at_(base) {}

void ByteReader::seek(std::uint64_t position) {
  if (position < begin_ || position > end_) {
    fail("a place at byte " + std::to_string(position) + " is named, outside of what is there");
  }
  position_ = position;
}

void ByteReader::skip(std::uint64_t bytes) {
  require_items(bytes, 1, "bytes to pass over");
  position_ += bytes;
}

std::string ByteReader::text(std::uint64_t count, std::string_view what) {
  require_items(count, 1, what);
  std::string text(static_cast<std::size_t>(count), '\0');
  copy(std::as_writable_bytes(std::span(text)));
  return text;
}

void ByteReader::copy(std::span<std::byte> out) {
  require_items(out.size(), 1, "bytes");
  if (file_ != nullptr && out.size() >= ahead_bytes) {
    file_->read_at(position_, out);
    position_ += out.size();
    return;
  }
  while (!out.empty()) {
    if (position_ < present_at_ || position_ >= present_at_ + present_.size()) fill();
    const auto present = present_.subspan(static_cast<std::size_t>(position_ - present_at_));
    const std::size_t count = std::min(out.size(), present.size());
    std::memcpy(out.data(), present.data(), count);
    out = out.subspan(count);
    position_ += count;
  }
}

void ByteReader::fill() {
  ahead_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(ahead_bytes, end_ - position_)));
  file_->read_at(position_, ahead_);
  present_ = ahead_;
  present_at_ = position_;
}

void ByteReader::require_items(std::uint64_t count,
                               std::uint64_t bytes_each,
                               std::string_view what) const {
  if (bytes_each != 0 && count > remaining() / bytes_each) {
    const std::string each =
        bytes_each == 1 ? "" : " of " + std::to_string(bytes_each) + " bytes each";
    fail(std::to_string(count) + " " + std::string(what) + each + " should follow here, but only " +
         std::to_string(remaining()) +
         " bytes are left; the file is cut or damaged: copy it again");
  }
}

ByteReader::Level ByteReader::descend(int most) {
  if (depth_ >= most) fail("structures are nested over " + std::to_string(most) + " levels deep");
  ++depth_;
  return Level(depth_);
}

void ByteReader::count_items(std::uint64_t items, std::uint64_t most) {
  if (items > most - std::min(most, items_)) {
    fail("more than " + std::to_string(most) + " items are declared");
  }
  items_ += items;
}

void ByteReader::fail(const std::string& what) const {
  throw FileError(path_, position_, what);
}

}  // namespace kinema::io
