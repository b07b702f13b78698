// Which frames are meant: "a:b", half-open, numbered from 0; either end may be left open.
#pragma once

#include "kinema/base/array.h"

#include <optional>
#include <string>
#include <string_view>

namespace kinema {

struct FrameRange {
  Index first = 0;
  std::optional<Index> last;  // none: to the end

  friend bool operator==(const FrameRange&, const FrameRange&) = default;
};

/// Reads "a:b", ":b", "a:" or ":".
void from_text(std::string_view text, FrameRange& value);
std::string to_text(const FrameRange& value);

/// First frame and one past the last of a movie of `frames`; InputError unless the range is inside
/// it and not empty.
struct FrameSpan {
  Index first, last;
  Index count() const { return last - first; }
};
FrameSpan resolve(const FrameRange& range, Index frames);

}  // namespace kinema
