// How progress looks on a terminal or in a log: a bar, plain lines, JSON lines, or nothing.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"

#include <cstdint>
#include <memory>
#include <span>

namespace kinema::app {

enum class ProgressLook : std::uint8_t {
  automatic,  // a bar on a terminal, plain lines elsewhere
  bar,
  plain,
  json,
  none
};

inline constexpr EnumName<ProgressLook> progress_look_names[] = {{ProgressLook::automatic, "auto"},
                                                                 {ProgressLook::bar, "bar"},
                                                                 {ProgressLook::plain, "plain"},
                                                                 {ProgressLook::json, "json"},
                                                                 {ProgressLook::none, "none"}};
constexpr std::span<const EnumName<ProgressLook>> enum_names(ProgressLook) {
  return progress_look_names;
}

/// Progress goes to standard error, so that results stay alone on standard output.
std::unique_ptr<Progress> make_progress(ProgressLook look);

}  // namespace kinema::app
