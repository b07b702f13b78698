// Reading frames where they lie, and unpacking the modes that have no number type of their own.
#include "kinema/io/mrc_source.h"

#include "kinema/io/mrc_extended.h"
#include "kinema/io/raw_source.h"

#include <algorithm>
#include <complex>
#include <cstring>

namespace kinema::io {
namespace {

/// Two numbers in each byte, the left one in the lower half; rows padded to whole bytes.
void unpack_halves(std::span<const std::byte> packed, Index width, std::span<std::byte> out) {
  const auto columns = static_cast<std::size_t>(width), row = (columns + 1) / 2;
  for (std::size_t y = 0; y * row < packed.size(); ++y) {
    const std::byte* in = packed.data() + y * row;
    std::byte* pixels = out.data() + y * columns;
    for (std::size_t x = 0; x < columns; ++x) {
      pixels[x] = x % 2 == 0 ? in[x / 2] & std::byte{15} : in[x / 2] >> 4;
    }
  }
}

void make_complex(std::span<const std::byte> pairs, std::span<std::byte> out) {
  for (std::size_t i = 0; i < pairs.size() / 4; ++i) {
    std::int16_t parts[2];
    std::memcpy(parts, pairs.data() + 4 * i, sizeof parts);
    const std::complex<float> pixel(parts[0], parts[1]);
    std::memcpy(out.data() + 8 * i, &pixel, sizeof pixel);
  }
}

/// True unless a number is above 255.
bool narrow(std::span<const std::byte> wide, std::span<std::byte> out) {
  std::uint16_t all = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t number;
    std::memcpy(&number, wide.data() + 2 * i, sizeof number);
    all |= number;
    out[i] = static_cast<std::byte>(number);
  }
  return all <= 255;
}

Json triple(const auto& numbers) {
  return {numbers[0], numbers[1], numbers[2]};
}

}  // namespace

bool is_narrowed(const MrcHeader& header) {
  return header.mode == 6 && header.has_label(mrc_narrowed_label) && header.smallest >= 0.0F &&
         header.largest <= 255.0F;
}

MrcSource::MrcSource(
    InputFile file, MrcHeader header, FrameFormat format, MovieInfo info, Json side_car)
    : file_(std::move(file)),
      header_(std::move(header)),
      mode_(*find_mrc_mode(header_.mode)),
      format_(format),
      info_(std::move(info)),
      side_car_(std::move(side_car)) {}

Index MrcSource::stored_bytes() const {
  return checked_product(mode_.row_bytes(format_.width), format_.height);
}

void MrcSource::read_stored(Index first, std::span<std::byte> out) const {
  file_.read_at(mrc_pixels_at(header_) + static_cast<std::uint64_t>(first * stored_bytes()), out);
  if (header_.swapped) swap_bytes(out, bytes_of(mode_.number));
}

void MrcSource::read(Index first, Index count, std::span<std::byte> out) {
  require_frames(*this, first, count);
  const bool is_plain = !mode_.packed && stored_bytes() == format_.bytes();
  if (is_plain) {
    read_stored(first, out);
    return;
  }
  std::vector<std::byte> stored(static_cast<std::size_t>(stored_bytes()));
  const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
  for (Index t = 0; t < count; ++t) {
    read_stored(first + t, stored);
    convert(first + t, stored, out.subspan(static_cast<std::size_t>(t) * frame_bytes, frame_bytes));
  }
}

void MrcSource::convert(Index frame,
                        std::span<const std::byte> stored,
                        std::span<std::byte> out) const {
  if (mode_.packed) {
    unpack_halves(stored, format_.width, out);
  } else if (format_.type == PixelType::c64) {
    make_complex(stored, out);
  } else if (!narrow(stored, out)) {
    throw FileError(file_.path(),
                    mrc_pixels_at(header_),
                    "frame " + std::to_string(frame) +
                        " holds a number above 255 although the header says that all are 8-bit");
  }
}

Json MrcSource::metadata() const {
  Json tree = {{"MRC header", mrc_header_tree(header_)}};
  if (is_narrowed(header_)) tree["MRC header"]["held as"] = "16 bits (mode 6) of uint8 numbers";
  if (header_.extended_bytes > 0) tree["extended header"] = extended_tree(file_, header_);
  if (!side_car_.empty()) tree["side-car"] = side_car_;
  return tree;
}

Json mrc_header_tree(const MrcHeader& header) {
  Json labels = Json::array();
  for (const std::string& label : header.labels) {
    if (std::string text = printable(label); !text.empty()) labels.push_back(std::move(text));
  }
  return {{"NX NY NZ", triple(header.size)},
          {"MODE", header.mode},
          {"NXSTART NYSTART NZSTART", triple(header.start)},
          {"MX MY MZ", triple(header.grid)},
          {"CELLA", triple(header.cell)},
          {"CELLB", triple(header.angles)},
          {"MAPC MAPR MAPS", triple(header.axes)},
          {"DMIN", header.smallest},
          {"DMAX", header.largest},
          {"DMEAN", header.mean},
          {"RMS", header.rms},
          {"ISPG", header.space_group},
          {"NSYMBT", header.extended_bytes},
          {"EXTTYP", printable(header.extended_type)},
          {"NVERSION", header.version},
          {"ORIGIN", triple(header.origin)},
          {"byte order", header.is_big_endian() ? "big-endian" : "little-endian"},
          {"labels", labels}};
}

}  // namespace kinema::io
