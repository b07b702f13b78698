// Packets in, frames out, each with the number of the packet that it came from: packets are stamped
// with their numbers instead of their times.
#include "kinema/io/video_module/decoder.h"

#include "kinema/io/video_module/ffv1_checksum.h"

#include <algorithm>

namespace kinema::io::video {
namespace {

constexpr std::int64_t most_pixels = std::int64_t{64} << 20;
constexpr std::size_t most_ready = 4;
constexpr int most_threads = 16;
constexpr std::int64_t most_frame_bytes = std::int64_t{512} << 20;

}  // namespace

Decoder::Decoder(Demuxer& demuxer, const PacketIndex& index, const AVStream& stream, int threads)
    : demuxer_(demuxer),
      index_(index),
      parameters_(allocated(avcodec_parameters_alloc())),
      time_base_(stream.time_base),
      threads_(std::clamp(threads, 1, most_threads)),
      packet_(allocated(av_packet_alloc())) {
  avcodec_parameters_copy(parameters_.get(), stream.codecpar);
  const AVCodecDescriptor* codec = avcodec_descriptor_get(parameters_->codec_id);
  intra_only_ = codec != nullptr && (codec->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
  open_codec();
  if (parameters_->codec_id == AV_CODEC_ID_FFV1) look_for_checksums();
  go_to(0);
}

void Decoder::open_codec() {
  const AVCodec* codec = avcodec_find_decoder(parameters_->codec_id);
  if (codec == nullptr) {
    throw InputError(std::string("this FFmpeg has no decoder for ") +
                     avcodec_get_name(parameters_->codec_id));
  }
  codec_.reset(allocated(avcodec_alloc_context3(codec)));
  avcodec_parameters_to_context(codec_.get(), parameters_.get());
  codec_->max_pixels = most_pixels;
  // What the decoder mends it marks, and marked frames are refused. Mending stays on: without it
  // H.264's marks every frame of several slices. MPEG-4's of libav 5.1 aborts where it is to stop.
  codec_->err_recognition = AV_EF_CRCCHECK;
  if (parameters_->codec_id != AV_CODEC_ID_MPEG4) codec_->err_recognition |= AV_EF_EXPLODE;
  // Every thread holds frames of its own.
  const std::int64_t frame_bytes = std::int64_t{3} * parameters_->width * parameters_->height;
  const auto affordable =
      std::max<std::int64_t>(1, most_frame_bytes / std::max<std::int64_t>(1, frame_bytes));
  codec_->thread_count =
      careful_ ? 1 : static_cast<int>(std::min<std::int64_t>(threads_, affordable));
  codec_->pkt_timebase = time_base_;
  const int code = avcodec_open2(codec_.get(), codec, nullptr);
  if (code < 0) {
    throw InputError(std::string("the decoder of ") + codec->name + " refuses the stream (" +
                     reason_of(code) + ")");
  }
}

/// Makes the packet numbered `wanted` the next one to be sent.
void Decoder::go_to(Index wanted) {
  avcodec_flush_buffers(codec_.get());
  av_packet_unref(packet_.get());
  ready_.clear();
  damaged_.clear();
  drained_ = false;
  outputs_ = 0;
  last_out_ = -1;
  kept_.reset();
  const PacketEntry& entry = index_.packets[static_cast<std::size_t>(wanted)];
  const std::int64_t at = entry.decoded_at != AV_NOPTS_VALUE ? entry.decoded_at : entry.shown_at;
  if (wanted > 0 && at != AV_NOPTS_VALUE && demuxer_.seek(at) && demuxer_.next(*packet_)) {
    kept_ = index_.find(*packet_);
  }
  if (!kept_ || *kept_ > wanted) {
    av_packet_unref(packet_.get());
    demuxer_.rewind();
    kept_.reset();
  }
  sent_ = kept_.value_or(0);
  while (sent_ < wanted) {
    if (!kept_ && !demuxer_.next(*packet_)) break;
    av_packet_unref(packet_.get());
    kept_.reset();
    ++sent_;
  }
}

const AVFrame& Decoder::frame(Index wanted) {
  ready_.erase(ready_.begin(), ready_.lower_bound(wanted));  // most readers only go on
  if (ready_.count(wanted) != 0) return *ready_[wanted];
  if (can_go_on_to(wanted) ? decode_to(wanted) : start_over(wanted)) return *ready_[wanted];
  if (!leads_in_) {
    leads_in_ = true;
    if (start_over(wanted)) return *ready_[wanted];
  }
  if (!careful_) {
    careful_ = true;
    open_codec();
    if (start_over(wanted)) return *ready_[wanted];
  }
  throw InputError("frame " + std::to_string(wanted) + " cannot be decoded (" + why_not(wanted) +
                   "); choose other frames with --frames");
}

/// Decodes from the key frame before. Some of the frames that follow it there may refer to what is
/// further back (open groups of pictures): where that is so, from one key frame earlier.
bool Decoder::start_over(Index wanted) {
  Index key = index_.key_before(wanted);
  if (leads_in_ && key > 0) {
    do {
      --key;
    } while (key > 0 && !index_.packets[static_cast<std::size_t>(key)].key);
  }
  go_to(key);
  return decode_to(wanted);
}

/// The frame is still to come, and no key frame lies between here and there.
bool Decoder::can_go_on_to(Index wanted) const {
  return !drained_ && wanted > last_out_ && index_.key_before(wanted) <= sent_;
}

std::string Decoder::why_not(Index wanted) const {
  const Index packet =
      index_.by_output ? wanted : Index{index_.shown[static_cast<std::size_t>(wanted)]};
  const auto* found = damage_under(packet);
  if (found == nullptr) return "the decoder hands out no picture";
  const Index frame =
      index_.by_output ? found->first : index_.frame_of[static_cast<std::size_t>(found->first)];
  if (frame < 0 || frame == wanted) return found->second;
  return "it depends on frame " + std::to_string(frame) + ", which is damaged: " + found->second;
}

/// Decodes until the frame is ready; false where the codec passes it over or damage reaches it.
bool Decoder::decode_to(Index wanted) {
  while (true) {
    std::optional<Decoded> decoded = next();
    if (!decoded) return false;
    const Index number = index_.by_output
                             ? decoded->packet
                             : index_.frame_of[static_cast<std::size_t>(decoded->packet)];
    last_out_ = std::max(last_out_, number);
    if (number < wanted) continue;
    if (damage_under(decoded->packet) != nullptr) {
      if (number == wanted) return false;
      continue;
    }
    ready_[number] = std::move(decoded->frame);
    if (number == wanted) return true;
    if (ready_.size() > most_ready) return false;
  }
}

/// The codec's next frame; none at the end, or where something is wrong and the codec looks
/// further ahead than the packet that is.
std::optional<Decoder::Decoded> Decoder::next() {
  while (true) {
    Decoded decoded{FrameHandle(allocated(av_frame_alloc()))};
    const int code = avcodec_receive_frame(codec_.get(), decoded.frame.get());
    if (code == 0) {
      decoded.packet = index_.by_output ? outputs_ : decoded.frame->pts;
      ++outputs_;
      if (decoded.packet < 0 || decoded.packet >= static_cast<Index>(index_.packets.size())) {
        continue;
      }
      if (decoded.frame->decode_error_flags != 0 ||
          (decoded.frame->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
        damage(decoded.packet, "the decoder marks it as corrupt");
      }
      return decoded;
    }
    if (code == AVERROR_EOF) return std::nullopt;
    if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
    if (code != AVERROR(EAGAIN)) damage(index_.by_output ? outputs_ : sent_ - 1, reason_of(code));
    if (!damaged_.empty() && !careful_) return std::nullopt;
    if (code == AVERROR(EAGAIN) && !feed()) return std::nullopt;
  }
}

/// Gives the codec one packet, or the end of the stream; false where the end was given before.
bool Decoder::feed() {
  if (drained_) return false;
  if (!kept_ && (sent_ >= static_cast<Index>(index_.packets.size()) || !demuxer_.next(*packet_))) {
    drained_ = true;
    avcodec_send_packet(codec_.get(), nullptr);
    return true;
  }
  kept_.reset();
  const Index number = sent_++;
  if ((packet_->flags & AV_PKT_FLAG_CORRUPT) != 0) damage(number, "its data are cut or damaged");
  if (!has_right_checksums(*packet_)) damage(number, "a checksum is wrong");
  packet_->pts = number;
  packet_->dts = AV_NOPTS_VALUE;
  const int code = avcodec_send_packet(codec_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (code < 0 && code != AVERROR_EOF)
    damage(index_.by_output ? outputs_ : number, reason_of(code));
  return true;
}

/// The damage that reaches this packet: its own, or that of one before it that it may refer to, up
/// to the last key frame; null where it is sound.
const std::pair<const Index, std::string>* Decoder::damage_under(Index packet) const {
  auto at = damaged_.upper_bound(packet);
  if (at == damaged_.begin()) return nullptr;
  --at;
  if (at->first == packet || index_.by_output) return &*at;
  if (intra_only_) return nullptr;
  for (Index i = packet; i > at->first; --i) {
    if (index_.packets[static_cast<std::size_t>(i)].key) return nullptr;
  }
  return &*at;
}

/// A stream has checksums where one of its first packets ends in those that fit.
void Decoder::look_for_checksums() {
  go_to(0);
  for (int i = 0; i < 8 && !checksums_ && demuxer_.next(*packet_); ++i) {
    checksums_ =
        has_right_slice_checksums({packet_->data, static_cast<std::size_t>(packet_->size)});
    av_packet_unref(packet_.get());
  }
}

bool Decoder::has_right_checksums(const AVPacket& packet) const {
  return !checksums_ ||
         has_right_slice_checksums({packet.data, static_cast<std::size_t>(packet.size)});
}

}  // namespace kinema::io::video
