// Frames of one video stream by their number, in order of presentation. Read in order, nothing is
// sought; else decoding begins at the key frame before. What is damaged is refused, never
// concealed.
#pragma once

#include "kinema/io/video_module/packet_index.h"

#include <map>
#include <optional>
#include <string>

namespace kinema::io::video {

class Decoder {
 public:
  /// Of the demuxer's chosen stream; both must outlive the decoder. `threads` >= 1.
  Decoder(Demuxer& demuxer, const PacketIndex& index, const AVStream& stream, int threads);

  /// Valid until the next call. Throws InputError that names the frame where it cannot be decoded,
  /// or depends on one that cannot.
  const AVFrame& frame(Index wanted);

 private:
  struct Decoded {
    FrameHandle frame;
    Index packet = 0;
  };

  void open_codec();
  void go_to(Index packet);
  bool can_go_on_to(Index wanted) const;
  bool start_over(Index wanted);
  std::string why_not(Index wanted) const;
  bool decode_to(Index wanted);
  std::optional<Decoded> next();
  bool feed();
  void damage(Index packet, const std::string& why) { damaged_.emplace(packet, why); }
  const std::pair<const Index, std::string>* damage_under(Index packet) const;
  bool has_right_checksums(const AVPacket& packet) const;
  void look_for_checksums();

  Demuxer& demuxer_;
  const PacketIndex& index_;
  ParametersHandle parameters_;  // the stream's own go when the demuxer begins anew
  AVRational time_base_;
  int threads_;
  bool intra_only_ = false;
  bool careful_ = false;   // one frame after the other, so that every refusal is that of one packet
  bool leads_in_ = false;  // decoding begins a key frame earlier than it should have to
  CodecHandle codec_;
  PacketHandle packet_;
  std::optional<Index> kept_;  // the number of the packet in packet_, read but not yet sent
  Index sent_ = 0;             // packets given to the codec: the next one's number
  Index outputs_ = 0;          // frames it handed out since then
  Index last_out_ = -1;        // the last of them, by its number
  bool drained_ = false;
  std::map<Index, std::string> damaged_;  // packets, and what is wrong with them
  std::map<Index, FrameHandle> ready_;    // decoded ones, by frame
  bool checksums_ = false;                // every slice of FFV1 ends with one
};

}  // namespace kinema::io::video
