// Times, tags and notes.
#include "kinema/io/video_module/facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace kinema::io::video {
namespace {

constexpr std::size_t longest_text = 65536;
constexpr Index most_times = 10000;
constexpr int most_tags = 1000;

std::string rational_text(AVRational value) {
  return std::to_string(value.num) + "/" + std::to_string(value.den);
}

std::string text_of(const char* text) {
  return text != nullptr ? std::string(text).substr(0, longest_text) : std::string();
}

Json tags_of(const AVDictionary* tags) {
  Json json = Json::object();
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(tags, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    if (json.size() >= most_tags) break;
    json[text_of(tag->key)] = text_of(tag->value);
  }
  return json;
}

Json stream_json(const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  Json json = {{"index", stream.index},
               {"type", text_of(av_get_media_type_string(codec.codec_type))},
               {"codec", avcodec_get_name(codec.codec_id)}};
  if (codec.codec_type == AVMEDIA_TYPE_VIDEO) {
    const auto format = static_cast<AVPixelFormat>(codec.format);
    json["profile"] = text_of(avcodec_profile_name(codec.codec_id, codec.profile));
    json["width"] = codec.width;
    json["height"] = codec.height;
    json["pixel_format"] = text_of(av_get_pix_fmt_name(format));
    json["color_range"] = text_of(av_color_range_name(codec.color_range));
    json["color_space"] = text_of(av_color_space_name(codec.color_space));
    json["bits_per_raw_sample"] = codec.bits_per_raw_sample;
    json["average_frame_rate"] = rational_text(stream.avg_frame_rate);
    json["declared_frames"] = stream.nb_frames;
  }
  json["bit_rate"] = codec.bit_rate;
  json["time_base"] = rational_text(stream.time_base);
  json["tags"] = tags_of(stream.metadata);
  return json;
}

std::int64_t time_of(const PacketIndex& index, Index frame) {
  return index.packets[index.shown[static_cast<std::size_t>(frame)]].shown_at;
}

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", seconds);
  return text.data();
}

/// Degrees by which the picture is to be turned clockwise when shown.
double rotation_of(const AVStream& stream) {
  std::size_t size = 0;
  const auto* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (matrix == nullptr || size < 9 * sizeof(std::int32_t)) return 0.0;
  const double degrees = -av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  return std::isfinite(degrees) ? std::fmod(degrees + 360.0, 360.0) : 0.0;
}

}  // namespace

std::optional<double> even_frame_time(const PacketIndex& index, const AVStream& stream) {
  const Index frames = index.frames();
  const AVRational rate = stream.avg_frame_rate;
  const double declared = rate.num > 0 && rate.den > 0 ? 1.0 / av_q2d(rate) : 0.0;
  const std::int64_t first = time_of(index, 0), last = time_of(index, frames - 1);
  if (frames == 1 || first == AV_NOPTS_VALUE || last == AV_NOPTS_VALUE) {
    return declared > 0.0 ? std::optional(declared) : std::nullopt;
  }
  const double tick = av_q2d(stream.time_base);
  const double span = static_cast<double>(last) - static_cast<double>(first);
  const double step = span / static_cast<double>(frames - 1);
  const double tolerance = std::max(1.0, 0.01 * step);
  if (step <= 0.0) return std::nullopt;
  for (Index i = 1; i < frames; ++i) {
    const double at = static_cast<double>(time_of(index, i)) - static_cast<double>(first);
    if (std::abs(at - step * static_cast<double>(i)) > tolerance) return std::nullopt;
  }
  // The declared rate is the sharper number where the clock's ticks are coarse.
  const double steps = static_cast<double>(frames - 1);
  const bool agrees = declared > 0.0 && std::abs(declared / tick - step) * steps <= tolerance;
  return agrees ? declared : step * tick;
}

std::optional<std::string> shortfall(const AVFormatContext& context,
                                     const PacketIndex& index,
                                     const AVStream& stream) {
  const std::int64_t first = time_of(index, 0), last = time_of(index, index.frames() - 1);
  if (context.nb_streams != 1 || context.duration == AV_NOPTS_VALUE || last == AV_NOPTS_VALUE ||
      first == AV_NOPTS_VALUE || index.frames() < 2 ||
      context.duration_estimation_method != AVFMT_DURATION_FROM_STREAM) {
    return std::nullopt;
  }
  const double declared = static_cast<double>(context.duration) / AV_TIME_BASE;
  const double tick = av_q2d(stream.time_base), end = static_cast<double>(last) * tick;
  const double step =
      (end - static_cast<double>(first) * tick) / static_cast<double>(index.frames() - 1);
  if (declared - end <= std::max(3.0 * step, 0.02 * declared)) return std::nullopt;
  return "the file declares " + seconds_text(declared) + " s but its frames end at " +
         seconds_text(end + step) + " s: it may be cut short";
}

Json frame_times(const PacketIndex& index, const AVStream& stream) {
  Json times = Json::array();
  const double first = static_cast<double>(time_of(index, 0)), tick = av_q2d(stream.time_base);
  for (Index i = 0; i < std::min(index.frames(), most_times); ++i) {
    const std::int64_t at = time_of(index, i);
    if (at == AV_NOPTS_VALUE) return Json::array();
    times.push_back((static_cast<double>(at) - first) * tick);
  }
  return times;
}

Json metadata_of(const AVFormatContext& context) {
  Json streams = Json::array();
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    streams.push_back(stream_json(*context.streams[i]));
  }
  Json json = {{"container", context.iformat->name}};
  if (context.duration != AV_NOPTS_VALUE) {
    json["duration_seconds"] = static_cast<double>(context.duration) / AV_TIME_BASE;
  }
  json["bit_rate"] = context.bit_rate;
  json["tags"] = tags_of(context.metadata);
  json["streams"] = std::move(streams);
  return json;
}

Json words_of_kinema(const AVFormatContext& context) {
  const AVDictionaryEntry* comment = av_dict_get(context.metadata, "comment", nullptr, 0);
  if (comment == nullptr) return nullptr;
  const Json json = Json::parse(text_of(comment->value), nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains("kinema") && json["kinema"].is_object() ? json["kinema"]
                                                                                   : Json();
}

std::vector<std::string> notes_on(const AVStream& stream, const AVFrame& first) {
  std::vector<std::string> notes;
  const AVRational shape = stream.sample_aspect_ratio.num > 0
                               ? stream.sample_aspect_ratio
                               : stream.codecpar->sample_aspect_ratio;
  if (shape.num > 0 && shape.den > 0 && shape.num != shape.den) {
    notes.push_back("the file says that pixels are not square (" + rational_text(shape) +
                    ", width to height); frames are as recorded");
  }
  const AVFieldOrder fields = stream.codecpar->field_order;
  if (first.interlaced_frame != 0 ||
      (fields != AV_FIELD_UNKNOWN && fields != AV_FIELD_PROGRESSIVE)) {
    notes.emplace_back("interlaced: even and odd rows of a frame were recorded at different times");
  }
  if (const double degrees = rotation_of(stream); degrees != 0.0) {
    notes.push_back("the file asks to be shown turned by " + std::to_string(std::lround(degrees)) +
                    " degrees clockwise; frames are as recorded");
  }
  return notes;
}

}  // namespace kinema::io::video
