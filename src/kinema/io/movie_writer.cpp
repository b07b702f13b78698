// One writer for all formats: each is a prefix, the frames one after another, and a suffix.
#include "kinema/io/movie_writer.h"

#include "kinema/io/file.h"
#include "kinema/io/mrc.h"
#include "kinema/io/npy.h"
#include "kinema/io/tiff_layout.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace kinema::io {
namespace {

/// Where a file's frames lie and what is around them.
struct Frame {
  std::vector<std::byte> prefix, suffix;
};

using StoredType = std::optional<PixelType> (*)(PixelType);

struct WriterFormat {
  const char* name;
  const char* endings;  // each with a dot, separated by spaces
  StoredType stored_type;
  Frame (*frame)(const FrameFormat&, Index frames, const MovieInfo&);
  bool wants_statistics;
  const char* mend;  // for a type that it cannot hold
};

std::optional<PixelType> same_type(PixelType type) {
  return type;
}

Frame mrc_frame(const FrameFormat& format, Index frames, const MovieInfo& info) {
  return {make_mrc_header(format, frames, info, std::nullopt), {}};
}

Frame tiff_frame(const FrameFormat& format, Index frames, const MovieInfo& info) {
  TiffFrame frame = make_tiff_frame(format, frames, info);
  return {std::move(frame.prefix), std::move(frame.suffix)};
}

Frame npy_frame(const FrameFormat& format, Index frames, const MovieInfo&) {
  const Index shape[] = {frames, format.height, format.width};
  return {make_npy_header(format.type, shape), {}};
}

constexpr WriterFormat writer_formats[] = {
    {"mrc", ".mrc .mrcs .map .st", mrc_stored_type, mrc_frame, true, "write .tif or .npy"},
    {"tiff", ".tif .tiff", same_type, tiff_frame, false, ""},
    {"npy", ".npy", same_type, npy_frame, false, ""},
};

const WriterFormat& find_format(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  std::string known;
  for (const WriterFormat& format : writer_formats) {
    const std::string endings = std::string(format.endings) + " ";
    if (!ending.empty() && endings.find(ending + " ") != std::string::npos) return format;
    known += (known.empty() ? "" : " ") + std::string(format.endings);
  }
  throw InputError(path.string() + ": the ending '" + ending +
                   "' names no format that kinema writes; use one of " + known);
}

/// Sums of one frame, from which those of the movie are made in whatever order frames came.
struct FrameSums {
  double smallest = 0.0, largest = 0.0, sum = 0.0, squares = 0.0;
};

FrameSums sums_of(PixelType type, const std::byte* pixels, Index count) {
  return with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* values = reinterpret_cast<const T*>(pixels);
    FrameSums sums{static_cast<double>(values[0]), static_cast<double>(values[0])};
    for (Index i = 0; i < count; ++i) {
      const auto value = static_cast<double>(values[i]);
      sums.smallest = std::min(sums.smallest, value);
      sums.largest = std::max(sums.largest, value);
      sums.sum += value;
      sums.squares += value * value;
    }
    return sums;
  });
}

DensityStatistics statistics_of(const std::vector<std::optional<FrameSums>>& frames, Index pixels) {
  FrameSums all = frames.front().value();
  all.sum = all.squares = 0.0;
  for (const auto& frame : frames) {
    all.smallest = std::min(all.smallest, frame->smallest);
    all.largest = std::max(all.largest, frame->largest);
    all.sum += frame->sum;
    all.squares += frame->squares;
  }
  const double count = static_cast<double>(pixels) * static_cast<double>(frames.size());
  const double mean = all.sum / count;
  const double variance = std::max(0.0, all.squares / count - mean * mean);
  return {all.smallest, all.largest, mean, std::sqrt(variance)};
}

Json sidecar_of(const WriterFormat& writer,
                const FrameFormat& format,
                Index frames,
                const MovieInfo& info,
                const Json& provenance) {
  Json json = {{"format", writer.name},
               {"frames", frames},
               {"height", format.height},
               {"width", format.width},
               {"dtype", to_text(format.type)}};
  if (info.pixel_size) {
    json["pixel_size_angstrom"] = {info.pixel_size->x.value, info.pixel_size->y.value};
  }
  if (info.frame_time) json["frame_time_seconds"] = info.frame_time->value;
  json["provenance"] = provenance;
  return json;
}

class RawWriter : public MovieWriter {
 public:
  RawWriter(const std::filesystem::path& path,
            const FrameFormat& format,
            Index frames,
            const MovieInfo& info,
            Json provenance,
            bool resumed)
      : path_(path),
        writer_(find_format(path)),
        format_(format),
        stored_{writer_.stored_type(format.type).value(), format.height, format.width},
        info_(info),
        provenance_(std::move(provenance)),
        frame_(writer_.frame(format, frames, info)),
        sums_(static_cast<std::size_t>(frames)),
        written_(sums_.size(), resumed),
        file_(resumed ? PartialFile::reopen(path) : PartialFile::create(path, file_bytes())) {
    if (resumed) return;
    file_.write_at(0, frame_.prefix);
    file_.write_at(suffix_at(), frame_.suffix);
  }

  /// The partial file that was reopened is of this movie.
  bool continues() const {
    if (file_.size() != file_bytes()) return false;
    std::vector<std::byte> prefix(frame_.prefix.size()), suffix(frame_.suffix.size());
    file_.read_at(0, prefix);
    file_.read_at(suffix_at(), suffix);
    return prefix == frame_.prefix && suffix == frame_.suffix;
  }

  void write(Index first, std::span<const std::byte> frames) override {
    const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
    const auto count = static_cast<Index>(frames.size() / frame_bytes);
    if (frames.size() % frame_bytes != 0 || first < 0 || first + count > frame_count()) {
      throw std::logic_error("MovieWriter: frames outside the movie, or not whole");
    }
    for (Index t = 0; t < count; ++t) {
      write_frame(first + t, frames.data() + static_cast<std::size_t>(t) * frame_bytes);
    }
  }

  void close() override {
    if (std::find(written_.begin(), written_.end(), false) != written_.end()) {
      throw std::logic_error("MovieWriter: closed before every frame was written");
    }
    if (writer_.wants_statistics) write_statistics();
    file_.commit();
    if (!provenance_.is_null()) {
      write_text_file(
          sidecar_path(path_),
          sidecar_of(writer_, format_, frame_count(), info_, provenance_).dump(2) + "\n");
    }
  }

  void keep_partial(bool keep) override { file_.keep(keep); }

 private:
  Index frame_count() const { return static_cast<Index>(sums_.size()); }
  std::uint64_t frame_at(Index t) const {
    return frame_.prefix.size() + static_cast<std::uint64_t>(t * stored_.bytes());
  }
  std::uint64_t suffix_at() const { return frame_at(frame_count()); }
  std::uint64_t file_bytes() const { return suffix_at() + frame_.suffix.size(); }

  void write_frame(Index t, const std::byte* pixels) {
    const auto index = static_cast<std::size_t>(t);
    if (writer_.wants_statistics) sums_[index] = sums_of(format_.type, pixels, format_.pixels());
    if (stored_.type == format_.type) {
      file_.write_at(frame_at(t), {pixels, static_cast<std::size_t>(format_.bytes())});
    } else {  // u8 held as u16
      std::vector<std::uint16_t> wide(static_cast<std::size_t>(format_.pixels()));
      std::transform(pixels, pixels + wide.size(), wide.begin(), [](std::byte pixel) {
        return std::to_integer<std::uint16_t>(pixel);
      });
      file_.write_at(frame_at(t), std::as_bytes(std::span(wide)));
    }
    written_[index] = true;
  }

  void write_statistics() {
    std::vector<std::byte> frame(static_cast<std::size_t>(stored_.bytes()));
    for (Index t = 0; t < frame_count(); ++t) {
      auto& sums = sums_[static_cast<std::size_t>(t)];
      if (sums) continue;
      file_.read_at(frame_at(t), frame);  // written by the run before
      sums = sums_of(stored_.type, frame.data(), stored_.pixels());
    }
    file_.write_at(
        0, make_mrc_header(format_, frame_count(), info_, statistics_of(sums_, stored_.pixels())));
  }

  std::filesystem::path path_;
  const WriterFormat& writer_;
  FrameFormat format_, stored_;
  MovieInfo info_;
  Json provenance_;
  Frame frame_;
  std::vector<std::optional<FrameSums>> sums_;
  std::vector<bool> written_;
  PartialFile file_;
};

void require_frame_sizes(const std::filesystem::path& path,
                         const FrameFormat& format,
                         Index frames) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (frames < 1 || format.height < 1 || format.width < 1 || frames > most ||
      format.height > most || format.width > most) {
    throw InputError(path.string() + ": a movie of " + std::to_string(frames) + " frames of " +
                     std::to_string(format.height) + " x " + std::to_string(format.width) +
                     " pixels cannot be written");
  }
  checked_product(checked_product(format.bytes(), 2), frames);
}

}  // namespace

std::unique_ptr<MovieWriter> MovieWriter::create(const std::filesystem::path& path,
                                                 const FrameFormat& format,
                                                 Index frames,
                                                 const MovieInfo& info,
                                                 const Json& provenance) {
  require_writable_type(path, format.type);
  require_frame_sizes(path, format, frames);
  return std::make_unique<RawWriter>(path, format, frames, info, provenance, /*resumed=*/false);
}

std::unique_ptr<MovieWriter> MovieWriter::resume(const std::filesystem::path& path,
                                                 const FrameFormat& format,
                                                 Index frames,
                                                 const MovieInfo& info,
                                                 const Json& provenance) {
  require_writable_type(path, format.type);
  require_frame_sizes(path, format, frames);
  if (!std::filesystem::exists(PartialFile::partial_path(path))) return nullptr;
  auto writer =
      std::make_unique<RawWriter>(path, format, frames, info, provenance, /*resumed=*/true);
  if (!writer->continues()) return nullptr;
  writer->keep_partial(false);
  return writer;
}

void require_writable_type(const std::filesystem::path& path, PixelType type) {
  const WriterFormat& format = find_format(path);
  if (format.stored_type(type)) return;
  throw InputError(path.string() + ": " + format.name + " files cannot hold " + to_text(type) +
                   " pixels; " + format.mend);
}

std::string writer_format(const std::filesystem::path& path) {
  return find_format(path).name;
}

std::filesystem::path sidecar_path(const std::filesystem::path& path) {
  return path.string() + ".json";
}

}  // namespace kinema::io
