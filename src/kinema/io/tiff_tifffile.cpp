// tifffile's description is one line of JSON; letters of axes are those of its documentation.
#include "kinema/io/tiff_tifffile.h"

#include "kinema/base/array.h"

#include <nlohmann/json.hpp>

namespace kinema::io {
namespace {

constexpr std::size_t most_axes = 16;
constexpr std::int64_t most_frames = std::int64_t{1} << 40;

std::string name_of(char letter, std::size_t place) {
  switch (letter) {
    case 'T':
      return "time";
    case 'Z':
      return "z";
    case 'C':
      return "channel";
    case 'S':
      return "sample";
    case 'I':
      return "image";
    default:
      return letter >= 'A' && letter <= 'Z' && letter != 'Q' ? std::string(1, letter)
                                                             : "axis " + std::to_string(place);
  }
}

}  // namespace

std::vector<Axis> tifffile_axes(const std::string& description, Index height, Index width) {
  if (!description.starts_with("{") || description.find("\"shape\"") == std::string::npos)
    return {};
  const auto json = nlohmann::json::parse(description, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json["shape"].is_array()) return {};
  std::vector<Index> shape;
  std::int64_t frames = 1;
  for (const auto& extent : json["shape"]) {
    if (!extent.is_number_integer() || extent < 1 || extent > most_frames) return {};
    shape.push_back(extent.get<Index>());
  }
  const std::size_t count = shape.size();
  if (count < 3 || count > most_axes || shape[count - 2] != height || shape[count - 1] != width) {
    return {};
  }
  const auto told = json.find("axes");
  const std::string letters =
      told != json.end() && told->is_string() ? told->get<std::string>() : "";
  std::vector<Axis> axes;
  for (std::size_t i = 0; i + 2 < count; ++i) {
    frames *= shape[i];
    if (frames > most_frames) return {};
    const char letter = letters.size() == count ? letters[i] : 'Q';
    axes.push_back({name_of(letter, i), shape[i], 0.0, 0.0, ""});
  }
  axes.push_back({"y", height, 0.0, 0.0, ""});
  axes.push_back({"x", width, 0.0, 0.0, ""});
  return axes;
}

Index frames_of_tifffile(const std::vector<Axis>& axes) {
  if (axes.empty()) return 0;
  Index frames = 1;
  for (std::size_t i = 0; i + 2 < axes.size(); ++i) frames *= axes[i].size;
  return frames;
}

}  // namespace kinema::io
