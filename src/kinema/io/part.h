// Which number of a complex or coloured pixel is meant: the modulus, the red, the luminance, ...
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie_source.h"

#include <cstdint>
#include <memory>
#include <span>

namespace kinema::io {

enum class Part : std::uint8_t {
  automatic,  // the pixels as they are
  modulus,
  phase,  // radians, in (-pi, pi]
  real,
  imaginary,
  luminance,  // of Rec. 709, rounded: 0.2126 R + 0.7152 G + 0.0722 B
  red,
  green,
  blue,
  alpha
};

inline constexpr EnumName<Part> part_names[] = {{Part::automatic, "auto"},
                                                {Part::modulus, "modulus"},
                                                {Part::phase, "phase"},
                                                {Part::real, "real"},
                                                {Part::imaginary, "imaginary"},
                                                {Part::luminance, "luminance"},
                                                {Part::red, "red"},
                                                {Part::green, "green"},
                                                {Part::blue, "blue"},
                                                {Part::alpha, "alpha"}};
constexpr std::span<const EnumName<Part>> enum_names(Part) {
  return part_names;
}

/// Pixel type of a part: f32 of c64, f64 of c128, u8 of colours. InputError where pixels of `type`
/// have no such part.
PixelType part_type(PixelType type, Part part);

/// That part of every pixel of `source`, as a movie of its own.
std::unique_ptr<MovieSource> take_part(std::unique_ptr<MovieSource> source, Part part);

}  // namespace kinema::io
