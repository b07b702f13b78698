// What a container and its stream say besides the pixels.
#pragma once

#include "kinema/io/video_module/packet_index.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace kinema::io::video {

using Json = nlohmann::ordered_json;

/// Seconds from frame to frame where the time stamps lie on an even grid (within one tick of the
/// stream's clock, or 1 % of the step); none where they do not, or are unknown.
std::optional<double> even_frame_time(const PacketIndex& index, const AVStream& stream);

/// What to note where the frames end long before the file's declared end; none where they do not,
/// or other streams may be the longer ones.
std::optional<std::string> shortfall(const AVFormatContext& context,
                                     const PacketIndex& index,
                                     const AVStream& stream);

/// Time stamps of the frames in seconds from the first, 10,000 of them at most.
Json frame_times(const PacketIndex& index, const AVStream& stream);

/// The file's own words: container, streams, tags.
Json metadata_of(const AVFormatContext& context);

/// What a file that kinema wrote says of itself (the `comment` tag, JSON); null for others.
Json words_of_kinema(const AVFormatContext& context);

/// Shape of pixels, interlacing, rotation: what a careful user should know.
std::vector<std::string> notes_on(const AVStream& stream, const AVFrame& first);

}  // namespace kinema::io::video
