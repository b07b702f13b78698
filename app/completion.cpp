// Completion scripts for bash, zsh and fish.
#include <fmt/format.h>

#include "shell_text.h"

namespace kinema::app {
namespace {

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

/// Verbs that stand alone and the groups of the others: what may follow `kinema`.
std::vector<std::string> first_words(const std::vector<Verb>& verbs) {
  std::vector<std::string> words;
  for (const Verb& verb : verbs) {
    if (verb.name.find(' ') == std::string::npos) words.push_back(verb.name);
  }
  for (const std::string& group : groups_of(verbs)) words.push_back(group);
  return words;
}

std::vector<Verb> verbs_of(const std::vector<Verb>& verbs, const std::string& group) {
  std::vector<Verb> found;
  for (const Verb& verb : verbs) {
    if (verb.name.starts_with(group + " ")) found.push_back(verb);
  }
  return found;
}

std::string second_word(const Verb& verb) {
  return verb.name.substr(verb.name.find(' ') + 1);
}

/// What may stand at the places of a verb's arguments; empty: files.
std::vector<std::string> argument_words(const Verb& verb) {
  for (const Argument& argument : verb.arguments) {
    if (argument.type != "file") return words_of(argument.type);
  }
  return {};
}

std::string in_quotes(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + safe + "'";
}

// ---- bash ------------------------------------------------------------------------------------

constexpr const char* bash_head =
    R"(# Completion of kinema for bash, made by `kinema completion bash`.
_kinema() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
  local flags= words= files=
  COMPREPLY=()
  if [[ $cur == = ]]; then  # --flag=value comes as three words
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
)";

constexpr const char* bash_tail = R"(  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _kinema kinema
)";

/// The branch of one verb: words after a flag, flags, or arguments.
std::string bash_branch(const Verb& verb) {
  std::string names, branches, files, plain;
  for (const Flag& flag : flags_of(verb)) {
    names += (names.empty() ? "" : " ") + flag.name;
    const std::string pattern = flag.name == "--output" ? "-o | --output" : flag.name;
    if (flag.value == Value::words) {
      branches += fmt::format("        {}) words={} ;;\n", pattern, in_quotes(joined(flag.words)));
    } else if (flag.value == Value::file) {
      files += (files.empty() ? "" : " | ") + pattern;
    } else if (flag.value == Value::other) {
      plain += (plain.empty() ? "" : " | ") + pattern;
    }
  }
  if (!files.empty()) branches += fmt::format("        {}) files=1 ;;\n", files);
  if (!plain.empty()) branches += fmt::format("        {}) return ;;\n", plain);
  const std::vector<std::string> arguments = argument_words(verb);
  const std::string otherwise =
      arguments.empty() ? "files=1" : "words=" + in_quotes(joined(arguments));
  branches += fmt::format("        *) if [[ $cur == -* ]]; then words={}; else {}; fi ;;\n",
                          in_quotes(names),
                          otherwise);
  return fmt::format(
      "    {})\n      case $prev in\n{}      esac ;;\n", in_quotes(verb.name), branches);
}

std::string bash_script(const std::vector<Verb>& verbs) {
  std::string text = bash_head;
  text += fmt::format(
      "  if ((COMP_CWORD == 1)); then\n    mapfile -t COMPREPLY < <(compgen -W {} -- \"$cur\")\n"
      "    return\n  fi\n  case $verb in\n",
      in_quotes(joined(first_words(verbs)) + " --help --version"));
  for (const std::string& group : groups_of(verbs)) {
    std::vector<std::string> words;
    for (const Verb& verb : verbs_of(verbs, group)) words.push_back(second_word(verb));
    text += fmt::format(
        "    {})\n      if ((COMP_CWORD == 2)); then\n        mapfile -t COMPREPLY < <(compgen -W "
        "{} "
        "-- \"$cur\")\n        return\n      fi\n      verb+=\" ${{COMP_WORDS[2]}}\" ;;\n",
        group,
        in_quotes(joined(words) + " --help"));
  }
  text += "  esac\n  case $verb in\n";
  for (const Verb& verb : verbs) text += bash_branch(verb);
  return text + "    *) return ;;\n  esac\n" + bash_tail;
}

// ---- zsh -------------------------------------------------------------------------------------

/// Text within a specification of _arguments or _describe.
std::string zsh_escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string zsh_action(const Flag& flag) {
  if (flag.value == Value::words) return "(" + joined(flag.words) + ")";
  return flag.value == Value::file ? "_files" : " ";
}

std::string zsh_branch(const Verb& verb) {
  std::string specs;
  for (const Flag& flag : flags_of(verb)) {
    const std::string help = "[" + zsh_escaped(flag.help) + "]";
    const std::string value =
        flag.value == Value::none
            ? ""
            : ":" + zsh_escaped(words_of(flag.type).front()) + ":" + zsh_action(flag);
    const std::string sign = flag.value == Value::none ? "" : "=";
    specs += " \\\n        " + in_quotes(flag.name + sign + help + value);
    if (flag.name == "--output") specs += " \\\n        " + in_quotes("-o" + help + value);
  }
  const std::vector<std::string> arguments = argument_words(verb);
  const std::string action = arguments.empty() ? "_files" : "(" + joined(arguments) + ")";
  specs += " \\\n        " + in_quotes("*: :" + action);
  return fmt::format("    {})\n      _arguments{} ;;\n", in_quotes(verb.name), specs);
}

std::string zsh_list(const std::vector<std::pair<std::string, std::string>>& words) {
  std::string list;  // not `words`, which is zsh's own
  for (const auto& [word, help] : words) {
    list += "\n      " + in_quotes(zsh_escaped(word) + ":" + zsh_escaped(help));
  }
  return "    local -a verbs=(" + list + ")\n    _describe verb verbs\n    return\n  fi\n";
}

std::string zsh_script(const std::vector<Verb>& verbs) {
  std::vector<std::pair<std::string, std::string>> first;
  for (const Verb& verb : verbs) {
    if (verb.name.find(' ') == std::string::npos) first.emplace_back(verb.name, verb.summary);
  }
  for (const std::string& group : groups_of(verbs)) first.emplace_back(group, "more verbs");
  std::string text =
      "#compdef kinema\n# Completion of kinema for zsh, made by `kinema completion zsh`.\n"
      "_kinema() {\n  local verb=$words[2] context state line\n  local -A opt_args\n"
      "  if (( CURRENT == 2 )); then\n" +
      zsh_list(first) + "  case $verb in\n";
  for (const std::string& group : groups_of(verbs)) {
    std::vector<std::pair<std::string, std::string>> second;
    for (const Verb& verb : verbs_of(verbs, group)) {
      second.emplace_back(second_word(verb), verb.summary);
    }
    text += "  " + group + ")\n  if (( CURRENT == 3 )); then\n" + zsh_list(second) +
            "    verb=\"$verb $words[3]\"\n    shift words\n    (( CURRENT-- )) ;;\n";
  }
  text += "  esac\n  shift words\n  (( CURRENT-- ))\n  case $verb in\n";
  for (const Verb& verb : verbs) text += zsh_branch(verb);
  return text + "  esac\n}\n_kinema \"$@\"\n";
}

// ---- fish ------------------------------------------------------------------------------------

constexpr const char* fish_head =
    R"(# Completion of kinema for fish, made by `kinema completion fish`.
# Whether the words after `kinema` begin with these, and whether they are just these.
function __kinema_begins
  set -l words (commandline -opc)
  set -l last (math 1 + (count $argv))
  test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"
end
function __kinema_is
  test (count (commandline -opc)) -eq (math 1 + (count $argv)); and __kinema_begins $argv
end
complete -c kinema -f
)";

std::string fish_flag(const Verb& verb, const Flag& flag) {
  std::string line = fmt::format("complete -c kinema -n '__kinema_begins {}' -l {} -d {}",
                                 verb.name,
                                 flag.name.substr(2),
                                 in_quotes(flag.help));
  if (flag.name == "--output") line += " -s o";
  if (flag.value == Value::file) line += " -r -F";
  if (flag.value == Value::other) line += " -x";
  if (flag.value == Value::words) line += " -x -a " + in_quotes(joined(flag.words));
  return line + "\n";
}

std::string fish_script(const std::vector<Verb>& verbs) {
  std::string text = fish_head;
  for (const std::string& group : groups_of(verbs)) {
    text += fmt::format(
        "complete -c kinema -n 'test (count (commandline -opc)) -eq 1' -a {} -d 'more verbs'\n",
        group);
  }
  for (const Verb& verb : verbs) {
    const auto space = verb.name.find(' ');
    const std::string where = space == std::string::npos
                                  ? "test (count (commandline -opc)) -eq 1"
                                  : "__kinema_is " + verb.name.substr(0, space);
    text += fmt::format("complete -c kinema -n '{}' -a {} -d {}\n",
                        where,
                        second_word(verb),
                        in_quotes(verb.summary));
    const std::vector<std::string> arguments = argument_words(verb);
    text += fmt::format("complete -c kinema -n '__kinema_begins {}' {}\n",
                        verb.name,
                        arguments.empty() ? "-F" : "-a " + in_quotes(joined(arguments)));
    for (const Flag& flag : flags_of(verb)) text += fish_flag(verb, flag);
  }
  return text;
}

}  // namespace

std::string completion_script(const std::vector<Verb>& verbs, Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash_script(verbs);
    case Shell::zsh:
      return zsh_script(verbs);
    case Shell::fish:
      return fish_script(verbs);
  }
  throw std::logic_error("no such shell");
}

}  // namespace kinema::app
