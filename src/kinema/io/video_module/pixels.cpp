// Grey levels through libavutil's description of each pixel format, colour through libswscale.
#include "kinema/io/video_module/pixels.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace kinema::io::video {
namespace {

const AVPixFmtDescriptor& description_of(AVPixelFormat format) {
  const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format);
  if (description == nullptr || (description->flags & AV_PIX_FMT_FLAG_HWACCEL) != 0) {
    throw InputError("the decoder hands out pixels of an unknown kind");
  }
  return *description;
}

bool has_flag(const AVPixFmtDescriptor& description, std::uint64_t flag) {
  return (description.flags & flag) != 0;
}

/// Full range by the stream's word, or by the old pixel formats that say it by their name.
bool is_full_range(const AVFrame& frame) {
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      return frame.color_range == AVCOL_RANGE_JPEG;
  }
}

struct Palette {
  std::uint8_t red[256], green[256], blue[256];
  explicit Palette(const AVFrame& frame) {
    for (int i = 0; i < 256; ++i) {
      const std::uint32_t entry = AV_RN32(frame.data[1] + 4 * i);  // native ARGB
      red[i] = static_cast<std::uint8_t>(entry >> 16);
      green[i] = static_cast<std::uint8_t>(entry >> 8);
      blue[i] = static_cast<std::uint8_t>(entry);
    }
  }
  bool is_grey(int i) const { return red[i] == green[i] && green[i] == blue[i]; }
};

}  // namespace

Colour colour_of(AVPixelFormat format) {
  const AVPixFmtDescriptor& description = description_of(format);
  if (has_flag(description, AV_PIX_FMT_FLAG_PAL)) return Colour::perhaps;
  if (has_flag(description, AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_BAYER)) return Colour::always;
  return description.nb_components >= 3 ? Colour::perhaps : Colour::never;
}

bool is_coloured(const AVFrame& frame) {
  const AVPixFmtDescriptor& description = description_of(static_cast<AVPixelFormat>(frame.format));
  std::int64_t samples = 0, off = 0;
  if (has_flag(description, AV_PIX_FMT_FLAG_PAL)) {
    const Palette palette(frame);
    for (int y = 0; y < frame.height; ++y) {
      const std::uint8_t* row = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
      off += std::count_if(row, row + frame.width, [&](int i) { return !palette.is_grey(i); });
    }
    return off > 0;
  }
  const int width = AV_CEIL_RSHIFT(frame.width, description.log2_chroma_w);
  const int height = AV_CEIL_RSHIFT(frame.height, description.log2_chroma_h);
  const int depth = description.comp[1].depth;
  const int neutral = 1 << (depth - 1), tolerance = 8 * (1 << depth) / 256;
  std::vector<std::uint16_t> row(static_cast<std::size_t>(width));
  for (const int channel : {1, 2}) {
    for (int y = 0; y < height; ++y) {
      av_read_image_line2(row.data(),
                          const_cast<const std::uint8_t**>(frame.data),
                          frame.linesize,
                          &description,
                          0,
                          y,
                          channel,
                          width,
                          0,
                          2);
      samples += width;
      off += std::count_if(
          row.begin(), row.end(), [&](int c) { return std::abs(c - neutral) > tolerance; });
    }
  }
  return off * 1000 > samples;
}

bool channels_are_equal(const AVFrame& frame) {
  PixelReader reader(frame, /*coloured=*/true);
  const auto channels = static_cast<std::size_t>(bytes_of(reader.type()));
  std::vector<std::byte> pixels(static_cast<std::size_t>(frame.width) *
                                static_cast<std::size_t>(frame.height) * channels);
  reader.convert(frame, pixels.data());
  for (std::size_t i = 0; i < pixels.size(); i += channels) {
    if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2]) return false;
  }
  return true;
}

PixelReader::PixelReader(const AVFrame& first, bool coloured)
    : format_(static_cast<AVPixelFormat>(first.format)),
      width_(first.width),
      height_(first.height),
      description_(&description_of(format_)) {
  const AVPixFmtDescriptor& d = *description_;
  if (coloured) {
    type_ = has_flag(d, AV_PIX_FMT_FLAG_ALPHA) && !has_flag(d, AV_PIX_FMT_FLAG_PAL)
                ? PixelType::rgba
                : PixelType::rgb;
    return;
  }
  if (has_flag(d, AV_PIX_FMT_FLAG_PAL)) return;
  const int depth = d.comp[0].depth;
  if (has_flag(d, AV_PIX_FMT_FLAG_FLOAT)) {
    if (depth != 32 || has_flag(d, AV_PIX_FMT_FLAG_BE)) {
      throw InputError(std::string("pixels of format ") + d.name + " are not read");
    }
    type_ = PixelType::f32;
    return;
  }
  if (depth > 16) throw InputError(std::string("pixels of format ") + d.name + " are not read");
  type_ = depth > 8 ? PixelType::u16 : PixelType::u8;
  row_.resize(static_cast<std::size_t>(width_));
  stretches_ = d.nb_components >= 3 && !is_full_range(first);
  if (!stretches_ && depth > 1) return;
  levels_.resize(std::size_t{1} << depth);
  const double top = depth == 1 ? 255.0 : static_cast<double>(levels_.size() - 1);
  const double black = stretches_ ? 16 << (depth - 8) : 0.0;
  const double span = stretches_ ? 219 << (depth - 8) : 1.0;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const double level = (static_cast<double>(i) - black) * top / span;
    levels_[i] = static_cast<std::uint16_t>(std::lround(std::clamp(level, 0.0, top)));
  }
  if (format_ == AV_PIX_FMT_MONOWHITE) std::reverse(levels_.begin(), levels_.end());
}

bool PixelReader::fits(const AVFrame& frame) const {
  return frame.format == format_ && frame.width == width_ && frame.height == height_;
}

void PixelReader::convert(const AVFrame& frame, std::byte* out) {
  if (is_colour(type_)) {
    convert_colour(frame, out);
  } else if (has_flag(*description_, AV_PIX_FMT_FLAG_PAL)) {
    convert_palette(frame, reinterpret_cast<std::uint8_t*>(out));
  } else if (type_ == PixelType::f32) {
    for (int y = 0; y < height_; ++y) {
      const auto bytes = static_cast<std::size_t>(width_) * sizeof(float);
      std::memcpy(out + static_cast<std::size_t>(y) * bytes,
                  frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0],
                  bytes);
    }
  } else if (type_ == PixelType::u16) {
    convert_grey(frame, reinterpret_cast<std::uint16_t*>(out));
  } else {
    convert_grey(frame, reinterpret_cast<std::uint8_t*>(out));
  }
}

void PixelReader::convert_palette(const AVFrame& frame, std::uint8_t* out) const {
  const Palette palette(frame);
  for (int y = 0; y < height_; ++y) {
    const std::uint8_t* row = frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0];
    out = std::transform(row, row + width_, out, [&](int i) { return palette.green[i]; });
  }
}

template <class T>
void PixelReader::convert_grey(const AVFrame& frame, T* out) {
  const AVComponentDescriptor& luminance = description_->comp[0];
  const bool plain = luminance.step == sizeof(T) && luminance.shift == 0 && luminance.depth > 1 &&
                     !has_flag(*description_, AV_PIX_FMT_FLAG_BE);
  for (int y = 0; y < height_; ++y, out += width_) {
    const T* row = reinterpret_cast<const T*>(
        frame.data[luminance.plane] +
        static_cast<std::ptrdiff_t>(y) * frame.linesize[luminance.plane] + luminance.offset);
    if (!plain) {
      av_read_image_line2(row_.data(),
                          const_cast<const std::uint8_t**>(frame.data),
                          frame.linesize,
                          description_,
                          0,
                          y,
                          0,
                          width_,
                          0,
                          2);
      std::copy(row_.begin(), row_.end(), out);
      row = out;
    }
    if (levels_.empty()) {
      if (plain) std::copy(row, row + width_, out);
    } else {
      const std::size_t last = levels_.size() - 1;
      std::transform(row, row + width_, out, [&](T level) {
        return static_cast<T>(levels_[std::min<std::size_t>(level, last)]);
      });
    }
  }
}

void PixelReader::convert_colour(const AVFrame& frame, std::byte* out) {
  const AVPixelFormat wanted = type_ == PixelType::rgba ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
  constexpr int exactly = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT;
  if (!scaler_) {
    scaler_.reset(sws_getContext(
        width_, height_, format_, width_, height_, wanted, exactly, nullptr, nullptr, nullptr));
    if (!scaler_) {
      throw InputError(std::string("colours of format ") + description_->name + " are not read");
    }
    const int matrix =
        frame.colorspace == AVCOL_SPC_UNSPECIFIED || frame.colorspace == AVCOL_SPC_RGB
            ? SWS_CS_DEFAULT
            : frame.colorspace;
    const bool rgb = has_flag(*description_, AV_PIX_FMT_FLAG_RGB);
    sws_setColorspaceDetails(scaler_.get(),
                             sws_getCoefficients(matrix),
                             rgb || is_full_range(frame) ? 1 : 0,
                             sws_getCoefficients(SWS_CS_DEFAULT),
                             1,
                             0,
                             1 << 16,
                             1 << 16);
  }
  const int row_bytes = width_ * static_cast<int>(bytes_of(type_));
  // libswscale may write beyond the end of a row: rows with room for it.
  std::uint8_t* plane[4] = {};
  int stride[4] = {};
  if (av_image_alloc(plane, stride, width_, height_, wanted, 64) < 0) throw std::bad_alloc();
  const int rows = sws_scale(scaler_.get(), frame.data, frame.linesize, 0, height_, plane, stride);
  for (int y = 0; y < rows; ++y) {
    std::memcpy(out + static_cast<std::ptrdiff_t>(y) * row_bytes,
                plane[0] + static_cast<std::ptrdiff_t>(y) * stride[0],
                static_cast<std::size_t>(row_bytes));
  }
  av_freep(&plane[0]);
  if (rows != height_) throw InputError("colours of this frame cannot be converted");
}

}  // namespace kinema::io::video
