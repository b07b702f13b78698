// Videos out: what people look at as H.264 (contrast, scale bar, even sizes), what must not lose a
// bit as FFV1.
#include "kinema/base/parallel.h"
#include "kinema/io/contrast.h"
#include "kinema/io/file.h"
#include "kinema/io/scale_bar.h"
#include "kinema/io/video.h"
#include "kinema/io/video_load.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace kinema::io {
namespace {

constexpr double fastest_fps = 1000.0;
constexpr Index largest_side = 16384;

/// What the file is to say of itself, in the `comment` tag.
std::string comment_of(const MovieInfo& info) {
  Json words = Json::object();
  if (info.pixel_size) {
    words["pixel_size_angstrom"] = {info.pixel_size->x.value, info.pixel_size->y.value};
  }
  if (info.frame_time) words["frame_time_seconds"] = info.frame_time->value;
  if (info.voltage) words["voltage_kv"] = info.voltage->value;
  if (info.dose) words["dose_electrons_per_pixel"] = info.dose->value;
  if (info.detector) words["detector"] = *info.detector;
  if (info.date) words["date"] = *info.date;
  return Json{{"kinema", words}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const char* container_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (ending == ".mp4") return "mp4";
  if (ending == ".mov") return "mov";
  return ending == ".avi" ? "avi" : "matroska";
}

Index even(Index size) {
  return size + size % 2;
}

/// Frames on their way to the module's encoder, in order.
class VideoFileWriter : public MovieWriter {
 public:
  VideoFileWriter(const WriteRequest& request, const char* codec, const FrameFormat& coded)
      : module_(video_module()),
        path_(request.path),
        format_(request.format),
        frames_(request.frames),
        file_(PartialFile::create(path_, 0)) {
    const double fps = request.options.fps;
    if (!(fps > 0.0) || fps > fastest_fps) {
      throw InputError("--fps " + shortest_text(fps) +
                       " makes no sense; it is above 0 and up to 1000");
    }
    if (coded.height > largest_side || coded.width > largest_side) {
      throw InputError(path_.string() + ": frames of " + std::to_string(coded.height) + " x " +
                       std::to_string(coded.width) +
                       " pixels are too large for a video; --bin or --crop makes them smaller");
    }
    const Json words = {{"container", container_of(path_)},
                        {"codec", codec},
                        {"dtype", to_text(coded.type)},
                        {"height", coded.height},
                        {"width", coded.width},
                        {"fps", fps},
                        {"comment", comment_of(request.info)},
                        {"threads", threads()}};
    VideoError error;
    writer_ =
        module_.open_writer(PartialFile::partial_path(path_).c_str(), words.dump().c_str(), &error);
    if (writer_ == nullptr) throw_video_error(path_, error);
  }
  VideoFileWriter(const VideoFileWriter&) = delete;
  VideoFileWriter& operator=(const VideoFileWriter&) = delete;
  ~VideoFileWriter() override { module_.close_writer(writer_); }

  void write(Index first, std::span<const std::byte> frames) override {
    const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
    const auto count = static_cast<Index>(frames.size() / frame_bytes);
    if (frames.size() % frame_bytes != 0 || first != written_ || first + count > frames_) {
      throw std::logic_error("MovieWriter: a video takes whole frames, in order");
    }
    for (; !frames.empty(); frames = frames.subspan(frame_bytes), ++written_) {
      VideoError error;
      const std::byte* pixels = prepared(frames.first(frame_bytes));
      if (!module_.write(writer_, pixels, &error)) throw_video_error(path_, error);
    }
  }

  void close() override {
    if (written_ != frames_) {
      throw std::logic_error("MovieWriter: closed before every frame was written");
    }
    VideoError error;
    if (!module_.finish(writer_, &error)) throw_video_error(path_, error);
    file_.commit();
  }

  /// A video cannot be gone on with: its partial file is worth nothing.
  void keep_partial(bool) override {}

 protected:
  /// The frame as the encoder takes it; valid until the next one.
  virtual const std::byte* prepared(std::span<const std::byte> frame) { return frame.data(); }
  const FrameFormat& format() const { return format_; }

 private:
  const VideoModule& module_;
  std::filesystem::path path_;
  FrameFormat format_;
  Index frames_, written_ = 0;
  PartialFile file_;
  VideoWriter* writer_ = nullptr;
};

/// What H.264 players show: 8 bits, even sizes.
FrameFormat shown_format(const FrameFormat& format) {
  return {format.type == PixelType::rgb ? PixelType::rgb : PixelType::u8,
          even(format.height),
          even(format.width)};
}

class H264Writer : public VideoFileWriter {
 public:
  explicit H264Writer(const WriteRequest& request)
      : VideoFileWriter(request, "h264", shown_format(request.format)),
        shown_(shown_format(request.format)),
        contrast_(request.options.contrast) {
    const FrameFormat& format = request.format;
    if (!contrast_ && format.type == PixelType::u8) contrast_ = Contrast{};
    if (request.options.scale_bar && request.info.pixel_size) {
      bar_ = scale_bar_for(format.height, format.width, request.info.pixel_size->x);
    }
    const auto channels = static_cast<std::size_t>(bytes_of(shown_.type));
    levels_.resize(static_cast<std::size_t>(format.pixels()) * channels);
    padded_.resize(static_cast<std::size_t>(shown_.pixels()) * channels);
  }

 private:
  const std::byte* prepared(std::span<const std::byte> frame) override {
    const FrameFormat levels{shown_.type, format().height, format().width};
    if (shown_.type == PixelType::rgb) {
      std::memcpy(levels_.data(), frame.data(), frame.size());
    } else {
      // Who knows the whole movie gives the limits; else the first frame does.
      if (!contrast_) {
        ArraySource first(frame.data(), format(), 1);
        contrast_ = contrast_of(first);
      }
      levels_from(format().type, frame.data(), *contrast_, levels_);
    }
    if (bar_) draw_scale_bar(*bar_, levels, levels_);
    pad(levels.height, levels.width);
    return reinterpret_cast<const std::byte*>(padded_.data());
  }

  /// Odd sizes grow by a copy of the last column and row.
  void pad(Index height, Index width) {
    const auto each = static_cast<std::size_t>(bytes_of(shown_.type));
    const std::size_t from = static_cast<std::size_t>(width) * each;
    const std::size_t to = static_cast<std::size_t>(shown_.width) * each;
    for (Index y = 0; y < shown_.height; ++y) {
      const std::uint8_t* row =
          levels_.data() + static_cast<std::size_t>(std::min(y, height - 1)) * from;
      std::uint8_t* out = padded_.data() + static_cast<std::size_t>(y) * to;
      std::memcpy(out, row, from);
      if (to > from) std::memcpy(out + from, row + from - each, each);
    }
  }

  FrameFormat shown_;
  std::optional<Contrast> contrast_;
  std::optional<ScaleBar> bar_;
  std::vector<std::uint8_t> levels_, padded_;
};

}  // namespace

std::optional<PixelType> h264_stored_type(PixelType type) {
  if (type == PixelType::rgb) return type;
  if (!is_grey(type)) return std::nullopt;
  return PixelType::u8;
}

std::unique_ptr<MovieWriter> create_h264(const WriteRequest& request) {
  return std::make_unique<H264Writer>(request);
}

std::optional<PixelType> ffv1_stored_type(PixelType type) {
  const bool exact = type == PixelType::u8 || type == PixelType::u16 || is_colour(type);
  return exact ? std::optional(type) : std::nullopt;
}

std::unique_ptr<MovieWriter> create_ffv1(const WriteRequest& request) {
  return std::make_unique<VideoFileWriter>(request, "ffv1", request.format);
}

}  // namespace kinema::io
