// libpng behind MovieSource: its messages become errors, its jumps stay within this file.
#include "kinema/io/png.h"

#include "kinema/io/file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <png.h>
#include <string>

namespace kinema::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index most_frame_bytes = Index{2} << 30;
constexpr std::uint64_t most_chunk_bytes = 64 << 20;
constexpr Index best_compression = 1100;  // deflate makes at most 1032 bytes of one
constexpr double most_pixel_edge = 1e-6;  // metres; above are resolutions of screens and printers
constexpr std::size_t most_text = 64 << 10, most_texts = 1000;

/// What libpng's callbacks see.
struct Reading {
  const InputFile* file = nullptr;
  std::uint64_t position = 0;
  char message[200] = "";
  std::exception_ptr refusal;  // of the system
};

[[noreturn]] void give_up(png_structp png, png_const_charp message) {
  auto* reading = static_cast<Reading*>(png_get_error_ptr(png));
  std::snprintf(reading->message, sizeof reading->message, "%s", message);
  png_longjmp(png, 1);
}

void drop_warning(png_structp, png_const_charp) {}

/// libpng takes a chunk that is too long for a mistake to be warned of and makes room for it.
png_voidp bounded_malloc(png_structp, png_alloc_size_t size) {
  return size > most_chunk_bytes ? nullptr : std::malloc(size);
}

void bounded_free(png_structp, png_voidp memory) {
  std::free(memory);
}

void read_bytes(png_structp png, png_bytep out, std::size_t count) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (count > reading->file->size() - std::min(reading->position, reading->file->size())) {
    png_error(png, "the file ends early");
  }
  try {
    reading->file->read_at(reading->position, {reinterpret_cast<std::byte*>(out), count});
  } catch (...) {
    reading->refusal = std::current_exception();
  }
  if (reading->refusal) png_error(png, "the file cannot be read");
  reading->position += count;
}

/// Runs `step`, which must own nothing; false where libpng gave up.
template <class Step>
bool completes(png_structp png, const Step& step) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;  // NOLINT(cert-err52-cpp): libpng's way
  step();
  return true;
}

/// One pass over a PNG file.
class PngReader {
 public:
  explicit PngReader(const InputFile& file) {
    reading_.file = &file;
    png_ = png_create_read_struct_2(PNG_LIBPNG_VER_STRING,
                                    &reading_,
                                    give_up,
                                    drop_warning,
                                    nullptr,
                                    bounded_malloc,
                                    bounded_free);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, &info_, nullptr);
      throw FileError(file.path(), 0, "libpng does not start");
    }
    // No chunk is believed to be longer than the file; texts may be packed.
    const std::uint64_t most = std::min<std::uint64_t>(8 * file.size() + 4096, most_chunk_bytes);
    png_set_chunk_malloc_max(png_, static_cast<png_alloc_size_t>(most));
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  png_structp png() const { return png_; }
  png_infop info() const { return info_; }

  template <class Step>
  void run(const Step& step) {
    if (completes(png_, step)) return;
    if (reading_.refusal) std::rethrow_exception(reading_.refusal);
    fail(reading_.message);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(reading_.file->path(), reading_.position, "PNG: " + what);
  }

  /// Everything before the pixels. Of other chunks than plain texts, those that unpack are left
  /// out, and that of animations is kept.
  void read_header() {
    run([this] {
      constexpr png_byte unpacked[] = "zTXt\0iTXt\0iCCP\0sPLT";
      constexpr png_byte animation[] = "acTL";
      png_set_read_fn(png_, &reading_, read_bytes);
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, unpacked, 4);
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_ALWAYS, animation, 1);
      png_read_info(png_, info_);
    });
  }

 private:
  Reading reading_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

PixelType pixel_type(const PngReader& reader) {
  const int bits = png_get_bit_depth(reader.png(), reader.info());
  const int colour = png_get_color_type(reader.png(), reader.info());
  if ((colour & PNG_COLOR_MASK_COLOR) == 0) return bits == 16 ? PixelType::u16 : PixelType::u8;
  if (bits == 16) reader.fail("colour of 16 bits is not read; save it as grey levels or 8 bits");
  const bool transparent = (colour & PNG_COLOR_MASK_ALPHA) != 0 ||
                           (colour == PNG_COLOR_TYPE_PALETTE &&
                            png_get_valid(reader.png(), reader.info(), PNG_INFO_tRNS) != 0);
  return transparent ? PixelType::rgba : PixelType::rgb;
}

/// Size and type, refused before anything is allocated by them.
FrameFormat format_of(const PngReader& reader, const InputFile& file) {
  const auto height = static_cast<Index>(png_get_image_height(reader.png(), reader.info()));
  const auto width = static_cast<Index>(png_get_image_width(reader.png(), reader.info()));
  const FrameFormat format{pixel_type(reader), height, width};
  const auto row = static_cast<Index>(png_get_rowbytes(reader.png(), reader.info()));
  const Index packed = checked_product(row, height);
  if (packed / best_compression > static_cast<Index>(file.size()) ||
      format.bytes() > most_frame_bytes) {
    reader.fail(std::to_string(height) + " x " + std::to_string(width) +
                " pixels are declared, more than the file can hold or than 2 GB");
  }
  return format;
}

std::string utf8_from_latin1(std::string_view text) {
  std::string out;
  for (const char character : text.substr(0, most_text)) {
    const auto code = static_cast<unsigned char>(character);
    if (code < 0x80) {
      out += character;
    } else {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return out;
}

Json texts_of(const PngReader& reader) {
  png_textp texts = nullptr;
  const int count = png_get_text(reader.png(), reader.info(), &texts, nullptr);
  Json json = Json::object();
  for (int i = 0; i < count && json.size() < most_texts; ++i) {
    json[utf8_from_latin1(texts[i].key)] =
        utf8_from_latin1(texts[i].text == nullptr ? "" : texts[i].text);
  }
  return json;
}

/// kinema's own text says the pixel size in full; pHYs cannot say less than 0.47 nm.
void read_pixel_size(const PngReader& reader, const Json& texts, MovieInfo& info) {
  if (const auto text = texts.find("PixelSize"); text != texts.end()) {
    try {
      PixelSize size;
      from_text(text->get<std::string>(), size);
      set_pixel_size(info, size, "header");
      return;
    } catch (const InputError&) {
      info.notes.emplace_back("the header's text 'PixelSize' is no length and is ignored");
    }
  }
  png_uint_32 x = 0, y = 0;
  int unit = 0;
  if (png_get_pHYs(reader.png(), reader.info(), &x, &y, &unit) == 0 ||
      unit != PNG_RESOLUTION_METER || x == 0 || y == 0) {
    return;
  }
  if (1.0 / x > most_pixel_edge || 1.0 / y > most_pixel_edge) {
    info.notes.push_back("the header's " + std::to_string(std::lround(x * 0.0254)) +
                         " dots an inch are of a screen or printer and are ignored");
    return;
  }
  set_pixel_size(info, {{1e10 / x}, {1e10 / y}}, "header");
}

MovieInfo info_of(const PngReader& reader, const Json& texts) {
  MovieInfo info;
  const int bits = png_get_bit_depth(reader.png(), reader.info());
  const int colour = png_get_color_type(reader.png(), reader.info());
  read_pixel_size(reader, texts, info);
  if (colour == PNG_COLOR_TYPE_GRAY && bits < 8) {
    info.notes.push_back("grey levels of " + std::to_string(bits) + (bits == 1 ? " bit" : " bits") +
                         " are kept as the numbers 0 to " + std::to_string((1 << bits) - 1));
  }
  if (colour == PNG_COLOR_TYPE_GRAY_ALPHA) info.notes.emplace_back("transparency is left out");
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    info.notes.emplace_back("the colours of the palette stand for its numbers");
  }
  png_unknown_chunkp animation = nullptr;
  if (png_get_unknown_chunks(reader.png(), reader.info(), &animation) > 0) {
    info.notes.emplace_back("of an animated PNG only the first image is read");
  }
  if (const auto date = texts.find("Creation Time"); date != texts.end()) {
    auto text = date->get<std::string>();
    for (const std::size_t colon : {4U, 7U}) {  // as cameras write it: 2015:10:14 13:20:58
      if (text.size() == 19 && text[colon] == ':' && text[10] == ' ') text[colon] = '-';
    }
    info.date = {text, "header"};
  }
  return info;
}

Json metadata_of(const PngReader& reader, const Json& texts) {
  const int colour = png_get_color_type(reader.png(), reader.info());
  const char* name = (colour & PNG_COLOR_MASK_COLOR) == 0 ? "grey"
                     : colour == PNG_COLOR_TYPE_PALETTE   ? "palette"
                                                          : "rgb";
  const bool interlaced = png_get_interlace_type(reader.png(), reader.info()) != PNG_INTERLACE_NONE;
  return {{"bit_depth", png_get_bit_depth(reader.png(), reader.info())},
          {"colour", name},
          {"alpha", (colour & PNG_COLOR_MASK_ALPHA) != 0},
          {"interlaced", interlaced},
          {"text", texts}};
}

/// The pixels as the format has them: bytes for less than 8 bits, this machine's order for 16.
void unpack(png_structp png, png_infop info) {
  const int colour = png_get_color_type(png, info), bits = png_get_bit_depth(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
    if (png_get_valid(png, info, PNG_INFO_tRNS) != 0) png_set_tRNS_to_alpha(png);
  } else if (bits < 8) {
    png_set_packing(png);
  }
  if (colour == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_strip_alpha(png);
  if (bits == 16) png_set_swap(png);
}

void read_rows(png_structp png, png_infop info, std::byte* out, Index height, Index row_bytes) {
  unpack(png, info);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != static_cast<std::size_t>(row_bytes)) {
    png_error(png, "rows are of another length than the header says");
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (Index y = 0; y < height; ++y) {
      png_read_row(png, reinterpret_cast<png_bytep>(out + y * row_bytes), nullptr);
    }
  }
  png_read_end(png, nullptr);
}

class PngSource : public MovieSource {
 public:
  explicit PngSource(const std::filesystem::path& path) : file_(path) {
    PngReader reader(file_);
    reader.read_header();
    format_ = format_of(reader, file_);
    const Json texts = texts_of(reader);
    info_ = info_of(reader, texts);
    metadata_ = metadata_of(reader, texts);
  }
  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return 1; }
  const MovieInfo& info() const override { return info_; }
  Json metadata() const override { return metadata_; }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    if (count == 0) return;
    PngReader reader(file_);
    reader.read_header();
    if (format_of(reader, file_) != format_) reader.fail("the file has changed");
    std::byte* pixels = out.data();
    const Index height = format_.height, row_bytes = format_.bytes() / format_.height;
    reader.run([&reader, pixels, height, row_bytes] {
      read_rows(reader.png(), reader.info(), pixels, height, row_bytes);
    });
  }

 private:
  InputFile file_;
  FrameFormat format_;
  MovieInfo info_;
  Json metadata_;
};

}  // namespace

bool is_png(std::span<const std::byte> head) {
  return head.size() >= 8 && png_sig_cmp(reinterpret_cast<png_const_bytep>(head.data()), 0, 8) == 0;
}

std::unique_ptr<MovieSource> open_png(const std::filesystem::path& path, const ReadOptions&) {
  return std::make_unique<PngSource>(path);
}

}  // namespace kinema::io
