// What shells and manuals say of the program, made from its table of verbs.
#pragma once

#include "verb.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kinema::app {

enum class Shell : std::uint8_t { bash, zsh, fish };

inline constexpr EnumName<Shell> shell_names[] = {
    {Shell::bash, "bash"}, {Shell::zsh, "zsh"}, {Shell::fish, "fish"}};
constexpr std::span<const EnumName<Shell>> enum_names(Shell) {
  return shell_names;
}

/// The completion script of a shell: verbs, flags, the words that a flag takes, files.
std::string completion_script(const std::vector<Verb>& verbs, Shell shell);

/// Manual pages in roff (man 7), by file name: "kinema.1", "kinema-codec-encode.1", ...
std::map<std::string, std::string> manual_pages(const std::vector<Verb>& verbs);

// ---- what both are made of -------------------------------------------------------------------

/// What follows a flag on the command line.
enum class Value : std::uint8_t { none, words, file, other };

struct Flag {
  std::string name;  // "--ratio"
  Value value = Value::other;
  std::vector<std::string> words;  // those that may follow, where they are known
  std::string type, fallback, help;
  bool is_global = false;
};

/// Every flag of a verb, its own before the global ones; `--no-x` stands beside every `--x`.
std::vector<Flag> flags_of(const Verb& verb);

/// The first words of verbs of two words, e.g. "codec".
std::vector<std::string> groups_of(const std::vector<Verb>& verbs);

/// "a|b|c" as its parts.
std::vector<std::string> words_of(const std::string& type);

}  // namespace kinema::app
