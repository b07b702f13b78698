// render: films and pictures of atoms and volumes in 3D, made without a browser.
#include "kinema/data/frame_range.h"
#include "kinema/io/atom_files.h"
#include "kinema/io/file_list.h"
#include "kinema/io/file_names.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/volume.h"

#include <fmt/format.h>

#include "dynamics_output.h"
#include "film_file.h"
#include "verb.h"
#include <algorithm>
#include <filesystem>

namespace kinema::app {
namespace {

namespace fs = std::filesystem;

struct RenderOptions : report::FilmOptions {
  FrameRange frames;
  std::string colour = "height";
  std::optional<double> level;
  std::optional<Fluence> dose;
  std::optional<Time> frame_time;

  static void fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "which of the frames, a:b, half-open, from 0");
    visit("colour",
          self.colour,
          "what atoms are coloured by: height, sigma (standard error of z), or another value in "
          "the file: strain, sign_probability, ...");
    visit("level",
          self.level,
          "of the surface of volumes; auto: between nothing and the bright part");
    visit("dose", self.dose, "of a frame, e.g. \"8000 e/A^2\", for the words on the film");
    visit("frame_time", self.frame_time, "from one frame to the next; auto: as the file says");
    report::FilmOptions::fields(self, visit);
  }
};

bool is_volume(const fs::path& path) {
  const std::string ending = io::lower_case(path.extension().string());
  return ending == ".mrc" || ending == ".map" || ending == ".ccp4";
}

/// The last number in a file's name: the frame of volumes/frame_0042.mrc.
std::optional<Index> number_in(const fs::path& path) {
  const std::string name = path.stem().string();
  const std::size_t end = name.find_last_of("0123456789");
  if (end == std::string::npos) return std::nullopt;
  const std::size_t before = name.find_last_not_of("0123456789", end);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  if (end + 1 - begin > 9) return std::nullopt;
  return std::stoll(name.substr(begin, end + 1 - begin));
}

/// A folder stands for the results in it, a pattern for the files that it names.
std::vector<fs::path> inputs_of(const std::vector<std::string>& words) {
  std::vector<fs::path> files;
  for (const std::string& word : words) {
    const fs::path path(word);
    if (io::is_pattern(word) && !fs::exists(path)) {
      for (const fs::path& found : io::matching_paths(word)) files.push_back(found);
    } else if (!fs::is_directory(path)) {
      files.push_back(path);
    } else if (fs::exists(path / "trajectory.extxyz")) {
      files.push_back(path / "trajectory.extxyz");
    } else {
      const std::vector<Index> frames = frames_in(path);
      if (frames.empty()) {
        throw InputError(word + ": holds neither trajectory.extxyz nor volumes/frame_*.mrc");
      }
      for (const Index frame : frames) files.push_back(path / "volumes" / volume_name(frame));
    }
  }
  return files;
}

std::unique_ptr<report::Film> film_of_volumes(std::vector<fs::path> files,
                                              const RenderOptions& options,
                                              bool still) {
  const FrameSpan span = resolve(options.frames, static_cast<Index>(files.size()));
  files = {files.begin() + span.first, files.begin() + span.last};
  report::VolumeFilmInput input;
  for (const fs::path& file : files) {
    if (!is_volume(file)) {
      throw InputError(file.string() +
                       ": is no volume; give volumes (.mrc, .map) or one file of atoms");
    }
    const auto known = number_in(file);
    input.frames.push_back(known ? *known : static_cast<Index>(input.frames.size()));
  }
  input.volume = [files](std::size_t i) { return io::read_volume(files[i]); };
  input.level = options.level;
  input.frame_seconds = options.frame_time ? options.frame_time->value : 0.0;
  return report::volume_film(input, options, still);
}

Trajectory atoms_of(const fs::path& file, const RenderOptions& options) {
  const std::unique_ptr<io::AtomReader> reader = io::open_atoms(file);
  std::vector<io::AtomFrame> frames;
  while (std::optional<io::AtomFrame> frame = reader->next()) frames.push_back(std::move(*frame));
  const FrameSpan span = resolve(options.frames, static_cast<Index>(frames.size()));
  frames.erase(frames.begin() + span.last, frames.end());
  frames.erase(frames.begin(), frames.begin() + span.first);
  Trajectory trajectory = io::trajectory_of(std::move(frames), file);
  if (options.frame_time) trajectory.frame_time = *options.frame_time;
  return trajectory;
}

Outcome run_render(const Arguments& arguments,
                   const RenderOptions& options,
                   const Session& session) {
  const std::string out = arguments.at("OUT");
  if (out.empty()) throw InputError("no output is named; give -o movie.mp4, .gif or .png");
  session.require_writable(out);
  const bool still = is_still(out);
  if (io::lower_case(fs::path(out).extension().string()) != ".gif") {
    io::require_writable_type(out, PixelType::rgb);
  }
  const std::vector<fs::path> files = inputs_of(arguments.all("INPUT"));
  Trajectory trajectory;
  std::unique_ptr<report::Film> film;
  if (files.size() == 1 && !is_volume(files.front())) {
    trajectory = atoms_of(files.front(), options);
    const double dose = options.dose ? options.dose->value : 0.0;
    film = report::atom_film({&trajectory, options.colour, dose}, options, still);
  } else {
    film = film_of_volumes(files, options, still);
  }
  const Provenance provenance = session.provenance(options_json(options));
  write_film(*film, out, to_json(provenance), session.progress);
  const Index pictures = film->pictures();
  return {{{"output", out},
           {"pictures", pictures},
           {"width", options.size.width},
           {"height", options.size.height},
           {"fps", still ? Json() : Json(options.fps)}},
          still ? fmt::format("{}: a picture of {} pixels\n", out, to_text(options.size))
                : fmt::format("{}: {} pictures of {} pixels, {:.1f} s\n",
                              out,
                              pictures,
                              to_text(options.size),
                              static_cast<double>(pictures) / options.fps)};
}

}  // namespace

std::vector<Verb> render_verbs() {
  return {make_verb<RenderOptions>(
      "render",
      "a film or a picture of atoms or volumes in 3D",
      {{"INPUT",
        "atoms (.extxyz, .dump), volumes (.mrc) in order, or the folder of a reconstruction",
        true,
        true}},
      "the film (.mp4, .mov, .gif, film_%04d.png, ...) or, by .png, a picture of the first frame",
      run_render)};
}

}  // namespace kinema::app
