// Flags by CLI11, config files by base/options; both end as texts by name.
#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace kinema::app {
namespace {

std::string flag_of(const std::string& name) {
  std::string flag = "--" + name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::vector<std::string> names_of(const std::vector<OptionField>& fields) {
  std::vector<std::string> names;
  for (const OptionField& field : fields) names.push_back(field.name);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_option(CLI::App& app, const OptionField& field, Json& into, const char* group) {
  const auto set = [&into, name = field.name](const std::string& text) { into[name] = text; };
  CLI::Option* option = nullptr;
  if (field.type == "boolean") {
    option = app.add_flag_function(
        flag_of(field.name) + ",!" + "--no-" + flag_of(field.name).substr(2),
        [set](std::int64_t count) { set(count > 0 ? "true" : "false"); },
        field.help + (field.fallback == "true" ? "; done unless told not to" : ""));
  } else {
    option = app.add_option_function<std::string>(flag_of(field.name), set, field.help);
    option->type_name(field.type)->default_str(field.fallback);
  }
  option->group(group);
}

/// Everything that `verb` takes; --print-config works without its arguments.
void add_verb(CLI::App& app,
              const Verb& verb,
              bool arguments_required,
              CommandLine& line,
              std::string& config) {
  app.description(verb.summary);
  for (const Argument& argument : verb.arguments) {
    CLI::Option* option =
        argument.many
            ? app.add_option(argument.name, line.arguments.lists[argument.name], argument.help)
            : app.add_option(argument.name, line.arguments.words[argument.name], argument.help);
    option->required(argument.required && arguments_required)->type_name("");
  }
  if (!verb.output_help.empty()) {
    app.add_option("-o,--output", line.arguments.words["OUT"], verb.output_help)->type_name("PATH");
  }
  for (const OptionField& field : verb.options) add_option(app, field, line.options, "Options");
  const std::vector<std::string> own = names_of(verb.options);
  for (const OptionField& field : describe_options<GlobalOptions>()) {
    // A verb's own option of the same name (seed) takes the global one's place.
    if (!has(own, field.name)) add_option(app, field, line.globals, "Global options");
  }
  app.add_option("--config", config, "read options from a .toml or .json file")
      ->type_name("FILE")
      ->group("Global options");
  app.add_flag("--print-config", line.print_config, "print the options in force and stop")
      ->group("Global options");
}

std::vector<std::string> known_flags(const Verb& verb) {
  std::vector<std::string> flags{"--config", "--print-config", "--help"};
  if (!verb.output_help.empty()) flags.push_back("--output");
  for (const std::string& name : names_of(verb.options)) flags.push_back(flag_of(name));
  for (const OptionField& field : describe_options<GlobalOptions>()) {
    flags.push_back(flag_of(field.name));
  }
  return flags;
}

[[noreturn]] void refuse_extras(const Verb& verb, const std::vector<std::string>& extras) {
  for (const std::string& extra : extras) {
    if (extra.starts_with("-")) {
      throw_unknown_option(extra.substr(0, extra.find('=')), known_flags(verb));
    }
  }
  throw InputError("'" + extras.at(0) + "' is one argument too many; see `kinema " + verb.name +
                   " --help`");
}

/// The values of a config file for one verb. Keys stand at the top, or in a table named like the
/// verb or its group: [codec.decode], [codec].
class Config {
 public:
  Config(const std::vector<Verb>& verbs, const Verb& verb) : verbs_(verbs), verb_(verb) {}

  void apply(const std::string& path, CommandLine& line) {
    try {
      take(read_config(path), "");
      verb_.effective_options(options_);  // wrong values are named before they are hidden by flags
      GlobalOptions checked;
      set_options(checked, globals_);
    } catch (const InputError& error) {
      const std::string text = error.what();
      throw InputError(text.starts_with(path) ? text : path + ": " + text);
    }
    for (const auto& [name, text] : options_.items()) put_beneath(line.options, name, text);
    for (const auto& [name, text] : globals_.items()) put_beneath(line.globals, name, text);
  }

 private:
  static void put_beneath(Json& values, const std::string& name, const Json& text) {
    if (!values.contains(name)) values[name] = text;
  }

  /// `table` is the words of its name, e.g. "codec decode". Deeper tables win.
  void take(const Json& values, const std::string& table) {
    const std::vector<std::string> own = names_of(verb_.options);
    const std::vector<std::string> global = names_of(describe_options<GlobalOptions>());
    for (const auto& [key, value] : values.items()) {
      if (value.is_object()) continue;
      const std::string name = option_name(key);
      if (has(own, name)) {
        options_[name] = text_of(value);
      } else if (has(global, name)) {
        globals_[name] = text_of(value);
      } else {
        std::vector<std::string> all = own;
        all.insert(all.end(), global.begin(), global.end());
        throw_unknown_option(key, all);
      }
    }
    for (const auto& [key, value] : values.items()) {
      if (!value.is_object()) continue;
      const std::string inner = table.empty() ? key : table + " " + key;
      require_verb(inner);
      if ((verb_.name + " ").starts_with(inner + " ")) take(value, inner);
    }
  }

  void require_verb(const std::string& table) const {
    std::vector<std::string> names;
    for (const Verb& verb : verbs_) {
      if ((verb.name + " ").starts_with(table + " ")) return;
      names.push_back(verb.name);
    }
    const std::string near = nearest_name(table, names);
    throw InputError("the table [" + table + "] names no verb" +
                     (near.empty() ? "" : "; did you mean [" + near + "]?"));
  }

  const std::vector<Verb>& verbs_;
  const Verb& verb_;
  Json options_ = Json::object(), globals_ = Json::object();
};

}  // namespace

CommandLine read_command_line(const std::vector<Verb>& verbs,
                              const Verb& verb,
                              const std::vector<std::string>& words) {
  CommandLine line;
  std::string config;
  CLI::App app{verb.summary, "kinema " + verb.name};
  add_verb(app, verb, !has(words, "--print-config"), line, config);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 takes them
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    line.help = app.help();
    return line;
  } catch (const CLI::ExtrasError&) {
    refuse_extras(verb, app.remaining());
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> extras = app.remaining();
    if (std::any_of(extras.begin(), extras.end(), [](const std::string& extra) {
          return extra.starts_with("-");
        })) {
      refuse_extras(verb, extras);  // a misspelt flag may be why something else is missing
    }
    throw InputError(std::string(error.what()) + "; see `kinema " + verb.name + " --help`");
  }
  if (!config.empty()) Config(verbs, verb).apply(config, line);
  return line;
}

Json options_in_force(const Verb& verb, const CommandLine& line, const GlobalOptions& globals) {
  Json options = verb.effective_options(line.options);
  const Json others = options_json(globals);
  for (const auto& [name, value] : others.items()) {
    if (name != "json" && !options.contains(name)) options[name] = value;
  }
  return options;
}

}  // namespace kinema::app
