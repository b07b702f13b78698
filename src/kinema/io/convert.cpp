// Copying movies from one file into another.
#include "kinema/io/convert.h"

#include "kinema/base/parallel.h"
#include "kinema/io/contrast.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <algorithm>
#include <chrono>

namespace kinema::io {
namespace {

constexpr Index most_bytes_at_once = Index{256} << 20;
constexpr Index bytes_of_a_step = Index{4} << 20;
constexpr double exact_in_f32 = 16777216.0;  // 2^24

/// f32 where `out` cannot hold the sums' own integers but floats hold them exactly.
std::optional<PixelType> exact_stand_in(const std::filesystem::path& out,
                                        PixelType recorded,
                                        Index bin) {
  const PixelType sums = binned_type(recorded, bin);
  const bool is_wide = sums == PixelType::u32 || sums == PixelType::i32;
  if (bin == 1 || writer_format(out) != "mrc" || !is_wide) return std::nullopt;
  if (largest_sum(recorded, bin) > exact_in_f32) return std::nullopt;
  return PixelType::f32;
}

WriteOptions write_options_for(const std::filesystem::path& out,
                               const ConvertOptions& options,
                               MovieSource& source) {
  WriteOptions wishes{options.contrast, options.scale_bar, options.fps, source.metadata()};
  if (!wishes.contrast && needs_contrast(out, source.format().type)) {
    wishes.contrast = contrast_of(source);
  }
  return wishes;
}

/// Hands frames to the writer in steps that take a second or two even where a video is made of
/// them, so that progress is seen and a stop is heard.
void write_in_steps(MovieWriter& writer,
                    Index first,
                    std::span<const std::byte> frames,
                    Index frame_bytes,
                    Progress& progress) {
  const Index step = std::max<Index>(bytes_of_a_step / frame_bytes, threads());
  while (!frames.empty()) {
    progress.check();
    const Index left = std::ssize(frames) / frame_bytes, count = std::min(step, left);
    const auto bytes = static_cast<std::size_t>(count * frame_bytes);
    writer.write(first, frames.first(bytes));
    progress.advance(count);
    frames = frames.subspan(bytes);
    first += count;
  }
}

}  // namespace

Converted convert(const std::filesystem::path& in,
                  const std::filesystem::path& out,
                  const ConvertOptions& options,
                  Index memory,
                  const Json& provenance,
                  Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_ptr<MovieSource> source = open_movie(in, options);
  const FrameFormat recorded = source->format();
  const PixelType taken = part_type(recorded.type, options.part);
  const auto stand_in = exact_stand_in(out, taken, options.bin);
  source = select(std::move(source), options, stand_in);

  const Index frames = source->frames().value();
  Converted result{movie_path(out, frames), source->format(), frames, source->info()};
  if (stand_in) {
    result.info.notes.push_back("MRC holds no " + to_text(binned_type(taken, options.bin)) +
                                "; the sums are written as float32, which holds them exactly");
  }
  const PixelType written = written_type(out, result.format.type);
  const WriteOptions wishes = write_options_for(out, options, *source);
  if (written == PixelType::u8 && needs_contrast(out, result.format.type) && wishes.contrast) {
    result.info.notes.push_back(to_text(result.format.type) +
                                " is shown as 8-bit levels, black at " +
                                shortest_text(wishes.contrast->black) + " and white at " +
                                shortest_text(wishes.contrast->white));
  }
  const auto writer =
      MovieWriter::create(out, result.format, result.frames, result.info, provenance, wishes);
  const Index per_frame = recorded.bytes() + result.format.bytes();
  const Index at_once =
      std::clamp<Index>(std::min(memory / 2, most_bytes_at_once) / per_frame, 1, result.frames);
  std::vector<std::byte> pixels(static_cast<std::size_t>(at_once * result.format.bytes()));
  progress.begin("convert", result.frames, "frames");
  for (Index first = 0; first < result.frames; first += at_once) {
    progress.check();
    const Index count = std::min(at_once, result.frames - first);
    const auto read =
        std::span(pixels).first(static_cast<std::size_t>(count * result.format.bytes()));
    source->read(first, count, read);
    write_in_steps(*writer, first, read, result.format.bytes(), progress);
  }
  writer->close();
  progress.end();
  result.bytes_read = static_cast<double>(recorded.bytes()) * static_cast<double>(result.frames);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace kinema::io
