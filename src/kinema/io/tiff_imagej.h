// What ImageJ writes into a TIFF file's first description and into tags 50838 and 50839.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"
#include "kinema/io/tiff_directory.h"

#include <string>
#include <string_view>

namespace kinema::io {

/// "ImageJ=1.53\nimages=3\n..." as the keys and values that it holds.
class ImageJDescription {
 public:
  explicit ImageJDescription(const std::string& description);
  explicit operator bool() const { return !values_.empty(); }
  /// Empty where the key is absent.
  std::string text(std::string_view key) const;
  /// 0 where it is absent or no number.
  double number(std::string_view key) const;
  /// Whole and not negative, below 2^40; `fallback` else.
  Index count(std::string_view key, Index fallback) const;
  Json json() const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

/// Calibration and axes of a movie of `frames` frames; only what `info` does not know yet.
void read_imagej_facts(const ImageJDescription& description,
                       const TiffDirectory& directory,
                       Index frames,
                       Index height,
                       Index width,
                       MovieInfo& info);

/// The labels, information and properties of tags 50838 and 50839; null where there are none.
Json imagej_metadata(const TiffDirectory& directory);

}  // namespace kinema::io
