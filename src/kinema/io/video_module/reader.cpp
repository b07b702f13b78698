// Choosing a stream, deciding between grey and colour, and describing it all.
#include "kinema/io/video_module/reader.h"

#include "kinema/io/video_module/facts.h"

#include <algorithm>
#include <cmath>

namespace kinema::io::video {
namespace {

constexpr std::int64_t most_pixels = std::int64_t{64} << 20;
constexpr Index most_looks = 5;
constexpr const char* stream_word = "stream ";

bool is_video(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
         (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
}

void require_sane_size(const AVCodecParameters& codec) {
  const std::int64_t pixels = std::int64_t{codec.width} * codec.height;
  if (codec.width < 1 || codec.height < 1) {
    throw InputError("the video stream has no frame size: the file is damaged or cut short");
  }
  if (pixels > most_pixels) {
    throw InputError("frames of " + std::to_string(codec.height) + " x " +
                     std::to_string(codec.width) +
                     " pixels are beyond the 64 million that a video "
                     "frame may have here");
  }
}

PacketIndex scan(Demuxer& demuxer, int stream) {
  require_sane_size(*demuxer.context().streams[stream]->codecpar);
  demuxer.choose(stream);
  return scan_packets(demuxer, *demuxer.context().streams[stream]);
}

}  // namespace

std::vector<std::string> video_streams(const AVFormatContext& context) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < context.nb_streams; ++i) {
    if (is_video(*context.streams[i])) names.push_back(stream_word + std::to_string(i));
  }
  return names;
}

int choose_stream(Demuxer& demuxer, const std::string& dataset) {
  AVFormatContext& context = demuxer.context();
  const std::vector<std::string> names = video_streams(context);
  if (names.empty()) throw InputError("the file holds no video stream");
  std::string chosen = dataset;
  if (dataset.empty()) {
    const int best = av_find_best_stream(&context, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    chosen = best >= 0 ? stream_word + std::to_string(best) : names.front();
    if (std::find(names.begin(), names.end(), chosen) == names.end()) chosen = names.front();
  }
  if (std::find(names.begin(), names.end(), chosen) == names.end()) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    throw InputError("has no video '" + chosen + "'; --dataset chooses one of: " + all);
  }
  return std::stoi(chosen.substr(std::string(stream_word).size()));
}

Reader::Reader(const std::string& path, const Json& request)
    : demuxer_(path),
      stream_(choose_stream(demuxer_, request.at("dataset").get<std::string>())),
      index_(scan(demuxer_, stream_)),
      decoder_(demuxer_, index_, stream(), request.at("threads").get<int>()),
      pixels_(look_at_frames()),
      description_(describe()) {}

/// Looks at the first frame and at key frames spread over the movie.
bool Reader::looks_coloured(const AVFrame& first) {
  const Colour colour = colour_of(static_cast<AVPixelFormat>(first.format));
  if (colour != Colour::perhaps) return colour == Colour::always;
  if (is_coloured(first)) return true;
  for (Index look = most_looks - 1; look > 0; --look) {
    Index packet = index_.key_before(index_.frames() * look / most_looks);
    const Index frame = index_.frame_of[static_cast<std::size_t>(packet)];
    if (frame <= 0) continue;
    try {
      if (is_coloured(decoder_.frame(frame))) return true;
    } catch (const InputError&) {  // whoever reads that frame is told
      continue;
    }
  }
  return false;
}

PixelReader Reader::look_at_frames() {
  const FrameHandle first(allocated(av_frame_clone(&decoder_.frame(0))));
  require_sane_size(*stream().codecpar);
  height_ = first->height;
  width_ = first->width;
  notes_ = notes_on(stream(), *first);
  const bool coloured = looks_coloured(*first);
  PixelReader pixels(*first, coloured);
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(first->format));
  const std::string name = format->name;
  if (coloured && colour_of(static_cast<AVPixelFormat>(first->format)) == Colour::perhaps) {
    notes_.push_back("recorded in colour (" + name + "), read as RGB");
  } else if (coloured && channels_are_equal(*first)) {
    notes_.push_back("recorded as colour (" + name +
                     ") though its channels are equal; kinema convert --part makes it grey");
  } else if (coloured && format->comp[0].depth > 8) {
    notes_.push_back("colours of " + std::to_string(format->comp[0].depth) +
                     " bits are read as 8 bits");
  } else if (pixels.stretches()) {
    const int shift = format->comp[0].depth - 8;
    notes_.push_back("luminance of limited range (" + name + "), " + std::to_string(16 << shift) +
                     " to " + std::to_string(235 << shift) +
                     " as the standard says, is stretched "
                     "to 0 to " +
                     std::to_string((1 << format->comp[0].depth) - 1));
  }
  return pixels;
}

std::string Reader::describe() {
  AVStream& chosen = stream();
  const AVFormatContext& context = demuxer_.context();
  Json metadata = metadata_of(context);
  const std::optional<double> frame_time = even_frame_time(index_, chosen);
  for (const std::string& note : index_.notes) notes_.push_back(note);
  if (!frame_time && index_.frames() > 1) {
    notes_.emplace_back(
        "frames are not evenly spaced in time; kinema info --all lists their times");
    metadata["frame_times_seconds"] = frame_times(index_, chosen);
  }
  if (chosen.nb_frames > index_.frames() + 1) {
    notes_.push_back("the file declares " + std::to_string(chosen.nb_frames) +
                     " frames but holds " + std::to_string(index_.frames()));
  } else if (const auto note = shortfall(context, index_, chosen)) {
    notes_.push_back(*note);
  }
  const std::vector<std::string> streams = video_streams(context);
  const Json json = {{"dtype", to_text(pixels_.type())},
                     {"height", height_},
                     {"width", width_},
                     {"frames", index_.frames()},
                     {"frame_time", frame_time ? Json(*frame_time) : Json()},
                     {"dataset", stream_word + std::to_string(stream_)},
                     {"datasets", streams},
                     {"notes", notes_},
                     {"kinema", words_of_kinema(context)},
                     {"metadata", std::move(metadata)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Reader::read(Index first, Index count, std::byte* out) {
  const Index bytes = Index{height_} * width_ * bytes_of(pixels_.type());
  for (Index i = 0; i < count; ++i, out += bytes) {
    const AVFrame& frame = decoder_.frame(first + i);
    if (!pixels_.fits(frame)) {
      throw InputError("frame " + std::to_string(first + i) + " is of " +
                       std::to_string(frame.height) + " x " + std::to_string(frame.width) +
                       " pixels or another kind than the first; choose other frames with --frames");
    }
    pixels_.convert(frame, out);
  }
}

}  // namespace kinema::io::video
