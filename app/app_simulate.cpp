// simulate: movies with their truth.
#include "kinema/io/movie_writer.h"
#include "kinema/simulate/nanocrystals.h"

#include <fmt/format.h>

#include "verb.h"
#include <memory>
#include <vector>

namespace kinema::app {
namespace {

struct SimulateOptions : simulate::NanocrystalOptions {
  std::string truth;

  static void fields(auto& self, auto&& visit) {
    visit("truth", self.truth, "write the clean movie (expected recorded values) to this file too");
    simulate::NanocrystalOptions::fields(self, visit);
  }
};

Json summary(const simulate::NanocrystalMovie& movie, const SimulateOptions& options) {
  const FrameFormat format = movie.format();
  return {{"frames", movie.frames()},
          {"height", format.height},
          {"width", format.width},
          {"dtype", to_text(format.type)},
          {"pixel_size_angstrom", options.pixel.value},
          {"dose_per_pixel_and_frame", options.dose.value},
          {"recorded_units_per_electron", movie.gain()}};
}

Outcome simulate_nanocrystals(const Arguments& arguments,
                              const SimulateOptions& options,
                              const Session& session) {
  const std::string out = arguments.at("OUT");
  session.require_writable(out);
  if (!options.truth.empty()) session.require_writable(options.truth);
  if (options.truth == out) throw InputError("simulate: " + out + " cannot hold both movies");

  const simulate::NanocrystalMovie movie(options, Rng(session.globals.seed));
  const Json provenance = to_json(session.provenance(options_json(options)));
  const FrameFormat recorded_format = movie.format();
  FrameFormat clean_format = recorded_format;
  clean_format.type = PixelType::f32;
  const auto writer =
      io::MovieWriter::create(out, recorded_format, movie.frames(), movie.info(), provenance);
  std::unique_ptr<io::MovieWriter> truth;
  if (!options.truth.empty()) {
    truth = io::MovieWriter::create(
        options.truth, clean_format, movie.frames(), movie.info(), provenance);
  }

  std::vector<float> clean(static_cast<std::size_t>(recorded_format.pixels()));
  std::vector<std::byte> recorded(static_cast<std::size_t>(recorded_format.bytes()));
  session.progress.begin("simulate", movie.frames(), "frames");
  for (Index t = 0; t < movie.frames(); ++t) {
    session.progress.check();
    movie.clean(t, clean);
    movie.record(t, clean, recorded);
    writer->write(t, recorded);
    if (truth) truth->write(t, std::as_bytes(std::span(clean)));
    session.progress.advance(1);
  }
  writer->close();
  if (truth) truth->close();
  session.progress.end();

  Outcome outcome{summary(movie, options), ""};
  outcome.json["movie"] = out;
  if (truth) outcome.json["truth"] = options.truth;
  outcome.text = fmt::format("{}: {} frames of {} x {} {}, {} e/px at {} units per electron\n",
                             out,
                             movie.frames(),
                             recorded_format.height,
                             recorded_format.width,
                             to_text(recorded_format.type),
                             shortest_text(options.dose.value),
                             shortest_text(movie.gain()));
  if (truth) outcome.text += fmt::format("{}: the clean truth, float32\n", options.truth);
  return outcome;
}

}  // namespace

std::vector<Verb> simulate_verbs() {
  return {make_verb<SimulateOptions>(
      "simulate nanocrystals",
      "an in-situ movie of gold nanocrystals on carbon, with its clean truth",
      {},
      "the movie to write: .mrc, .tif or .npy",
      simulate_nanocrystals)};
}

}  // namespace kinema::app
