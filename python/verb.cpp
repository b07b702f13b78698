// From options to signatures, docstrings and the table of verbs.
#include "verb.h"

#include <algorithm>

namespace kinema::python {
namespace {

Json& verbs_so_far() {
  static Json verbs = Json::array();
  return verbs;
}

std::string quoted(const std::string& text) {
  return Json(text).dump();
}

/// "a|b|auto" as its parts.
std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == mark) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// Python's type of an option of type `type`, e.g. "integer|auto" or "gap-tv|mean".
std::string python_type(const std::string& type) {
  static const std::map<std::string, std::string> plain{{"integer", "int"},
                                                        {"number", "float"},
                                                        {"boolean", "bool"},
                                                        {"text", "Text"},
                                                        {"length", "str"},
                                                        {"time", "str"},
                                                        {"voltage", "str"},
                                                        {"dose", "str"},
                                                        {"fluence", "str"},
                                                        {"angle", "str"},
                                                        {"memory", "str"}};
  std::vector<std::string> parts = split(type, '|');
  const auto known = plain.find(parts.front());
  std::string text;
  if (known != plain.end()) {
    text = known->second;
    parts.erase(parts.begin());
  }
  std::string names;
  for (const std::string& part : parts) names += (names.empty() ? "" : ", ") + quoted(part);
  if (!names.empty()) text += (text.empty() ? "" : " | ") + ("Literal[" + names + "]");
  return type.ends_with("|auto") ? text + " | None" : text;
}

/// The default as a Python literal.
std::string python_default(const OptionField& option) {
  const std::string kind = split(option.type, '|').front();
  if (option.fallback == auto_text) return quoted(option.fallback);
  if (kind == "boolean") return option.fallback == "true" ? "True" : "False";
  if (kind == "integer") return option.fallback;
  if (kind == "number") {
    const bool whole = option.fallback.find_first_of(".e") == std::string::npos;
    return option.fallback + (whole ? ".0" : "");
  }
  return quoted(option.fallback);
}

/// All parameters in the order of the signature: by position, options, the others.
std::vector<Parameter> signature_of(const Verb& verb, const std::vector<OptionField>& options) {
  std::vector<Parameter> all, own;
  std::map<std::string, std::string> wider;
  for (const Parameter& parameter : verb.parameters) {
    const bool is_option = std::any_of(options.begin(), options.end(), [&](const OptionField& o) {
      return o.name == parameter.name;
    });
    if (is_option) {
      wider[parameter.name] = parameter.type;
    } else {
      (parameter.by_position ? all : own).push_back(parameter);
    }
  }
  for (const OptionField& option : options) {
    Parameter parameter{option.name, python_type(option.type), python_default(option), option.help};
    if (wider.contains(option.name)) parameter.type += " | " + wider[option.name];
    all.push_back(parameter);
  }
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

/// "encode(movie, *, ratio=10)" in the form that inspect.signature reads, then what it does.
std::string docstring(const std::string& name,
                      const Verb& verb,
                      const std::vector<Parameter>& parameters) {
  std::string signature, list;
  bool starred = false;
  for (const Parameter& parameter : parameters) {
    if (!parameter.by_position && !starred) {
      signature += signature.empty() ? "*" : ", *";
      starred = true;
    }
    signature += (signature.empty() ? "" : ", ") + parameter.name;
    if (!parameter.fallback.empty()) signature += "=" + parameter.fallback;
    list += "\n    " + parameter.name + ": " + parameter.help;
  }
  return name + "(" + signature + ")\n--\n\n" + verb.summary + "\n\nReturns " + verb.result +
         ".\n" + list;
}

Json json_of(const Verb& verb,
             const std::string& name,
             const std::string& module,
             const std::vector<Parameter>& parameters) {
  Json json{{"module", module},
            {"name", name},
            {"verb", verb.name},
            {"summary", verb.summary},
            {"returns", verb.returns},
            {"result", verb.result},
            {"parameters", Json::array()},
            {"overloads", Json::array()}};
  for (const Parameter& p : parameters) {
    json["parameters"].push_back({{"name", p.name},
                                  {"type", p.type},
                                  {"default", p.fallback.empty() ? Json() : Json(p.fallback)},
                                  {"help", p.help},
                                  {"by_position", p.by_position}});
  }
  for (const Overload& overload : verb.overloads) {
    json["overloads"].push_back({{"narrowed", overload.narrowed}, {"returns", overload.returns}});
  }
  return json;
}

}  // namespace

Parameter progress_parameter() {
  return {"progress",
          "ProgressLike",
          "None",
          "True prints lines to stderr; a function is called as f(stage, done, total, unit)"};
}

Parameter force_parameter() {
  return {"force", "bool", "False", "overwrite files that exist"};
}

Parameter memory_parameter() {
  return {"memory", "str | None", "None", "memory to stay within, e.g. \"4 GiB\""};
}

void add_verb(py::module_& module,
              const Verb& verb,
              const std::vector<OptionField>& options,
              std::function<py::object(const Call&)> run) {
  const std::string name = verb.name.substr(verb.name.rfind(' ') + 1);
  const auto module_name = module.attr("__name__").cast<std::string>();
  const std::vector<Parameter> parameters = signature_of(verb, options);
  verbs_so_far().push_back(json_of(verb, name, module_name, parameters));
  std::vector<std::string> option_names, own_names;
  for (const OptionField& option : options) option_names.push_back(option.name);
  for (const Parameter& parameter : verb.parameters) own_names.push_back(parameter.name);
  const std::string qualified = module_name + "." + name;
  const std::string text = docstring(name, verb, parameters);
  py::options plain_docstrings;
  plain_docstrings.disable_function_signatures();
  module.def(
      name.c_str(),
      [=, run = std::move(run)](const py::args& args, const py::kwargs& keywords) {
        return run(call_of(qualified, parameters, option_names, own_names, args, keywords));
      },
      text.c_str());
}

py::object table_of_verbs() {
  return python_of(verbs_so_far());
}

}  // namespace kinema::python
