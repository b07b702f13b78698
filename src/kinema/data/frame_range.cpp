// Reading and checking ranges of frames.
#include "kinema/data/frame_range.h"

#include "kinema/base/options.h"

namespace kinema {

void from_text(std::string_view text, FrameRange& value) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    throw InputError("'" + std::string(text) + "' is not a range of frames; write a:b, e.g. 0:100");
  }
  value = {};
  if (colon > 0) from_text(text.substr(0, colon), value.first);
  if (colon + 1 < text.size()) {
    Index last = 0;
    from_text(text.substr(colon + 1), last);
    value.last = last;
  }
}

std::string to_text(const FrameRange& value) {
  return std::to_string(value.first) + ":" + (value.last ? std::to_string(*value.last) : "");
}

FrameSpan resolve(const FrameRange& range, Index frames) {
  const Index last = range.last.value_or(frames);
  if (range.first < 0 || last > frames || range.first >= last) {
    throw InputError("frames " + to_text(range) + " are asked for, but the movie has " +
                     std::to_string(frames) +
                     "; give --frames a:b with 0 <= a < b <= " + std::to_string(frames));
  }
  return {range.first, last};
}

}  // namespace kinema
