#include "browser.h"

#include "kinema/report/text.h"

#include <cstdlib>
#include <filesystem>
#include <spawn.h>
#include <string>
#include <unistd.h>

namespace kinema::app {
namespace {

/// A page that goes on to `address`, in a file of the user's own; empty where there is none.
std::string page_to(const std::string& address) {
  std::error_code none;
  std::string path =
      (std::filesystem::temp_directory_path(none) / "kinema-view-XXXXXX.html").string();
  const int file = mkstemps(path.data(), 5);  // readable by the user alone
  if (file < 0) return "";
  const std::string text = "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url=" +
                           report::escape_html(address) + "\">";
  const bool wrote = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return wrote ? path : "";
}

}  // namespace

std::string open_browser(const std::string& address) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return "";
  std::string page = page_to(address), opener = "xdg-open";
  if (page.empty()) return "";
  char* words[] = {opener.data(), page.data(), nullptr};
  pid_t process = 0;
  posix_spawnp(&process, opener.c_str(), nullptr, nullptr, words, environ);
  return page;
}

}  // namespace kinema::app
