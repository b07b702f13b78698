// What the tags say of the pixels, which of them can be read, and where they lie.
#include "kinema/io/tiff_image.h"

#include <algorithm>

namespace kinema::io {
namespace {

using namespace tiff_samples;  // NOLINT(google-build-using-namespace)

constexpr std::uint64_t most_pieces = std::uint64_t{1} << 26;

enum Photometric : std::uint16_t { white_is_zero, black_is_zero, rgb, palette, mask, cmyk, ycbcr };

/// A compression, and by how much it can shrink pixels at the very most.
struct Scheme {
  std::uint16_t number;
  Index best_ratio;
};
constexpr Scheme schemes[] = {{1, 1},             // none
                              {2, 4096},          // CCITT, 1 bit
                              {3, 4096},          // fax group 3, 1 bit
                              {4, 1 << 16},       // fax group 4, 1 bit
                              {5, 4096},          // LZW
                              {7, 1024},          // JPEG
                              {8, 1040},          // deflate
                              {32946, 1040},      // deflate, its old number
                              {32773, 64},        // PackBits
                              {34925, 8192},      // LZMA
                              {50000, 1 << 15},   // zstd
                              {50001, 1 << 16}};  // WebP

const Scheme* find_scheme(std::uint16_t number) {
  const auto found = std::find_if(std::begin(schemes),
                                  std::end(schemes),
                                  [&](const Scheme& scheme) { return scheme.number == number; });
  return found == std::end(schemes) ? nullptr : found;
}

std::optional<PixelType> integer_type(std::uint16_t bits, bool is_signed) {
  if (bits == 8) return is_signed ? PixelType::i8 : PixelType::u8;
  if (bits == 16) return is_signed ? PixelType::i16 : PixelType::u16;
  if (bits == 24 || bits == 32) return is_signed ? PixelType::i32 : PixelType::u32;
  if (bits == 64) return is_signed ? PixelType::i64 : PixelType::u64;
  if (bits == 0 || bits > 16) return std::nullopt;
  if (bits < 8) return is_signed ? PixelType::i8 : PixelType::u8;
  return is_signed ? PixelType::i16 : PixelType::u16;
}

/// The type that grey or complex samples become.
std::optional<PixelType> grey_type(std::uint16_t sample_format, std::uint16_t bits) {
  switch (sample_format) {
    case without_sign:
    case unknown:
      return integer_type(bits, false);
    case with_sign:
      return integer_type(bits, true);
    case floating:
      if (bits == 16) return PixelType::f16;
      if (bits == 24 || bits == 32) return PixelType::f32;
      if (bits == 64) return PixelType::f64;
      return std::nullopt;
    case complex_integer:
      if (bits == 16 || bits == 32) return PixelType::c64;
      if (bits == 64) return PixelType::c128;
      return std::nullopt;
    case complex_floating:
      if (bits == 32 || bits == 64) return PixelType::c64;
      if (bits == 128) return PixelType::c128;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string samples_text(const TiffImage& image) {
  return std::to_string(image.samples) + " sample" + (image.samples == 1 ? "" : "s") + " of " +
         std::to_string(image.bits) + " bits";
}

bool is_8_bit_colour(const TiffImage& image) {
  return image.bits == 8 && image.sample_format == without_sign &&
         (image.samples == 3 || image.samples == 4);
}

/// The type of samples that are grey, complex, or each a frame of their own.
void choose_grey_type(TiffImage& image) {
  const auto type = grey_type(image.sample_format, image.bits);
  if (type && (image.samples == 1 || bytes_of(*type) * 8 == image.bits)) {
    image.format.type = *type;
  } else {
    image.refusal = (image.samples == 1 ? "" : "pixels of " + samples_text(image) + ": ") +
                    std::to_string(image.bits) + "-bit samples of format " +
                    std::to_string(image.sample_format) +
                    " are not read; known are integers of 1 to 16, 24, 32 and 64 bits, floats of "
                    "16, 24, 32 and 64, and complex numbers of these";
  }
}

/// Sets the type, or says why there is none. `extra` tells what the samples beside grey mean.
void choose_type(TiffImage& image, const std::vector<std::uint64_t>& extra) {
  if (image.compression == 7 && image.photometric == ycbcr) {
    if (is_8_bit_colour(image) && image.samples == 3 && !image.planar)
      image.format.type = PixelType::rgb;
    else
      image.refusal = "JPEG colour of " + samples_text(image) +
                      " is not read; save the movie in grey levels or in 8-bit colour";
    return;
  }
  if (image.photometric > palette && image.photometric != mask && image.photometric < 32768) {
    image.refusal = "pixels of colour model " + std::to_string(image.photometric) +
                    " are not read; save the movie in grey levels or in 8-bit RGB";
    return;
  }
  if (image.photometric == rgb && is_8_bit_colour(image)) {
    image.format.type = image.samples == 3 ? PixelType::rgb : PixelType::rgba;
    return;
  }
  const bool only_transparency =
      image.photometric != rgb && extra.size() + 1 == image.samples &&
      std::all_of(extra.begin(), extra.end(), [](std::uint64_t meaning) { return meaning != 0; });
  image.apart = image.samples > 1 && !only_transparency;
  choose_grey_type(image);
}

/// One number for all samples, which must have the same.
std::uint16_t common(const TiffDirectory& directory, TiffTag tag, TiffImage& image) {
  const std::vector<std::uint64_t> values = directory.numbers(tag, 65535);
  const std::uint64_t first = values.empty() ? 1 : values[0];
  if (std::any_of(values.begin(), values.end(), [&](std::uint64_t v) { return v != first; })) {
    image.refusal = "samples of different kinds in one pixel are not read";
  }
  return static_cast<std::uint16_t>(std::min<std::uint64_t>(first, 65535));
}

std::uint16_t small(const TiffDirectory& directory, TiffTag tag, std::uint16_t fallback) {
  return static_cast<std::uint16_t>(
      std::min<std::uint64_t>(directory.number(tag, fallback), 65535));
}

[[noreturn]] void fail(const TiffDirectory& directory, const std::string& what) {
  throw FileError(directory.file().path(), directory.place(), directory.name() + " " + what);
}

/// Pieces' sizes from the tags of tiles or strips.
void read_pieces(const TiffDirectory& directory, TiffImage& image) {
  image.tiled = directory.has(TiffTag::tile_width) || directory.has(TiffTag::tile_offsets);
  constexpr std::uint64_t most_side = 0x7FFFFFFF;
  const auto height = static_cast<std::uint64_t>(image.format.height);
  const std::uint64_t wide = image.tiled ? directory.number(TiffTag::tile_width, 0)
                                         : static_cast<std::uint64_t>(image.format.width);
  std::uint64_t high = image.tiled ? directory.number(TiffTag::tile_height, 0)
                                   : directory.number(TiffTag::rows_per_strip, height);
  if (!image.tiled) high = std::min(high, height);
  if (wide == 0 || high == 0 || wide > most_side || high > most_side) {
    fail(directory, image.tiled ? "has tiles of no size" : "has strips of no rows");
  }
  image.piece_width = static_cast<Index>(wide);
  image.piece_height = static_cast<Index>(high);
}

/// Bytes that a strip needs where it is not compressed; the last is lower.
std::uint64_t plain_bytes(const TiffImage& image, Index piece) {
  const Index row = piece % (image.pieces_across() * image.pieces_down()) / image.pieces_across();
  const Index rows =
      image.tiled ? image.piece_height
                  : std::min(image.piece_height, image.format.height - row * image.piece_height);
  return static_cast<std::uint64_t>(checked_product(image.packed_bytes(image.piece_width), rows));
}

/// Where old or overlong files do not say how many bytes a piece has, it is as many as are needed,
/// or all up to the next piece or the end.
void complete_counts(const TiffDirectory& directory, TiffImage& image) {
  const bool absent = image.counts.empty();
  if (absent) image.counts.assign(image.places.size(), 0);
  for (std::size_t i = 0; i < image.places.size(); ++i) {
    const std::uint64_t needed = plain_bytes(image, static_cast<Index>(i));
    std::uint64_t& count = image.counts[i];
    const bool wrapped = count < needed && count == (needed & 0xFFFFFFFF);
    if (image.compression == 1 && (count == 0 || wrapped)) {
      count = needed;
    } else if (absent) {
      std::uint64_t end = directory.file().size();
      if (i + 1 < image.places.size() && image.places[i + 1] > image.places[i])
        end = image.places[i + 1];
      count = end > image.places[i] ? end - image.places[i] : 0;
    }
  }
}

void read_places(const TiffDirectory& directory, TiffImage& image) {
  const Index pieces =
      checked_product(checked_product(image.pieces_across(), image.pieces_down()), image.planes());
  const auto wanted = static_cast<std::uint64_t>(pieces);
  const bool tile_tags = directory.has(TiffTag::tile_offsets);
  image.places =
      directory.numbers(tile_tags ? TiffTag::tile_offsets : TiffTag::strip_offsets, most_pieces);
  const TiffTag counts = directory.has(TiffTag::tile_byte_counts) ? TiffTag::tile_byte_counts
                                                                  : TiffTag::strip_byte_counts;
  image.counts = directory.numbers(counts, most_pieces);
  if (image.places.size() < wanted || (!image.counts.empty() && image.counts.size() < wanted)) {
    fail(directory,
         "declares " + std::to_string(image.format.height) + " x " +
             std::to_string(image.format.width) + " pixels in " + std::to_string(wanted) +
             " strips or tiles, but lists only " + std::to_string(image.places.size()));
  }
  image.places.resize(wanted);
  if (!image.counts.empty()) image.counts.resize(wanted);
  complete_counts(directory, image);
}

/// What fax and JPEG decoders want to know besides.
void read_codec_tags(const TiffDirectory& directory, TiffImage& image) {
  constexpr std::size_t most_tables = 1 << 16;
  image.t4_options = static_cast<std::uint32_t>(directory.number(TiffTag::t4_options, 0));
  image.t6_options = static_cast<std::uint32_t>(directory.number(TiffTag::t6_options, 0));
  if (image.compression != 7) return;
  image.jpeg_tables = directory.bytes(TiffTag::jpeg_tables, most_tables);
  if (image.photometric == ycbcr)
    image.subsampling = directory.numbers(TiffTag::ycbcr_subsampling, 2);
}

/// Refuses pieces that do not lie in the file, and sizes that no compression makes of them.
void require_plausible(const TiffDirectory& directory, const TiffImage& image) {
  const std::uint64_t file_bytes = directory.file().size();
  std::uint64_t stored = 0;
  for (std::size_t i = 0; i < image.places.size(); ++i) {
    if (image.counts[i] > file_bytes || image.places[i] > file_bytes - image.counts[i]) {
      fail(directory,
           "declares pixels that end at byte " + std::to_string(image.places[i]) + " + " +
               std::to_string(image.counts[i]) + ", beyond the file's end at " +
               std::to_string(file_bytes) + "; copy the file again");
    }
    if (image.compression == 1 && image.counts[i] < plain_bytes(image, static_cast<Index>(i))) {
      fail(directory,
           "gives strip or tile " + std::to_string(i) + " only " + std::to_string(image.counts[i]) +
               " bytes, too few for its pixels");
    }
    stored += std::min(image.counts[i], file_bytes - stored);
  }
  const Index ratio = find_scheme(image.compression)->best_ratio;
  const Index most = checked_product(static_cast<Index>(stored), ratio);
  const Index packed = checked_product(
      checked_product(image.packed_bytes(image.format.width), image.format.height), image.planes());
  if (packed > most || (image.tiled && image.piece_bytes() > most)) {
    fail(directory,
         "declares " + std::to_string(image.format.height) + " x " +
             std::to_string(image.format.width) + " " + to_text(image.format.type) +
             " pixels, more than its " + std::to_string(stored) + " bytes can hold");
  }
}

}  // namespace

TiffImage read_tiff_image(const TiffDirectory& directory) {
  TiffImage image;
  const std::uint64_t width = directory.number(TiffTag::width, 0);
  const std::uint64_t height = directory.number(TiffTag::height, 0);
  if (width == 0 || height == 0 || width > 0x7FFFFFFF || height > 0x7FFFFFFF) {
    fail(directory, "has no size: " + std::to_string(height) + " x " + std::to_string(width));
  }
  image.format.height = static_cast<Index>(height);
  image.format.width = static_cast<Index>(width);
  image.bits = common(directory, TiffTag::bits_per_sample, image);
  image.sample_format = common(directory, TiffTag::sample_format, image);
  image.samples = small(directory, TiffTag::samples_per_pixel, 1);
  image.compression = small(directory, TiffTag::compression, 1);
  image.photometric = small(directory, TiffTag::photometric, 1);
  image.predictor = small(directory, TiffTag::predictor, 1);
  image.fill_order = small(directory, TiffTag::fill_order, 1);
  image.planar = image.samples > 1 && directory.number(TiffTag::planar, 1) == 2;
  if (!image.refusal.empty()) return image;
  if (find_scheme(image.compression) == nullptr) {
    image.refusal = "compression scheme " + std::to_string(image.compression) +
                    " is not decoded; save the movie with LZW, deflate or none";
    return image;
  }
  if (image.samples == 0) fail(directory, "has pixels of no samples");
  choose_type(image, directory.numbers(TiffTag::extra_samples, 65535));
  if (!image.refusal.empty()) return image;
  read_pieces(directory, image);
  read_places(directory, image);
  require_plausible(directory, image);
  read_codec_tags(directory, image);
  return image;
}

std::optional<std::uint64_t> plain_place(const TiffImage& image) {
  if (image.compression != 1 || image.fill_order == 2 || image.predictor != 1 || image.tiled ||
      !is_stored_plainly(image)) {
    return std::nullopt;
  }
  std::uint64_t end = image.places[0];
  for (std::size_t i = 0; i < image.places.size(); ++i) {
    if (image.places[i] != end) return std::nullopt;
    end += plain_bytes(image, static_cast<Index>(i));
  }
  return image.places[0];
}

}  // namespace kinema::io
