// What a verb of the program is: a name, its arguments, its options, and a function that runs it
// and returns what it found, as JSON for programs and as text for people.
#pragma once

#include "kinema/base/comm.h"
#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/provenance.h"

#include "progress_bar.h"
#include <functional>
#include <string>
#include <vector>

namespace kinema::app {

/// Options that every verb takes.
struct GlobalOptions {
  bool json = false;
  ProgressLook progress = ProgressLook::automatic;
  std::optional<int> threads;
  std::uint64_t seed = 0;
  std::optional<Memory> memory;
  bool force = false;
  bool quiet = false;

  static void fields(auto& self, auto&& visit) {
    visit("json", self.json, "print the result as one JSON object");
    visit("progress", self.progress, "how progress is shown");
    visit("threads", self.threads, "threads to use; auto takes every core the process may use");
    visit("seed", self.seed, "seed of everything random");
    visit("memory", self.memory, "memory to stay within, e.g. \"4 GiB\"");
    visit("force", self.force, "overwrite files that exist");
    visit("quiet", self.quiet, "print nothing but errors and the result");
  }
};

struct Outcome {
  Json json = Json::object();
  std::string text;  // for people; empty prints nothing
  /// Lines for standard error: what of the input was wrong although there is a result. Any of them
  /// makes the exit code 2.
  std::vector<std::string> complaints = {};
};

/// What a running verb is handed besides its own arguments and options.
struct Session {
  GlobalOptions globals;
  Progress& progress;
  Comm comm;
  std::string command;  // as typed
  /// Prints a result at once, for a verb that goes on; what it returns then is empty.
  std::function<void(const Outcome&)> tell;

  /// Bytes that streaming may hold at once: --memory, or half of what the machine has free.
  Index memory() const;
  /// Throws InputError when `path` exists and --force was not given.
  void require_writable(const std::string& path) const;
  /// Provenance of an artefact made by this run.
  Provenance provenance(const Json& options) const;
};

/// A positional argument, e.g. {"MOVIE", "the movie to encode"}.
struct Argument {
  std::string name, help;
  bool required = true;
  bool many = false;  // one or more words
  /// What may stand there: "file", or words separated by '|'.
  std::string type = "file";
};

/// Values of the positional arguments by name.
struct Arguments {
  std::map<std::string, std::string> words;               // an absent optional one is ""
  std::map<std::string, std::vector<std::string>> lists;  // those of which there may be many

  const std::string& at(const std::string& name) const { return words.at(name); }
  const std::vector<std::string>& all(const std::string& name) const { return lists.at(name); }
};

struct Verb {
  std::string name;     // "info", "codec encode"
  std::string summary;  // one line
  std::vector<Argument> arguments;
  std::vector<OptionField> options;
  std::string output_help;  // help of -o; empty where the verb takes no -o
  /// Sets the options from text and runs.
  std::function<Outcome(const Arguments&, const Json& options, const Session&)> run;
  /// The options with `values` set, as --print-config shows them.
  std::function<Json(const Json& values)> effective_options;
};

/// A verb whose options are the struct `Options`; `-o OUT` arrives as arguments.at("OUT").
template <class Options>
Verb make_verb(std::string name,
               std::string summary,
               std::vector<Argument> arguments,
               std::string output_help,
               Outcome (*run)(const Arguments&, const Options&, const Session&)) {
  const auto parsed = [](const Json& values) {
    Options options;
    set_options(options, values);
    return options;
  };
  return {std::move(name),
          std::move(summary),
          std::move(arguments),
          describe_options<Options>(),
          std::move(output_help),
          [=](const Arguments& given, const Json& values, const Session& session) {
            return run(given, parsed(values), session);
          },
          [=](const Json& values) { return options_json(parsed(values)); }};
}

/// For verbs without options of their own.
struct NoOptions {
  static void fields(auto& /*self*/, auto&& /*visit*/) {}
};

/// Every verb of the program.
std::vector<Verb> all_verbs();

/// Verbs of each file of app/, gathered in main.cpp's table.
std::vector<Verb> info_verbs();      // app_info.cpp: info, formats
std::vector<Verb> convert_verbs();   // app_convert.cpp: convert
std::vector<Verb> restore_verbs();   // app_restore.cpp: restore
std::vector<Verb> validate_verbs();  // app_validate.cpp: validate
std::vector<Verb> simulate_verbs();  // app_simulate.cpp: simulate nanocrystals, ...
std::vector<Verb> atoms_verbs();     // app_atoms.cpp: atoms export, ...
Verb simulate_graphene_verb();       // app_simulate_graphene.cpp
std::vector<Verb> molecule_verbs();  // app_molecule.cpp: simulate molecule
std::vector<Verb> dynamics_verbs();  // app_dynamics.cpp: dynamics reconstruct, evaluate
std::vector<Verb> codec_verbs();     // app_codec.cpp: codec masks, encode, wrap, decode, ...
std::vector<Verb> view_verbs();      // app_view.cpp: view
std::vector<Verb> render_verbs();    // app_render.cpp: render
std::vector<Verb> doctor_verbs();    // app_doctor.cpp: doctor
std::vector<Verb> shell_verbs();     // app_shell.cpp: completion, manual

}  // namespace kinema::app
