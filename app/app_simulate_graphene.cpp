// simulate graphene: a movie of graphene, where its atoms are, and the optics it was taken with.
#include "kinema/base/parallel.h"
#include "kinema/io/extxyz.h"
#include "kinema/io/file.h"
#include "kinema/io/movie_writer.h"
#include "kinema/md/md.h"
#include "kinema/simulate/graphene.h"

#include <fmt/format.h>

#include "verb.h"
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace kinema::app {
namespace {

using simulate::GrapheneMovie;

constexpr double relaxed_force = 0.01;  // eV/angstrom: bonds within a thousandth of their length

/// What brings the bonds to rest.
enum class Relaxation : std::uint8_t { lcbop, airebo, tersoff, springs };
constexpr EnumName<Relaxation> relaxation_names[] = {{Relaxation::lcbop, "lcbop"},
                                                     {Relaxation::airebo, "airebo"},
                                                     {Relaxation::tersoff, "tersoff"},
                                                     {Relaxation::springs, "springs"}};
constexpr std::span<const EnumName<Relaxation>> enum_names(Relaxation) {
  return relaxation_names;
}

struct SimulateGrapheneOptions : simulate::GrapheneOptions {
  std::string truth, optics_out, clean;
  Relaxation relax = Relaxation::lcbop;

  static void fields(auto& self, auto&& visit) {
    visit("truth", self.truth, "write the places of all atoms to this file (.extxyz)");
    visit(
        "optics_out", self.optics_out, "write the optics to this file (.toml), for reconstruction");
    visit("clean", self.clean, "write the clean movie (expected recorded values) to this file");
    visit("relax",
          self.relax,
          "what brings the bonds to rest under the ripples: a force field (LAMMPS), or springs");
    simulate::GrapheneOptions::fields(self, visit);
  }
};

/// A LAMMPS that relaxes models within the sheet; empty for springs.
simulate::Relax relax_by(Relaxation relaxation, const Progress& progress) {
  if (relaxation == Relaxation::springs) return {};
  md::RelaxOptions options;
  options.hold_z = true;
  options.force_tolerance = relaxed_force;
  from_text(to_text(relaxation), options.force_field);
  std::shared_ptr<md::Engine> engine;
  try {
    engine = std::make_shared<md::Engine>();
  } catch (const InputError& error) {
    throw InputError(std::string(error.what()) + "; or relax by springs: --relax springs");
  }
  engine->watch(&progress);
  return
      [engine, options](const AtomicModel& model) { return engine->relax(model, options).model; };
}

void write_text(const std::string& path, const std::string& text) {
  auto file = io::PartialFile::create(path, text.size());
  file.write_at(0, std::as_bytes(std::span(text)));
  file.commit();
}

void write_movie(const GrapheneMovie& movie,
                 const std::string& out,
                 const std::string& clean_out,
                 const Json& provenance,
                 const Session& session) {
  const FrameFormat format = movie.format();
  FrameFormat clean_format = format;
  clean_format.type = PixelType::f32;
  const auto create = [&](const std::string& path, const FrameFormat& pixels) {
    return io::MovieWriter::create(path, pixels, movie.frames(), movie.info(), provenance);
  };
  const auto writer = create(out, format);
  const auto clean_writer = clean_out.empty() ? nullptr : create(clean_out, clean_format);

  const Index block = threads();  // frames at once, one to a thread
  std::vector<std::vector<std::byte>> recorded(static_cast<std::size_t>(block));
  std::vector<std::vector<float>> clean(recorded.size());
  session.progress.begin("simulate", movie.frames(), "frames");
  for (Index first = 0; first < movie.frames(); first += block) {
    const Index count = std::min(block, movie.frames() - first);
    parallel_for(count, [&](Index i) {
      session.progress.check();
      const Array<float, 2> electrons = movie.electrons(first + i);
      recorded[i].resize(static_cast<std::size_t>(format.bytes()));
      movie.record(first + i, electrons, recorded[i]);
      if (clean_writer) {
        clean[i].resize(static_cast<std::size_t>(format.pixels()));
        movie.clean(electrons, clean[i]);
      }
      session.progress.advance(1);
    });
    for (Index i = 0; i < count; ++i) {
      writer->write(first + i, recorded[i]);
      if (clean_writer) clean_writer->write(first + i, std::as_bytes(std::span(clean[i])));
    }
  }
  writer->close();
  if (clean_writer) clean_writer->close();
  session.progress.end();
}

double rms_height(const Trajectory& truth) {
  double sum = 0.0, count = 0.0;
  for (Index t = 0; t < truth.frames(); ++t) {
    for (Index i = 0; i < truth.atoms(); ++i) {
      if (truth.present(t, i) == 0) continue;
      sum += truth.positions(t, i, 2) * truth.positions(t, i, 2);
      count += 1.0;
    }
  }
  return count > 0.0 ? std::sqrt(sum / count) : 0.0;
}

Outcome simulate_graphene(const Arguments& arguments,
                          const SimulateGrapheneOptions& options,
                          const Session& session) {
  const std::string out = arguments.at("OUT");
  std::vector<std::string> files{out};
  for (const std::string& path : {options.truth, options.optics_out, options.clean}) {
    if (path.empty()) continue;
    if (std::find(files.begin(), files.end(), path) != files.end()) {
      throw InputError("simulate graphene: " + path + " is named twice");
    }
    files.push_back(path);
  }
  for (const std::string& path : files) session.require_writable(path);

  const GrapheneMovie movie(options,
                            relax_by(options.relax, session.progress),
                            Rng(session.globals.seed),
                            session.progress);
  const Trajectory truth = movie.truth();
  if (!options.truth.empty()) io::write_extxyz(options.truth, truth);
  if (!options.optics_out.empty()) {
    write_text(options.optics_out, toml_text(simulate::optics_json(options)));
  }
  write_movie(
      movie, out, options.clean, to_json(session.provenance(options_json(options))), session);

  const FrameFormat format = movie.format();
  Outcome outcome;
  outcome.json = {{"movie", out},
                  {"frames", movie.frames()},
                  {"height", format.height},
                  {"width", format.width},
                  {"dtype", to_text(format.type)},
                  {"atoms", truth.atoms()},
                  {"rms_height_angstrom", rms_height(truth)},
                  {"pixel_size_angstrom", options.pixel_size.value},
                  {"dose_per_square_angstrom_and_frame", options.dose.value},
                  {"recorded_units_per_electron", options.detector().gain}};
  outcome.text = fmt::format("{}: {} frames of {} x {} {}, {} atoms, heights {:.2f} A rms, {}\n",
                             out,
                             movie.frames(),
                             format.height,
                             format.width,
                             to_text(format.type),
                             truth.atoms(),
                             rms_height(truth),
                             to_text(options.dose));
  const auto tell = [&](const std::string& path, const char* key, const char* what) {
    if (path.empty()) return;
    outcome.json[key] = path;
    outcome.text += fmt::format("{}: {}\n", path, what);
  };
  tell(options.truth, "truth", "where every atom is in every frame");
  tell(options.optics_out, "optics", "the optics");
  tell(options.clean, "clean", "the clean movie, float32");
  return outcome;
}

}  // namespace

Verb simulate_graphene_verb() {
  return make_verb<SimulateGrapheneOptions>(
      "simulate graphene",
      "a movie of graphene at atomic resolution, with the place of every atom",
      {},
      "the movie to write: .mrc, .tif or .npy",
      simulate_graphene);
}

}  // namespace kinema::app
