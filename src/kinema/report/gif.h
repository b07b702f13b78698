// Animated GIF files: one palette of 255 colours for the whole film.
#pragma once

#include "kinema/report/picture.h"

#include <array>
#include <string>
#include <vector>

namespace kinema::report {

/// Adds picture after picture; finish() gives the file's bytes. It plays for ever.
class GifEncoder {
 public:
  /// The palette is made of `samples`, pictures of the film's size (at least one).
  GifEncoder(const std::vector<Picture>& samples, double fps);
  void add(const Picture& picture);
  std::string finish();

 private:
  using Colour = std::array<std::uint8_t, 3>;
  std::uint8_t nearest(const std::uint8_t* rgb);

  Index height_, width_;
  double fps_;
  Index pictures_ = 0;
  std::vector<Colour> palette_;
  std::vector<std::int16_t> nearest_;  // by 6 bits of red, green, blue; -1: not looked up yet
  std::vector<std::uint8_t> shown_;    // the palette's numbers of the picture before
  std::string file_;
};

}  // namespace kinema::report
