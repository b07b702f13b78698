// A verb's command line and config file, as texts by name, before any of them is understood.
#pragma once

#include "verb.h"
#include <string>
#include <vector>

namespace kinema::app {

struct CommandLine {
  Arguments arguments;
  Json options = Json::object(), globals = Json::object();
  bool print_config = false;
  std::string help;  // what --help prints; empty unless it was asked for
};

/// Reads `words` (argv behind the verb's name) and the config file that they may name, whose values
/// lie beneath those of the command line. Throws InputError for what `verb` does not take.
CommandLine read_command_line(const std::vector<Verb>& verbs,
                              const Verb& verb,
                              const std::vector<std::string>& words);

/// The options in force, the verb's own and then the global ones, as --print-config shows them.
/// `json` is left out: it says how this very text is printed.
Json options_in_force(const Verb& verb, const CommandLine& line, const GlobalOptions& globals);

}  // namespace kinema::app
