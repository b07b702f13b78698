#include "film_file.h"

#include "kinema/base/parallel.h"
#include "kinema/io/file.h"
#include "kinema/io/file_names.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/video.h"
#include "kinema/report/gif.h"
#include "kinema/report/png.h"

#include <functional>
#include <vector>

namespace kinema::app {
namespace {

namespace fs = std::filesystem;

constexpr Index palette_samples = 6;

/// Makes the film's pictures, one for each thread at a time, and hands them on in order.
void play(const report::Film& film,
          Progress& progress,
          const std::function<void(Index, const report::Picture&)>& take) {
  const Index pictures = film.pictures(), together = std::max(1, threads());
  std::vector<report::Picture> made(static_cast<std::size_t>(together));
  progress.begin("film", pictures, "pictures");
  for (Index first = 0; first < pictures; first += together) {
    progress.check();
    const Index count = std::min(together, pictures - first);
    const auto make = [&](Index i) { made[static_cast<std::size_t>(i)] = film.picture(first + i); };
    if (count == 1) {
      make(0);  // by all threads
    } else {
      parallel_for(count, make);
    }
    for (Index i = 0; i < count; ++i) take(first + i, made[static_cast<std::size_t>(i)]);
    progress.advance(count);
  }
  progress.end();
}

void write_sidecar(const fs::path& path, const Json& provenance) {
  if (provenance.is_null()) return;
  const Json words{{"provenance", provenance}};
  io::write_text_file(io::sidecar_path(path), words.dump(2) + "\n");
}

void write_gif(const report::Film& film, const fs::path& path, Progress& progress) {
  std::vector<report::Picture> samples;
  for (Index i = 0; i < std::min(palette_samples, film.pictures()); ++i) {
    samples.push_back(film.picture(i * film.pictures() / palette_samples));
  }
  report::GifEncoder encoder(samples, film.fps());
  play(film, progress, [&](Index, const report::Picture& picture) { encoder.add(picture); });
  io::write_text_file(path, encoder.finish());
}

void write_frames(const report::Film& film,
                  const fs::path& path,
                  const Json& provenance,
                  Progress& progress) {
  std::unique_ptr<io::MovieWriter> writer;
  play(film, progress, [&](Index i, const report::Picture& picture) {
    const auto [height, width, channels] = picture.shape();
    if (!writer) {
      io::WriteOptions options;
      options.scale_bar = false;  // it is in the picture
      options.fps = film.fps();
      const FrameFormat format{PixelType::rgb, height, width};
      writer = io::MovieWriter::create(path, format, film.pictures(), {}, provenance, options);
    }
    writer->write(i, std::as_bytes(picture.flat()));
  });
  writer->close();
}

}  // namespace

bool is_still(const fs::path& path) {
  return io::lower_case(path.extension().string()) == ".png" && !io::find_number(path.string());
}

void write_film(const report::Film& film,
                const fs::path& path,
                const Json& provenance,
                Progress& progress) {
  const std::string ending = io::lower_case(path.extension().string());
  if (ending == ".gif") {
    write_gif(film, path, progress);
    write_sidecar(path, provenance);
  } else if (is_still(path)) {
    io::write_text_file(path, report::encode_png(film.picture(0).view()));
    write_sidecar(path, provenance);
  } else {
    write_frames(film, path, provenance, progress);
  }
}

std::string write_movie(const fs::path& folder, const FilmMaker& film_with, Progress& progress) {
  report::FilmOptions options;
  try {
    const Json found = io::video_module_info();
    if (!found.at("h264_encoder").is_null()) {
      write_film(*film_with(options), folder / "movie.mp4", nullptr, progress);
      return "";
    }
  } catch (const InputError&) {  // the module is missing: what follows says so
  }
  options.size = {640, 360};
  options.fps = 10.0;
  write_film(*film_with(options), folder / "movie.gif", nullptr, progress);
  return std::string("movie.gif stands for movie.mp4: there is no encoder for H.264; ") +
         io::video_mend;
}

}  // namespace kinema::app
