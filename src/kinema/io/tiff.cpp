// libtiff behind MovieSource: its messages become errors, its directories become frames.
#include "kinema/io/tiff.h"

#include "kinema/io/raw_source.h"

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {
namespace {

constexpr Index most_directories = Index{1} << 20;

/// Keeps libtiff's last complaint instead of printing it.
int keep_message(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  *static_cast<std::string*>(user) = text;
  return 1;
}

int drop_message(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

/// An open TIFF file and what libtiff last complained of.
class Tiff {
 public:
  explicit Tiff(std::filesystem::path path) : path_(std::move(path)) {
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_message, message_.get());
    TIFFOpenOptionsSetWarningHandlerExtR(options, drop_message, nullptr);
    // c: strips as they are; m: no memory map, which a file that shrinks would break.
    tiff_.reset(TIFFOpenExt(path_.c_str(), "rcm", options));
    TIFFOpenOptionsFree(options);
    if (!tiff_) fail("cannot be opened as TIFF");
  }
  TIFF* get() const { return tiff_.get(); }
  const std::filesystem::path& path() const { return path_; }

  [[noreturn]] void fail(const std::string& what) const {
    const std::uint64_t place = tiff_ ? TIFFCurrentDirOffset(tiff_.get()) : 0;
    throw FileError(path_, place, what + (message_->empty() ? "" : ": " + *message_));
  }

  template <class T>
  T field(std::uint32_t tag, T fallback) const {
    T value{};
    return TIFFGetFieldDefaulted(tiff_.get(), tag, &value) == 1 ? value : fallback;
  }
  std::string text(std::uint32_t tag) const {
    const char* value = nullptr;
    return TIFFGetField(tiff_.get(), tag, &value) == 1 && value != nullptr ? value : "";
  }

 private:
  std::filesystem::path path_;
  std::unique_ptr<std::string> message_ = std::make_unique<std::string>();
  std::unique_ptr<TIFF, CloseTiff> tiff_;
};

std::optional<PixelType> pixel_type(std::uint16_t sample_format, std::uint16_t bits) {
  if (sample_format == SAMPLEFORMAT_IEEEFP) {
    if (bits == 16) return PixelType::f16;
    if (bits == 32) return PixelType::f32;
    if (bits == 64) return PixelType::f64;
    return std::nullopt;
  }
  const bool is_signed = sample_format == SAMPLEFORMAT_INT;
  if (bits == 8) return is_signed ? PixelType::i8 : PixelType::u8;
  if (bits == 16) return is_signed ? PixelType::i16 : PixelType::u16;
  if (bits == 32) return is_signed ? PixelType::i32 : PixelType::u32;
  return std::nullopt;
}

std::string directory_name(Index directory) {
  return "directory " + std::to_string(directory);
}

/// Size and type of the current directory.
FrameFormat format_of(const Tiff& tiff, Index directory) {
  const auto samples = tiff.field<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  if (samples != 1) {
    throw FileError(tiff.path(),
                    TIFFCurrentDirOffset(tiff.get()),
                    directory_name(directory) + " has " + std::to_string(samples) +
                        " samples a pixel (colour); save the movie in grey levels");
  }
  const auto bits = tiff.field<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  const auto sample_format = tiff.field<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  const auto type =
      sample_format <= SAMPLEFORMAT_VOID ? pixel_type(sample_format, bits) : std::nullopt;
  if (!type) {
    throw FileError(tiff.path(),
                    TIFFCurrentDirOffset(tiff.get()),
                    directory_name(directory) + " holds " + std::to_string(bits) +
                        "-bit samples of format " + std::to_string(sample_format) +
                        "; known are integers of 8, 16 and 32 bits and floats of 16, 32 and 64");
  }
  const auto width = tiff.field<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
  const auto height = tiff.field<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
  if (width == 0 || height == 0) tiff.fail(directory_name(directory) + " has no size");
  return {*type, static_cast<Index>(height), static_cast<Index>(width)};
}

/// Refuses a size that the file cannot hold, before anything is allocated by it.
void require_plausible(const Tiff& tiff, const FrameFormat& format, Index directory) {
  constexpr Index best_compression = 1 << 16;
  const auto compression = tiff.field<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (TIFFIsCODECConfigured(compression) == 0) {
    throw FileError(tiff.path(),
                    TIFFCurrentDirOffset(tiff.get()),
                    directory_name(directory) + " is compressed by scheme " +
                        std::to_string(compression) +
                        ", which this libtiff does not decode; save "
                        "it with LZW, deflate or none");
  }
  const auto file_bytes = static_cast<Index>(std::filesystem::file_size(tiff.path()));
  const Index most =
      compression == COMPRESSION_NONE ? file_bytes : checked_product(file_bytes, best_compression);
  const bool tiled = TIFFIsTiled(tiff.get()) != 0;
  const std::uint64_t unit = tiled ? TIFFTileSize64(tiff.get()) : TIFFStripSize64(tiff.get());
  if (format.bytes() > most || unit == 0 || (tiled && unit > static_cast<std::uint64_t>(most))) {
    tiff.fail(directory_name(directory) + " declares " + std::to_string(format.height) + " x " +
              std::to_string(format.width) + " " + to_text(format.type) +
              " pixels, more than the file holds");
  }
}

/// A value of ImageJ's description, e.g. "unit" of "ImageJ=1.53\nunit=nm\n"; empty where absent.
std::string imagej_value(const std::string& description, const std::string& key) {
  const std::size_t at = description.find("\n" + key + "=");
  if (!description.starts_with("ImageJ=") || at == std::string::npos) return "";
  const std::size_t begin = at + key.size() + 2;
  return description.substr(begin, description.find_first_of("\r\n", begin) - begin);
}

/// libtiff hands resolutions over as 32-bit floats, which carry seven digits.
double seven_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return std::strtod(text, nullptr);
}

/// Pixel size and frame time as ImageJ leaves them in the first directory.
void read_calibration(const Tiff& tiff, MovieInfo& info) {
  const std::string description = tiff.text(TIFFTAG_IMAGEDESCRIPTION);
  const double interval = std::strtod(imagej_value(description, "finterval").c_str(), nullptr);
  if (std::isfinite(interval) && interval > 0.0) info.frame_time = {Time{interval}, "header"};

  const std::string unit = imagej_value(description, "unit");
  const auto angstrom = angstrom_per(unit);
  const auto x = tiff.field<float>(TIFFTAG_XRESOLUTION, 0.0F);
  const auto y = tiff.field<float>(TIFFTAG_YRESOLUTION, 0.0F);
  if (angstrom && x > 0.0F && y > 0.0F && std::isfinite(x) && std::isfinite(y)) {
    set_pixel_size(info, {{seven_digits(*angstrom / x)}, {seven_digits(*angstrom / y)}}, "header");
  } else if (!unit.empty()) {
    info.notes.push_back("the header's pixel size in units of '" + unit +
                         "' is a placeholder and is ignored");
  }
}

class TiffSource : public MovieSource {
 public:
  explicit TiffSource(Tiff tiff) : tiff_(std::move(tiff)) { scan(); }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return static_cast<Index>(offsets_.size()); }
  const MovieInfo& info() const override { return info_; }
  const Tiff& tiff() const { return tiff_; }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
    for (Index t = 0; t < count; ++t) {
      if (TIFFSetSubDirectory(tiff_.get(), offsets_[static_cast<std::size_t>(first + t)]) == 0) {
        tiff_.fail("frame " + std::to_string(first + t) + " cannot be found again");
      }
      const auto frame = out.subspan(static_cast<std::size_t>(t) * frame_bytes, frame_bytes);
      if (TIFFIsTiled(tiff_.get()) != 0)
        read_tiles(first + t, frame);
      else
        read_strips(first + t, frame);
    }
  }

 private:
  /// Visits every directory once: places, and that they are all alike. libtiff refuses loops.
  void scan() {
    Index directory = 0;
    do {
      if (directory >= most_directories) tiff_.fail("the file has more than 2^20 directories");
      if ((tiff_.field<std::uint32_t>(TIFFTAG_SUBFILETYPE, 0) & FILETYPE_REDUCEDIMAGE) != 0) {
        if (thumbnails_++ == 0)
          info_.notes.emplace_back("reduced images (thumbnails) are left out");
        continue;
      }
      const FrameFormat format = format_of(tiff_, directory);
      require_plausible(tiff_, format, directory);
      if (offsets_.empty())
        begin(format);
      else
        require_like_first(format, directory);
      offsets_.push_back(TIFFCurrentDirOffset(tiff_.get()));
    } while (++directory, next_directory());
    if (offsets_.empty()) tiff_.fail("the file has no image");
  }

  bool next_directory() {
    if (TIFFLastDirectory(tiff_.get()) != 0) return false;
    if (TIFFReadDirectory(tiff_.get()) == 0) {
      tiff_.fail("after " + std::to_string(offsets_.size()) + " frames a directory is broken");
    }
    return true;
  }

  void begin(const FrameFormat& format) {
    format_ = format;
    read_calibration(tiff_, info_);
    const auto photometric = tiff_.field<std::uint16_t>(TIFFTAG_PHOTOMETRIC, 1);
    if (photometric == PHOTOMETRIC_MINISWHITE) {
      info_.notes.emplace_back("the file shows 0 as white; numbers are kept as they are");
    } else if (photometric == PHOTOMETRIC_PALETTE) {
      info_.notes.emplace_back("the file has a colour table, which is ignored");
    }
  }

  void require_like_first(const FrameFormat& format, Index directory) const {
    if (format == format_) return;
    tiff_.fail(directory_name(directory) + " is " + std::to_string(format.height) + " x " +
               std::to_string(format.width) + " " + to_text(format.type) + " and the first is " +
               std::to_string(format_.height) + " x " + std::to_string(format_.width) + " " +
               to_text(format_.type) + "; frames of a movie must be alike");
  }

  void read_strips(Index frame, std::span<std::byte> out) {
    const auto rows = std::min<Index>(tiff_.field<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, 0xFFFFFFFF),
                                      format_.height);
    if (rows <= 0) tiff_.fail("frame " + std::to_string(frame) + " has strips of no rows");
    const Index row_bytes = format_.width * bytes_of(format_.type);
    std::uint32_t strip = 0;
    for (Index y = 0; y < format_.height; y += rows, ++strip) {
      const Index bytes = std::min(rows, format_.height - y) * row_bytes;
      const tmsize_t got =
          TIFFReadEncodedStrip(tiff_.get(), strip, out.data() + y * row_bytes, bytes);
      if (got != bytes) tiff_.fail("frame " + std::to_string(frame) + " cannot be decoded");
    }
  }

  void read_tiles(Index frame, std::span<std::byte> out) {
    const auto tile_width = static_cast<Index>(tiff_.field<std::uint32_t>(TIFFTAG_TILEWIDTH, 0));
    const auto tile_height = static_cast<Index>(tiff_.field<std::uint32_t>(TIFFTAG_TILELENGTH, 0));
    const Index each = bytes_of(format_.type), row_bytes = format_.width * each;
    std::vector<std::byte> tile(static_cast<std::size_t>(TIFFTileSize64(tiff_.get())));
    if (tile_width <= 0 || tile_height <= 0 ||
        static_cast<Index>(tile.size()) < tile_width * tile_height * each) {
      tiff_.fail("frame " + std::to_string(frame) + " has tiles of no size");
    }
    std::uint32_t index = 0;
    for (Index y = 0; y < format_.height; y += tile_height) {
      for (Index x = 0; x < format_.width; x += tile_width, ++index) {
        const auto size = static_cast<tmsize_t>(tile.size());
        if (TIFFReadEncodedTile(tiff_.get(), index, tile.data(), size) != size) {
          tiff_.fail("frame " + std::to_string(frame) + " cannot be decoded");
        }
        const Index bytes = std::min(tile_width, format_.width - x) * each;
        for (Index row = 0; row < std::min(tile_height, format_.height - y); ++row) {
          std::memcpy(out.data() + (y + row) * row_bytes + x * each,
                      tile.data() + row * tile_width * each,
                      static_cast<std::size_t>(bytes));
        }
      }
    }
  }

  Tiff tiff_;
  FrameFormat format_;
  std::vector<std::uint64_t> offsets_;  // of each frame's directory
  Index thumbnails_ = 0;
  MovieInfo info_;
};

/// ImageJ writes stacks beyond 4 GiB as one directory before all frames: those, or null.
std::unique_ptr<MovieSource> open_imagej_run(const TiffSource& source) {
  const Tiff& tiff = source.tiff();
  const std::string images = imagej_value(tiff.text(TIFFTAG_IMAGEDESCRIPTION), "images");
  const long frames = std::strtol(images.c_str(), nullptr, 10);
  if (source.frames() != 1 || frames <= 1 || TIFFIsTiled(tiff.get()) != 0 ||
      tiff.field<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE) != COMPRESSION_NONE) {
    return nullptr;
  }
  InputFile file(tiff.path());
  const std::uint64_t offset = TIFFGetStrileOffset(tiff.get(), 0);
  require_whole_frames(file, offset, source.format(), frames);
  const bool swapped = TIFFIsByteSwapped(tiff.get()) != 0;
  return std::make_unique<RawSource>(std::move(file),
                                     RawLayout{offset, source.format().type, swapped},
                                     source.format(),
                                     frames,
                                     source.info());
}

}  // namespace

bool is_tiff(std::span<const std::byte> head) {
  constexpr unsigned char marks[][4] = {
      {'I', 'I', 42, 0}, {'M', 'M', 0, 42}, {'I', 'I', 43, 0}, {'M', 'M', 0, 43}};
  return head.size() >= 8 && std::any_of(std::begin(marks), std::end(marks), [&](const auto& mark) {
           return std::memcmp(head.data(), mark, sizeof mark) == 0;
         });
}

std::unique_ptr<MovieSource> open_tiff(const std::filesystem::path& path, const ReadOptions&) {
  auto source = std::make_unique<TiffSource>(Tiff(path));
  if (auto run = open_imagej_run(*source)) return run;
  return source;
}

}  // namespace kinema::io
