// From the frames that a decoder hands out to pixels as kinema holds them: luminance as grey
// levels, colour as RGB.
#pragma once

#include "kinema/data/pixel_type.h"
#include "kinema/io/video_module/libav.h"

#include <cstdint>
#include <vector>

namespace kinema::io::video {

/// Whether pixels of this format can only be colour, may be, or are grey levels alone.
enum class Colour { never, perhaps, always };
Colour colour_of(AVPixelFormat format);

/// More than one in a thousand of the frame's chroma samples (or of its palette's entries) is more
/// than 8 of 256 levels from neutral.
bool is_coloured(const AVFrame& frame);

/// Pixels of RGB formats whose three channels are equal all over the frame.
bool channels_are_equal(const AVFrame& frame);

/// Turns frames of one format and size into pixels. YCbCr of limited range (16 to 235 of 8 bits)
/// is stretched: (Y - 16) * 255 / 219, rounded and cut. Grey formats are never stretched.
class PixelReader {
 public:
  PixelReader(const AVFrame& first, bool coloured);

  PixelType type() const { return type_; }
  bool stretches() const { return stretches_; }
  /// Whether `frame` has the size and format that the first one had.
  bool fits(const AVFrame& frame) const;
  /// Rows without gaps, of type().
  void convert(const AVFrame& frame, std::byte* out);

 private:
  void convert_colour(const AVFrame& frame, std::byte* out);
  void convert_palette(const AVFrame& frame, std::uint8_t* out) const;
  template <class T>
  void convert_grey(const AVFrame& frame, T* out);

  AVPixelFormat format_;
  int width_, height_;
  const AVPixFmtDescriptor* description_;
  PixelType type_ = PixelType::u8;
  bool stretches_ = false;
  std::vector<std::uint16_t> levels_;  // of each recorded level, where they are stretched
  std::vector<std::uint16_t> row_;
  ScalerHandle scaler_;
};

}  // namespace kinema::io::video
