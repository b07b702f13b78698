// Judging files of any format.
#include "kinema/codec/validate.h"

#include "kinema/codec/container.h"
#include "kinema/io/formats.h"
#include "kinema/io/sequence_files.h"

#include <algorithm>

namespace kinema::codec {
namespace {

constexpr Index most_bytes_at_once = Index{64} << 20;

std::string without_path(const std::filesystem::path& path, std::string what) {
  const std::string prefix = path.string() + ": ";
  return what.starts_with(prefix) ? what.substr(prefix.size()) : what;
}

bool has_fatal(const std::vector<io::Departure>& departures) {
  return std::any_of(departures.begin(), departures.end(), [](const io::Departure& departure) {
    return departure.fatal;
  });
}

/// Reads every frame; where one cannot be read is a departure.
void read_frames(Verdict& verdict,
                 const io::ReadOptions& options,
                 Index memory,
                 Progress& progress) {
  try {
    const auto movie = io::open_movie(verdict.path, options);
    const Index frames = movie->frames().value(), bytes = movie->format().bytes();
    const Index at_once =
        std::clamp<Index>(std::min(memory / 2, most_bytes_at_once) / bytes, 1, frames);
    std::vector<std::byte> pixels(static_cast<std::size_t>(checked_product(at_once, bytes)));
    progress.begin("validate", frames, "frames");
    while (verdict.frames < frames) {
      progress.check();
      const Index count = std::min(at_once, frames - verdict.frames);
      movie->read(
          verdict.frames, count, std::span(pixels).first(static_cast<std::size_t>(count * bytes)));
      verdict.frames += count;
      progress.advance(count);
    }
    progress.end();
  } catch (const InputError& error) {
    verdict.departures.push_back({0,
                                  "from frame " + std::to_string(verdict.frames) + " on",
                                  without_path(verdict.path, error.what()),
                                  true});
  }
}

/// The format of a movie; an MRC file is known by its name too, for its header may be too damaged.
std::string format_of(const std::filesystem::path& path) {
  try {
    return io::movie_format(path);
  } catch (const InputError&) {
    const std::string ending = path.extension().string();
    if (ending == ".mrc" || ending == ".mrcs" || ending == ".map" || ending == ".st") return "mrc";
    throw;
  }
}

}  // namespace

bool Verdict::is_fatal() const {
  return has_fatal(departures);
}

Verdict validate(const std::filesystem::path& path,
                 const io::ReadOptions& options,
                 Index memory,
                 Progress& progress) {
  std::error_code absent;
  if (!std::filesystem::exists(path, absent) && !io::is_sequence(path)) {
    throw InputError(path.string() + ": there is no such file");
  }
  Verdict verdict{path.string(), "", {}, 0};
  if (is_container(path)) {
    verdict.format = "kinema container";
    verdict.departures = validate_container(path, progress);
    if (!verdict.is_fatal()) verdict.frames = ContainerReader(path).header().frames;
    return verdict;
  }
  verdict.format = format_of(path);
  if (verdict.format == "mrc" || verdict.format == "packed mrc") {
    verdict.departures = io::validate_mrc(path);
  }
  if (!verdict.is_fatal()) read_frames(verdict, options, memory, progress);
  return verdict;
}

Json to_json(const Verdict& verdict) {
  Json json{{"file", verdict.path},
            {"format", verdict.format},
            {"valid", verdict.departures.empty()},
            {"fatal", verdict.is_fatal()},
            {"frames_read", verdict.frames},
            {"departures", Json::array()}};
  for (const io::Departure& departure : verdict.departures) {
    json["departures"].push_back({{"offset", departure.offset},
                                  {"field", departure.field},
                                  {"what", departure.what},
                                  {"fatal", departure.fatal}});
  }
  return json;
}

}  // namespace kinema::codec
