// Text forms, near names and config files.
#include "kinema/base/options.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <toml++/toml.h>

namespace kinema {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row.back();
}

Json json_of(const toml::node& node) {
  if (const auto* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = json_of(value);
    return object;
  }
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const auto& value : *array) list.push_back(json_of(value));
    return list;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  throw InputError("dates are not used in kinema's config files");
}

}  // namespace

void from_text(std::string_view text, bool& value) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") {
    value = true;
  } else if (text == "false" || text == "no" || text == "off" || text == "0") {
    value = false;
  } else {
    throw InputError("'" + std::string(text) + "' is neither true nor false");
  }
}

void from_text(std::string_view text, double& value) {
  double parsed = 0.0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(parsed)) {
    throw InputError("'" + std::string(text) + "' is not a finite number");
  }
  value = parsed;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 2) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

void throw_unknown_option(std::string_view name, const std::vector<std::string>& known) {
  const std::string near = nearest_name(name, known);
  std::string mend;
  if (!near.empty()) {
    mend = "did you mean '" + near + "'?";
  } else {
    for (const std::string& option : known) mend += (mend.empty() ? "known: " : ", ") + option;
  }
  throw InputError("unknown option '" + std::string(name) + "'; " + mend);
}

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return std::string(auto_text);
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number == std::floor(number) && std::abs(number) < 1e15) {
      return std::to_string(static_cast<long long>(number));
    }
    return shortest_text(number);
  }
  if (value.is_number()) return value.dump();
  throw InputError("an option takes a number, a text, true or false, not " + value.dump());
}

std::string option_name(std::string_view flag) {
  std::string name(flag);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Json read_config(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw InputError(path + ": cannot be read; check the path given to --config");
  std::stringstream text;
  text << file.rdbuf();
  try {
    if (!path.ends_with(".json")) return json_of(toml::parse(text.str(), std::string_view(path)));
    Json json = Json::parse(text.str());
    if (!json.is_object()) throw InputError(path + ": must be one object { ... } of options");
    return json;
  } catch (const toml::parse_error& error) {
    throw InputError(path + ": line " + std::to_string(error.source().begin.line) + ": " +
                     std::string(error.description()));
  } catch (const nlohmann::json::parse_error& error) {
    throw InputError(path + ": " + error.what());
  }
}

std::string toml_text(const Json& options) {
  std::string text;
  for (const auto& [name, value] : options.items()) {
    // TOML's integers have a sign; a larger one goes as text.
    const bool large = value.is_number_unsigned() &&
                       value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max();
    text += name + " = " + (large ? Json(value.dump()) : value).dump() + "\n";
  }
  return text;
}

}  // namespace kinema
