// What a verb of the program is: a name, its arguments, its options, and a function that runs it
// and returns what it found, as JSON for programs and as text for people.
#pragma once

#include "kinema/base/comm.h"
#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/provenance.h"

#include <functional>
#include <string>
#include <vector>

namespace kinema::app {

/// Options that every verb takes.
struct GlobalOptions {
  bool json = false;
  std::string progress = "auto";
  std::optional<int> threads;
  std::uint64_t seed = 0;
  std::optional<Memory> memory;
  bool force = false;
  bool quiet = false;

  static void fields(auto& self, auto&& visit) {
    visit("json", self.json, "print the result as one JSON object");
    visit("progress", self.progress, "how progress is shown: auto, bar, plain, json or none");
    visit("threads", self.threads, "threads to use; auto takes every core the process may use");
    visit("seed", self.seed, "seed of everything random");
    visit("memory", self.memory, "memory to stay within, e.g. \"4 GiB\"");
    visit("force", self.force, "overwrite files that exist");
    visit("quiet", self.quiet, "print nothing but errors and the result");
  }
};

/// What a running verb is handed besides its own arguments and options.
struct Session {
  GlobalOptions globals;
  Progress& progress;
  Comm comm;
  std::string command;  // as typed

  /// Bytes that streaming may hold at once: --memory, or half of what the machine has free.
  Index memory() const;
  /// Throws InputError when `path` exists and --force was not given.
  void require_writable(const std::string& path) const;
  /// Provenance of an artefact made by this run.
  Provenance provenance(const Json& options) const;
};

struct Outcome {
  Json json = Json::object();
  std::string text;  // for people; empty prints nothing
};

/// A positional argument, e.g. {"MOVIE", "the movie to encode"}.
struct Argument {
  std::string name, help;
  bool required = true;
};

/// Values of the positional arguments by name; an absent optional one is "".
using Arguments = std::map<std::string, std::string>;

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

/// Verbs of each file of app/, gathered in main.cpp's table.
std::vector<Verb> movie_verbs();     // app_movie.cpp: info, convert, formats
std::vector<Verb> simulate_verbs();  // app_simulate.cpp: simulate nanocrystals
std::vector<Verb> codec_verbs();     // app_codec.cpp: codec masks, encode, wrap, decode, ...
std::vector<Verb> doctor_verbs();    // app_doctor.cpp: doctor

}  // namespace kinema::app
