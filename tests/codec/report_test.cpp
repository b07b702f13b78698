// The report shows what is there, says what is not, and counts every bit.
#include "kinema/codec/report.h"

#include "kinema/base/rng.h"
#include "kinema/codec/report_spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace kinema::codec {
namespace {

constexpr Index frames = 6, height = 128, width = 144;

/// A lattice of 4-pixel fringes along x.
Movie lattice_movie() {
  Movie movie{Array<float, 3>({frames, height, width}), {}};
  for (Index t = 0; t < frames; ++t) {
    for (Index y = 0; y < height; ++y) {
      for (Index x = 0; x < width; ++x) {
        const double phase = 2.0 * std::numbers::pi * static_cast<double>(x) / 4.0;
        movie.frames(t, y, x) = static_cast<float>(100.0 + t + 20.0 * std::cos(phase));
      }
    }
  }
  return movie;
}

/// A report's input over movies that live as long as it does.
struct Example {
  Movie truth = lattice_movie();
  ArraySource decoded = source_of(truth), raw = source_of(truth), reference = source_of(truth);
  ReportInput input;

  Example() {
    input.title = "movie <b>";
    input.decoded = &decoded;
    input.raw = &raw;
    input.groups = {{0, 4}, {4, 2}};
    input.snapshot = [](Index s) {
      return Array<float, 2>({height, width}, static_cast<float>(s));
    };
    input.stored = StoredSize{1000, 900};
    input.settings = {{"decode", {{"decoder", "mean"}}}};
    input.provenance = {{"container", {{"command", "encode </script>"}}}};
  }

  report::Page page(const ReportOptions& options = {}) {
    Progress silent;
    return report(input, options, silent);
  }
};

/// The parts of the section with this heading; null where there is none.
Json section(const report::Page& page, const std::string& heading) {
  for (const Json& candidate : page.summary()["sections"]) {
    if (candidate["heading"] == heading) return candidate["parts"];
  }
  return {};
}

std::vector<std::string> pane_names(const report::Page& page) {
  std::vector<std::string> names;
  const Json panes = section(page, "Movies").back()["panes"];
  for (const Json& pane : panes) names.push_back(pane["name"]);
  return names;
}

TEST(Report, ShowsRawMeasurementDecodedAndResidual) {
  Example example;
  EXPECT_EQ(pane_names(example.page()),
            (std::vector<std::string>{"raw", "measurement", "decoded", "raw − decoded"}));
  example.input.reference = &example.reference;
  EXPECT_EQ(pane_names(example.page()).back(), "decoded − reference");
}

TEST(Report, AMeasurementIsShownOverTheFramesOfItsGroup) {
  Example example;
  const Json panes = section(example.page(), "Movies").back()["panes"];
  EXPECT_EQ(panes[1]["image_of"], Json({0, 0, 0, 0, 1, 1}));
}

TEST(Report, NeedsNothingButTheDecodedMovie) {
  Example example;
  ReportInput alone;
  alone.decoded = &example.decoded;
  Progress silent;
  const report::Page page = report(alone, {}, silent);
  EXPECT_EQ(pane_names(page), (std::vector<std::string>{"decoded"}));
  EXPECT_TRUE(section(page, "Rate in true bits").is_null());
}

TEST(Report, RateCountsEveryByteOfTheFile) {
  Example example;
  const Json rows = section(example.page(), "Rate in true bits")[1]["rows"];
  EXPECT_EQ(rows[0]["size"].get<Index>() + rows[1]["size"].get<Index>(), rows[2]["size"]);
  const double bits = 8.0 * 1000.0 / (frames * height * width);
  EXPECT_NEAR(rows[2]["bits per movie pixel"].get<double>(), bits, 1e-6);
}

TEST(Report, FindsTheSpacingOfALattice) {
  Example example;
  Movie noisy = example.truth;
  noisy.info.pixel_size = {PixelSize{0.5_A, 0.5_A}, "user"};
  Rng rng(7);
  for (float& value : noisy.frames.flat()) value += static_cast<float>(4.0 * rng.normal());
  ArraySource raw = source_of(noisy);
  example.input.raw = &raw;
  for (const Json& part : section(example.page(), "Spatial frequencies")) {
    if (part["kind"] != "table") continue;
    EXPECT_NEAR(part["rows"][0]["spacing (Å)"].get<double>(), 2.0, 0.01);
    return;
  }
  FAIL() << "no table of spots";
}

TEST(Report, AnEvaluationAddsItsCurvesAndBaselines) {
  Example example;
  Progress silent;
  example.input.reference = &example.reference;
  example.input.evaluation =
      evaluate(example.decoded, example.reference, &example.raw, {.ratio = 4}, silent);
  const report::Page page = example.page();
  EXPECT_EQ(section(page, "Quality")[0]["rows"].size(), 3U);
  const Json curves = section(page, "Frame by frame");
  EXPECT_EQ(curves[0]["series"].size(), 3U);
  EXPECT_EQ(curves[0]["x"].size(), static_cast<std::size_t>(frames));
}

TEST(Report, WithoutAReferenceFiguresAreSaidToBeAgainstTheRecordedMovie) {
  Example example;
  Progress silent;
  example.input.evaluation =
      evaluate(example.decoded, example.raw, &example.raw, {.ratio = 4}, silent);
  const report::Page page = example.page();
  EXPECT_EQ(section(page, "Quality")[0]["kind"], "note");
  EXPECT_EQ(section(page, "Quality")[1]["rows"].size(), 2U);  // raw against itself says nothing
  EXPECT_EQ(section(page, "Frame by frame")[0]["series"].size(), 2U);
}

TEST(Report, TextOfFilesDoesNoHarm) {
  Example example;
  const std::string html = example.page().render();
  EXPECT_EQ(html.find("movie <b>"), std::string::npos);
  EXPECT_EQ(html.find("encode </script>"), std::string::npos);
}

TEST(Report, TheSameMovieGivesTheSamePage) {
  Example one, other;
  EXPECT_EQ(one.page().render(), other.page().render());
}

TEST(Report, MoviesThatDoNotFitTogetherAreAnInputError) {
  Example example;
  const Movie cut{Array<float, 3>({frames - 1, height, width}), {}};
  ArraySource short_source = source_of(cut);
  example.input.raw = &short_source;
  EXPECT_THROW((void)example.page(), InputError);
}

TEST(Report, AMeasurementOfAnotherMovieIsAnInputError) {
  Example example;
  example.input.groups.push_back({frames, 4});
  EXPECT_THROW((void)example.page(), InputError);
  Example wider;
  wider.input.snapshot = [](Index) { return Array<float, 2>({height, width + 1}); };
  EXPECT_THROW((void)wider.page(), InputError);
}

TEST(Report, AFrameThatIsNotThereIsAnInputError) {
  Example example;
  ReportOptions options;
  options.frame = frames;
  EXPECT_THROW((void)example.page(options), InputError);
}

TEST(RingMeans, AFringeIsAPeakAtItsFrequency) {
  const Movie movie = lattice_movie();
  const Array<float, 2> square = central_square(movie.frames[0]);
  ASSERT_EQ(square.shape(), (Shape<2>{128, 128}));
  const std::vector<double> rings = ring_means(metrics::power_spectrum(square.view()));
  ASSERT_EQ(rings.size(), 64U);
  const auto peak = std::max_element(rings.begin(), rings.end()) - rings.begin() + 1;
  EXPECT_EQ(peak, 128 / 4);
}

}  // namespace
}  // namespace kinema::codec
