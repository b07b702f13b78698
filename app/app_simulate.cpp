// simulate: movies with their truth.
#include "kinema/io/movie_writer.h"
#include "kinema/simulate/fibres.h"
#include "kinema/simulate/nanocrystals.h"
#include "kinema/simulate/particles.h"

#include <fmt/format.h>

#include "verb.h"
#include <memory>
#include <vector>

namespace kinema::app {
namespace {

template <class Scene>
struct SimulateOptions : Scene {
  std::string truth;

  static void fields(auto& self, auto&& visit) {
    visit("truth", self.truth, "write the clean movie (expected recorded values) to this file too");
    Scene::fields(self, visit);
  }
};

Json summary(const simulate::SimulatedMovie& movie, const simulate::SceneOptions& options) {
  const FrameFormat format = movie.format();
  return {{"frames", movie.frames()},
          {"height", format.height},
          {"width", format.width},
          {"dtype", to_text(format.type)},
          {"pixel_size_angstrom", options.pixel.value},
          {"dose_per_pixel_and_frame", options.dose.value},
          {"recorded_units_per_electron", movie.gain()}};
}

/// Writes the movie and, where it is named, its truth.
void write_movie(const simulate::SimulatedMovie& movie,
                 const std::string& out,
                 const std::string& truth_out,
                 const Json& provenance,
                 const Session& session) {
  const FrameFormat recorded_format = movie.format();
  FrameFormat clean_format = recorded_format;
  clean_format.type = PixelType::f32;
  const auto writer =
      io::MovieWriter::create(out, recorded_format, movie.frames(), movie.info(), provenance);
  std::unique_ptr<io::MovieWriter> truth;
  if (!truth_out.empty()) {
    truth =
        io::MovieWriter::create(truth_out, clean_format, movie.frames(), movie.info(), provenance);
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
}

template <class SimulatedMovie, class Scene>
Outcome simulate_movie(const Arguments& arguments,
                       const SimulateOptions<Scene>& options,
                       const Session& session) {
  const std::string out = arguments.at("OUT");
  session.require_writable(out);
  if (!options.truth.empty()) session.require_writable(options.truth);
  if (options.truth == out) throw InputError("simulate: " + out + " cannot hold both movies");

  const SimulatedMovie movie(options, Rng(session.globals.seed));
  const Json provenance = to_json(session.provenance(options_json(options)));
  write_movie(movie, out, options.truth, provenance, session);

  Outcome outcome{summary(movie, options), ""};
  outcome.json["movie"] = out;
  if (!options.truth.empty()) outcome.json["truth"] = options.truth;
  outcome.text = fmt::format("{}: {} frames of {} x {} {}, {} e/px at {} units per electron\n",
                             out,
                             movie.frames(),
                             movie.format().height,
                             movie.format().width,
                             to_text(movie.format().type),
                             shortest_text(options.dose.value),
                             shortest_text(movie.gain()));
  if (!options.truth.empty()) {
    outcome.text += fmt::format("{}: the clean truth, float32\n", options.truth);
  }
  return outcome;
}

template <class SimulatedMovie, class Scene>
Verb simulate_verb(std::string name, std::string summary) {
  return make_verb<SimulateOptions<Scene>>(std::move(name),
                                           std::move(summary),
                                           {},
                                           "the movie to write: .mrc, .tif or .npy",
                                           simulate_movie<SimulatedMovie, Scene>);
}

}  // namespace

std::vector<Verb> simulate_verbs() {
  return {simulate_verb<simulate::NanocrystalMovie, simulate::NanocrystalOptions>(
              "simulate nanocrystals",
              "an in-situ movie of gold nanocrystals on carbon, with its clean truth"),
          simulate_verb<simulate::FibreMovie, simulate::FibreOptions>(
              "simulate fibres",
              "a movie of carbon fibres that drift and bend on a film, with its clean truth"),
          simulate_verb<simulate::ParticleMovie, simulate::ParticleOptions>(
              "simulate particles",
              "a movie of metal particles that wander in a liquid cell, with its clean truth"),
          simulate_graphene_verb()};
}

}  // namespace kinema::app
