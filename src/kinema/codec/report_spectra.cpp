// Power spectra of one frame of every movie, and how strong each Bragg spot is in each.
#include "kinema/codec/report_parts.h"
#include "kinema/codec/report_spectrum.h"
#include "kinema/metrics/bragg.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinema::codec {

namespace {

constexpr Index smallest_spectrum = 32;  // pixels an edge
constexpr Index most_spots = 12;

/// The power spectrum of one frame of a movie.
struct Spectrum {
  Shown shown;
  metrics::PowerSpectrum power;
};

std::vector<Spectrum> spectra_of(const ReportInput& input, Index frame) {
  std::vector<Spectrum> spectra;
  for (const Shown& shown : movies_of(input)) {
    const Array<float, 2> square = central_square(frame_of(*shown.movie, frame).view());
    spectra.push_back({shown, metrics::power_spectrum(square.view())});
  }
  return spectra;
}

/// How strong every spot is in every movie.
report::Table spot_table(const std::vector<Spectrum>& spectra,
                         const std::vector<metrics::BraggSpot>& spots,
                         const std::optional<PixelSize>& pixel) {
  report::Table table{"Power at each spot over the background around it", {"spot"}, {}};
  table.columns.emplace_back(pixel ? "spacing (\u00c5)" : "spacing (pixels)");
  for (const Spectrum& spectrum : spectra) table.columns.push_back(spectrum.shown.name + " (dB)");
  const PixelSize unit = pixel.value_or(PixelSize{Length{1.0}, Length{1.0}});
  for (std::size_t i = 0; i < spots.size(); ++i) {
    const double spacing = 1.0 / std::hypot(spots[i].y / unit.y.value, spots[i].x / unit.x.value);
    std::vector<report::Cell> row = {static_cast<Index>(i + 1), spacing};
    for (const Spectrum& spectrum : spectra) {
      const double ratio = metrics::signal_to_background(spectrum.power, spots[i]);
      const double decibels = 10.0 * std::log10(ratio);
      row.emplace_back(report::rounded(decibels), fmt::format("{:.1f}", decibels));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

report::Plot ring_plot(const std::vector<Spectrum>& spectra,
                       Index frame,
                       const std::optional<PixelSize>& pixel) {
  const bool square_pixels = pixel && pixel->x == pixel->y;
  report::Plot plot;
  plot.title = fmt::format("Power over spatial frequency, frame {}", frame);
  plot.x_label = square_pixels ? "spatial frequency (1/\u00c5)" : "spatial frequency (1/pixel)";
  plot.y_label = "mean power";
  plot.log_y = true;
  const Index edge = spectra.front().power.height;
  const double step = 1.0 / (static_cast<double>(edge) * (square_pixels ? pixel->x.value : 1.0));
  for (Index ring = 1; ring <= edge / 2; ++ring) {
    plot.x.push_back(step * static_cast<double>(ring));
  }
  for (const Spectrum& spectrum : spectra) {
    plot.series.push_back({spectrum.shown.name, ring_means(spectrum.power), spectrum.shown.colour});
  }
  return plot;
}

}  // namespace

void add_spectra(report::Page& page, const ReportInput& input, const ReportOptions& options) {
  const FrameFormat format = input.decoded->format();
  if (std::min(format.height, format.width) < smallest_spectrum) return;
  const Index frame = options.frame.value_or(*input.decoded->frames() / 2);
  const std::optional<PixelSize> pixel = pixel_size_of(input);
  const std::vector<Spectrum> spectra = spectra_of(input, frame);
  const Spectrum& judge = input.reference != nullptr ? spectra.back() : spectra.front();
  const std::vector<metrics::BraggSpot> spots =
      metrics::find_bragg_spots(judge.power, {.most = most_spots});
  std::vector<report::Image> images;
  for (const Spectrum& spectrum : spectra) {
    images.push_back(spectrum_image(spectrum.shown.name, spectrum.power, pixel));
    const std::vector<report::Mark> marks = spot_marks(spectrum.power, spots);
    images.back().marks.insert(images.back().marks.end(), marks.begin(), marks.end());
  }
  page.section("Spatial frequencies");
  page.paragraph(
      fmt::format(
          "Power spectra of frame {} (Hann window, the central {} x {} pixels, logarithmic, each "
          "between its own 1 and 99.95 percentiles; zero frequency at the centre). ",
          frame,
          judge.power.height,
          judge.power.width) +
      (spots.empty()
           ? fmt::format("No Bragg spot stands out in the {} frame.", judge.shown.name)
           : fmt::format("Circles: the Bragg spots found in the {} frame, strongest first, "
                         "at the same places in all.",
                         judge.shown.name)));
  page.images(images);
  if (!spots.empty()) page.table(spot_table(spectra, spots, pixel));
  page.plots({ring_plot(spectra, frame, pixel)});
}

}  // namespace kinema::codec
