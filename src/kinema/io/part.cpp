// Numbers out of complex and coloured pixels.
#include "kinema/io/part.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <type_traits>
#include <vector>

namespace kinema::io {
namespace {

bool is_part_of_complex(Part part) {
  return part == Part::modulus || part == Part::phase || part == Part::real ||
         part == Part::imaginary;
}

template <class Real>
Real number_of(std::complex<Real> pixel, Part part) {
  switch (part) {
    case Part::phase:
      return std::arg(pixel);
    case Part::real:
      return pixel.real();
    case Part::imaginary:
      return pixel.imag();
    default:
      return std::abs(pixel);
  }
}

template <class Colour>
std::uint8_t number_of(Colour pixel, Part part) {
  switch (part) {
    case Part::red:
      return pixel.r;
    case Part::green:
      return pixel.g;
    case Part::blue:
      return pixel.b;
    case Part::alpha:
      if constexpr (std::is_same_v<Colour, Rgba>) return pixel.a;
      throw std::logic_error("rgb pixels have no alpha");
    default:
      return static_cast<std::uint8_t>(
          std::lround(0.2126 * pixel.r + 0.7152 * pixel.g + 0.0722 * pixel.b));
  }
}

template <class Pixel>
void take_numbers(const std::byte* in, Index count, Part part, std::byte* out) {
  using Number = decltype(number_of(Pixel{}, part));
  const auto* pixels = reinterpret_cast<const Pixel*>(in);
  auto* numbers = reinterpret_cast<Number*>(out);
  for (Index i = 0; i < count; ++i) numbers[i] = number_of(pixels[i], part);
}

void take_numbers(PixelType type, const std::byte* in, Index count, Part part, std::byte* out) {
  switch (type) {
    case PixelType::c64:
      return take_numbers<std::complex<float>>(in, count, part, out);
    case PixelType::c128:
      return take_numbers<std::complex<double>>(in, count, part, out);
    case PixelType::rgb:
      return take_numbers<Rgb>(in, count, part, out);
    default:
      return take_numbers<Rgba>(in, count, part, out);
  }
}

class PartSource : public MovieSource {
 public:
  PartSource(std::unique_ptr<MovieSource> source, Part part)
      : source_(std::move(source)),
        part_(part),
        format_(source_->format()),
        info_(source_->info()) {
    info_.notes.push_back("the " + to_text(part) + " of " + to_text(format_.type) + " pixels");
    format_.type = part_type(format_.type, part);
  }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return source_->frames(); }
  const MovieInfo& info() const override { return info_; }
  nlohmann::ordered_json metadata() const override { return source_->metadata(); }

  void read(Index first, Index count, std::span<std::byte> out) override {
    const FrameFormat whole = source_->format();
    pixels_.resize(static_cast<std::size_t>(checked_product(whole.bytes(), count)));
    source_->read(first, count, pixels_);
    take_numbers(whole.type, pixels_.data(), whole.pixels() * count, part_, out.data());
  }

 private:
  std::unique_ptr<MovieSource> source_;
  Part part_;
  FrameFormat format_;
  MovieInfo info_;
  std::vector<std::byte> pixels_;
};

}  // namespace

PixelType part_type(PixelType type, Part part) {
  if (part == Part::automatic) return type;
  const std::string asked = "--part " + to_text(part) + ": pixels of type " + to_text(type);
  if (is_grey(type)) throw InputError(asked + " are plain numbers; leave --part away");
  if (is_complex(type)) {
    if (is_part_of_complex(part)) return type == PixelType::c64 ? PixelType::f32 : PixelType::f64;
    throw InputError(asked + " are complex; their parts are modulus, phase, real, imaginary");
  }
  const bool has_alpha = type == PixelType::rgba;
  if (!is_part_of_complex(part) && (part != Part::alpha || has_alpha)) return PixelType::u8;
  throw InputError(asked + " are colours; their parts are luminance, red, green, blue" +
                   (has_alpha ? ", alpha" : ""));
}

std::unique_ptr<MovieSource> take_part(std::unique_ptr<MovieSource> source, Part part) {
  part_type(source->format().type, part);
  if (part == Part::automatic) return source;
  return std::make_unique<PartSource>(std::move(source), part);
}

}  // namespace kinema::io
