// Which of a TIFF file's images make a movie: those of one size and type, or what an OME-TIFF's
// description says.
#pragma once

#include "kinema/io/tiff_pages.h"

#include <string>
#include <vector>

namespace kinema::io {

/// A run of images of one format.
struct TiffSeries {
  std::string name;
  TiffFormat format;
  std::vector<TiffPage> pages;  // frame by frame
  MovieInfo info;               // what a description of this series says
};

/// One series for each size and type, "series 0", "series 1", ... in the order of the file.
std::vector<TiffSeries> series_by_format(const TiffPages& pages);

/// The series called `name`; the one with the most bytes where `name` is empty. InputError where
/// there is none; `path` is what it names.
std::size_t choose_series(const std::vector<TiffSeries>& series,
                          const std::string& name,
                          const std::filesystem::path& path);

}  // namespace kinema::io
