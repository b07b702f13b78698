#include "kinema/codec/report_spectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::codec {

namespace {

constexpr Index longest_edge = 1024;  // pixels

/// Rings at round resolutions from Nyquist inwards, at most `count`.
std::vector<report::Mark> resolution_rings(Index edge, const PixelSize& pixel, std::size_t count) {
  std::vector<report::Mark> rings;
  const double centre = static_cast<double>(edge / 2);
  const double nyquist = 2.0 * std::max(pixel.x.value, pixel.y.value);  // angstrom
  for (double decade = std::pow(10.0, std::floor(std::log10(nyquist))); rings.size() < count;
       decade *= 10.0) {
    for (const double step : {1.0, 1.5, 2.0, 3.0, 5.0}) {
      const double resolution = step * decade;
      const double radius_x = static_cast<double>(edge) * pixel.x.value / resolution;
      const double radius_y = static_cast<double>(edge) * pixel.y.value / resolution;
      if (resolution < nyquist || rings.size() == count) continue;
      if (!rings.empty() && radius_y > 0.75 * rings.back().radius_y) continue;
      rings.push_back({report::MarkKind::ring,
                       centre,
                       centre,
                       radius_x,
                       radius_y,
                       resolution < 10.0 ? fmt::format("{:g} Å", resolution)
                                         : fmt::format("{:g} nm", resolution / 10.0)});
    }
  }
  return rings;
}

}  // namespace

Array<float, 2> central_square(ArrayView<const float, 2> frame) {
  const auto [height, width] = frame.shape();
  const Index edge = std::max<Index>(2, std::min({height, width, longest_edge}) / 2 * 2);
  if (std::min(height, width) < 2) throw InputError("report: frames are less than 2 pixels wide");
  auto square = Array<float, 2>::uninitialised({edge, edge});
  for (Index y = 0; y < edge; ++y) {
    const auto row = frame[y + (height - edge) / 2].flat().subspan((width - edge) / 2, edge);
    std::copy(row.begin(), row.end(), square[y].data());
  }
  return square;
}

std::vector<double> ring_means(const metrics::PowerSpectrum& spectrum) {
  const Index half = spectrum.height / 2;
  std::vector<double> sums(half + 1), counts(half + 1);
  for (Index ky = -half; ky < half; ++ky) {
    for (Index kx = 0; kx < half; ++kx) {  // the other half is the same by Friedel's law
      const auto ring = static_cast<std::size_t>(std::lround(std::hypot(ky, kx)));
      if (ring >= sums.size()) continue;
      sums[ring] += spectrum.at(ky, kx);
      counts[ring] += 1.0;
    }
  }
  std::vector<double> means;
  for (std::size_t ring = 1; ring < sums.size(); ++ring) means.push_back(sums[ring] / counts[ring]);
  return means;
}

report::Image spectrum_image(std::string title,
                             const metrics::PowerSpectrum& spectrum,
                             const std::optional<PixelSize>& pixel_size) {
  const Index edge = spectrum.height;
  auto logarithm = Array<float, 2>::uninitialised({edge, edge});
  for (Index y = 0; y < edge; ++y) {
    for (Index x = 0; x < edge; ++x) {
      logarithm(y, x) = std::log10(spectrum.at(y - edge / 2, x - edge / 2) + 1e-12F);
    }
  }
  std::vector<float> sorted(logarithm.flat().begin(), logarithm.flat().end());
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double part) {
    return static_cast<double>(sorted[static_cast<std::size_t>(part * (sorted.size() - 1))]);
  };
  report::Image image =
      report::grey_image(std::move(title), logarithm.view(), at(0.01), at(0.9995));
  if (pixel_size) image.marks = resolution_rings(edge, *pixel_size, 4);
  return image;
}

std::vector<report::Mark> spot_marks(const metrics::PowerSpectrum& spectrum,
                                     const std::vector<metrics::BraggSpot>& spots) {
  std::vector<report::Mark> marks;
  const double centre = static_cast<double>(spectrum.height / 2);
  const double radius = std::max(5.0, static_cast<double>(spectrum.height) / 64.0);
  for (std::size_t i = 0; i < spots.size(); ++i) {
    const auto y = static_cast<double>(spots[i].ky), x = static_cast<double>(spots[i].kx);
    const auto kind = report::MarkKind::spot;
    marks.push_back({kind, centre + x, centre + y, radius, radius, std::to_string(i + 1)});
    marks.push_back({kind, centre - x, centre - y, radius, radius, ""});
  }
  return marks;
}

}  // namespace kinema::codec
