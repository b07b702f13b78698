// restore: a movie calibrated, without bad pixels, drift and noise.
#include "kinema/base/hash.h"
#include "kinema/data/frame_range.h"
#include "kinema/io/convert.h"
#include "kinema/io/formats.h"
#include "kinema/restore/restore.h"

#include <fmt/format.h>

#include "facts_text.h"
#include "verb.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

namespace kinema::app {
namespace {

struct RestoreVerbOptions : restore::RestoreOptions {
  std::string dark, flat;
  FrameRange frames;
  bool input_hash = true;
  io::ReadOptions read;

  static void fields(auto& self, auto&& visit) {
    visit("dark", self.dark, "movie or image of the detector without beam; its mean is taken away");
    visit("flat",
          self.flat,
          "movie or image of the even beam, without its dark; frames are divided by its mean");
    restore::RestoreOptions::fields(self, visit);
    visit("frames", self.frames, "frames a:b to restore, half-open, from 0");
    visit("input_hash", self.input_hash, "hash the files for the provenance (reads them again)");
    io::ReadOptions::fields(self.read, visit);
  }
};

/// The mean of the movie at `path`; empty where none is named.
Array<float, 2> reference(const std::string& path, const char* name, const Session& session) {
  if (path.empty()) return {};
  return restore::mean_frame(*io::open_movie(path), name, session.progress);
}

Provenance provenance_of(const std::string& in,
                         const RestoreVerbOptions& options,
                         const Session& session) {
  Provenance provenance = session.provenance(options_json(options));
  if (!options.input_hash) return provenance;
  for (const std::string& path : {in, options.dark, options.flat}) {
    if (std::filesystem::is_regular_file(path)) provenance.inputs[path] = hash_file(path);
  }
  return provenance;
}

std::string text_of(const restore::Survey& survey) {
  std::string text;
  if (survey.defects) {
    text += fmt::format("  bad pixels   {} dead, {} hot, {} noisy\n",
                        survey.defects->dead,
                        survey.defects->hot,
                        survey.defects->noisy);
  }
  if (survey.noise) {
    text += fmt::format("  noise        gain {:.4g}, offset {:.4g}, read noise {:.4g} ({})\n",
                        survey.noise->gain,
                        survey.noise->offset,
                        survey.noise->read_noise,
                        survey.noise_source);
  }
  if (!survey.places.empty()) {
    const restore::Shift& last = survey.places.back();
    double farthest = 0.0;
    for (const restore::Shift& place : survey.places) {
      farthest = std::max(farthest, std::hypot(place.y, place.x));
    }
    text += fmt::format("  drift        {:.2f} px at most; y {:.2f}, x {:.2f} at the end\n",
                        farthest,
                        last.y,
                        last.x);
  }
  return text;
}

Outcome restore_movie(const Arguments& arguments,
                      const RestoreVerbOptions& options,
                      const Session& session) {
  const std::string in = arguments.at("MOVIE"), out = arguments.at("OUT");
  session.require_writable(out);
  io::require_writable_type(out, PixelType::f32);
  const auto begin = std::chrono::steady_clock::now();
  io::ConvertOptions part;
  part.frames = options.frames;
  const auto movie = io::select(io::open_movie(in, options.read), part);
  const FrameFormat recorded = movie->format();
  const Index frames = restore::restored_frames(movie->frames().value(), options);
  restore::require_memory(recorded, options, session.memory());
  const restore::Survey survey = restore::survey_movie(
      *movie,
      {reference(options.dark, "dark", session), reference(options.flat, "flat", session)},
      options,
      session.progress);

  const FrameFormat format{PixelType::f32, recorded.height, recorded.width};
  const MovieInfo info = restore::restored_info(movie->info(), movie->frames().value(), options);
  Json provenance = to_json(provenance_of(in, options, session));
  provenance["survey"] = to_json(survey);
  const auto writer = io::MovieWriter::create(out, format, frames, info, provenance);
  restore::restore(
      *movie,
      survey,
      options,
      [&](Index t, ArrayView<const float, 2> frame) {
        writer->write(t, std::as_bytes(frame.flat()));
      },
      session.progress,
      session.memory());
  writer->close();

  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Outcome outcome{{{"input", in}, {"movie", out}}, "", {}};
  outcome.json.update(describe(format, frames, info));
  outcome.json["survey"] = to_json(survey);
  outcome.json["seconds"] = seconds;
  outcome.text = out + ":\n" + movie_text(format, frames, info) + text_of(survey) +
                 fmt::format("  {:.2f} s\n", seconds);
  return outcome;
}

}  // namespace

std::vector<Verb> restore_verbs() {
  return {
      make_verb<RestoreVerbOptions>("restore",
                                    "take dark, flat, bad pixels, drift and noise out of a movie",
                                    {{"MOVIE", "the movie to restore"}},
                                    "the movie to write, float32: .mrc, .tif, .npy, ...",
                                    restore_movie)};
}

}  // namespace kinema::app
