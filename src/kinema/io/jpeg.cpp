// libjpeg behind MovieSource: its messages become errors, its jumps stay within this file.
#include "kinema/io/jpeg.h"

#include "kinema/io/file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which uses FILE
#include <cstring>
#include <exception>
#include <jerror.h>
#include <jpeglib.h>
#include <string>

namespace kinema::io {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index most_frame_bytes = Index{2} << 30;
constexpr Index best_compression = 2048;  // a block of 64 pixels takes a bit or more
constexpr long most_memory = 512 << 20;   // for the coefficients of progressive files
constexpr int most_scans = 128;           // each passes over the whole image
constexpr std::size_t bytes_at_once = 64 << 10;

/// What libjpeg's callbacks see, found by the addresses of its parts.
struct Decoding {
  jpeg_error_mgr errors{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  char message[JMSG_LENGTH_MAX] = "";
  const InputFile* file = nullptr;
  std::uint64_t position = 0;  // of the next bytes to take from the file
  std::array<JOCTET, bytes_at_once> bytes{};
  std::exception_ptr refusal;  // of the system
};

Decoding& decoding_of(j_common_ptr jpeg) {
  return *static_cast<Decoding*>(jpeg->client_data);
}

[[noreturn]] void give_up(j_common_ptr jpeg) {
  Decoding& decoding = decoding_of(jpeg);
  jpeg->err->format_message(jpeg, decoding.message);
  std::longjmp(decoding.jump, 1);
}

[[noreturn]] void give_up(j_common_ptr jpeg, const char* message) {
  Decoding& decoding = decoding_of(jpeg);
  std::snprintf(decoding.message, sizeof decoding.message, "%s", message);
  std::longjmp(decoding.jump, 1);
}

/// libjpeg fills in for damaged data and warns; such pixels would mislead, so it ends there. Some
/// warnings are of habits of other programs.
void judge_warning(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  const int code = jpeg->err->msg_code;
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM ||
      code == JWRN_TOO_MUCH_DATA) {
    return;
  }
  give_up(jpeg);
}

void drop_message(j_common_ptr) {}
void start_source(j_decompress_ptr) {}
void end_source(j_decompress_ptr) {}

boolean fill_source(j_decompress_ptr jpeg) {
  auto* common = reinterpret_cast<j_common_ptr>(jpeg);
  Decoding& decoding = decoding_of(common);
  const std::uint64_t left = decoding.file->size() - decoding.position;
  if (left == 0) give_up(common, "the file ends early");
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes_at_once, left));
  try {
    decoding.file->read_at(decoding.position,
                           std::as_writable_bytes(std::span(decoding.bytes).first(count)));
  } catch (...) {
    decoding.refusal = std::current_exception();
  }
  if (decoding.refusal) give_up(common, "the file cannot be read");
  decoding.position += count;
  decoding.source.next_input_byte = decoding.bytes.data();
  decoding.source.bytes_in_buffer = count;
  return TRUE;
}

void skip_source(j_decompress_ptr jpeg, long bytes) {
  auto* common = reinterpret_cast<j_common_ptr>(jpeg);
  Decoding& decoding = decoding_of(common);
  if (bytes <= 0) return;
  auto count = static_cast<std::uint64_t>(bytes);
  if (count <= decoding.source.bytes_in_buffer) {
    decoding.source.next_input_byte += count;
    decoding.source.bytes_in_buffer -= count;
    return;
  }
  count -= decoding.source.bytes_in_buffer;
  decoding.source.bytes_in_buffer = 0;
  if (count > decoding.file->size() - decoding.position) give_up(common, "the file ends early");
  decoding.position += count;
}

void limit_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > most_scans) {
    give_up(jpeg, "there are more than 128 scans");
  }
}

/// Runs `step`, which must own nothing; false where libjpeg gave up.
template <class Step>
bool completes(Decoding& decoding, const Step& step) {
  if (setjmp(decoding.jump) != 0) return false;  // NOLINT(cert-err52-cpp): libjpeg's way
  step();
  return true;
}

/// One pass over a JPEG file.
class JpegReader {
 public:
  explicit JpegReader(const InputFile& file) {
    decoding_.file = &file;
    jpeg_.err = jpeg_std_error(&decoding_.errors);
    decoding_.errors.error_exit = give_up;
    decoding_.errors.emit_message = judge_warning;
    decoding_.errors.output_message = drop_message;
    jpeg_.client_data = &decoding_;
    decoding_.source.init_source = start_source;
    decoding_.source.fill_input_buffer = fill_source;
    decoding_.source.skip_input_data = skip_source;
    decoding_.source.resync_to_restart = jpeg_resync_to_restart;
    decoding_.source.term_source = end_source;
    decoding_.progress.progress_monitor = limit_scans;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }

  jpeg_decompress_struct& jpeg() { return jpeg_; }

  template <class Step>
  void run(const Step& step) {
    if (completes(decoding_, step)) return;
    if (decoding_.refusal) std::rethrow_exception(decoding_.refusal);
    fail(decoding_.message);
  }
  [[noreturn]] void fail(const std::string& what) const {
    const std::uint64_t ahead =
        std::min<std::uint64_t>(decoding_.source.bytes_in_buffer, decoding_.position);
    throw FileError(decoding_.file->path(), decoding_.position - ahead, "JPEG: " + what);
  }

  void read_header() {
    run([this] {
      jpeg_create_decompress(&jpeg_);
      jpeg_.src = &decoding_.source;
      jpeg_.progress = &decoding_.progress;
      jpeg_.mem->max_memory_to_use = most_memory;
      jpeg_read_header(&jpeg_, TRUE);
    });
  }

 private:
  Decoding decoding_;
  jpeg_decompress_struct jpeg_{};
};

/// Size and type, refused before anything is allocated by them.
FrameFormat format_of(JpegReader& reader, const InputFile& file) {
  const jpeg_decompress_struct& jpeg = reader.jpeg();
  const bool grey = jpeg.jpeg_color_space == JCS_GRAYSCALE;
  if (!grey && jpeg.jpeg_color_space != JCS_YCbCr && jpeg.jpeg_color_space != JCS_RGB) {
    reader.fail("colours of " + std::to_string(jpeg.num_components) +
                " components (CMYK or the like) are not read; save it as grey levels or RGB");
  }
  const FrameFormat format{grey ? PixelType::u8 : PixelType::rgb,
                           static_cast<Index>(jpeg.image_height),
                           static_cast<Index>(jpeg.image_width)};
  if (format.bytes() / best_compression > static_cast<Index>(file.size()) ||
      format.bytes() > most_frame_bytes) {
    reader.fail(std::to_string(format.height) + " x " + std::to_string(format.width) +
                " pixels are declared, more than the file can hold or than 2 GB");
  }
  return format;
}

void read_rows(jpeg_decompress_struct& jpeg, bool grey, std::byte* out, Index row_bytes) {
  jpeg.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    auto* row = reinterpret_cast<JSAMPROW>(out + jpeg.output_scanline * row_bytes);
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
}

class JpegSource : public MovieSource {
 public:
  explicit JpegSource(const std::filesystem::path& path) : file_(path) {
    JpegReader reader(file_);
    reader.read_header();
    format_ = format_of(reader, file_);
    progressive_ = reader.jpeg().progressive_mode != 0;
    info_.notes.emplace_back("JPEG keeps grey levels only nearly");
  }
  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return 1; }
  const MovieInfo& info() const override { return info_; }
  Json metadata() const override {
    return {{"colour", format_.type == PixelType::u8 ? "grey" : "rgb"},
            {"progressive", progressive_}};
  }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    if (count == 0) return;
    JpegReader reader(file_);
    reader.read_header();
    if (format_of(reader, file_) != format_) reader.fail("the file has changed");
    jpeg_decompress_struct& jpeg = reader.jpeg();
    const bool grey = format_.type == PixelType::u8;
    std::byte* pixels = out.data();
    const Index row_bytes = format_.bytes() / format_.height;
    reader.run([&jpeg, grey, pixels, row_bytes] { read_rows(jpeg, grey, pixels, row_bytes); });
  }

 private:
  InputFile file_;
  FrameFormat format_;
  MovieInfo info_;
  bool progressive_ = false;
};

}  // namespace

bool is_jpeg(std::span<const std::byte> head) {
  constexpr unsigned char mark[] = {0xFF, 0xD8, 0xFF};
  return head.size() >= sizeof mark && std::memcmp(head.data(), mark, sizeof mark) == 0;
}

std::unique_ptr<MovieSource> open_jpeg(const std::filesystem::path& path, const ReadOptions&) {
  return std::make_unique<JpegSource>(path);
}

}  // namespace kinema::io
