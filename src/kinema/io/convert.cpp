// Selecting, binning and copying movies.
#include "kinema/io/convert.h"

#include "kinema/io/contrast.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>

namespace kinema::io {
namespace {

constexpr Index most_bytes_at_once = Index{256} << 20;
constexpr double exact_in_f32 = 16777216.0;  // 2^24

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

/// f32 where `out` cannot hold the sums' own integers but floats hold them exactly.
std::optional<PixelType> exact_stand_in(const std::filesystem::path& out,
                                        PixelType recorded,
                                        Index bin) {
  const PixelType sums = binned_type(recorded, bin);
  const bool is_wide = sums == PixelType::u32 || sums == PixelType::i32;
  if (bin == 1 || writer_format(out) != "mrc" || !is_wide) return std::nullopt;
  const double most = most_of(recorded) * static_cast<double>(bin) * static_cast<double>(bin);
  if (most > exact_in_f32) return std::nullopt;
  return PixelType::f32;
}

WriteOptions write_options_for(const std::filesystem::path& out,
                               const ConvertOptions& options,
                               MovieSource& source) {
  WriteOptions wishes{options.contrast, options.scale_bar, options.fps, source.metadata()};
  if (!wishes.contrast && needs_contrast(out, source.format().type)) {
    wishes.contrast = contrast_of(source);
  }
  return wishes;
}

}  // namespace

PixelType binned_type(PixelType type, Index n) {
  if (n < 1) throw InputError("--bin " + std::to_string(n) + " makes no sense; it is 1 or more");
  if (n == 1) return type;
  if (type == PixelType::f16) return PixelType::f32;
  const bool is_long = type == PixelType::u64 || type == PixelType::i64;
  if (is_float(type) || is_complex(type) || is_long) return type;
  if (is_colour(type)) {
    throw InputError("--bin: sums of colours are none; take a part of them, e.g. --part luminance");
  }
  const double most = most_of(type) * static_cast<double>(n) * static_cast<double>(n);
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

Converted convert(const std::filesystem::path& in,
                  const std::filesystem::path& out,
                  const ConvertOptions& options,
                  Index memory,
                  const Json& provenance,
                  Progress& progress) {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_ptr<MovieSource> source = open_movie(in, options);
  const FrameFormat recorded = source->format();
  const PixelType taken = part_type(recorded.type, options.part);
  const auto stand_in = exact_stand_in(out, taken, options.bin);
  source = select(std::move(source), options, stand_in);

  Converted result{source->format(), source->frames().value(), source->info()};
  if (stand_in) {
    result.info.notes.push_back("MRC holds no " + to_text(binned_type(taken, options.bin)) +
                                "; the sums are written as float32, which holds them exactly");
  }
  const PixelType written = written_type(out, result.format.type);
  const WriteOptions wishes = write_options_for(out, options, *source);
  if (written == PixelType::u8 && needs_contrast(out, result.format.type) && wishes.contrast) {
    result.info.notes.push_back(to_text(result.format.type) +
                                " is shown as 8-bit levels, black at " +
                                shortest_text(wishes.contrast->black) + " and white at " +
                                shortest_text(wishes.contrast->white));
  }
  const auto writer =
      MovieWriter::create(out, result.format, result.frames, result.info, provenance, wishes);
  const Index per_frame = recorded.bytes() + result.format.bytes();
  const Index at_once =
      std::clamp<Index>(std::min(memory / 2, most_bytes_at_once) / per_frame, 1, result.frames);
  std::vector<std::byte> pixels(static_cast<std::size_t>(at_once * result.format.bytes()));
  progress.begin("convert", result.frames, "frames");
  for (Index first = 0; first < result.frames; first += at_once) {
    progress.check();
    const Index count = std::min(at_once, result.frames - first);
    const auto frames =
        std::span(pixels).first(static_cast<std::size_t>(count * result.format.bytes()));
    source->read(first, count, frames);
    writer->write(first, frames);
    progress.advance(count);
  }
  writer->close();
  progress.end();
  result.bytes_read = static_cast<double>(recorded.bytes()) * static_cast<double>(result.frames);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace kinema::io
