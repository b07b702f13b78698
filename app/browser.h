// Opening an address in the user's browser.
#pragma once

#include <string>

namespace kinema::app {

/// Starts the desktop's browser at `address`, where there is a desktop. The address is handed over
/// in a file that the user alone can read, since other users see the words of commands; returns its
/// path, empty where there is none, for the caller to remove.
std::string open_browser(const std::string& address);

}  // namespace kinema::app
