// Encoding and muxing through libav.
#include "kinema/io/video_module/writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace kinema::io::video {
namespace {

using Json = nlohmann::ordered_json;

/// libx264's bytes depend on how many threads it has: always these.
constexpr int h264_threads = 4;
constexpr std::int64_t large_frame = std::int64_t{1} << 20;

/// In which pixel format the codec holds pixels of this type.
AVPixelFormat format_for(bool lossless, PixelType type) {
  if (!lossless) return AV_PIX_FMT_YUV420P;
  switch (type) {
    case PixelType::u8:
      return AV_PIX_FMT_GRAY8;
    case PixelType::u16:
      return AV_PIX_FMT_GRAY16LE;
    case PixelType::rgb:
      return AV_PIX_FMT_BGR0;
    case PixelType::rgba:
      return AV_PIX_FMT_BGRA;
    default:
      throw std::logic_error("video writer: pixels of type " + to_text(type));
  }
}

AVPixelFormat format_of(PixelType type) {
  switch (type) {
    case PixelType::rgb:
      return AV_PIX_FMT_RGB24;
    case PixelType::rgba:
      return AV_PIX_FMT_RGBA;
    default:
      return AV_PIX_FMT_GRAY8;
  }
}

const AVCodec* encoder_for(bool lossless) {
  if (lossless) return avcodec_find_encoder(AV_CODEC_ID_FFV1);
  const char* name = h264_encoder();
  return name != nullptr ? avcodec_find_encoder_by_name(name) : nullptr;
}

/// Colours of limited range after ITU-R BT.709, as players take them.
ScalerHandle scaler_to_yuv(int width, int height, PixelType type) {
  ScalerHandle scaler(sws_getContext(width,
                                     height,
                                     format_of(type),
                                     width,
                                     height,
                                     AV_PIX_FMT_YUV420P,
                                     SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT,
                                     nullptr,
                                     nullptr,
                                     nullptr));
  const int* matrix = sws_getCoefficients(SWS_CS_ITU709);
  sws_setColorspaceDetails(
      allocated(scaler.get()), matrix, /*srcRange=*/1, matrix, /*dstRange=*/0, 0, 1 << 16, 1 << 16);
  return scaler;
}

/// Grey level 0 to 255 as limited luminance, 16 to 235.
constexpr std::array<std::uint8_t, 256> luminance = [] {
  std::array<std::uint8_t, 256> levels{};
  for (int i = 0; i < 256; ++i) {
    levels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(16 + (i * 219 + 127) / 255);
  }
  return levels;
}();

}  // namespace

const char* h264_encoder() {
  for (const char* name : {"libx264", "libopenh264"}) {
    if (avcodec_find_encoder_by_name(name) != nullptr) return name;
  }
  return nullptr;
}

Writer::Writer(const std::string& path, const Json& request)
    : type_(pixel_type_named(request.at("dtype").get<std::string>()).value()),
      height_(request.at("height").get<int>()),
      width_(request.at("width").get<int>()),
      frame_(allocated(av_frame_alloc())),
      packet_(allocated(av_packet_alloc())) {
  try {
    open_codec(request);
    open_file(path, request);
  } catch (...) {
    close();
    throw;
  }
}

Writer::~Writer() {
  close();
}

void Writer::close() {
  if (container_ == nullptr) return;
  if (container_->pb != nullptr) avio_closep(&container_->pb);
  avformat_free_context(container_);
  container_ = nullptr;
}

void Writer::open_codec(const Json& request) {
  const bool lossless = request.at("codec") == "ffv1";
  const AVCodec* encoder = encoder_for(lossless);
  if (encoder == nullptr) {
    throw InputError(std::string("this FFmpeg has no encoder for ") +
                     (lossless ? "FFV1" : "H.264; write .mkv (FFV1, without loss)"));
  }
  codec_.reset(allocated(avcodec_alloc_context3(encoder)));
  codec_->width = width_;
  codec_->height = height_;
  codec_->pix_fmt = format_for(lossless, type_);
  codec_->framerate = av_d2q(request.at("fps").get<double>(), 1000000);
  codec_->time_base = av_inv_q(codec_->framerate);
  codec_->sample_aspect_ratio = {1, 1};
  codec_->flags |= AV_CODEC_FLAG_BITEXACT;
  Dictionary options;
  if (lossless) {
    codec_->level = 3;
    codec_->gop_size = 1;
    codec_->slices = std::int64_t{width_} * height_ > large_frame ? 16 : 4;
    codec_->thread_count = request.at("threads").get<int>();
    options.set("slicecrc", "1");
  } else {
    codec_->thread_count = h264_threads;
    codec_->color_range = AVCOL_RANGE_MPEG;
    codec_->colorspace = AVCOL_SPC_BT709;
    codec_->color_primaries = AVCOL_PRI_BT709;
    codec_->color_trc = AVCOL_TRC_BT709;
    codec_->gop_size = 50;
    options.set("preset", "medium");
    options.set("crf", "16");
  }
  const std::string container = request.at("container");
  if (container == "mp4" || container == "mov" || container == "matroska") {
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  }
  const int code = avcodec_open2(codec_.get(), encoder, options.get());
  if (code < 0) {
    throw InputError(std::string("the encoder ") + encoder->name + " refuses frames of " +
                     std::to_string(height_) + " x " + std::to_string(width_) + " pixels (" +
                     reason_of(code) + "); write .tif or .npy");
  }
  frame_->format = codec_->pix_fmt;
  frame_->width = width_;
  frame_->height = height_;
  frame_->color_range = codec_->color_range;
  if (av_frame_get_buffer(frame_.get(), 0) < 0) throw std::bad_alloc();
  if (!lossless && is_colour(type_)) scaler_ = scaler_to_yuv(width_, height_, type_);
}

void Writer::open_file(const std::string& path, const Json& request) {
  const std::string url = "file:" + path, name = request.at("container");
  int code = avformat_alloc_output_context2(&container_, nullptr, name.c_str(), url.c_str());
  if (code < 0) throw InputError("this FFmpeg writes no " + name + " files");
  container_->flags |= AVFMT_FLAG_BITEXACT;
  stream_ = allocated(avformat_new_stream(container_, nullptr));
  avcodec_parameters_from_context(stream_->codecpar, codec_.get());
  stream_->time_base = codec_->time_base;
  stream_->avg_frame_rate = codec_->framerate;
  stream_->sample_aspect_ratio = codec_->sample_aspect_ratio;
  av_dict_set(
      &container_->metadata, "comment", request.at("comment").get<std::string>().c_str(), 0);
  check_written(avio_open(&container_->pb, url.c_str(), AVIO_FLAG_WRITE));
  Dictionary options;
  if (name == "mp4" || name == "mov") options.set("movflags", "+faststart");
  code = avformat_write_header(container_, options.get());
  check_written(code);
}

void Writer::write(const std::uint8_t* pixels) {
  if (av_frame_make_writable(frame_.get()) < 0) throw std::bad_alloc();
  fill(pixels);
  frame_->pts = frames_++;
  const int code = avcodec_send_frame(codec_.get(), frame_.get());
  if (code < 0) throw InputError("a frame cannot be encoded: " + reason_of(code));
  pass_on();
}

/// Puts the pixels into the codec's own format.
void Writer::fill(const std::uint8_t* pixels) {
  const int row_bytes = width_ * static_cast<int>(bytes_of(type_));
  AVFrame& frame = *frame_;
  if (frame.format == AV_PIX_FMT_BGR0 || frame.format == AV_PIX_FMT_BGRA) {
    const int step = static_cast<int>(bytes_of(type_));
    for (int y = 0; y < height_; ++y) {
      std::uint8_t* out = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
      for (int x = 0; x < width_; ++x, pixels += step, out += 4) {
        out[0] = pixels[2];
        out[1] = pixels[1];
        out[2] = pixels[0];
        out[3] = step == 4 ? pixels[3] : 0;
      }
    }
    return;
  }
  if (scaler_) {
    const std::uint8_t* planes[4] = {pixels};
    const int strides[4] = {row_bytes};
    sws_scale(scaler_.get(), planes, strides, 0, height_, frame.data, frame.linesize);
    return;
  }
  const bool limited = frame.format == AV_PIX_FMT_YUV420P;
  for (int y = 0; y < height_; ++y, pixels += row_bytes) {
    std::uint8_t* row = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
    if (limited) {
      std::transform(
          pixels, pixels + width_, row, [](std::uint8_t level) { return luminance[level]; });
    } else {
      std::memcpy(row, pixels, static_cast<std::size_t>(row_bytes));
    }
  }
  for (const int plane : {1, 2}) {
    if (!limited) break;
    for (int y = 0; y < (height_ + 1) / 2; ++y) {
      std::memset(frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane],
                  128,
                  static_cast<std::size_t>((width_ + 1) / 2));
    }
  }
}

/// What the codec has ready goes into the file.
void Writer::pass_on() {
  while (true) {
    const int code = avcodec_receive_packet(codec_.get(), packet_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    if (code < 0) throw InputError("a frame cannot be encoded: " + reason_of(code));
    packet_->stream_index = stream_->index;
    packet_->duration = 1;
    av_packet_rescale_ts(packet_.get(), codec_->time_base, stream_->time_base);
    check_written(av_interleaved_write_frame(container_, packet_.get()));
    check_written(container_->pb->error);
  }
}

void Writer::finish() {
  avcodec_send_frame(codec_.get(), nullptr);
  pass_on();
  check_written(av_write_trailer(container_));
  avio_flush(container_->pb);
  check_written(container_->pb->error);
  check_written(avio_closep(&container_->pb));
}

void Writer::check_written(int code) const {
  if (code < 0) throw SystemRefusal("cannot be written: " + reason_of(code));
}

}  // namespace kinema::io::video
