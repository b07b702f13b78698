// DM3 and DM4 files made tag by tag, in both byte orders of values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace kinema::io::dm_files {

/// What a file of one kind writes: sizes and names big-endian, values in their own order.
struct Maker {
  int version = 3;
  bool big_endian = false;

  template <class T>
  static std::string bytes_of(T value, bool big) {
    std::string bytes(sizeof value, '\0');
    for (std::size_t i = 0; i < sizeof value; ++i) {
      bytes[i] = reinterpret_cast<const char*>(&value)[big ? sizeof value - 1 - i : i];
    }
    return bytes;
  }
  std::string size(std::uint64_t value) const {
    if (version == 4) return bytes_of(value, true);
    return bytes_of(static_cast<std::uint32_t>(value), true);
  }
  template <class T>
  std::string value(T number) const {
    return bytes_of(number, big_endian);
  }
  template <class T>
  std::string values(const std::vector<T>& numbers) const {
    std::string bytes;
    for (const T number : numbers) bytes += value(number);
    return bytes;
  }

  std::string entry(char kind, const std::string& name, const std::string& content) const {
    return std::string(1, kind) + bytes_of(static_cast<std::uint16_t>(name.size()), true) + name +
           (version == 4 ? size(content.size()) : "") + content;
  }
  std::string group_content(const std::vector<std::string>& tags) const {
    std::string content = std::string("\x01\x00", 2) + size(tags.size());
    for (const std::string& tag : tags) content += tag;
    return content;
  }
  std::string group(const std::string& name, const std::vector<std::string>& tags) const {
    return entry(20, name, group_content(tags));
  }
  std::string data(const std::string& name,
                   const std::vector<std::uint64_t>& info,
                   const std::string& content) const {
    std::string head = "%%%%" + size(info.size());
    for (const std::uint64_t number : info) head += size(number);
    return entry(21, name, head + content);
  }
  std::string uint32(const std::string& name, std::uint32_t number) const {
    return data(name, {5}, value(number));
  }
  std::string float32(const std::string& name, float number) const {
    return data(name, {6}, value(number));
  }
  std::string float64(const std::string& name, double number) const {
    return data(name, {7}, value(number));
  }
  std::string text(const std::string& name, const std::u16string& letters) const {
    std::string content;
    for (const char16_t letter : letters) content += value(static_cast<std::uint16_t>(letter));
    return data(name, {20, 4, letters.size()}, content);
  }
  std::string dimension(float scale, float origin, const std::u16string& unit) const {
    return group("", {float32("Origin", origin), float32("Scale", scale), text("Units", unit)});
  }
  /// `shape` and `dimensions` with the fastest first; `array` is the tag "Data".
  std::string image(const std::u16string& name,
                    std::uint32_t type,
                    const std::vector<std::uint32_t>& shape,
                    const std::string& array,
                    const std::vector<std::string>& dimensions = {},
                    const std::vector<std::string>& tags = {}) const {
    std::vector<std::string> extents;
    for (const std::uint32_t extent : shape) extents.push_back(uint32("", extent));
    const std::string brightness =
        group("Brightness", {float32("Origin", 0), float32("Scale", 1), text("Units", u"")});
    return group("",
                 {group("ImageData",
                        {group("Calibrations", {brightness, group("Dimension", dimensions)}),
                         array,
                         uint32("DataType", type),
                         group("Dimensions", extents)}),
                  group("ImageTags", tags),
                  text("Name", name)});
  }
  std::string file(const std::vector<std::string>& root) const {
    const std::string content = group_content(root);
    return bytes_of(static_cast<std::uint32_t>(version), true) + size(content.size() + 4) +
           bytes_of(static_cast<std::uint32_t>(big_endian ? 0 : 1), true) + content +
           std::string(8, '\0');
  }
  std::string file_of(const std::string& image) const {
    return file({group("ImageList", {image})});
  }
};

/// DM3 and DM4, little and big endian.
inline constexpr Maker makers[] = {{3, false}, {3, true}, {4, false}, {4, true}};

}  // namespace kinema::io::dm_files
