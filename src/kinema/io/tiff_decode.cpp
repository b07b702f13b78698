// libtiff behind a directory of our own making.
#include "kinema/io/tiff_decode.h"

#include "kinema/base/parallel.h"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

namespace kinema::io {
namespace {

constexpr Index least_band_bytes = Index{1} << 18;  // below this a band is not worth a thread

/// Numbers in a byte order of choice, one after another.
class Bytes {
 public:
  explicit Bytes(std::endian order) : swapped_(order != std::endian::native) {}
  template <class T>
  void put(T value) {
    std::byte raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    if (swapped_) std::reverse(std::begin(raw), std::end(raw));
    bytes_.insert(bytes_.end(), std::begin(raw), std::end(raw));
  }
  void append(std::span<const std::byte> raw) {
    bytes_.insert(bytes_.end(), raw.begin(), raw.end());
  }
  std::size_t size() const { return bytes_.size(); }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  bool swapped_;
  std::vector<std::byte> bytes_;
};

/// A band of one plane: rows of pieces [first, first + count).
struct Band {
  const TiffImage& image;
  Index plane, first, count;
  Index pieces() const { return count * image.pieces_across(); }
  Index top() const { return first * image.piece_height; }
  Index height() const { return std::min(image.format.height - top(), count * image.piece_height); }
  std::size_t piece(Index i) const {
    const Index plane_pieces = image.pieces_across() * image.pieces_down();
    return static_cast<std::size_t>(plane * plane_pieces + first * image.pieces_across() + i);
  }
};

/// A tag of the directory that libtiff sees, with values of 2, 4 or 8 bytes.
struct ShownTag {
  TiffTag tag;
  std::uint16_t type;  // 3, 4, 16: whole numbers; 7: bytes
  std::vector<std::uint64_t> values;
};

constexpr std::uint16_t short_type = 3, long_type = 4, bytes_type = 7, long8_type = 16;

std::uint64_t value_bytes(std::uint16_t type) {
  return type == short_type ? 2 : type == long_type ? 4 : type == bytes_type ? 1 : 8;
}

/// All tags in their order. `base` is what is added to places in the real file.
std::vector<ShownTag> shown_tags(const Band& band, std::uint64_t base) {
  const TiffImage& image = band.image;
  const auto samples = static_cast<std::size_t>(image.samples_together());
  const auto number = [](Index value) { return std::vector{static_cast<std::uint64_t>(value)}; };
  std::vector<std::uint64_t> places, counts;
  for (Index i = 0; i < band.pieces(); ++i) {
    places.push_back(base + image.places[band.piece(i)]);
    counts.push_back(image.counts[band.piece(i)]);
  }
  const bool as_grey = image.planar || image.photometric > 6;
  std::vector<ShownTag> tags = {
      {TiffTag::width, long_type, number(image.format.width)},
      {TiffTag::height, long_type, number(band.height())},
      {TiffTag::bits_per_sample, short_type, std::vector<std::uint64_t>(samples, image.bits)},
      {TiffTag::compression, short_type, {image.compression}},
      {TiffTag::photometric, short_type, {as_grey ? 1U : image.photometric}},
      {TiffTag::fill_order, short_type, {image.fill_order == 2 ? 2U : 1U}}};
  if (!image.tiled) tags.push_back({TiffTag::strip_offsets, long8_type, places});
  tags.push_back({TiffTag::samples_per_pixel, short_type, {samples}});
  if (!image.tiled) {
    const Index rows = std::min(image.piece_height, band.height());
    tags.push_back({TiffTag::rows_per_strip, long_type, number(rows)});
    tags.push_back({TiffTag::strip_byte_counts, long8_type, counts});
  }
  tags.push_back({TiffTag::planar, short_type, {1}});
  if (image.t4_options != 0) tags.push_back({TiffTag::t4_options, long_type, {image.t4_options}});
  if (image.t6_options != 0) tags.push_back({TiffTag::t6_options, long_type, {image.t6_options}});
  if (image.predictor != 1) tags.push_back({TiffTag::predictor, short_type, {image.predictor}});
  if (image.tiled) {
    tags.push_back({TiffTag::tile_width, long_type, number(image.piece_width)});
    tags.push_back({TiffTag::tile_height, long_type, number(image.piece_height)});
    tags.push_back({TiffTag::tile_offsets, long8_type, places});
    tags.push_back({TiffTag::tile_byte_counts, long8_type, counts});
  }
  tags.push_back({TiffTag::sample_format,
                  short_type,
                  std::vector<std::uint64_t>(samples, image.sample_format)});
  if (!image.jpeg_tables.empty()) {
    ShownTag tables{TiffTag::jpeg_tables, bytes_type, {}};
    for (const std::byte value : image.jpeg_tables)
      tables.values.push_back(std::to_integer<std::uint64_t>(value));
    tags.push_back(std::move(tables));
  }
  if (!image.subsampling.empty())
    tags.push_back({TiffTag::ycbcr_subsampling, short_type, image.subsampling});
  return tags;
}

void put_value(Bytes& out, std::uint16_t type, std::uint64_t value) {
  if (type == short_type)
    out.put(static_cast<std::uint16_t>(value));
  else if (type == long_type)
    out.put(static_cast<std::uint32_t>(value));
  else if (type == bytes_type)
    out.put(static_cast<std::uint8_t>(value));
  else
    out.put(value);
}

/// A BigTIFF file with one directory, to which the real file is appended from `base` on.
std::vector<std::byte> shown_head(const Band& band, std::endian order, std::uint64_t& base) {
  constexpr std::uint64_t header_bytes = 16;
  const std::vector<ShownTag> unplaced = shown_tags(band, 0);
  const std::uint64_t directory_bytes = 8 + 20 * unplaced.size() + 8;
  base = header_bytes + directory_bytes;
  for (const ShownTag& tag : unplaced) {
    const std::uint64_t bytes = tag.values.size() * value_bytes(tag.type);
    if (bytes > 8) base += bytes;
  }

  Bytes directory(order), values(order);
  const std::vector<ShownTag> tags = shown_tags(band, base);
  directory.put(order == std::endian::big ? std::uint16_t{0x4D4D} : std::uint16_t{0x4949});
  for (const std::uint16_t part : {43, 8, 0}) directory.put(part);
  directory.put(header_bytes);
  directory.put(static_cast<std::uint64_t>(tags.size()));
  for (const ShownTag& tag : tags) {
    directory.put(static_cast<std::uint16_t>(tag.tag));
    directory.put(tag.type);
    directory.put(static_cast<std::uint64_t>(tag.values.size()));
    Bytes listed(order);
    for (const std::uint64_t value : tag.values) put_value(listed, tag.type, value);
    if (listed.size() > 8) {
      directory.put(static_cast<std::uint64_t>(header_bytes + directory_bytes + values.size()));
      values.append(listed.take());
    } else {
      while (listed.size() < 8) listed.put(std::uint8_t{0});
      directory.append(listed.take());
    }
  }
  directory.put(std::uint64_t{0});
  directory.append(values.take());
  return directory.take();
}

/// What libtiff reads: the head, then the real file.
struct ShownFile {
  std::vector<std::byte> head;
  const InputFile& file;
  std::uint64_t position = 0;
  std::exception_ptr failure;  // of the system; C code lies between here and who may know it
  std::string message;         // libtiff's last complaint
  std::uint64_t size() const { return head.size() + file.size(); }
};

tmsize_t read_shown(thandle_t handle, void* out, tmsize_t wanted) {
  auto& shown = *static_cast<ShownFile*>(handle);
  if (wanted <= 0 || shown.position >= shown.size()) return 0;
  const auto bytes = std::min(static_cast<std::uint64_t>(wanted), shown.size() - shown.position);
  const std::span to(static_cast<std::byte*>(out), bytes);
  const std::uint64_t from_head =
      shown.position < shown.head.size() ? std::min(bytes, shown.head.size() - shown.position) : 0;
  std::memcpy(to.data(), shown.head.data() + shown.position, from_head);
  try {
    if (from_head < bytes) {
      shown.file.read_at(shown.position + from_head - shown.head.size(), to.subspan(from_head));
    }
  } catch (...) {
    shown.failure = std::current_exception();
    return 0;
  }
  shown.position += bytes;
  return static_cast<tmsize_t>(bytes);
}

tmsize_t write_shown(thandle_t, void*, tmsize_t) {
  return 0;
}

toff_t seek_shown(thandle_t handle, toff_t offset, int whence) {
  auto& shown = *static_cast<ShownFile*>(handle);
  if (whence == SEEK_CUR) offset += shown.position;
  if (whence == SEEK_END) offset += shown.size();
  return shown.position = offset;
}

int close_shown(thandle_t) {
  return 0;
}

toff_t size_of_shown(thandle_t handle) {
  return static_cast<ShownFile*>(handle)->size();
}

int keep_message(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  static_cast<ShownFile*>(user)->message = text;
  return 1;
}

int drop_message(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

/// Most that libtiff may take at once: a piece as stored and as decoded, and what codecs need.
tmsize_t allowance(const Band& band) {
  std::uint64_t most = 0;
  for (Index i = 0; i < band.pieces(); ++i) most = std::max(most, band.image.counts[band.piece(i)]);
  return static_cast<tmsize_t>(most) + band.image.piece_bytes() + (tmsize_t{64} << 20);
}

class BandDecoder {
 public:
  BandDecoder(const InputFile& file, const TiffHeader& header, const Band& band, std::string name)
      : band_(band), name_(std::move(name)), shown_{{}, file, 0, nullptr, {}} {
    std::uint64_t base = 0;
    shown_.head = shown_head(band, header.order, base);
    TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, allowance(band));
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_message, &shown_);
    TIFFOpenOptionsSetWarningHandlerExtR(options, drop_message, nullptr);
    // c: strips as they are; m: no memory map.
    tiff_.reset(TIFFClientOpenExt("band",
                                  "rcm",
                                  &shown_,
                                  read_shown,
                                  write_shown,
                                  seek_shown,
                                  close_shown,
                                  size_of_shown,
                                  nullptr,
                                  nullptr,
                                  options));
    TIFFOpenOptionsFree(options);
    if (!tiff_) fail();
    if (band.image.compression == COMPRESSION_JPEG && band.image.photometric == PHOTOMETRIC_YCBCR) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    }
  }
  BandDecoder(const BandDecoder&) = delete;
  BandDecoder& operator=(const BandDecoder&) = delete;

  void decode(std::span<std::byte> frame) {
    const TiffImage& image = band_.image;
    const Index out_bytes = bytes_of(image.format.type), row_bytes = image.format.width * out_bytes;
    const bool straight = !image.tiled && is_stored_plainly(image);
    std::vector<std::byte> piece;
    for (Index i = 0; i < band_.pieces(); ++i) {
      const Index y = i / image.pieces_across() * image.piece_height;
      const Index x = i % image.pieces_across() * image.piece_width;
      const Index rows = std::min(image.piece_height, band_.height() - y);
      const Index columns = std::min(image.piece_width, image.format.width - x);
      const Index packed = image.packed_bytes(image.piece_width);
      const Index bytes = packed * (image.tiled ? image.piece_height : rows);
      std::byte* out = frame.data() + (band_.top() + y) * row_bytes + x * out_bytes;
      if (straight) {
        decode_piece(i, {out, static_cast<std::size_t>(bytes)}, rows);
        continue;
      }
      piece.resize(static_cast<std::size_t>(bytes));
      decode_piece(i, piece, rows);
      for (Index row = 0; row < rows; ++row) {
        unpack_row(image, band_.plane, piece.data() + row * packed, columns, out + row * row_bytes);
      }
    }
  }

 private:
  [[noreturn]] void fail() const {
    if (shown_.failure) std::rethrow_exception(shown_.failure);
    throw FileError(shown_.file.path(),
                    band_.image.places[band_.piece(0)],
                    name_ + " cannot be decoded" +
                        (shown_.message.empty() ? "" : ": " + shown_.message) +
                        "; the file is damaged: copy it again");
  }

  void decode_piece(Index index, std::span<std::byte> out, Index rows) {
    const auto size = static_cast<tmsize_t>(out.size());
    const auto number = static_cast<std::uint32_t>(index);
    const std::uint64_t expected =
        band_.image.tiled ? TIFFTileSize64(tiff_.get())
                          : TIFFVStripSize64(tiff_.get(), static_cast<std::uint32_t>(rows));
    if (expected != out.size()) fail();
    const tmsize_t got = band_.image.tiled
                             ? TIFFReadEncodedTile(tiff_.get(), number, out.data(), size)
                             : TIFFReadEncodedStrip(tiff_.get(), number, out.data(), size);
    if (got != size) fail();
  }

  Band band_;
  std::string name_;
  ShownFile shown_;
  std::unique_ptr<TIFF, CloseTiff> tiff_;
};

}  // namespace

void decode_tiff_band(const InputFile& file,
                      const TiffHeader& header,
                      const TiffImage& image,
                      Index first,
                      Index count,
                      std::span<std::byte> frame,
                      const std::string& name) {
  const bool one_plane = image.planar && !is_colour(image.format.type);
  for (Index plane = 0; plane < image.planes(); ++plane) {
    if (one_plane && plane != image.sample) continue;
    BandDecoder(file, header, {image, plane, first, count}, name).decode(frame);
  }
}

void decode_tiff_image(const InputFile& file,
                       const TiffHeader& header,
                       const TiffImage& image,
                       std::span<std::byte> frame,
                       const std::string& name) {
  const Index rows = image.pieces_down();
  const Index worth = std::max<Index>(1, image.format.bytes() / least_band_bytes);
  const Index bands = std::min({rows, worth, Index{4} * threads()});
  parallel_for(bands, [&](Index band) {
    const Index first = rows * band / bands, last = rows * (band + 1) / bands;
    decode_tiff_band(file, header, image, first, last - first, frame, name);
  });
}

}  // namespace kinema::io
