// The MRC header that kinema writes: MRC2014, little-endian, a stack of images.
#include "kinema/data/provenance.h"
#include "kinema/io/mrc.h"
#include "kinema/io/mrc_fei.h"
#include "kinema/io/mrc_source.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace kinema::io {
namespace {

template <class T>
void put(std::vector<std::byte>& header, std::size_t at, T value) {
  std::memcpy(header.data() + at, &value, sizeof value);
}

void put_label(std::vector<std::byte>& header, std::string_view text) {
  std::int32_t count = 0;
  std::memcpy(&count, header.data() + mrc_at::label_count, sizeof count);
  std::byte* label =
      header.data() + mrc_at::labels + static_cast<std::size_t>(count) * mrc_label_bytes;
  std::fill_n(label, mrc_label_bytes, std::byte{' '});
  std::memcpy(label, text.data(), std::min(text.size(), mrc_label_bytes));
  put(header, mrc_at::label_count, count + 1);
}

std::int32_t mode_of(PixelType stored) {
  switch (stored) {
    case PixelType::i8:
      return 0;
    case PixelType::i16:
      return 1;
    case PixelType::f32:
      return 2;
    case PixelType::c64:
      return 4;
    case PixelType::u16:
      return 6;
    case PixelType::f16:
      return 12;
    default:
      throw std::logic_error("MRC has no mode for " + to_text(stored));
  }
}

}  // namespace

std::optional<PixelType> mrc_stored_type(PixelType type) {
  switch (type) {
    case PixelType::u8:
      return PixelType::u16;
    case PixelType::i8:
    case PixelType::i16:
    case PixelType::u16:
    case PixelType::f16:
    case PixelType::f32:
    case PixelType::c64:
      return type;
    default:
      return std::nullopt;
  }
}

std::vector<std::byte> make_mrc_extended(const MovieInfo& info, Index frames) {
  return make_fei_header(info, frames);
}

std::vector<std::byte> make_mrc_header(const FrameFormat& format,
                                       Index frames,
                                       const MovieInfo& info,
                                       const std::optional<DensityStatistics>& statistics) {
  std::vector<std::byte> header(mrc_main_bytes);
  const std::array<Index, 3> size = {format.width, format.height, frames};
  const PixelSize pixel = info.pixel_size.value_or(PixelSize{});
  const std::array<double, 3> edge = {pixel.x.value, pixel.y.value, pixel.x.value};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto extent = static_cast<std::int32_t>(size[axis]);
    put(header, mrc_at::size + 4 * axis, extent);
    const std::int32_t intervals = axis < 2 ? extent : 1;  // MZ is 1 in a stack of images
    put(header, mrc_at::grid + 4 * axis, intervals);
    put(header, mrc_at::cell + 4 * axis, static_cast<float>(edge[axis] * intervals));
    put(header, mrc_at::angles + 4 * axis, 90.0F);
    put(header, mrc_at::axes + 4 * axis, static_cast<std::int32_t>(axis) + 1);
  }
  put(header, mrc_at::mode, mode_of(mrc_stored_type(format.type).value()));
  // Unknown is told by a maximum below the minimum, a mean below both and a negative rms.
  const DensityStatistics density = statistics.value_or(DensityStatistics{0.0, -1.0, -2.0, -1.0});
  put(header, mrc_at::density, static_cast<float>(density.smallest));
  put(header, mrc_at::density + 4, static_cast<float>(density.largest));
  put(header, mrc_at::density + 8, static_cast<float>(density.mean));
  put(header, mrc_at::rms, static_cast<float>(density.rms));
  put(header, mrc_at::space_group, std::int32_t{0});  // a stack of images, no volume
  if (const Index extended = fei_header_bytes(info, frames); extended > 0) {
    put(header, mrc_at::extended, static_cast<std::int32_t>(extended));
    std::memcpy(header.data() + mrc_at::extended_type, "FEI1", 4);
  }
  put(header, mrc_at::version, std::int32_t{20140});
  if (format.type == PixelType::i8) {
    put(header, mrc_at::imod_stamp, mrc_imod_stamp);
    put(header, mrc_at::imod_flags, std::int32_t{1});
  }
  std::memcpy(header.data() + mrc_at::map, "MAP ", 4);
  put(header, mrc_at::machine, std::int32_t{0x00004444});
  put_label(header, "written by kinema " + version());
  if (format.type == PixelType::u8) put_label(header, mrc_narrowed_label);
  return header;
}

}  // namespace kinema::io
