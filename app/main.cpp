// The program: one table of verbs, one way to parse them, one place where errors become exit codes.
//
//   0 done   2 wrong input   70 a bug of ours   74 the system refused   130 interrupted
#include "kinema/base/parallel.h"

#include <fmt/format.h>

#include "progress_bar.h"
#include "verb.h"
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <unistd.h>

namespace kinema::app {
namespace {

enum ExitCode { done = 0, wrong_input = 2, our_bug = 70, io_failed = 74, interrupted = 130 };

Progress* progress_to_stop = nullptr;

void stop_on_signal(int) {
  if (progress_to_stop != nullptr) progress_to_stop->request_stop();
}

/// Every verb of the program.
std::vector<Verb> all_verbs() {
  std::vector<Verb> verbs;
  for (auto&& group : {movie_verbs(), codec_verbs(), simulate_verbs(), doctor_verbs()}) {
    verbs.insert(verbs.end(), group.begin(), group.end());
  }
  return verbs;
}

std::string flag_of(const std::string& name) {
  std::string flag = "--" + name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

/// A parsed command line: texts by name, before any of them is understood.
struct Parsed {
  Arguments arguments;
  Json globals = Json::object(), options = Json::object();
  std::string config;
  bool print_config = false;
};

void add_option(CLI::App& app, const OptionField& field, Json& into, const char* group) {
  const auto set = [&into, name = field.name](const std::string& text) { into[name] = text; };
  CLI::Option* option = nullptr;
  if (field.type == "boolean") {
    option = app.add_flag_function(
        flag_of(field.name) + ",!" + "--no-" + flag_of(field.name).substr(2),
        [set](std::int64_t count) { set(count > 0 ? "true" : "false"); },
        field.help);
  } else {
    option = app.add_option_function<std::string>(flag_of(field.name), set, field.help);
    option->type_name(field.type)->default_str(field.fallback);
  }
  option->group(group);
}

void add_verb(CLI::App& app, const Verb& verb, Parsed& parsed) {
  app.description(verb.summary);
  for (const Argument& argument : verb.arguments) {
    parsed.arguments[argument.name] = "";
    app.add_option(argument.name, parsed.arguments[argument.name], argument.help)
        ->required(argument.required)
        ->type_name("");
  }
  if (!verb.output_help.empty()) {
    app.add_option("-o,--output", parsed.arguments["OUT"], verb.output_help)->type_name("PATH");
  }
  for (const OptionField& field : verb.options) add_option(app, field, parsed.options, "Options");
  for (const OptionField& field : describe_options<GlobalOptions>()) {
    // A verb's own option of the same name (seed) takes the global one's place.
    if (std::none_of(verb.options.begin(), verb.options.end(), [&](const OptionField& own) {
          return own.name == field.name;
        })) {
      add_option(app, field, parsed.globals, "Global options");
    }
  }
  app.add_option("--config", parsed.config, "read options from a .toml or .json file")
      ->type_name("FILE")
      ->group("Global options");
  app.add_flag("--print-config", parsed.print_config, "print the options in force and stop")
      ->group("Global options");
}

std::vector<std::string> known_flags(const Verb& verb) {
  std::vector<std::string> flags{"--config", "--print-config", "--help"};
  for (const OptionField& field : verb.options) flags.push_back(flag_of(field.name));
  for (const OptionField& field : describe_options<GlobalOptions>()) {
    flags.push_back(flag_of(field.name));
  }
  return flags;
}

/// Adds the values of a config file beneath those of the command line. Keys may stand at the top
/// or in a table named like the verb ("codec.decode", or [codec] with a table decode).
void apply_config(const Verb& verb, Parsed& parsed) {
  if (parsed.config.empty()) return;
  std::vector<std::string> known, global;
  for (const OptionField& field : verb.options) known.push_back(field.name);
  for (const OptionField& field : describe_options<GlobalOptions>()) global.push_back(field.name);
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto take = [&](const Json& table) {
    for (const auto& [key, value] : table.items()) {
      if (value.is_object()) continue;
      const std::string name = option_name(key);
      if (has(known, name)) {
        if (!parsed.options.contains(name)) parsed.options[name] = text_of(value);
      } else if (has(global, name)) {
        if (!parsed.globals.contains(name)) parsed.globals[name] = text_of(value);
      } else {
        std::vector<std::string> all = known;
        all.insert(all.end(), global.begin(), global.end());
        try {
          throw_unknown_option(key, all);
        } catch (const InputError& error) {
          throw InputError(parsed.config + ": " + error.what());
        }
      }
    }
  };
  const Json config = read_config(parsed.config);
  Json own = config;
  for (const auto& word : CLI::detail::split(verb.name, ' ')) {
    own = own.is_object() && own.contains(word) ? own[word] : Json();
  }
  if (own.is_object()) take(own);
  take(config);
}

/// The verb that the first words name, and how many words that took.
std::pair<const Verb*, int> find_verb(const std::vector<Verb>& verbs, int argc, char** argv) {
  std::string name;
  for (int words = 1; words <= 2 && words < argc; ++words) {
    name += (words > 1 ? " " : "") + std::string(argv[words]);
    for (const Verb& verb : verbs) {
      if (verb.name == name) return {&verb, words};
    }
  }
  return {nullptr, 0};
}

std::string list_of_verbs(const std::vector<Verb>& verbs) {
  std::string text =
      "kinema " + version() +
      ": electron-microscopy movies to compressed archives, and back\n\nUsage: kinema VERB "
      "[ARGUMENTS] [OPTIONS]    (kinema VERB --help tells more)\n\n";
  for (const Verb& verb : verbs) text += fmt::format("  {:<24}{}\n", verb.name, verb.summary);
  return text + "\n  --version               the version\n";
}

[[noreturn]] void refuse_verb(const std::vector<Verb>& verbs, int argc, char** argv) {
  std::string given = argv[1];
  std::vector<std::string> names;
  bool is_group = false;
  for (const Verb& verb : verbs) {
    names.push_back(verb.name);
    is_group = is_group || verb.name.starts_with(given + " ");
  }
  if (argc > 2 && is_group) given += " " + std::string(argv[2]);
  const std::string near = nearest_name(given, names);
  throw InputError("no verb '" + given + "'; " +
                   (near.empty() ? "see `kinema --help`" : "did you mean `kinema " + near + "`?"));
}

int run_verb(const Verb& verb, int words, int argc, char** argv) {
  Parsed parsed;
  CLI::App app{verb.summary, "kinema " + verb.name};
  add_verb(app, verb, parsed);
  try {
    app.parse(argc - words, argv + words);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return done;
  } catch (const CLI::ExtrasError&) {
    for (const std::string& extra : app.remaining()) {
      if (!extra.starts_with("-"))
        throw InputError("'" + extra + "' is one argument too many; see `kinema " + verb.name +
                         " --help`");
      throw_unknown_option(extra.substr(0, extra.find('=')), known_flags(verb));
    }
  } catch (const CLI::ParseError& error) {
    throw InputError(std::string(error.what()) + "; see `kinema " + verb.name + " --help`");
  }
  apply_config(verb, parsed);
  GlobalOptions globals;
  set_options(globals, parsed.globals);
  if (parsed.options.contains("seed"))
    globals.seed = std::stoull(parsed.options["seed"].get<std::string>());
  if (parsed.print_config) {
    const Json options = verb.effective_options(parsed.options);
    std::fputs((globals.json ? options.dump(2) + "\n" : toml_text(options)).c_str(), stdout);
    return done;
  }
  if (globals.threads) set_threads(*globals.threads);

  const Comm comm = Comm::start();
  const auto progress = make_progress(!comm.is_root() || globals.quiet ? "none" : globals.progress);
  progress_to_stop = progress.get();
  std::signal(SIGINT, stop_on_signal);
  std::signal(SIGTERM, stop_on_signal);
  std::string command = "kinema";
  for (int i = 1; i < argc; ++i) command += " " + std::string(argv[i]);
  const Outcome outcome =
      verb.run(parsed.arguments, parsed.options, {globals, *progress, comm, command});
  if (!comm.is_root()) return done;
  if (globals.json) {
    std::fputs((outcome.json.dump(2) + "\n").c_str(), stdout);
  } else if (!outcome.text.empty()) {
    std::fputs((outcome.text + (outcome.text.ends_with("\n") ? "" : "\n")).c_str(), stdout);
  }
  return std::fflush(stdout) == 0 ? done : io_failed;
}

int run(int argc, char** argv) {
  const std::vector<Verb> verbs = all_verbs();
  const std::string first = argc > 1 ? argv[1] : "--help";
  if (first == "--help" || first == "-h" || first == "help") {
    std::fputs(list_of_verbs(verbs).c_str(), stdout);
    return argc > 1 ? done : wrong_input;
  }
  if (first == "--version") {
    std::fputs(("kinema " + version() + "\n").c_str(), stdout);
    return done;
  }
  const auto [verb, words] = find_verb(verbs, argc, argv);
  if (verb == nullptr) {
    const bool group = std::any_of(
        verbs.begin(), verbs.end(), [&](const Verb& v) { return v.name.starts_with(first + " "); });
    if (group && (argc == 2 || std::string(argv[2]) == "--help")) {
      std::vector<Verb> part;
      for (const Verb& v : verbs) {
        if (v.name.starts_with(first + " ")) part.push_back(v);
      }
      std::fputs(list_of_verbs(part).c_str(), stdout);
      return argc == 2 ? wrong_input : done;
    }
    refuse_verb(verbs, argc, argv);
  }
  return run_verb(*verb, words, argc, argv);
}

/// Throws away nothing: the message goes to standard error, the kind of error to the exit code.
int guarded_run(int argc, char** argv) {
  const auto say = [](const std::string& text) {
    std::fputs(("kinema: " + text + "\n").c_str(), stderr);
  };
  try {
    return run(argc, argv);
  } catch (const InputError& error) {
    say(error.what());
    return wrong_input;
  } catch (const IoError& error) {
    say(error.what());
    return io_failed;
  } catch (const Interrupted& error) {
    say(error.what());
    return interrupted;
  } catch (const std::bad_alloc&) {
    say("out of memory; give --memory to stay within a bound, or lower --ratio");
    return io_failed;
  } catch (const std::exception& error) {
    say(std::string("this is a bug of kinema, please report it: ") + error.what());
    return our_bug;
  }
}

}  // namespace

Index Session::memory() const {
  if (globals.memory) return static_cast<Index>(globals.memory->value);
  const Index pages = sysconf(_SC_AVPHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return std::min<Index>(std::max<Index>(pages * page / 2, Index{256} << 20), Index{3} << 30);
}

void Session::require_writable(const std::string& path) const {
  if (path.empty()) throw InputError("no output is named; give it with -o PATH");
  if (!globals.force && comm.is_root() && std::filesystem::exists(path)) {
    throw InputError(path + ": exists; choose another name or give --force to overwrite it");
  }
}

Provenance Session::provenance(const Json& options) const {
  Provenance provenance;
  provenance.version = version();
  provenance.command = command;
  provenance.options = options;
  provenance.seed = globals.seed;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  provenance.created = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                                   utc.tm_year + 1900,
                                   utc.tm_mon + 1,
                                   utc.tm_mday,
                                   utc.tm_hour,
                                   utc.tm_min,
                                   utc.tm_sec);
  return provenance;
}

}  // namespace kinema::app

int main(int argc, char** argv) {
  return kinema::app::guarded_run(argc, argv);
}
