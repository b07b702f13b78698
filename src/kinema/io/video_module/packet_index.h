// Which packets of a stream are shown as frames, and in which order: learned from all packets, not
// from what the container says of their number.
#pragma once

#include "kinema/base/array.h"
#include "kinema/io/video_module/demuxer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io::video {

struct PacketEntry {
  std::int64_t shown_at = 0;  // time stamps in the stream's time base, or AV_NOPTS_VALUE
  std::int64_t decoded_at = 0;
  std::int64_t position = -1;  // byte in the file, -1 where unknown
  bool key = false;            // decoding can begin here
  bool shown = true;           // becomes a frame
};

struct PacketIndex {
  std::vector<PacketEntry> packets;    // in order of decoding
  std::vector<std::uint32_t> shown;    // the packet of each frame, in order of presentation
  std::vector<std::int32_t> frame_of;  // the frame of each packet, -1 where it becomes none
  /// Frames are reordered but their times are unknown (AVI): they are numbered as the decoder
  /// hands them out, and reached from the beginning only.
  bool by_output = false;
  std::vector<std::string> notes;

  Index frames() const { return static_cast<Index>(shown.size()); }
  /// The last packet from which on decoding delivers frame `frame` whole.
  Index key_before(Index frame) const;
  /// The packet that lies at this place in the file.
  std::optional<Index> find(const AVPacket& packet) const;

 private:
  friend PacketIndex scan_packets(Demuxer& demuxer, const AVStream& stream);
  std::vector<std::uint32_t> by_position_;
};

/// Reads all packets of the chosen stream. Throws InputError where it holds no frame.
PacketIndex scan_packets(Demuxer& demuxer, const AVStream& stream);

}  // namespace kinema::io::video
