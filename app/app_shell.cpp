// completion, manual: the program's options for shells and for man.
#include "kinema/io/file.h"

#include <fmt/format.h>

#include "shell_text.h"
#include <filesystem>

namespace kinema::app {
namespace {

Outcome completion(const Arguments& arguments, const NoOptions&, const Session&) {
  Shell shell{};
  from_text(arguments.at("SHELL"), shell);
  const std::string script = completion_script(all_verbs(), shell);
  return {{{"shell", to_text(shell)}, {"script", script}}, script, {}};
}

Outcome manual(const Arguments& arguments, const NoOptions&, const Session& session) {
  const std::filesystem::path folder = arguments.at("OUT");
  if (!std::filesystem::is_directory(folder)) {
    throw InputError("manual: name an existing folder for the pages with -o FOLDER");
  }
  Outcome outcome{{{"pages", Json::array()}}, "", {}};
  const auto pages = manual_pages(all_verbs());
  for (const auto& [name, text] : pages) session.require_writable((folder / name).string());
  for (const auto& [name, text] : pages) {
    io::write_text_file(folder / name, text);
    outcome.json["pages"].push_back((folder / name).string());
  }
  outcome.text = fmt::format("{} pages in {}\n", pages.size(), folder.string());
  return outcome;
}

}  // namespace

std::vector<Verb> shell_verbs() {
  return {make_verb<NoOptions>("completion",
                               "the completion script of a shell",
                               {{"SHELL", "bash, zsh or fish", true, false, "bash|zsh|fish"}},
                               "",
                               completion),
          make_verb<NoOptions>("manual",
                               "the manual pages for man, one of every verb",
                               {},
                               "the folder to write them to, e.g. share/man/man1",
                               manual)};
}

}  // namespace kinema::app
