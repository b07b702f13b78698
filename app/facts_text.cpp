// Facts, axes and trees as lines.
#include "facts_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace kinema::app {
namespace {

double six_digits(double value) {
  return std::stod(fmt::format("{:.6g}", value));
}

template <class Tag>
std::string readable_text(Quantity<Tag> quantity) {
  return to_text(Quantity<Tag>{six_digits(quantity.value)});
}
std::string readable_text(const PixelSize& size) {
  return to_text(PixelSize{{six_digits(size.x.value)}, {six_digits(size.y.value)}});
}
const std::string& readable_text(const std::string& text) {
  return text;
}

/// One fact as a line; where it is unknown its name joins `unknown`, with the option that tells it.
template <class T>
std::string line_of(const char* name,
                    const Fact<T>& fact,
                    std::string& unknown,
                    const char* mend = "") {
  if (fact)
    return fmt::format("  {:<11}{} (from the {})\n", name, readable_text(*fact), fact.source);
  unknown += (unknown.empty() ? "" : ", ") + std::string(name) + mend;
  return "";
}

std::string axis_text(const Axis& axis, std::size_t width) {
  std::string text = fmt::format("    {:<{}}{}", axis.name, width, axis.size);
  const std::string unit = axis.unit.empty() ? "" : " " + axis.unit;
  if (axis.step != 0.0)
    text += fmt::format(", step {}{}", shortest_text(six_digits(axis.step)), unit);
  if (axis.origin != 0.0)
    text += fmt::format(", from {}{}", shortest_text(six_digits(axis.origin)), unit);
  return text + "\n";
}

std::string axes_text(const std::vector<Axis>& axes) {
  if (axes.empty()) return "";
  std::size_t width = 11;
  for (const Axis& axis : axes) width = std::max(width, axis.name.size() + 2);
  std::string text = "  axes, outermost first:\n";
  for (const Axis& axis : axes) text += axis_text(axis, width);
  return text;
}

/// A leaf of a tree, or an array of leaves, in one line.
std::string leaf_text(const Json& leaf) {
  if (leaf.is_string()) return leaf.get<std::string>();
  return leaf.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_leaf(const Json& json) {
  if (!json.is_structured() || json.empty()) return true;
  return json.is_array() && std::none_of(json.begin(), json.end(), [](const Json& item) {
           return item.is_structured();
         });
}

}  // namespace

std::string readable(const PixelSize& size) {
  return readable_text(size);
}
std::string readable(Time time) {
  return readable_text(time);
}

std::string size_text(double bytes) {
  if (bytes < 1e6)
    return bytes < 1e3 ? fmt::format("{} B", bytes) : fmt::format("{:.0f} kB", bytes / 1e3);
  return bytes < 1e9 ? fmt::format("{:.1f} MB", bytes / 1e6)
                     : fmt::format("{:.1f} GB", bytes / 1e9);
}

std::string movie_text(const FrameFormat& format, Index frames, const MovieInfo& info) {
  std::string unknown;
  std::string text = fmt::format("  {} frame{} of {} x {} (height x width), {}\n",
                                 frames,
                                 frames == 1 ? "" : "s",
                                 format.height,
                                 format.width,
                                 to_text(format.type));
  text += line_of("pixel size", info.pixel_size, unknown, " (--pixel-size)");
  text += line_of("frame time", info.frame_time, unknown, " (--frame-time)");
  text += line_of("voltage", info.voltage, unknown);
  text += line_of("dose", info.dose, unknown);
  text += line_of("detector", info.detector, unknown);
  text += line_of("date", info.date, unknown);
  if (!unknown.empty()) text += "  unknown: " + unknown + "\n";
  text += axes_text(info.axes);
  if (!info.dataset.empty()) text += "  dataset " + info.dataset + "\n";
  if (!info.datasets.empty()) {
    text += fmt::format("  {} datasets (--dataset chooses): {}\n",
                        info.datasets.size(),
                        fmt::join(info.datasets, ", "));
  }
  for (const std::string& note : info.notes) text += "  note: " + note + "\n";
  return text;
}

std::string tree_text(const Json& tree, int depth) {
  const std::string indent(static_cast<std::size_t>(2 * depth), ' ');
  if (is_leaf(tree)) return indent + (tree.empty() ? "none" : leaf_text(tree)) + "\n";
  std::string text;
  std::size_t number = 0;
  for (const auto& [key, value] : tree.items()) {
    const std::string name = tree.is_array() ? "[" + std::to_string(number++) + "]" : key;
    text += is_leaf(value) ? indent + name + ": " + leaf_text(value) + "\n"
                           : indent + name + ":\n" + tree_text(value, depth + 1);
  }
  return text;
}

}  // namespace kinema::app
