// Reading the tree: big-endian headers, 32-bit sizes in DM3 and 64-bit ones in DM4, and values in
// the byte order that the file names.
#include "kinema/io/dm_tags.h"

#include "kinema/base/error.h"
#include "kinema/io/byte_reader.h"
#include "kinema/io/text_encoding.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace kinema::io {
namespace {

constexpr std::uint64_t most_tags = 1 << 18, most_info = 1 << 10;
constexpr std::uint64_t most_text = 1 << 14, most_numbers = 64;
constexpr int most_json_tags = 10'000;

/// What follows a tag's name, and what a value is.
enum class Entry : std::uint8_t { group = 20, data = 21 };
enum class Code : std::uint64_t {
  int16 = 2,
  int32 = 3,
  uint16 = 4,
  uint32 = 5,
  float32 = 6,
  float64 = 7,
  boolean = 8,
  int8 = 9,
  uint8 = 10,
  int64 = 11,
  uint64 = 12,
  record = 15,
  text = 18,
  array = 20
};

/// Bytes of a number; 0 where the code is not one.
std::uint64_t bytes_of(std::uint64_t code) {
  switch (static_cast<Code>(code)) {
    case Code::boolean:
    case Code::int8:
    case Code::uint8:
      return 1;
    case Code::int16:
    case Code::uint16:
      return 2;
    case Code::int32:
    case Code::uint32:
    case Code::float32:
      return 4;
    case Code::float64:
    case Code::int64:
    case Code::uint64:
      return 8;
    default:
      return 0;
  }
}

class TreeReader {
 public:
  explicit TreeReader(const InputFile& file) : reader_(file) {}

  DmFile read() {
    reader_.set_order(std::endian::big);
    const auto version = reader_.read<std::uint32_t>();
    if (version != 3 && version != 4) {
      reader_.fail("a DM file of version " + std::to_string(version) +
                   "; kinema reads versions 3 and 4");
    }
    wide_ = version == 4;
    size();  // of the root group; the group itself tells where it ends
    values_ = reader_.read<std::uint32_t>() == 0 ? std::endian::big : std::endian::little;
    DmFile file{static_cast<int>(version), values_ == std::endian::big, {}};
    read_group(file.root);
    return file;
  }

 private:
  std::uint64_t size() {
    return wide_ ? reader_.read<std::uint64_t>() : reader_.read<std::uint32_t>();
  }

  void read_group(DmTag& group) {
    const auto level = reader_.descend();
    reader_.skip(2);  // sorted, open
    const std::uint64_t count = size();
    reader_.require_items(count, wide_ ? 21 : 9, "tags");
    reader_.count_items(count, most_tags);
    for (std::uint64_t i = 0; i < count; ++i) read_entry(group.tags.emplace_back());
  }

  void read_entry(DmTag& tag) {
    const auto entry = reader_.read<std::uint8_t>();
    if (entry != static_cast<std::uint8_t>(Entry::group) &&
        entry != static_cast<std::uint8_t>(Entry::data)) {
      reader_.fail("a tag should begin here, with 20 or 21, not " + std::to_string(entry));
    }
    tag.name =
        one_line(utf8_from(reader_.text(reader_.read<std::uint16_t>(), "letters of a name")));
    if (wide_) size();  // of what follows
    if (entry == static_cast<std::uint8_t>(Entry::group)) {
      read_group(tag);
    } else {
      read_data(tag);
    }
  }

  void read_data(DmTag& tag) {
    if (reader_.text(4, "bytes") != "%%%%") {
      reader_.fail("the mark %%%% is missing from tag '" + tag.name + "'");
    }
    const std::uint64_t count = size();
    if (count == 0 || count > most_info) {
      reader_.fail("tag '" + tag.name + "' is described by " + std::to_string(count) + " numbers");
    }
    std::vector<std::uint64_t> info;
    for (std::uint64_t i = 0; i < count; ++i) info.push_back(size());
    reader_.set_order(values_);
    read_value(tag, info);
    reader_.set_order(std::endian::big);
  }

  void read_value(DmTag& tag, std::span<const std::uint64_t> info) {
    switch (static_cast<Code>(info[0])) {
      case Code::record:
        tag.value = read_record(tag, record_codes(tag, info));
        return;
      case Code::text:
        require(tag, info.size() == 2);
        reader_.require_items(info[1], 1, "letters");
        tag.value = utf8_from(reader_.text(std::min(info[1], most_text), "letters"));
        reader_.skip(info[1] - std::min(info[1], most_text));
        return;
      case Code::array:
        read_array(tag, info.subspan(1));
        return;
      default:
        require(tag, info.size() == 1);
        tag.value = read_number(tag, info[0]);
    }
  }

  /// {20,} element, count; the element is a number or a record.
  void read_array(DmTag& tag, std::span<const std::uint64_t> info) {
    require(tag, info.size() >= 2);
    const std::uint64_t code = info[0], count = info.back();
    std::uint64_t bytes_each = bytes_of(code);
    if (static_cast<Code>(code) == Code::record) {
      for (const std::uint64_t field : record_codes(tag, info.first(info.size() - 1))) {
        bytes_each += bytes_of(field);
      }
    }
    require(tag, bytes_each > 0);
    reader_.require_items(count, bytes_each, "elements of an array");
    const bool pixels = tag.name == "Data";
    if (static_cast<Code>(code) == Code::uint16 && count <= most_text && !pixels) {
      const auto letters = reader_.array<std::uint16_t>(count, "letters");
      tag.value = utf8_from_utf16(letters);
    } else if (static_cast<Code>(code) != Code::record && count <= most_numbers && !pixels) {
      const std::vector<std::uint64_t> codes(static_cast<std::size_t>(count), code);
      tag.value = read_record(tag, codes);
    } else {
      tag.value = DmArray{reader_.position(), count, bytes_each};
      reader_.skip(count * bytes_each);
    }
  }

  /// {15, 0, fields, 0, code, 0, code, ...}
  std::vector<std::uint64_t> record_codes(const DmTag& tag, std::span<const std::uint64_t> info) {
    require(tag, info.size() >= 3 && info[2] <= most_info && info.size() >= 3 + 2 * info[2]);
    std::vector<std::uint64_t> codes;
    for (std::uint64_t i = 0; i < info[2]; ++i) {
      codes.push_back(info[static_cast<std::size_t>(4 + 2 * i)]);
      require(tag, bytes_of(codes.back()) > 0);
    }
    return codes;
  }

  std::vector<double> read_record(const DmTag& tag, std::span<const std::uint64_t> codes) {
    std::vector<double> numbers;
    for (const std::uint64_t code : codes) {
      numbers.push_back(std::visit(
          [](const auto& value) {
            if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>) {
              return static_cast<double>(value);
            } else {
              return 0.0;
            }
          },
          read_number(tag, code)));
    }
    return numbers;
  }

  DmTag::Value read_number(const DmTag& tag, std::uint64_t code) {
    switch (static_cast<Code>(code)) {
      case Code::boolean:
        return reader_.read<std::uint8_t>() != 0;
      case Code::int8:
        return std::int64_t{reader_.read<std::int8_t>()};
      case Code::uint8:
        return std::uint64_t{reader_.read<std::uint8_t>()};
      case Code::int16:
        return std::int64_t{reader_.read<std::int16_t>()};
      case Code::uint16:
        return std::uint64_t{reader_.read<std::uint16_t>()};
      case Code::int32:
        return std::int64_t{reader_.read<std::int32_t>()};
      case Code::uint32:
        return std::uint64_t{reader_.read<std::uint32_t>()};
      case Code::int64:
        return reader_.read<std::int64_t>();
      case Code::uint64:
        return reader_.read<std::uint64_t>();
      case Code::float32:
        return double{reader_.read<float>()};
      case Code::float64:
        return reader_.read<double>();
      default:
        reader_.fail("tag '" + tag.name + "' is of the unknown type " + std::to_string(code));
    }
  }

  void require(const DmTag& tag, bool sane) const {
    if (!sane) reader_.fail("the description of tag '" + tag.name + "' makes no sense");
  }

  ByteReader reader_;
  bool wide_ = false;
  std::endian values_ = std::endian::little;
};

bool is_list(const DmTag& group) {
  return !group.tags.empty() && std::all_of(group.tags.begin(),
                                            group.tags.end(),
                                            [](const DmTag& tag) { return tag.name.empty(); });
}

Json value_json(const DmTag::Value& value) {
  if (const auto* array = std::get_if<DmArray>(&value)) {
    return std::to_string(array->count) + " elements of " + std::to_string(array->bytes_each) +
           " bytes";
  }
  return std::visit(
      [](const auto& plain) {
        using T = std::decay_t<decltype(plain)>;
        if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, DmArray>) {
          return Json::object();
        } else {
          return Json(plain);
        }
      },
      value);
}

Json json_within(const DmTag& tag, int& left);

/// Tags by their names; those without one, or of a name that came before, by their place.
Json object_json(const DmTag& group, int& left) {
  Json json = Json::object();
  auto& members = json.get_ref<Json::object_t&>();
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < group.tags.size() && --left >= 0; ++i) {
    const DmTag& tag = group.tags[i];
    std::string name = tag.name;
    if (name.empty() || !names.insert(name).second) {
      name += (name.empty() ? "[" : " [") + std::to_string(i) + "]";
    }
    members.push_back({std::move(name), json_within(tag, left)});
  }
  return json;
}

Json json_within(const DmTag& tag, int& left) {
  if (!std::holds_alternative<std::monostate>(tag.value)) return value_json(tag.value);
  if (!is_list(tag)) return object_json(tag, left);
  Json json = Json::array();
  for (std::size_t i = 0; i < tag.tags.size() && --left >= 0; ++i) {
    json.push_back(json_within(tag.tags[i], left));
  }
  return json;
}

}  // namespace

bool is_dm(std::span<const std::byte> head) {
  const auto at = [&](std::size_t place) { return std::to_integer<int>(head[place]); };
  if (head.size() < 27 || at(0) != 0 || at(1) != 0 || at(2) != 0) return false;
  if (at(3) != 3 && at(3) != 4) return false;
  const std::size_t order = at(3) == 3 ? 8 : 12, root = order + 4;
  const std::size_t first = root + 2 + (at(3) == 3 ? 4 : 8);  // tag of the root group
  for (std::size_t i = order; i < order + 3; ++i) {
    if (at(i) != 0) return false;
  }
  return at(order + 3) <= 1 && at(root) <= 1 && at(root + 1) <= 1 &&
         (at(first) == static_cast<int>(Entry::group) ||
          at(first) == static_cast<int>(Entry::data));
}

DmFile read_dm(const InputFile& file) {
  return TreeReader(file).read();
}

const DmTag* find_tag(const DmTag& group, std::initializer_list<std::string_view> path) {
  const DmTag* at = &group;
  for (const std::string_view name : path) {
    const auto found = std::find_if(
        at->tags.begin(), at->tags.end(), [&](const DmTag& tag) { return tag.name == name; });
    if (found == at->tags.end()) return nullptr;
    at = &*found;
  }
  return at;
}

std::optional<double> number_of(const DmTag& tag) {
  if (const auto* number = std::get_if<double>(&tag.value)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&tag.value)) {
    return static_cast<double>(*number);
  }
  if (const auto* number = std::get_if<std::uint64_t>(&tag.value)) {
    return static_cast<double>(*number);
  }
  return std::nullopt;
}

std::optional<double> find_number(const DmTag& group,
                                  std::initializer_list<std::string_view> path) {
  const DmTag* tag = find_tag(group, path);
  return tag != nullptr ? number_of(*tag) : std::nullopt;
}

std::optional<std::string> find_text(const DmTag& group,
                                     std::initializer_list<std::string_view> path) {
  const DmTag* tag = find_tag(group, path);
  const auto* text = tag != nullptr ? std::get_if<std::string>(&tag->value) : nullptr;
  if (text == nullptr || text->empty()) return std::nullopt;
  return one_line(*text);
}

Json to_json(const DmTag& tag) {
  int left = most_json_tags;
  return json_within(tag, left);
}

}  // namespace kinema::io
