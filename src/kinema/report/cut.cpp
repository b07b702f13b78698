#include "kinema/report/cut.h"

#include <fmt/format.h>

#include <algorithm>

namespace kinema::report {

namespace {

constexpr Index modest_edge = 512;  // pixels an edge below which frames are dropped first

/// The centred part of about 0.85 times the edges, not below the modest edge.
Cut cropped(Cut cut, Index height, Index width) {
  const auto shorter = [](Index edge) {
    return std::min(edge, std::max(modest_edge, edge * 85 / 100));
  };
  cut.height = shorter(cut.height);
  cut.width = shorter(cut.width);
  cut.top = (height - cut.height) / 2;
  cut.left = (width - cut.width) / 2;
  return cut;
}

std::string ordinal(Index n) {
  const Index last = n % 100 / 10 == 1 ? 0 : n % 10;
  return std::to_string(n) + (last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

}  // namespace

Cut whole(Index height, Index width) {
  return {1, 0, 0, height, width, 1};
}

std::optional<Cut> smaller(const Cut& cut, Fit fit, Index frames, Index height, Index width) {
  Cut next = cut;
  if (std::max(cut.shown_height(), cut.shown_width()) > modest_edge) {
    if (fit == Fit::crop) return cropped(cut, height, width);
    ++next.bin;
    return next;
  }
  if ((frames + cut.frame_step - 1) / cut.frame_step > 2) {
    ++next.frame_step;
    return next;
  }
  if (std::min(cut.shown_height(), cut.shown_width()) > 1) {
    ++next.bin;
    return next;
  }
  return std::nullopt;
}

std::string to_text(const Cut& cut, Index frames, Index height, Index width) {
  std::string text;
  if (cut.frame_step > 1) {
    text += fmt::format("every {} frame is shown ({} of {}); ",
                        ordinal(cut.frame_step),
                        (frames + cut.frame_step - 1) / cut.frame_step,
                        frames);
  }
  if (cut.height < height || cut.width < width) {
    text += fmt::format("of each frame the central {} x {} of {} x {} pixels; ",
                        cut.height,
                        cut.width,
                        height,
                        width);
  }
  if (cut.bin > 1) text += fmt::format("pixels are averaged {0} x {0}; ", cut.bin);
  if (text.empty()) return "All frames are shown whole.";
  text.resize(text.size() - 2);
  return "To keep this page small, " + text + ".";
}

Array<float, 2> apply(const Cut& cut, ArrayView<const float, 2> frame) {
  Array<float, 2> shown({cut.shown_height(), cut.shown_width()});
  for (Index y = 0; y < cut.shown_height() * cut.bin; ++y) {
    for (Index x = 0; x < cut.shown_width() * cut.bin; ++x) {
      shown(y / cut.bin, x / cut.bin) += frame(cut.top + y, cut.left + x);
    }
  }
  const float share = 1.0F / static_cast<float>(cut.bin * cut.bin);
  if (cut.bin > 1) {
    for (float& value : shown.flat()) value *= share;
  }
  return shown;
}

}  // namespace kinema::report
