// Options, said once. A verb's options are a plain struct whose `fields()` names each member; the
// flags, --help, config files, Python keywords and the manual's tables all come from it.
//
//   struct DecodeOptions {
//     int iterations = 40;
//     static void fields(auto& self, auto&& visit) {
//       visit("iterations", self.iterations, "projection steps");
//     }
//   };
//
// Every value has one text form (`to_text` / `from_text`), which JSON and TOML carry as a string
// or as their own number or boolean. `std::optional` is absent as "auto".
#pragma once

#include "kinema/base/error.h"
#include "kinema/base/units.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kinema {

using Json = nlohmann::ordered_json;

/// One option as people see it.
struct OptionField {
  std::string name;      // snake_case; the flag is --snake-case
  std::string type;      // "integer", "number", "boolean", "text", "length", ..., "a|b|c"
  std::string fallback;  // the default, as text
  std::string help;
};

/// The text that stands for an absent optional value.
inline constexpr std::string_view auto_text = "auto";

// ---- text forms of the plain types --------------------------------------------------------

void from_text(std::string_view text, bool& value);
void from_text(std::string_view text, double& value);
inline void from_text(std::string_view text, std::string& value) {
  value = std::string(text);
}

template <std::integral T>
requires(!std::same_as<T, bool>) void from_text(std::string_view text, T& value) {
  T parsed{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (failure != std::errc{} || end != text.data() + text.size()) {
    throw InputError("'" + std::string(text) + "' is not a whole number" +
                     (std::is_unsigned_v<T> ? " (0 or larger)" : ""));
  }
  value = parsed;
}

inline std::string to_text(bool value) {
  return value ? "true" : "false";
}
inline std::string to_text(double value) {
  return shortest_text(value);
}
inline std::string to_text(const std::string& value) {
  return value;
}
template <std::integral T>
requires(!std::same_as<T, bool>) std::string to_text(T value) {
  return std::to_string(value);
}

/// An enum takes part by `constexpr std::span<const EnumName<E>> enum_names(E)`, found by ADL.
template <class E>
struct EnumName {
  E value;
  const char* name;
};

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  enum_names(e);
};

template <NamedEnum E>
std::string to_text(E value) {
  for (const auto& entry : enum_names(E{})) {
    if (entry.value == value) return entry.name;
  }
  return "?";
}

template <NamedEnum E>
void from_text(std::string_view text, E& value) {
  std::string names;
  for (const auto& entry : enum_names(E{})) {
    if (text == entry.name) {
      value = entry.value;
      return;
    }
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw InputError("'" + std::string(text) + "' is not one of " + names);
}

// ---- the name of a type, for help and stubs --------------------------------------------------

template <class T>
struct OptionType {
  static std::string name() {
    if constexpr (std::same_as<T, bool>)
      return "boolean";
    else if constexpr (std::integral<T>)
      return "integer";
    else if constexpr (std::floating_point<T>)
      return "number";
    else if constexpr (std::same_as<T, Length>)
      return "length";
    else if constexpr (std::same_as<T, Time>)
      return "time";
    else if constexpr (std::same_as<T, Voltage>)
      return "voltage";
    else if constexpr (std::same_as<T, Dose>)
      return "dose";
    else if constexpr (std::same_as<T, Fluence>)
      return "fluence";
    else if constexpr (std::same_as<T, Angle>)
      return "angle";
    else if constexpr (std::same_as<T, Memory>)
      return "memory";
    else if constexpr (NamedEnum<T>) {
      std::string names;
      for (const auto& entry : enum_names(T{}))
        names += (names.empty() ? "" : "|") + std::string(entry.name);
      return names;
    } else
      return "text";
  }
};
template <class T>
struct OptionType<std::optional<T>> {
  static std::string name() { return OptionType<T>::name() + "|auto"; }
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
std::string option_text(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? to_text(*value) : std::string(auto_text);
  } else {
    return to_text(value);
  }
}

template <class T>
void set_option_text(std::string_view text, T& value) {
  if constexpr (IsOptional<T>::value) {
    if (text == auto_text) {
      value.reset();
    } else {
      typename T::value_type inner{};
      from_text(text, inner);
      value = inner;
    }
  } else {
    from_text(text, value);
  }
}

template <class T>
Json option_json(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? option_json(*value) : Json(auto_text);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return value;
  } else {
    return to_text(value);
  }
}

// ---- whole structs ------------------------------------------------------------------------

/// The name in `known` nearest to `name` by edit distance; empty if none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

/// Throws InputError "unknown option 'x'; did you mean 'y'?".
[[noreturn]] void throw_unknown_option(std::string_view name,
                                       const std::vector<std::string>& known);

/// The text of a JSON scalar, as `from_text` takes it; null stands for "auto".
std::string text_of(const Json& value);

/// snake_case from the --kebab-case of flags.
std::string option_name(std::string_view flag);

template <class Options>
std::vector<OptionField> describe_options() {
  std::vector<OptionField> fields;
  Options defaults;
  Options::fields(defaults, [&](const char* name, auto& member, const char* help) {
    using T = std::remove_cvref_t<decltype(member)>;
    fields.push_back({name, OptionType<T>::name(), option_text(member), help});
  });
  return fields;
}

/// Sets one option from text; an unknown name is an InputError that names the nearest right one.
template <class Options>
void set_option(Options& options, std::string_view name, std::string_view text) {
  bool found = false;
  std::vector<std::string> known;
  Options::fields(options, [&](const char* field, auto& member, const char*) {
    known.emplace_back(field);
    if (field != name) return;
    found = true;
    try {
      set_option_text(text, member);
    } catch (const InputError& error) {
      throw InputError("option '" + std::string(name) + "': " + error.what());
    }
  });
  if (!found) throw_unknown_option(name, known);
}

template <class Options>
void set_options(Options& options, const Json& values) {
  for (const auto& [name, value] : values.items()) {
    set_option(options, option_name(name), text_of(value));
  }
}

template <class Options>
Json options_json(const Options& options) {
  Json json = Json::object();
  Options::fields(options, [&](const char* name, const auto& member, const char*) {
    json[name] = option_json(member);
  });
  return json;
}

/// Reads a .toml or .json config file; throws InputError with file and line.
Json read_config(const std::string& path);

/// TOML text of a flat object of options.
std::string toml_text(const Json& options);

}  // namespace kinema
