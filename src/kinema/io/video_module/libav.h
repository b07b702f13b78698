// FFmpeg's libav* with owners for what it allocates, and its refusals as exceptions.
#pragma once

#include "kinema/base/error.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

namespace kinema::io::video {

/// The system refused to read or write.
class SystemRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Free {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVCodecParameters* codec) const { avcodec_parameters_free(&codec); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using FrameHandle = std::unique_ptr<AVFrame, Free>;
using PacketHandle = std::unique_ptr<AVPacket, Free>;
using ParametersHandle = std::unique_ptr<AVCodecParameters, Free>;
using CodecHandle = std::unique_ptr<AVCodecContext, Free>;
using ScalerHandle = std::unique_ptr<SwsContext, Free>;

/// What libav allocated, or std::bad_alloc.
template <class T>
T* allocated(T* pointer) {
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}

/// libav's own word for one of its negative numbers.
inline std::string reason_of(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

/// A dictionary of options or tags.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  ~Dictionary() { av_dict_free(&entries_); }
  void set(const char* key, const std::string& value) {
    av_dict_set(&entries_, key, value.c_str(), 0);
  }
  AVDictionary** get() { return &entries_; }

 private:
  AVDictionary* entries_ = nullptr;
};

}  // namespace kinema::io::video
