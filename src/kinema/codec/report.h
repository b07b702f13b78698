// The report of a coded movie: one self-contained page that shows raw, measurement, decoded and
// residual side by side, curves over the frames, power spectra, the rate in true bits, every
// setting and how it all came to be.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/codec/container.h"
#include "kinema/codec/evaluate.h"
#include "kinema/data/measurement.h"
#include "kinema/data/movie_source.h"
#include "kinema/report/page.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinema::codec {

/// How a report is made.
struct ReportOptions {
  Memory budget{25e6};
  report::Fit fit = report::Fit::crop;
  int bits = 8;
  std::optional<Index> frame;

  static void fields(auto& self, auto&& visit) {
    visit("budget", self.budget, "size that the movies may take in the page");
    visit("fit", self.fit, "what gives way first where frames are too large for the budget");
    visit("bits", self.bits, "bits of a pixel in the page: 8, 16, or 32 for floats");
    visit("frame", self.frame, "frame whose power spectrum is shown; auto takes the middle one");
  }
};

/// Bytes on disk, all of them counted.
struct StoredSize {
  Index container = 0;  // the whole file
  Index snapshots = 0;  // of these, the coded snapshots; the rest is masks, table, provenance, HDF5
};

/// What a report shows. Sources are read in any order and must outlive the call; all movies have
/// the decoded one's frame size and at least its number of frames.
struct ReportInput {
  std::string title, subtitle;
  MovieSource* decoded = nullptr;    // required
  MovieSource* raw = nullptr;        // as recorded
  MovieSource* reference = nullptr;  // clean truth
  std::vector<Group> groups;         // of the measurement; none: no measurement is shown
  std::function<Array<float, 2>(Index)> snapshot = {};  // number -> (Y, X)
  PixelType recorded = PixelType::u8;                   // of the movie that was encoded
  std::optional<StoredSize> stored = {};
  std::optional<double> kept_dose = {};       // share that the steps of the snapshots leave
  std::optional<Evaluation> evaluation = {};  // against `reference`, else `raw`
  Json settings = Json::object();             // name of a list -> {option: value}
  Json provenance = Json::object();           // name of an artefact -> its provenance
};

/// Lists in the page how the movie was coded: `decoded` is the provenance of the decoded movie, or
/// null.
void add_coding(ReportInput& input, const ContainerHeader& header, const Json& decoded);

/// The page of a coded movie; write `report(...).render()`. Throws InputError where the movies do
/// not fit together.
report::Page report(const ReportInput& input, const ReportOptions& options, Progress& progress);

}  // namespace kinema::codec
