// Part of a movie as a movie of its own: some of its frames, a rectangle of them, binned.
#include "kinema/io/convert.h"

#include <algorithm>
#include <array>
#include <complex>
#include <cstring>
#include <limits>

namespace kinema::io {
namespace {

/// Largest magnitude of an integer type.
double most_of(PixelType type) {
  return with_pixel_type(type, [](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>) {
      return std::max(static_cast<double>(std::numeric_limits<T>::max()),
                      -static_cast<double>(std::numeric_limits<T>::min()));
    } else {
      return 0.0;
    }
  });
}

bool is_signed(PixelType type) {
  return type == PixelType::i8 || type == PixelType::i16 || type == PixelType::i32;
}

/// What pixels are summed in, exactly where they are integers: a double holds every sum that a type
/// of up to 32 bits needs.
template <class T>
struct SumOf {
  using Type = double;
};
template <>
struct SumOf<std::uint64_t> {
  using Type = std::uint64_t;
};
template <>
struct SumOf<std::int64_t> {
  using Type = std::int64_t;
};
template <class Real>
struct SumOf<std::complex<Real>> {
  using Type = std::complex<double>;
};

template <class T>
constexpr bool is_complex_number =
    !std::is_integral_v<T> && std::is_same_v<typename SumOf<T>::Type, std::complex<double>>;

template <class Sum, class In>
void add(Sum& sum, In pixel) {
  if constexpr (std::is_integral_v<Sum>) {
    if (__builtin_add_overflow(sum, pixel, &sum)) {
      throw InputError("--bin: a sum of pixels is beyond 64 bits");
    }
  } else {
    sum += static_cast<Sum>(pixel);
  }
}

/// Calls visit(T{}) with the C++ type of pixels that can be summed: grey and complex ones.
template <class Visit>
void with_summable_type(PixelType type, Visit&& visit) {
  if (type == PixelType::c64) {
    visit(std::complex<float>{});
  } else if (type == PixelType::c128) {
    visit(std::complex<double>{});
  } else {
    with_pixel_type(type, visit);
  }
}

/// Sums n x n pixels of the rectangle into `out`.
template <class In, class Out>
void bin_frame(const In* in, Index row_pixels, const Crop& crop, Index n, Out* out) {
  const Index height = crop.height / n, width = crop.width / n;
  using Sum = typename SumOf<In>::Type;
  std::vector<Sum> sums(static_cast<std::size_t>(width));
  for (Index y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), Sum{});
    for (Index row = 0; row < n; ++row) {
      const In* pixels = in + (crop.y + y * n + row) * row_pixels + crop.x;
      for (Index x = 0; x < width; ++x) {
        for (Index i = 0; i < n; ++i) {
          add(sums[static_cast<std::size_t>(x)], pixels[x * n + i]);
        }
      }
    }
    for (const Sum& sum : sums) *out++ = static_cast<Out>(sum);
  }
}

class SelectedSource : public MovieSource {
 public:
  SelectedSource(std::unique_ptr<MovieSource> source,
                 const Crop& crop,
                 Index first,
                 Index frames,
                 Index bin,
                 FrameFormat format,
                 MovieInfo info)
      : source_(std::move(source)),
        crop_(crop),
        first_(first),
        frames_(frames),
        bin_(bin),
        format_(format),
        info_(std::move(info)) {}

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }
  Json metadata() const override { return source_->metadata(); }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    const FrameFormat recorded = source_->format();
    if (recorded == format_) {
      source_->read(first_ + first, count, out);
      return;
    }
    // All at once: some sources pass over the whole file for every read.
    whole_.resize(static_cast<std::size_t>(checked_product(recorded.bytes(), count)));
    source_->read(first_ + first, count, whole_);
    for (Index t = 0; t < count; ++t) {
      place(whole_.data() + t * recorded.bytes(), out.data() + t * format_.bytes());
    }
  }

 private:
  void place(const std::byte* frame, std::byte* out) const {
    const FrameFormat recorded = source_->format();
    if (recorded.type == format_.type && bin_ == 1) {
      const Index each = bytes_of(format_.type);
      for (Index y = 0; y < crop_.height; ++y) {
        std::memcpy(out + y * crop_.width * each,
                    frame + ((crop_.y + y) * recorded.width + crop_.x) * each,
                    static_cast<std::size_t>(crop_.width * each));
      }
      return;
    }
    with_summable_type(recorded.type, [&](auto in) {
      with_summable_type(format_.type, [&](auto sum) {
        if constexpr (is_complex_number<decltype(in)> == is_complex_number<decltype(sum)>) {
          bin_frame(reinterpret_cast<const decltype(in)*>(frame),
                    recorded.width,
                    crop_,
                    bin_,
                    reinterpret_cast<decltype(sum)*>(out));
        }
      });
    });
  }

  std::unique_ptr<MovieSource> source_;
  Crop crop_;
  Index first_, frames_, bin_;
  FrameFormat format_;
  MovieInfo info_;
  std::vector<std::byte> whole_;
};

/// The axes of what is taken. Frames out of several axes lie along none of them, so that only y and
/// x remain.
std::vector<Axis> axes_of_part(std::vector<Axis> axes,
                               const FrameFormat& recorded,
                               Index frames,
                               const FrameSpan& span,
                               const Crop& crop,
                               Index bin) {
  const std::size_t count = axes.size();
  if (count < 2) return axes;
  const auto take = [](Axis& axis, Index size, Index first, Index taken, Index n) {
    if (axis.size != size) return;
    const double middle = static_cast<double>(first) + 0.5 * static_cast<double>(n - 1);
    axis = {axis.name,
            taken / n,
            axis.step * static_cast<double>(n),
            axis.origin + axis.step * middle,
            axis.unit};
  };
  take(axes[count - 2], recorded.height, crop.y, crop.height, bin);
  take(axes[count - 1], recorded.width, crop.x, crop.width, bin);
  if (span.count() == frames) return axes;
  if (count == 3) {
    take(axes[0], frames, span.first, span.count(), 1);
  } else {
    axes.erase(axes.begin(), axes.end() - 2);
  }
  return axes;
}

}  // namespace

double largest_sum(PixelType type, Index n) {
  return most_of(type) * static_cast<double>(n) * static_cast<double>(n);
}

PixelType binned_type(PixelType type, Index n) {
  if (n < 1) throw InputError("--bin " + std::to_string(n) + " makes no sense; it is 1 or more");
  if (n == 1) return type;
  if (type == PixelType::f16) return PixelType::f32;
  const bool is_long = type == PixelType::u64 || type == PixelType::i64;
  if (is_float(type) || is_complex(type) || is_long) return type;
  if (is_colour(type)) {
    throw InputError("--bin: sums of colours are none; take a part of them, e.g. --part luminance");
  }
  const double most = largest_sum(type, n);
  const bool with_sign = is_signed(type);
  for (const PixelType wider : with_sign ? std::array{PixelType::i16, PixelType::i32}
                                         : std::array{PixelType::u16, PixelType::u32}) {
    if (bytes_of(wider) > bytes_of(type) && most <= most_of(wider)) return wider;
  }
  return PixelType::f64;
}

std::unique_ptr<MovieSource> select(std::unique_ptr<MovieSource> source,
                                    const ConvertOptions& options,
                                    std::optional<PixelType> target) {
  source = take_part(std::move(source), options.part);
  const FrameFormat recorded = source->format();
  const FrameSpan span = resolve(options.frames, source->frames().value());
  const Crop crop = options.crop.value_or(Crop{0, 0, recorded.height, recorded.width});
  require_within(crop, recorded.height, recorded.width);
  const Index n = options.bin;
  const PixelType type = target.value_or(binned_type(recorded.type, n));
  if (crop.height < n || crop.width < n) {
    throw InputError("--bin " + std::to_string(n) + " leaves no pixel of frames of " +
                     std::to_string(crop.height) + " x " + std::to_string(crop.width));
  }
  MovieInfo info = source->info();
  if (info.pixel_size) {
    info.pixel_size->x.value *= static_cast<double>(n);
    info.pixel_size->y.value *= static_cast<double>(n);
  }
  info.axes = axes_of_part(std::move(info.axes), recorded, source->frames().value(), span, crop, n);
  if (crop.height % n != 0 || crop.width % n != 0) {
    info.notes.push_back(std::to_string(crop.height % n) + " rows and " +
                         std::to_string(crop.width % n) + " columns fill no whole bin of " +
                         std::to_string(n) + " x " + std::to_string(n) + " and are left out");
  }
  return std::make_unique<SelectedSource>(std::move(source),
                                          crop,
                                          span.first,
                                          span.count(),
                                          n,
                                          FrameFormat{type, crop.height / n, crop.width / n},
                                          std::move(info));
}

}  // namespace kinema::io
