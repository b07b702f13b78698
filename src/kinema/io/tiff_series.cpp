// Grouping images into series, and choosing one.
#include "kinema/io/tiff_series.h"

#include <algorithm>

namespace kinema::io {

std::vector<TiffSeries> series_by_format(const TiffPages& pages) {
  std::vector<TiffSeries> series(pages.formats.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    series[i].name = "series " + std::to_string(i);
    series[i].format = pages.formats[i];
  }
  for (const TiffPage& page : pages.pages) {
    if (page.format < 0) continue;
    TiffSeries& one = series[static_cast<std::size_t>(page.format)];
    add_frames(page, one.format, one.pages);
  }
  return series;
}

std::size_t choose_series(const std::vector<TiffSeries>& series,
                          const std::string& name,
                          const std::filesystem::path& path) {
  const auto bytes = [](const TiffSeries& one) {
    return static_cast<double>(one.format.frame.bytes()) * static_cast<double>(one.pages.size());
  };
  const auto chosen = name.empty()
                          ? std::max_element(series.begin(),
                                             series.end(),
                                             [&](const TiffSeries& a, const TiffSeries& b) {
                                               return bytes(a) < bytes(b);
                                             })
                          : std::find_if(series.begin(), series.end(), [&](const TiffSeries& one) {
                              return one.name == name;
                            });
  if (chosen != series.end()) return static_cast<std::size_t>(chosen - series.begin());
  std::string names;
  for (const TiffSeries& one : series) names += (names.empty() ? "'" : ", '") + one.name + "'";
  throw InputError(path.string() + ": has no dataset '" + name + "'; it has " + names);
}

}  // namespace kinema::io
