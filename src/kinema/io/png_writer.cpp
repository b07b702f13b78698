// Frames as PNG files, encoded by all threads, named all at once when the last is written.
#include "kinema/io/png_writer.h"

#include "kinema/base/parallel.h"
#include "kinema/base/units.h"
#include "kinema/data/version.h"
#include "kinema/io/contrast.h"
#include "kinema/io/file.h"
#include "kinema/io/file_names.h"
#include "kinema/io/file_set.h"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <exception>
#include <png.h>
#include <string>
#include <utility>
#include <vector>

namespace kinema::io {
namespace {

constexpr double most_per_metre = 2147483647.0;  // that pHYs can say
constexpr int compression_level = 1;
constexpr std::size_t most_digits = 20;  // of a number in a file's name

using Texts = std::vector<std::pair<std::string, std::string>>;

/// What libpng's callbacks see.
struct Writing {
  std::vector<std::byte> bytes;
  std::exception_ptr refusal;
  char message[200] = "";
};

[[noreturn]] void give_up(png_structp png, png_const_charp message) {
  auto* writing = static_cast<Writing*>(png_get_error_ptr(png));
  std::snprintf(writing->message, sizeof writing->message, "%s", message);
  png_longjmp(png, 1);
}

void drop_warning(png_structp, png_const_charp) {}
void flush_nothing(png_structp) {}

void append_bytes(png_structp png, png_bytep bytes, std::size_t count) {
  auto* writing = static_cast<Writing*>(png_get_io_ptr(png));
  try {
    const auto* from = reinterpret_cast<const std::byte*>(bytes);
    writing->bytes.insert(writing->bytes.end(), from, from + count);
  } catch (...) {
    writing->refusal = std::current_exception();
  }
  if (writing->refusal) png_error(png, "no memory");
}

/// Runs `step`, which must own nothing; false where libpng gave up.
template <class Step>
bool completes(png_structp png, const Step& step) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;  // NOLINT(cert-err52-cpp): libpng's way
  step();
  return true;
}

/// Facts that every frame's file carries.
struct Caption {
  Texts texts;
  std::optional<PixelSize> pixel_size;
};

struct Colour {
  int type, bits;
};

Colour colour_of(PixelType type) {
  switch (type) {
    case PixelType::u16:
      return {PNG_COLOR_TYPE_GRAY, 16};
    case PixelType::rgb:
      return {PNG_COLOR_TYPE_RGB, 8};
    case PixelType::rgba:
      return {PNG_COLOR_TYPE_RGB_ALPHA, 8};
    default:
      return {PNG_COLOR_TYPE_GRAY, 8};
  }
}

/// Everything into the callbacks; owns nothing.
void write_image(png_structp png,
                 png_infop info,
                 const FrameFormat& format,
                 std::vector<png_text>& texts,
                 const std::optional<PixelSize>& pixel_size,
                 const std::byte* pixels) {
  const auto [type, bits] = colour_of(format.type);
  png_set_user_limits(png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_set_IHDR(png,
               info,
               static_cast<png_uint_32>(format.width),
               static_cast<png_uint_32>(format.height),
               bits,
               type,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(png, compression_level);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);  // counts have nothing to predict
  if (!texts.empty()) png_set_text(png, info, texts.data(), static_cast<int>(texts.size()));
  if (pixel_size) {
    const double x = 1e10 / pixel_size->x.value, y = 1e10 / pixel_size->y.value;
    if (x >= 1.0 && y >= 1.0 && x <= most_per_metre && y <= most_per_metre) {
      png_set_pHYs(png,
                   info,
                   static_cast<png_uint_32>(std::lround(x)),
                   static_cast<png_uint_32>(std::lround(y)),
                   PNG_RESOLUTION_METER);
    }
  }
  png_write_info(png, info);
  if (bits == 16) png_set_swap(png);
  const Index row_bytes = format.bytes() / format.height;
  for (Index y = 0; y < format.height; ++y) {
    png_write_row(png, reinterpret_cast<png_const_bytep>(pixels + y * row_bytes));
  }
  png_write_end(png, info);
}

std::vector<std::byte> encode(const FrameFormat& format,
                              const Caption& caption,
                              const std::byte* pixels) {
  Writing writing;
  std::vector<png_text> texts;
  for (const auto& [key, text] : caption.texts) {
    png_text entry{};
    entry.compression = PNG_TEXT_COMPRESSION_NONE;
    entry.key = const_cast<char*>(key.c_str());    // NOLINT: libpng reads it only
    entry.text = const_cast<char*>(text.c_str());  // NOLINT
    texts.push_back(entry);
  }
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writing, give_up, drop_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  const bool complete = info != nullptr && completes(png, [&] {
                          png_set_write_fn(png, &writing, append_bytes, flush_nothing);
                          write_image(png, info, format, texts, caption.pixel_size, pixels);
                        });
  png_destroy_write_struct(&png, &info);
  if (writing.refusal) std::rethrow_exception(writing.refusal);
  if (!complete) throw InputError(std::string("PNG cannot hold these frames: ") + writing.message);
  return std::move(writing.bytes);
}

Caption caption_of(const WriteRequest& request, PixelType stored) {
  Caption caption;
  caption.texts.emplace_back("Software", std::string("kinema ") + KINEMA_VERSION);
  if (request.info.pixel_size) {
    caption.pixel_size = *request.info.pixel_size;
    caption.texts.emplace_back("PixelSize", to_text(*request.info.pixel_size));
  }
  if (request.info.frame_time) {
    caption.texts.emplace_back("FrameTime", to_text(*request.info.frame_time));
  }
  if (stored != request.format.type) {
    const Contrast& contrast = *request.options.contrast;
    caption.texts.emplace_back("GreyLevels",
                               "0 is " + shortest_text(contrast.black) + ", 255 is " +
                                   shortest_text(contrast.white) + " of " +
                                   to_text(request.format.type));
  }
  return caption;
}

class PngWriter : public MovieWriter {
 public:
  explicit PngWriter(const WriteRequest& request)
      : path_(request.path),
        format_(request.format),
        stored_{png_stored_type(format_.type).value(), format_.height, format_.width},
        written_(static_cast<std::size_t>(request.frames), 0) {
    if (stored_.type != format_.type && !request.options.contrast) {
      throw InputError(path_.string() + ": " + to_text(format_.type) +
                       " pixels need black and white to become 8-bit levels; write .tif and let "
                       "`kinema convert` find them");
    }
    contrast_ = request.options.contrast.value_or(Contrast{});
    caption_ = caption_of(request, stored_.type);
    for (Index t = 0; t < request.frames; ++t) require_file_or_nothing(name_of(t));
  }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() override {
    if (keep_ || closed_) return;
    for (Index t = 0; t < frame_count(); ++t) {
      std::error_code ignored;
      if (written_[static_cast<std::size_t>(t)] != 0) {
        std::filesystem::remove(PartialFile::partial_path(name_of(t)), ignored);
      }
    }
  }

  void write(Index first, std::span<const std::byte> frames) override {
    const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
    const auto count = static_cast<Index>(frames.size() / frame_bytes);
    if (frames.size() % frame_bytes != 0 || first < 0 || first + count > frame_count()) {
      throw std::logic_error("MovieWriter: frames outside the movie, or not whole");
    }
    parallel_for(count, [&](Index t) {
      const std::byte* pixels = frames.data() + static_cast<std::size_t>(t) * frame_bytes;
      written_[static_cast<std::size_t>(first + t)] = 1;
      write_frame(PartialFile::partial_path(name_of(first + t)), pixels);
    });
  }

  void close() override {
    if (std::find(written_.begin(), written_.end(), 0) != written_.end()) {
      throw std::logic_error("MovieWriter: closed before every frame was written");
    }
    sync_file_system(path_.parent_path());
    for (Index t = 0; t < frame_count(); ++t) {
      rename_to(PartialFile::partial_path(name_of(t)), name_of(t));
    }
    closed_ = true;
  }

  void keep_partial(bool keep) override { keep_ = keep; }

 private:
  Index frame_count() const { return static_cast<Index>(written_.size()); }
  std::filesystem::path name_of(Index frame) const {
    return png_frame_path(path_, frame_count(), frame);
  }

  void write_frame(const std::filesystem::path& path, const std::byte* pixels) const {
    if (stored_.type == format_.type) {
      write_new_file(path, encode(stored_, caption_, pixels));
      return;
    }
    std::vector<std::uint8_t> levels(static_cast<std::size_t>(format_.pixels()));
    levels_from(format_.type, pixels, contrast_, levels);
    write_new_file(path, encode(stored_, caption_, std::as_bytes(std::span(levels)).data()));
  }

  std::filesystem::path path_;
  FrameFormat format_, stored_;
  Contrast contrast_;
  Caption caption_;
  std::vector<char> written_;
  bool keep_ = false, closed_ = false;
};

}  // namespace

std::optional<PixelType> png_stored_type(PixelType type) {
  if (is_complex(type)) return std::nullopt;
  if (is_colour(type) || type == PixelType::u16) return type;
  return PixelType::u8;
}

std::unique_ptr<MovieWriter> create_png(const WriteRequest& request) {
  return std::make_unique<PngWriter>(request);
}

std::filesystem::path png_movie_path(const std::filesystem::path& path, Index frames) {
  if (frames == 1 || find_number(path.filename().string())) return path;
  return path.parent_path() / (path.stem().string() + "_%05d" + path.extension().string());
}

std::filesystem::path png_frame_path(const std::filesystem::path& path, Index frames, Index frame) {
  const std::string name = png_movie_path(path, frames).filename().string();
  const auto place = find_number(name);
  if (!place) return path;
  const auto [begin, end] = *place;
  const std::string width = name.substr(begin + 1, end - begin - 2);
  std::string number = std::to_string(frame);
  const std::size_t least = std::min(std::strtoul(width.c_str(), nullptr, 10), most_digits);
  if (number.size() < least) number.insert(0, least - number.size(), '0');
  return path.parent_path() / (name.substr(0, begin) + number + name.substr(end));
}

}  // namespace kinema::io
