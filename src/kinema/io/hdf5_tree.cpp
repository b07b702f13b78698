// The tree of groups, attributes and small datasets.
#include "kinema/io/hdf5_tree.h"

#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_pixels.h"
#include "kinema/io/hdf5_storage.h"
#include "kinema/io/hdf5_value.h"

#include <algorithm>
#include <set>

namespace kinema::io {
namespace {

constexpr Index most_elements = 256;
constexpr int most_levels = 32, most_items = 10'000;

class Tree {
 public:
  Json group(hid_t object, int level) {
    Json json = attributes(object);
    if (level > most_levels) return json;
    for (const std::string& name : link_names(object)) {
      if (items_++ >= most_items) break;
      json[as_utf8(name)] = child(object, name, level);
    }
    return json;
  }

 private:
  Json child(hid_t parent, const std::string& name, int level) {
    if (const auto target = external_target(parent, name)) {
      return {{"link to", as_utf8(target->file + ":" + target->path)}};
    }
    const Hid object = find_object(parent, name);
    H5O_info_t info;
    if (!object.is_open() || H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return nullptr;
    if (is_dataset(object)) return dataset(object);
    if (!is_group(object) || !seen_.insert(info.addr).second) return nullptr;
    return group(object, level + 1);
  }

  Json attributes(hid_t object) {
    Json json = Json::object();
    for (const std::string& name : attribute_names(object)) {
      if (items_++ >= most_items) break;
      json["@" + as_utf8(name)] = attribute_value(object, name, most_elements);
    }
    return json;
  }

  Json dataset(hid_t object) {
    Json json = attributes(object);
    Json value = dataset_value(object, most_elements);
    if (value.is_null()) value = bytes_as_text(object);
    const bool plain = json.empty();
    if (value.is_null()) {
      json["shape"] = extents_of(object).value_or(std::vector<Index>{});
      const Hdf5Pixels pixels = hdf5_pixels(object);
      if (pixels.reason.empty()) json["type"] = to_text(pixels.type);
      return json;
    }
    if (const auto text = text_in(value); text && (*text)[0] == '{') {
      if (Json inner = parse_foreign_json(*text); inner.is_object()) value = std::move(inner);
    }
    items_ += static_cast<int>(value.size());
    if (plain) return value;
    json["value"] = std::move(value);
    return json;
  }

  /// Text held as bytes, one column per frame: that of the first.
  static Json bytes_as_text(hid_t object) {
    const auto text = column_text(object, 0);
    return text && text->starts_with('{') ? Json(*text) : Json();
  }

  std::set<haddr_t> seen_;
  int items_ = 0;
};

}  // namespace

Json hdf5_tree(hid_t file) {
  silence_hdf5();
  const Hid root = require_object(file, "/");
  return Tree().group(root, 0);
}

Json parse_foreign_json(const std::string& text) {
  int items = 0;
  const auto keep = [&](int depth, Json::parse_event_t, Json&) {
    return depth <= most_levels && ++items <= most_items * 4;
  };
  Json json = Json::parse(text, keep, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json() : json;
}

}  // namespace kinema::io
