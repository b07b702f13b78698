// TIFF files put together tag by tag, sound or not.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace kinema::io::test_movies {

class TiffBuilder {
 public:
  explicit TiffBuilder(bool big_endian = false) : big_endian_(big_endian) {
    bytes_ = big_endian ? std::string("MM\0*", 4) : std::string("II*\0", 4);
    add<std::uint32_t>(0);
  }

  /// Bytes at the file's end; returns their place.
  std::uint32_t put(const std::string& bytes) {
    if (bytes_.size() % 2 != 0) bytes_ += '\0';
    const auto place = static_cast<std::uint32_t>(bytes_.size());
    bytes_ += bytes;
    return place;
  }

  void number(std::uint16_t tag, std::uint32_t value) {
    tags_.push_back({tag, 4, 1, coded(value)});
  }
  void numbers(std::uint16_t tag, const std::vector<std::uint16_t>& values) {
    std::string coded_values;
    for (const std::uint16_t value : values) coded_values += coded(value);
    tags_.push_back({tag, 3, static_cast<std::uint32_t>(values.size()), coded_values});
  }
  void real(std::uint16_t tag, double value) { tags_.push_back({tag, 12, 1, coded(value)}); }
  void rational(std::uint16_t tag, std::uint32_t above, std::uint32_t below) {
    tags_.push_back({tag, 5, 1, coded(above) + coded(below)});
  }
  void text(std::uint16_t tag, const std::string& value) {
    tags_.push_back({tag, 2, static_cast<std::uint32_t>(value.size() + 1), value + '\0'});
  }
  /// Height, width, and one strip of pixels of this many bits.
  void image(std::uint32_t height,
             std::uint32_t width,
             std::uint16_t bits,
             const std::string& pixels) {
    number(256, width);
    number(257, height);
    numbers(258, {bits});
    number(273, put(pixels));
    number(279, static_cast<std::uint32_t>(pixels.size()));
  }
  void drop(std::uint16_t tag) {
    std::erase_if(tags_, [tag](const Tag& one) { return one.number == tag; });
  }

  /// Writes the tags so far as a directory behind the last one; returns its place.
  std::uint32_t directory() {
    std::stable_sort(
        tags_.begin(), tags_.end(), [](const Tag& a, const Tag& b) { return a.number < b.number; });
    for (Tag& tag : tags_) {
      if (tag.values.size() > 4) tag.values = coded(put(tag.values));
      tag.values.resize(4);
    }
    const std::uint32_t place = put("");
    link(place);
    add(static_cast<std::uint16_t>(tags_.size()));
    for (const Tag& tag : tags_) {
      add(tag.number);
      add(tag.type);
      add(tag.count);
      bytes_ += tag.values;
    }
    link_at_ = bytes_.size();
    add<std::uint32_t>(0);
    tags_.clear();
    return place;
  }
  /// Where the last directory says that the next one lies.
  void link(std::uint32_t place) { bytes_.replace(link_at_, 4, coded(place)); }
  const std::string& bytes() const { return bytes_; }

  template <class T>
  std::string coded(T value) const {
    std::string raw(sizeof value, '\0');
    std::memcpy(raw.data(), &value, sizeof value);
    if (big_endian_) std::reverse(raw.begin(), raw.end());
    return raw;
  }

 private:
  struct Tag {
    std::uint16_t number, type;
    std::uint32_t count;
    std::string values;
  };
  template <class T>
  void add(T value) {
    bytes_ += coded(value);
  }

  bool big_endian_;
  std::string bytes_;
  std::size_t link_at_ = 4;
  std::vector<Tag> tags_;
};

}  // namespace kinema::io::test_movies
