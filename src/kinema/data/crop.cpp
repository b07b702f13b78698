// Rectangles as text, and whether they fit a frame.
#include "kinema/data/crop.h"

#include "kinema/base/options.h"

#include <array>

namespace kinema {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

void from_text(std::string_view text, Crop& value) {
  std::array<Index, 4> numbers{};
  std::string_view rest = text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto comma = rest.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == numbers.size())) {
      throw InputError("'" + std::string(text) + "' is no rectangle; write y,x,height,width");
    }
    from_text(trimmed(rest.substr(0, comma)), numbers[i]);
    if (comma != std::string_view::npos) rest.remove_prefix(comma + 1);
  }
  const Crop crop{numbers[0], numbers[1], numbers[2], numbers[3]};
  if (crop.y < 0 || crop.x < 0 || crop.height < 1 || crop.width < 1) {
    throw InputError("the rectangle " + std::string(text) + " has no pixels");
  }
  value = crop;
}

std::string to_text(const Crop& value) {
  return std::to_string(value.y) + "," + std::to_string(value.x) + "," +
         std::to_string(value.height) + "," + std::to_string(value.width);
}

void require_within(const Crop& crop, Index height, Index width) {
  if (crop.y <= height && crop.height <= height - crop.y && crop.x <= width &&
      crop.width <= width - crop.x) {
    return;
  }
  throw InputError("the rectangle " + to_text(crop) +
                   " (y,x,height,width) reaches beyond frames of " + std::to_string(height) +
                   " x " + std::to_string(width));
}

}  // namespace kinema
