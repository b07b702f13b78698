// The tree of tags that a Gatan DM3 or DM4 file is. Large arrays are located, never read. See
// docs/formats/dm.md.
#pragma once

#include "kinema/base/options.h"
#include "kinema/io/file.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kinema::io {

/// Where an array lies in the file.
struct DmArray {
  std::uint64_t offset = 0, count = 0, bytes_each = 0;
  std::uint64_t bytes() const { return count * bytes_each; }
};

/// A tag: a value, or a group of further tags (then `value` is empty).
struct DmTag {
  using Value = std::variant<std::monostate,
                             bool,
                             std::int64_t,
                             std::uint64_t,
                             double,
                             std::string,
                             std::vector<double>,  // a struct, or a short array
                             DmArray>;
  std::string name;  // UTF-8; empty in lists
  Value value;
  std::vector<DmTag> tags;
};

struct DmFile {
  int version = 3;
  bool big_endian = false;  // of values; the tree itself is always big-endian
  DmTag root;
};

/// True for the first bytes of a DM3 or DM4 file.
bool is_dm(std::span<const std::byte> head);

/// Reads the whole tree. Throws FileError where it breaks off or makes no sense.
DmFile read_dm(const InputFile& file);

/// The tag at the end of a path of names; null where there is none.
const DmTag* find_tag(const DmTag& group, std::initializer_list<std::string_view> path);
/// Its value as a number or a text (one line of it), where it is one.
std::optional<double> find_number(const DmTag& group, std::initializer_list<std::string_view> path);
std::optional<std::string> find_text(const DmTag& group,
                                     std::initializer_list<std::string_view> path);
std::optional<double> number_of(const DmTag& tag);

/// The tree in the file's own names, arrays by their size only; at most 10,000 tags.
Json to_json(const DmTag& tag);

}  // namespace kinema::io
