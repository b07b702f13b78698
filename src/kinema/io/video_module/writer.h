// A video file written frame by frame: H.264 for people's eyes, FFV1 for every bit.
#pragma once

#include "kinema/data/pixel_type.h"
#include "kinema/io/video_module/libav.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace kinema::io::video {

/// Name of the H.264 encoder of this FFmpeg, or null.
const char* h264_encoder();

/// Writes the same bytes for the same frames, whatever the number of threads.
class Writer {
 public:
  /// Begins the file. Throws InputError where the codec is missing or refuses the frames,
  /// SystemRefusal where the system does.
  Writer(const std::string& path, const nlohmann::ordered_json& request);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  void write(const std::uint8_t* pixels);
  void finish();

 private:
  void open_codec(const nlohmann::ordered_json& request);
  void open_file(const std::string& path, const nlohmann::ordered_json& request);
  void close();
  void fill(const std::uint8_t* pixels);
  void pass_on();
  void check_written(int code) const;

  PixelType type_;
  int height_, width_;
  AVFormatContext* container_ = nullptr;
  AVStream* stream_ = nullptr;
  CodecHandle codec_;
  FrameHandle frame_;
  PacketHandle packet_;
  ScalerHandle scaler_;
  std::int64_t frames_ = 0;
};

}  // namespace kinema::io::video
