// Manual pages in roff: one of the program, one of every verb.
#include <fmt/format.h>

#include "shell_text.h"
#include <algorithm>

namespace kinema::app {
namespace {

/// Text as roff takes it literally; a '-' is a minus, which can be copied into a shell.
std::string roff(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
  }
  const bool is_request = safe.starts_with(".") || safe.starts_with("'");
  return is_request ? "\\&" + safe : safe;
}

std::string page_name(const Verb& verb) {
  std::string name = "kinema " + verb.name;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string head(const std::string& name, const std::string& summary) {
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return fmt::format(".TH {} 1 \"\" \"kinema {}\" \"kinema\"\n.SH NAME\n{} \\- {}\n",
                     roff(title),
                     version(),
                     roff(name),
                     roff(summary));
}

/// A term and what it means.
std::string item(const std::string& term, const std::string& text) {
  return ".TP\n" + term + "\n" + roff(text) + "\n";
}

std::string flag_item(const Flag& flag) {
  std::string term = ".BR " + roff(flag.name);
  if (flag.name == "--output") term = ".BR \\-o \", \" \\-\\-output";
  if (flag.value != Value::none) {
    term += " \" \\fI" + roff(flag.type) + "\\fR\"";
  }
  std::string help = flag.help;
  const bool is_default_told = flag.value != Value::none && !flag.fallback.empty();
  if (is_default_told) help += " (default: " + flag.fallback + ")";
  if (flag.value == Value::none && flag.fallback == "true") help += " (done unless told not to)";
  return item(term, help);
}

std::string flag_section(const char* title, const std::vector<Flag>& flags, bool global) {
  std::string text;
  for (const Flag& flag : flags) {
    if (flag.is_global == global && !flag.name.starts_with("--no-")) text += flag_item(flag);
  }
  return text.empty() ? "" : fmt::format(".SH {}\n{}", title, text);
}

std::string synopsis(const Verb& verb) {
  std::string text = ".SH SYNOPSIS\n.B kinema " + roff(verb.name) + "\n[\\fIoptions\\fR]";
  for (const Argument& argument : verb.arguments) {
    text += " \\fI" + roff(argument.name) + "\\fR" + (argument.many ? " ..." : "");
  }
  return text + "\n";
}

std::string see_also(const std::vector<Verb>& verbs, const std::string& but) {
  std::vector<std::string> pages;
  if (but != "kinema") pages.push_back(".BR kinema (1)");
  for (const Verb& verb : verbs) {
    if (page_name(verb) != but) pages.push_back(".BR " + roff(page_name(verb)) + " (1)");
  }
  return fmt::format(".SH SEE ALSO\n{}\n", fmt::join(pages, ",\n"));
}

std::string page_of(const std::vector<Verb>& verbs, const Verb& verb) {
  const std::vector<Flag> flags = flags_of(verb);
  std::string text = head(page_name(verb), verb.summary) + synopsis(verb);
  if (!verb.arguments.empty()) text += ".SH ARGUMENTS\n";
  for (const Argument& argument : verb.arguments) {
    text += item(".I " + roff(argument.name), argument.help);
  }
  text += flag_section("OPTIONS", flags, false) + flag_section("GLOBAL OPTIONS", flags, true) +
          ".PP\nA flag without a value is switched off again by \\-\\-no\\- before its name.\n";
  return text + see_also(verbs, page_name(verb));
}

std::string page_of_program(const std::vector<Verb>& verbs) {
  std::string text =
      head("kinema", "electron-microscopy movies to compressed archives, and back") +
      ".SH SYNOPSIS\n.B kinema\n\\fIverb\\fR [\\fIarguments\\fR] [\\fIoptions\\fR]\n.SH VERBS\n";
  for (const Verb& verb : verbs)
    text += item(".BR " + roff(page_name(verb)) + " (1)", verb.summary);
  text += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] :
       {std::pair{"0", "done"},
        {"2", "wrong input; what is wrong and its mend stand on standard error"},
        {"70", "a bug of kinema"},
        {"74", "the system refused to read or write"},
        {"130", "interrupted; what was complete is kept"}}) {
    text += item(std::string(".B ") + code, meaning);
  }
  return text + see_also(verbs, "kinema");
}

}  // namespace

std::map<std::string, std::string> manual_pages(const std::vector<Verb>& verbs) {
  std::map<std::string, std::string> pages{{"kinema.1", page_of_program(verbs)}};
  for (const Verb& verb : verbs) pages[page_name(verb) + ".1"] = page_of(verbs, verb);
  return pages;
}

}  // namespace kinema::app
