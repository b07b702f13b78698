#include "atoms_movie.h"

#include "kinema/io/formats.h"

#include <mutex>

namespace kinema::app {
namespace {

/// Frames of a source as floats, from any thread.
std::function<Array<float, 2>(Index)> frame_reader(std::shared_ptr<MovieSource> source) {
  return [source, mutex = std::make_shared<std::mutex>()](Index frame) {
    const FrameFormat format = source->format();
    std::vector<std::byte> bytes(static_cast<std::size_t>(format.bytes()));
    {
      const std::lock_guard lock(*mutex);
      source->read(frame, 1, bytes);
    }
    auto values = Array<float, 2>::uninitialised({format.height, format.width});
    floats_from(format.type, bytes.data(), format.pixels(), values.data());
    return values;
  };
}

}  // namespace

atoms::MovieOfAtoms movie_of(const std::string& in,
                             const AtomsReconstructOptions& options,
                             const atoms::OpticsSettings& settings) {
  std::shared_ptr<MovieSource> source = io::open_movie(in, options.read);
  const MovieInfo info = source->info();
  const FrameFormat format = source->format();
  if (!info.pixel_size)
    throw InputError(in + ": the pixel size is not known: give --pixel-size \"0.2 A\"");
  if (options.gain <= 0.0) throw InputError("option 'gain': must be above 0");
  atoms::MovieOfAtoms movie;
  movie.height = format.height;
  movie.width = format.width;
  movie.pixel = *info.pixel_size;
  const double area = movie.pixel.x.value * movie.pixel.y.value;
  if (options.dose) {
    movie.dose = *options.dose;
  } else if (info.dose) {
    movie.dose = Fluence{info.dose->value / area};
  }
  if (info.frame_time) movie.frame_time = *info.frame_time;
  movie.recording = {options.gain,
                     options.read_noise * options.read_noise / (options.gain * options.gain),
                     settings.periodic};
  const FrameSpan span = resolve(options.frames, source->frames().value());
  for (Index t = span.first; t < span.last; ++t) movie.frames.push_back(t);
  movie.frame = frame_reader(std::move(source));
  return movie;
}

}  // namespace kinema::app
