// Slices are found from the end of the packet: each one's size stands in its footer.
#include "kinema/io/video_module/ffv1_checksum.h"

extern "C" {
#include <libavutil/crc.h>
}

namespace kinema::io::video {

bool has_right_slice_checksums(std::span<const std::uint8_t> packet) {
  constexpr std::size_t footer = 3 + 1 + 4;
  const AVCRC* table = av_crc_get_table(AV_CRC_32_IEEE);
  std::size_t end = packet.size();
  while (end > 0) {
    if (end < footer) return false;
    const std::uint8_t* size = packet.data() + end - footer;
    const std::size_t slice =
        (std::size_t{size[0]} << 16 | std::size_t{size[1]} << 8 | size[2]) + footer;
    if (slice > end) return false;
    if (av_crc(table, 0, packet.data() + end - slice, slice) != 0) return false;
    end -= slice;
  }
  return true;
}

}  // namespace kinema::io::video
