// Finding the XML between the binary parts of the file, and reading it.
#include "kinema/io/emi_objects.h"

#include "kinema/base/units.h"
#include "kinema/io/byte_reader.h"
#include "kinema/io/date_text.h"
#include "kinema/io/text_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <pugixml.hpp>

namespace kinema::io {
namespace {

constexpr std::string_view begin_mark = "<ObjectInfo>", end_mark = "</ObjectInfo>";
constexpr std::uint64_t searched_bytes = 64 << 20, most_object_bytes = 1 << 20;
constexpr std::size_t block_bytes = 1 << 20, most_objects = 64, most_text = 64 << 10;
constexpr int most_nodes = 4000, most_depth = 16;

/// Where the mark is found from `from` on; the file's size where it is not.
std::uint64_t find_mark(const InputFile& file, std::uint64_t from, std::string_view mark) {
  std::vector<std::byte> block;
  while (from + mark.size() <= file.size()) {
    block.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, file.size() - from)));
    file.read_at(from, block);
    const std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
    const std::size_t at = text.find(mark);
    if (at != std::string_view::npos) return from + at;
    from += block.size() - mark.size() + 1;  // a mark may lie across two blocks
  }
  return file.size();
}

/// A number with its unit behind it, such as "0.135"; none where the text begins otherwise.
std::optional<double> positive(const char* text) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || !std::isfinite(value) || value <= 0.0) return std::nullopt;
  return value;
}

std::string clean(std::string text) {
  text.resize(std::min(text.size(), most_text));
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  return utf8_from(std::move(text));
}

/// <Data><Label>High tension</Label><Value>200</Value><Unit>kV</Unit></Data>
bool is_labelled(const pugi::xml_node& node) {
  return node.child("Label") && node.child("Value");
}
std::string labelled_text(const pugi::xml_node& node) {
  const std::string unit = clean(node.child_value("Unit"));
  return clean(node.child_value("Value")) + (unit.empty() ? "" : " " + unit);
}

Json tree_of(const pugi::xml_node& node, int depth, int& left) {
  if (!node.first_child() || node.first_child().type() == pugi::node_pcdata || depth > most_depth) {
    return clean(node.child_value());
  }
  Json json = Json::object();
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element) continue;
    if (--left < 0) break;
    const bool labelled = is_labelled(child);
    std::string name = clean(labelled ? child.child_value("Label") : child.name());
    if (json.contains(name)) name += " " + std::to_string(json.size());
    json[name] = labelled ? Json(labelled_text(child)) : tree_of(child, depth + 1, left);
  }
  return json;
}

std::optional<double> labelled_number(const pugi::xml_node& list, const std::string& label) {
  for (const pugi::xml_node& data : list.children("Data")) {
    if (label == data.child_value("Label")) return positive(data.child_value("Value"));
  }
  return std::nullopt;
}

EmiObject object_of(const pugi::xml_node& root) {
  EmiObject object;
  const pugi::xml_node conditions =
      root.child("ExperimentalConditions").child("MicroscopeConditions");
  const pugi::xml_node description = root.child("ExperimentalDescription").child("Root");
  const pugi::xml_node acquisition = root.child("AcquireInfo");
  if (const auto volts = positive(conditions.child_value("AcceleratingVoltage"))) {
    object.voltage = *volts * 1e-3;
  } else {
    object.voltage = labelled_number(description, "High tension");  // kV
  }
  object.detector = one_line(clean(acquisition.child_value("CameraNamePath")));
  object.frame_time = positive(acquisition.child_value("FrameTime"));
  // One name for two things: a camera's exposure, or a scan's time on a pixel.
  const auto dwell = positive(acquisition.child_value("DwellTimePath"));
  (object.detector.empty() ? object.dwell_time : object.exposure) = dwell;
  const std::string date = one_line(clean(root.child_value("AcquireDate")));
  object.date = iso_date_from_c(date).value_or(date);
  int left = most_nodes;
  object.tree = tree_of(root, 0, left);
  return object;
}

}  // namespace

std::vector<EmiObject> read_emi(const std::filesystem::path& path) {
  const InputFile file(path);
  std::vector<EmiObject> objects;
  std::uint64_t at = file.size() - std::min(file.size(), searched_bytes);
  for (std::size_t tried = 0; tried < most_objects; ++tried) {
    const std::uint64_t begin = find_mark(file, at, begin_mark);
    if (begin == file.size()) break;
    const std::uint64_t most = std::min(file.size() - begin, most_object_bytes);
    ByteReader reader(file, begin, begin + most);
    std::string text = reader.text(most, "bytes of XML");
    const std::size_t end = text.find(end_mark);
    if (end == std::string::npos) break;
    text.resize(end + end_mark.size());
    at = begin + text.size();
    pugi::xml_document document;
    document.load_buffer(text.data(), text.size());  // broken XML is read as far as it goes
    if (const pugi::xml_node root = document.child("ObjectInfo")) {
      objects.push_back(object_of(root));
    }
  }
  return objects;
}

void add_facts(const EmiObject& object, Index frames, const std::string& source, MovieInfo& info) {
  if (object.voltage) info.voltage = {Voltage{*object.voltage}, source};
  if (!object.detector.empty()) info.detector = {object.detector, source};
  if (!object.date.empty()) info.date = {object.date, source};
  if (object.frame_time) info.frame_time = {Time{*object.frame_time}, source};
  if (object.exposure) {
    const std::string text = "the exposure of " + shortest_text(*object.exposure) + " s";
    if (frames == 1 && !info.frame_time) {
      info.frame_time = {Time{*object.exposure}, source};
      info.notes.push_back(text +
                           " is taken as the frame time; the time between frames is not told");
    } else {
      info.notes.push_back(text + " is told, but not the time between frames");
    }
  }
  if (object.dwell_time) {
    info.notes.push_back("scanned with a dwell time of " + shortest_text(*object.dwell_time * 1e6) +
                         " us per pixel");
  }
}

}  // namespace kinema::io
