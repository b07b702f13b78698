#include "kinema/report/colour.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace kinema::report {
namespace {

constexpr Rgb missing{0.75F, 0.75F, 0.75F};

/// The maps at even steps, 24-bit sRGB.
constexpr std::uint32_t viridis_steps[] = {0x440154, 0x481568, 0x482677, 0x453781, 0x3f4788,
                                           0x39558c, 0x32648e, 0x2d718e, 0x287d8e, 0x238a8d,
                                           0x1f968b, 0x20a386, 0x29af7f, 0x3cbc75, 0x56c667,
                                           0x74d055, 0x94d840, 0xb8de29, 0xdce318, 0xfde725};
constexpr std::uint32_t cividis_steps[] = {0x00204d,
                                           0x00336f,
                                           0x39486b,
                                           0x575c6d,
                                           0x707173,
                                           0x8a8779,
                                           0xa69d75,
                                           0xc4b56c,
                                           0xe4cf5b,
                                           0xffea46};
constexpr std::uint32_t grey_steps[] = {0x181818, 0xf0f0f0};  // neither end is the page's own

constexpr Rgb rgb_of(std::uint32_t word) {
  const auto part = [word](int shift) { return static_cast<float>(word >> shift & 255U) / 255.0F; };
  return {part(16), part(8), part(0)};
}

std::span<const std::uint32_t> steps_of(ColourMap map) {
  switch (map) {
    case ColourMap::cividis:
      return cividis_steps;
    case ColourMap::grey:
      return grey_steps;
    case ColourMap::viridis:
      break;
  }
  return viridis_steps;
}

}  // namespace

Rgb rgb_of_hex(std::string_view hex) {
  std::uint32_t word = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), word, 16);
  return rgb_of(word);
}

std::string to_hex(const Rgb& colour) {
  const auto level = [](float part) {
    return static_cast<int>(std::lround(std::clamp(part, 0.0F, 1.0F) * 255.0F));
  };
  return fmt::format(
      "#{:02x}{:02x}{:02x}", level(colour.red), level(colour.green), level(colour.blue));
}

Rgb mixed(const Rgb& a, const Rgb& b, float share) {
  return {a.red + share * (b.red - a.red),
          a.green + share * (b.green - a.green),
          a.blue + share * (b.blue - a.blue)};
}

std::span<const EnumName<ColourMap>> enum_names(ColourMap) {
  static constexpr std::array names{EnumName<ColourMap>{ColourMap::viridis, "viridis"},
                                    EnumName<ColourMap>{ColourMap::cividis, "cividis"},
                                    EnumName<ColourMap>{ColourMap::grey, "grey"}};
  return names;
}

Rgb colour_at(ColourMap map, double share) {
  if (std::isnan(share)) return missing;
  const std::span<const std::uint32_t> steps = steps_of(map);
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(steps.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), steps.size() - 2);
  return mixed(rgb_of(steps[below]),
               rgb_of(steps[below + 1]),
               static_cast<float>(place - static_cast<double>(below)));
}

}  // namespace kinema::report
