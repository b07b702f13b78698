// One writer for all formats whose frames lie one after another.
#include "kinema/io/raw_writer.h"

#include "kinema/io/file.h"
#include "kinema/io/mrc.h"
#include "kinema/io/npy.h"
#include "kinema/io/tiff_layout.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kinema::io {
namespace {

/// What lies around the frames.
struct Frame {
  std::vector<std::byte> prefix, suffix;
};

struct RawFormat {
  std::optional<PixelType> (*stored_type)(PixelType);
  Frame (*frame)(const WriteRequest&);
  bool wants_statistics;
};

Frame mrc_frame(const WriteRequest& request) {
  std::vector<std::byte> prefix =
      make_mrc_header(request.format, request.frames, request.info, std::nullopt);
  const std::vector<std::byte> extended = make_mrc_extended(request.info, request.frames);
  prefix.insert(prefix.end(), extended.begin(), extended.end());
  return {std::move(prefix), {}};
}

Frame tiff_frame(const WriteRequest& request, const TiffDescription& description) {
  TiffFrame frame = make_tiff_frame(request.format, request.frames, request.info, description);
  return {std::move(frame.prefix), std::move(frame.suffix)};
}

Frame imagej_frame(const WriteRequest& request) {
  return tiff_frame(request, imagej_description(request.frames, request.info));
}

Frame ome_frame(const WriteRequest& request) {
  const std::string name = request.path.filename().string();
  return tiff_frame(request, ome_description(request.format, request.frames, request.info, name));
}

Frame npy_frame(const WriteRequest& request) {
  const Index shape[] = {request.frames, request.format.height, request.format.width};
  return {make_npy_header(request.format.type, shape), {}};
}

constexpr RawFormat mrc_format = {mrc_stored_type, mrc_frame, true};
constexpr RawFormat tiff_format = {tiff_stored_type, imagej_frame, false};
constexpr RawFormat ome_format = {ome_stored_type, ome_frame, false};
constexpr RawFormat npy_format = {npy_stored_type, npy_frame, false};

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

class RawWriter : public MovieWriter {
 public:
  RawWriter(const WriteRequest& request, const RawFormat& raw, bool resumed)
      : raw_(raw),
        format_(request.format),
        stored_{raw.stored_type(format_.type).value(), format_.height, format_.width},
        info_(request.info),
        frame_(raw.frame(request)),
        sums_(static_cast<std::size_t>(request.frames)),
        written_(sums_.size(), resumed),
        file_(resumed ? PartialFile::reopen(request.path)
                      : PartialFile::create(request.path, file_bytes())) {
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
    if (wants_statistics()) write_statistics();
    file_.commit();
  }

  void keep_partial(bool keep) override { file_.keep(keep); }

 private:
  /// Complex numbers have no least and no greatest.
  bool wants_statistics() const { return raw_.wants_statistics && is_grey(format_.type); }
  Index frame_count() const { return static_cast<Index>(sums_.size()); }
  std::uint64_t frame_at(Index t) const {
    return frame_.prefix.size() + static_cast<std::uint64_t>(t * stored_.bytes());
  }
  std::uint64_t suffix_at() const { return frame_at(frame_count()); }
  std::uint64_t file_bytes() const { return suffix_at() + frame_.suffix.size(); }

  void write_frame(Index t, const std::byte* pixels) {
    const auto index = static_cast<std::size_t>(t);
    if (wants_statistics()) sums_[index] = sums_of(format_.type, pixels, format_.pixels());
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

  const RawFormat& raw_;
  FrameFormat format_, stored_;
  MovieInfo info_;
  Frame frame_;
  std::vector<std::optional<FrameSums>> sums_;
  std::vector<bool> written_;
  PartialFile file_;
};

std::unique_ptr<MovieWriter> create(const WriteRequest& request, const RawFormat& raw) {
  return std::make_unique<RawWriter>(request, raw, /*resumed=*/false);
}

std::unique_ptr<MovieWriter> resume(const WriteRequest& request, const RawFormat& raw) {
  if (!std::filesystem::exists(PartialFile::partial_path(request.path))) return nullptr;
  auto writer = std::make_unique<RawWriter>(request, raw, /*resumed=*/true);
  if (!writer->continues()) return nullptr;
  writer->keep_partial(false);
  return writer;
}

}  // namespace

std::unique_ptr<MovieWriter> create_mrc(const WriteRequest& request) {
  return create(request, mrc_format);
}
std::unique_ptr<MovieWriter> resume_mrc(const WriteRequest& request) {
  return resume(request, mrc_format);
}

std::optional<PixelType> tiff_stored_type(PixelType type) {
  return type;
}
std::unique_ptr<MovieWriter> create_tiff(const WriteRequest& request) {
  return create(request, tiff_format);
}
std::unique_ptr<MovieWriter> resume_tiff(const WriteRequest& request) {
  return resume(request, tiff_format);
}

std::unique_ptr<MovieWriter> create_ome_tiff(const WriteRequest& request) {
  return create(request, ome_format);
}
std::unique_ptr<MovieWriter> resume_ome_tiff(const WriteRequest& request) {
  return resume(request, ome_format);
}

std::optional<PixelType> npy_stored_type(PixelType type) {
  return type;
}
std::unique_ptr<MovieWriter> create_npy(const WriteRequest& request) {
  return create(request, npy_format);
}
std::unique_ptr<MovieWriter> resume_npy(const WriteRequest& request) {
  return resume(request, npy_format);
}

}  // namespace kinema::io
