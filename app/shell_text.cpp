// Verbs as flags and words.
#include "shell_text.h"

#include <algorithm>
#include <sstream>

namespace kinema::app {
namespace {

std::string flag_name(const std::string& option) {
  std::string name = option;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

Flag flag_of(const OptionField& field, bool is_global) {
  Flag flag{"--" + flag_name(field.name),
            Value::other,
            {},
            field.type,
            field.fallback,
            field.help,
            is_global};
  if (field.type == "boolean") {
    flag.value = Value::none;
  } else if (field.type == "text") {
    flag.value = Value::file;
  } else {
    flag.words = words_of(field.type);
    const std::string& first = flag.words.front();
    const bool is_quantity = first == "text" || first == "integer" || first == "number" ||
                             first == "length" || first == "time" || first == "voltage" ||
                             first == "dose" || first == "fluence" || first == "angle" ||
                             first == "memory";
    if (is_quantity) flag.words.erase(flag.words.begin());
    if (!flag.words.empty()) flag.value = Value::words;
  }
  return flag;
}

}  // namespace

std::vector<Flag> flags_of(const Verb& verb) {
  std::vector<Flag> flags;
  if (!verb.output_help.empty()) {
    flags.push_back({"--output", Value::file, {}, "PATH", "", verb.output_help, false});
  }
  const auto add = [&](const OptionField& field, bool is_global) {
    const Flag flag = flag_of(field, is_global);
    const bool is_there = std::any_of(
        flags.begin(), flags.end(), [&](const Flag& known) { return known.name == flag.name; });
    if (is_there) return;  // a verb's own option takes the place of the global one
    flags.push_back(flag);
    if (flag.value != Value::none) return;
    flags.push_back({"--no-" + flag.name.substr(2),
                     Value::none,
                     {},
                     "boolean",
                     "",
                     "the opposite of " + flag.name,
                     is_global});
  };
  for (const OptionField& field : verb.options) add(field, false);
  for (const OptionField& field : describe_options<GlobalOptions>()) add(field, true);
  flags.push_back(
      {"--config", Value::file, {}, "FILE", "", "read options from a .toml or .json file", true});
  flags.push_back({"--print-config",
                   Value::none,
                   {},
                   "boolean",
                   "",
                   "print the options in force and stop",
                   true});
  flags.push_back({"--help", Value::none, {}, "boolean", "", "print the options and stop", true});
  return flags;
}

std::vector<std::string> groups_of(const std::vector<Verb>& verbs) {
  std::vector<std::string> groups;
  for (const Verb& verb : verbs) {
    const auto space = verb.name.find(' ');
    if (space == std::string::npos) continue;
    const std::string group = verb.name.substr(0, space);
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  return groups;
}

std::vector<std::string> words_of(const std::string& type) {
  std::istringstream parts(type);
  std::vector<std::string> words;
  for (std::string word; std::getline(parts, word, '|');) words.push_back(word);
  return words;
}

}  // namespace kinema::app
