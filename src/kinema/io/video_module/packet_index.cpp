// One pass over all packets of a stream.
#include "kinema/io/video_module/packet_index.h"

#include <algorithm>
#include <numeric>

namespace kinema::io::video {
namespace {

constexpr std::size_t most_packets = std::size_t{1} << 22;

/// VP8 hides some frames in packets of their own: bit 4 of the frame tag says whether it is shown.
bool is_hidden(const AVPacket& packet, AVCodecID codec) {
  return codec == AV_CODEC_ID_VP8 && (packet.data[0] & 0x10) == 0;
}

/// The packets as they come, and a note where the last one is cut.
std::vector<PacketEntry> read_packets(Demuxer& demuxer,
                                      AVCodecID codec,
                                      std::vector<std::string>& notes) {
  std::vector<PacketEntry> packets;
  const PacketHandle packet(allocated(av_packet_alloc()));
  bool last_is_cut = false;
  while (demuxer.next(*packet)) {
    if (packets.size() == most_packets) {
      throw InputError("the video stream has more than " + std::to_string(most_packets) +
                       " packets; cut it into several files");
    }
    const bool discarded = (packet->flags & AV_PKT_FLAG_DISCARD) != 0;
    last_is_cut = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
    packets.push_back({packet->pts,
                       packet->dts,
                       packet->pos,
                       (packet->flags & AV_PKT_FLAG_KEY) != 0,
                       !discarded && !is_hidden(*packet, codec)});
    av_packet_unref(packet.get());
  }
  if (!packets.empty() && last_is_cut) {
    packets.back().shown = false;
    notes.emplace_back("the file ends within its last frame, which is left out");
  }
  return packets;
}

/// What comes before the first key frame, in either order, refers to frames that are not there.
void hide_what_cannot_be_decoded(PacketIndex& index) {
  auto& packets = index.packets;
  const auto key =
      std::find_if(packets.begin(), packets.end(), [](const auto& p) { return p.key; });
  if (key == packets.end()) {
    packets.front().key = true;
    return;
  }
  Index hidden = 0;
  const auto hide = [&](PacketEntry& entry) {
    hidden += entry.shown ? 1 : 0;
    entry.shown = false;
  };
  std::for_each(packets.begin(), key, hide);
  for (auto p = key + 1; p != packets.end() && !p->key; ++p) {
    if (p->shown_at != AV_NOPTS_VALUE && p->shown_at < key->shown_at) hide(*p);
  }
  if (hidden > 0) {
    index.notes.push_back(std::to_string(hidden) +
                          " frames before the first key frame cannot be decoded and are left out");
  }
}

/// Frames by their time stamps; where these are unknown, as they come.
void order(PacketIndex& index, bool reordered) {
  const auto& packets = index.packets;
  bool timed = true;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (!packets[i].shown) continue;
    index.shown.push_back(static_cast<std::uint32_t>(i));
    timed = timed && packets[i].shown_at != AV_NOPTS_VALUE;
  }
  index.by_output = !timed && reordered;
  if (timed) {
    std::stable_sort(index.shown.begin(), index.shown.end(), [&](auto a, auto b) {
      return packets[a].shown_at < packets[b].shown_at;
    });
  }
  index.frame_of.assign(packets.size(), -1);
  for (std::size_t i = 0; i < index.shown.size(); ++i) {
    index.frame_of[index.shown[i]] = static_cast<std::int32_t>(i);
  }
}

}  // namespace

PacketIndex scan_packets(Demuxer& demuxer, const AVStream& stream) {
  PacketIndex index;
  index.packets = read_packets(demuxer, stream.codecpar->codec_id, index.notes);
  if (!index.packets.empty()) hide_what_cannot_be_decoded(index);
  const AVCodecDescriptor* codec = avcodec_descriptor_get(stream.codecpar->codec_id);
  const bool intra_only = codec != nullptr && (codec->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
  order(index, !intra_only && stream.codecpar->video_delay > 0);
  if (index.shown.empty()) {
    throw InputError("the video stream holds no whole frame" +
                     (demuxer.trouble().empty() ? "" : " (" + demuxer.trouble() + ")"));
  }
  if (!demuxer.trouble().empty()) {
    index.notes.push_back("the file cannot be read beyond frame " + std::to_string(index.frames()) +
                          " (" + demuxer.trouble() + ")");
  }
  index.by_position_.resize(index.packets.size());
  std::iota(index.by_position_.begin(), index.by_position_.end(), 0U);
  std::stable_sort(index.by_position_.begin(), index.by_position_.end(), [&](auto a, auto b) {
    return index.packets[a].position < index.packets[b].position;
  });
  return index;
}

Index PacketIndex::key_before(Index frame) const {
  if (by_output) return 0;
  const PacketEntry& wanted = packets[shown[static_cast<std::size_t>(frame)]];
  for (Index i = shown[static_cast<std::size_t>(frame)]; i > 0; --i) {
    const PacketEntry& entry = packets[static_cast<std::size_t>(i)];
    if (entry.key && (entry.shown_at == AV_NOPTS_VALUE || entry.shown_at <= wanted.shown_at)) {
      return i;
    }
  }
  return 0;
}

std::optional<Index> PacketIndex::find(const AVPacket& packet) const {
  if (packet.pos < 0) return std::nullopt;
  const auto less = [&](std::uint32_t i, std::int64_t position) {
    return packets[i].position < position;
  };
  auto at = std::lower_bound(by_position_.begin(), by_position_.end(), packet.pos, less);
  const auto matches = [&](std::uint32_t i) { return packets[i].position == packet.pos; };
  if (at == by_position_.end() || !matches(*at)) return std::nullopt;
  if (at + 1 == by_position_.end() || !matches(*(at + 1))) return *at;
  for (; at != by_position_.end() && matches(*at); ++at) {  // several in one block
    if (packets[*at].decoded_at == packet.dts && packets[*at].shown_at == packet.pts) return *at;
  }
  return std::nullopt;
}

}  // namespace kinema::io::video
