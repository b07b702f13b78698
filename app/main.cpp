// The program: one table of verbs, one way to parse them, one place where errors become exit codes.
//
//   0 done   2 wrong input   70 a bug of ours   74 the system refused   130 interrupted
#include "kinema/base/parallel.h"
#include "kinema/io/file.h"

#include <fmt/format.h>

#include "command_line.h"
#include "progress_bar.h"
#include "verb.h"
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace kinema::app {
namespace {

enum ExitCode { done = 0, wrong_input = 2, our_bug = 70, io_failed = 74, interrupted = 130 };

constexpr double most_memory = 0x1p62;  // bytes that an Index counts

Progress* progress_to_stop = nullptr;

void stop_on_signal(int) {
  if (progress_to_stop != nullptr) progress_to_stop->request_stop();
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

/// The command as typed, for the provenance.
std::string command_of(int argc, char** argv) {
  std::string command = "kinema";
  for (int i = 1; i < argc; ++i) command += " " + std::string(argv[i]);
  return command;
}

std::string with_newline(const std::string& text) {
  return text.empty() || text.ends_with("\n") ? text : text + "\n";
}

/// Bytes of files that are no UTF-8 are replaced.
std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
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

/// Names and words of files may hold control characters, which a terminal would obey.
std::string harmless(std::string text) {
  for (char& c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (is_control && c != '\n' && c != '\t') c = '?';
  }
  return text;
}

/// Results go to standard output, which may be a full disk.
void print(const std::string& text) {
  if (std::fputs(harmless(text).c_str(), stdout) == EOF || std::fflush(stdout) != 0) {
    throw IoError("standard output", std::string("cannot be written: ") + std::strerror(errno));
  }
}

/// One line on standard error.
void say(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');  // libraries' own words may have several lines
  std::fputs(("kinema: " + harmless(text) + "\n").c_str(), stderr);
}

/// Says on standard error what went wrong; the exit code tells of which kind it is.
ExitCode tell(const std::exception_ptr& failure) {
  const auto told = [](const std::string& text, ExitCode code) {
    say(text);
    return code;
  };
  try {
    std::rethrow_exception(failure);
  } catch (const InputError& error) {
    return told(error.what(), wrong_input);
  } catch (const IoError& error) {
    return told(error.what(), io_failed);
  } catch (const std::filesystem::filesystem_error& error) {
    return told(error.path1().string() + ": cannot be examined: " + error.code().message(),
                io_failed);
  } catch (const Interrupted& error) {
    return told(error.what(), interrupted);
  } catch (const std::bad_alloc&) {
    return told("out of memory; give --memory to stay within a bound, or lower --ratio", io_failed);
  } catch (const std::exception& error) {
    return told(std::string("this is a bug of kinema, please report it: ") + error.what(), our_bug);
  }
}

/// Runs the verb. Where ranks work together the first that fails ends them all, for the others may
/// wait for it; what fails everywhere is told by the root rank alone.
Outcome run_on_ranks(const Comm& comm, const std::function<Outcome()>& work) {
  if (comm.size() == 1) return work();
  try {
    return work();
  } catch (...) {
    if (!comm.is_root()) std::this_thread::sleep_for(std::chrono::seconds(3));
    comm.end_all(tell(std::current_exception()));
    throw;
  }
}

int run_verb(const std::vector<Verb>& verbs,
             const Verb& verb,
             const std::vector<std::string>& words,
             const std::string& command) {
  const CommandLine line = read_command_line(verbs, verb, words);
  if (!line.help.empty()) {
    print(line.help);
    return done;
  }
  GlobalOptions globals;
  set_options(globals, line.globals);
  if (line.options.contains("seed")) set_option(globals, "seed", text_of(line.options["seed"]));
  if (line.print_config) {
    const Json options = options_in_force(verb, line, globals);
    print(globals.json ? options.dump(2) + "\n" : toml_text(options));
    return done;
  }
  if (globals.threads) set_threads(*globals.threads);

  const Comm comm = Comm::start();
  const auto progress =
      make_progress(!comm.is_root() || globals.quiet ? ProgressLook::none : globals.progress);
  progress_to_stop = progress.get();
  std::signal(SIGINT, stop_on_signal);
  std::signal(SIGTERM, stop_on_signal);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of file sizes is told as an error of writing
  const auto print_result = [&](const Outcome& result) {
    if (!comm.is_root()) return;
    if (!globals.json)
      print(with_newline(result.text));
    else if (!result.json.empty())
      print(json_text(result.json));
  };
  const Outcome outcome = run_on_ranks(comm, [&] {
    return verb.run(
        line.arguments, line.options, {globals, *progress, comm, command, print_result});
  });
  print_result(outcome);
  if (!comm.is_root()) return outcome.complaints.empty() ? done : wrong_input;
  for (const std::string& complaint : outcome.complaints) say(complaint);
  return outcome.complaints.empty() ? done : wrong_input;
}

int run(int argc, char** argv) {
  const std::vector<Verb> verbs = all_verbs();
  if (argc < 2) {
    std::fputs(list_of_verbs(verbs).c_str(), stderr);
    return wrong_input;
  }
  const std::string first = argv[1];
  if (first == "--help" || first == "-h" || first == "help") {
    print(list_of_verbs(verbs));
    return done;
  }
  if (first == "--version") {
    print("kinema " + version() + "\n");
    return done;
  }
  if (const auto [verb, words] = find_verb(verbs, argc, argv); verb != nullptr) {
    return run_verb(verbs, *verb, {argv + 1 + words, argv + argc}, command_of(argc, argv));
  }
  std::vector<Verb> group;
  for (const Verb& verb : verbs) {
    if (verb.name.starts_with(first + " ")) group.push_back(verb);
  }
  const std::string second = argc > 2 ? argv[2] : "";
  if (!group.empty() && (second == "--help" || second == "-h")) {
    print(list_of_verbs(group));
    return done;
  }
  if (!group.empty() && second.empty()) {
    std::fputs(list_of_verbs(group).c_str(), stderr);
    return wrong_input;
  }
  refuse_verb(verbs, argc, argv);
}

}  // namespace

std::vector<Verb> all_verbs() {
  std::vector<Verb> verbs;
  for (auto&& group : {info_verbs(),
                       convert_verbs(),
                       restore_verbs(),
                       validate_verbs(),
                       codec_verbs(),
                       simulate_verbs(),
                       atoms_verbs(),
                       molecule_verbs(),
                       dynamics_verbs(),
                       view_verbs(),
                       render_verbs(),
                       doctor_verbs(),
                       shell_verbs()}) {
    verbs.insert(verbs.end(), group.begin(), group.end());
  }
  return verbs;
}

Index Session::memory() const {
  if (globals.memory) {
    if (!(globals.memory->value >= 1.0)) {
      throw InputError("option 'memory': " + to_text(*globals.memory) + " is no room to work in");
    }
    return static_cast<Index>(std::min(globals.memory->value, most_memory));
  }
  const Index pages = sysconf(_SC_AVPHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return std::min<Index>(std::max<Index>(pages * page / 2, Index{256} << 20), Index{3} << 30);
}

void Session::require_writable(const std::string& path) const {
  if (path.empty()) throw InputError("no output is named; give it with -o PATH");
  if (!comm.is_root()) return;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    throw InputError(path + ": there is no folder " + folder.string() + "; make it first");
  }
  io::require_file_or_nothing(path);
  if (!globals.force && std::filesystem::exists(path)) {
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
  try {
    return kinema::app::run(argc, argv);
  } catch (...) {
    const int code = kinema::app::tell(std::current_exception());
    // Everything of ours is closed. What libraries do at exit is passed over: on a full disk HDF5
    // crashes in it.
    std::fflush(nullptr);
    std::_Exit(code);
  }
}
