// One video stream of a file as frames of pixels, and what the file says of it.
#pragma once

#include "kinema/io/video_module/decoder.h"
#include "kinema/io/video_module/pixels.h"

#include <nlohmann/json.hpp>

#include <string>

namespace kinema::io::video {

using Json = nlohmann::ordered_json;

class Reader {
 public:
  /// Opens the file, chooses the stream, counts its frames and looks at a few of them.
  Reader(const std::string& path, const Json& request);

  const std::string& description() const { return description_; }
  void read(Index first, Index count, std::byte* out);

 private:
  bool looks_coloured(const AVFrame& first);
  PixelReader look_at_frames();
  std::string describe();
  AVStream& stream() const { return *demuxer_.context().streams[stream_]; }

  Demuxer demuxer_;
  int stream_;
  PacketIndex index_;
  Decoder decoder_;
  std::vector<std::string> notes_;
  int height_ = 0, width_ = 0;
  PixelReader pixels_;
  std::string description_;
};

/// The stream named `dataset` ("stream 1"), or the best one. Throws InputError.
int choose_stream(Demuxer& demuxer, const std::string& dataset);

/// Names of all video streams that have frames.
std::vector<std::string> video_streams(const AVFormatContext& context);

}  // namespace kinema::io::video
