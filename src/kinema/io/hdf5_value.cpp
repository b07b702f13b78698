// Attributes and small datasets as JSON.
#include "kinema/io/hdf5_value.h"

#include "kinema/io/hdf5_error.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>

namespace kinema::io {
namespace {

constexpr std::size_t most_text = 64 << 10, most_bytes = 16 << 20;

/// Something with a type and an extent that can be read whole.
struct Readable {
  Hid type, space;
  std::function<herr_t(hid_t memory_type, void* out)> read;
};

std::string cut(const char* text, std::size_t length) {
  return as_utf8(std::string(text, std::min(length, most_text)));
}

Json texts_of(const Readable& value, std::size_t count) {
  Json texts = Json::array();
  if (H5Tis_variable_str(value.type) > 0) {
    std::vector<char*> pointers(count, nullptr);
    if (value.read(value.type, pointers.data()) < 0) return nullptr;
    for (const char* text : pointers) {
      texts.push_back(text == nullptr ? "" : cut(text, strnlen(text, most_text)));
    }
    H5Dvlen_reclaim(value.type, value.space, H5P_DEFAULT, pointers.data());
    return texts;
  }
  const std::size_t length = H5Tget_size(value.type);
  if (length == 0 || length > most_bytes / count) return nullptr;
  std::vector<char> characters(count * length);
  if (value.read(value.type, characters.data()) < 0) return nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text =
        cut(characters.data() + i * length, strnlen(&characters[i * length], length));
    while (H5Tget_strpad(value.type) == H5T_STR_SPACEPAD && text.ends_with(' ')) text.pop_back();
    texts.push_back(std::move(text));
  }
  return texts;
}

template <class Number>
Json numbers_of(const Readable& value, std::size_t count, hid_t memory_type) {
  std::vector<Number> numbers(count);
  if (value.read(memory_type, numbers.data()) < 0) return nullptr;
  return numbers;
}

/// h5py's bool: an enum of FALSE and TRUE.
bool is_bool(hid_t type) {
  signed char no = 0, yes = 0;
  return H5Tget_size(type) == 1 && H5Tget_nmembers(type) == 2 &&
         H5Tenum_valueof(type, "FALSE", &no) >= 0 && H5Tenum_valueof(type, "TRUE", &yes) >= 0 &&
         no == 0 && yes == 1;
}

Json elements_of(const Readable& value, std::size_t count) {
  switch (H5Tget_class(value.type)) {
    case H5T_STRING:
      return texts_of(value, count);
    case H5T_FLOAT:
      return numbers_of<double>(value, count, H5T_NATIVE_DOUBLE);
    case H5T_INTEGER:
      return H5Tget_sign(value.type) == H5T_SGN_NONE
                 ? numbers_of<std::uint64_t>(value, count, H5T_NATIVE_UINT64)
                 : numbers_of<std::int64_t>(value, count, H5T_NATIVE_INT64);
    case H5T_ENUM: {
      Json numbers = numbers_of<std::int64_t>(value, count, H5T_NATIVE_INT64);
      if (is_bool(value.type)) {
        for (Json& number : numbers) number = number != 0;
      }
      return numbers;
    }
    default:
      return nullptr;
  }
}

Json value_of(const Readable& value, Index most) {
  if (!value.type.is_open() || !value.space.is_open()) return nullptr;
  const hssize_t count = H5Sget_simple_extent_npoints(value.space);
  if (count < 1 || count > most) return nullptr;
  Json elements = elements_of(value, static_cast<std::size_t>(count));
  H5Eclear2(H5E_DEFAULT);
  const bool scalar = H5Sget_simple_extent_ndims(value.space) == 0;
  return scalar && elements.is_array() && elements.size() == 1 ? elements[0] : elements;
}

/// The one value of a list of one.
const Json& single(const Json& value) {
  return value.is_array() && value.size() == 1 ? value[0] : value;
}

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead < 0x80                   ? 0
                             : lead >= 0xC2 && lead < 0xE0 ? 1
                             : lead >= 0xE0 && lead < 0xF0 ? 2
                             : lead >= 0xF0 && lead < 0xF5 ? 3
                                                           : text.size();
    if (more >= text.size() - i) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

}  // namespace

Json attribute_value(hid_t object, const std::string& name, Index most) {
  silence_hdf5();
  if (H5Aexists(object, name.c_str()) <= 0) return nullptr;
  const Hid attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT));
  if (!attribute.is_open()) return nullptr;
  return value_of({Hid(H5Aget_type(attribute)),
                   Hid(H5Aget_space(attribute)),
                   [&](hid_t type, void* out) { return H5Aread(attribute, type, out); }},
                  most);
}

Json dataset_value(hid_t dataset, Index most) {
  silence_hdf5();
  const auto extents = extents_of(dataset);
  if (!extents || storage_problem(dataset)) return nullptr;
  return value_of({Hid(H5Dget_type(dataset)),
                   Hid(H5Dget_space(dataset)),
                   [&](hid_t type, void* out) {
                     return H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
                   }},
                  most);
}

Json value_at(hid_t from, const std::string& path) {
  const auto at = path.rfind('@');
  const Hid object = find_object(from, path.substr(0, at));
  if (!object.is_open()) return nullptr;
  if (at != std::string::npos) return attribute_value(object, path.substr(at + 1));
  return is_dataset(object) ? dataset_value(object) : Json();
}

std::optional<std::string> column_text(hid_t dataset, Index column) {
  constexpr Index most_rows = 1 << 20;
  silence_hdf5();
  const auto extents = extents_of(dataset);
  const Hid type(H5Dget_type(dataset));
  if (!extents || extents->size() != 2 || (*extents)[0] < 1 || (*extents)[0] > most_rows ||
      column >= (*extents)[1] || H5Tget_class(type) != H5T_INTEGER || H5Tget_size(type) != 1 ||
      storage_problem(dataset)) {
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>((*extents)[0]), '\0');
  const hsize_t start[] = {0, static_cast<hsize_t>(column)}, size[] = {text.size(), 1};
  const Hid space(H5Dget_space(dataset)), memory(H5Screate_simple(2, size, nullptr));
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, size, nullptr);
  const herr_t read = H5Dread(dataset, H5T_NATIVE_UINT8, memory, space, H5P_DEFAULT, text.data());
  H5Eclear2(H5E_DEFAULT);
  if (read < 0) return std::nullopt;
  text.resize(std::min(text.find('\0'), text.size()));
  return as_utf8(std::move(text));
}

std::vector<std::string> attribute_names(hid_t object) {
  silence_hdf5();
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5A_info_t*, void* out) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(out);
    list.emplace_back(name);
    return list.size() < 1000 ? 0 : 1;
  };
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names);
  H5Eclear2(H5E_DEFAULT);
  return names;
}

std::optional<double> number_in(const Json& value) {
  const Json& one = single(value);
  double number = std::nan("");
  if (one.is_number()) number = one.get<double>();
  if (one.is_string()) {
    const auto& text = one.get_ref<const std::string&>();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  }
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::string> text_in(const Json& value) {
  const Json& one = single(value);
  if (!one.is_string() || one.get_ref<const std::string&>().empty()) return std::nullopt;
  return one.get<std::string>();
}

std::vector<std::string> texts_in(const Json& value) {
  std::vector<std::string> texts;
  for (const Json& item : value.is_array() ? value : Json::array({value})) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::optional<double> number_at(hid_t from, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (const auto number = number_in(value_at(from, path))) return number;
  }
  return std::nullopt;
}

std::optional<std::string> text_at(hid_t from, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (auto text = text_in(value_at(from, path))) return text;
  }
  return std::nullopt;
}

std::string as_utf8(std::string text) {
  if (is_utf8(text)) return text;
  std::string wide;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      wide += c;
    } else {
      wide += static_cast<char>(0xC0 | byte >> 6);
      wide += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return wide;
}

}  // namespace kinema::io
