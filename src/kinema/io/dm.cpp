// Reading the pixels of a DM image in place.
#include "kinema/io/dm.h"

#include "kinema/base/error.h"
#include "kinema/io/dm_image.h"
#include "kinema/io/raw_source.h"

#include <algorithm>
#include <complex>
#include <utility>

namespace kinema::io {
namespace {

/// 0x00RRGGBB, as bytes of either order, to R, G, B, A.
void order_colours(std::span<std::byte> pixels, bool big_endian) {
  for (std::size_t at = 0; at + 4 <= pixels.size(); at += 4) {
    std::byte* pixel = pixels.data() + at;
    if (big_endian) {
      std::rotate(pixel, pixel + 1, pixel + 4);
    } else {
      std::swap(pixel[0], pixel[2]);
    }
  }
}

/// Pixels that lie in the file as numbers, one frame after another.
class DmSource : public RawSource {
 public:
  DmSource(InputFile file,
           const std::filesystem::path& path,
           RawLayout layout,
           const DmPixels& pixels,
           MovieInfo info,
           bool big_endian)
      : RawSource(std::move(file), layout, pixels.format, pixels.frames, std::move(info)),
        path_(path),
        colour_(pixels.packing == DmPacking::colour),
        big_endian_(big_endian) {}

  void read(Index first, Index count, std::span<std::byte> out) override {
    RawSource::read(first, count, out);
    if (colour_) order_colours(out, big_endian_);
  }
  Json metadata() const override { return to_json(read_dm(InputFile(path_)).root); }

 private:
  std::filesystem::path path_;
  bool colour_, big_endian_;
};

/// A Fourier transform of a real image, stored by half: rows of all vertical frequencies with 0 in
/// the middle, columns 0 to width / 2 of the horizontal ones to the left of the middle. The other
/// half is the complex conjugate of this one turned about the middle.
class HalfPlaneSource : public MovieSource {
 public:
  HalfPlaneSource(std::unique_ptr<DmSource> stored, FrameFormat format)
      : stored_(std::move(stored)), format_(format) {}

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return stored_->frames(); }
  const MovieInfo& info() const override { return stored_->info(); }
  Json metadata() const override { return stored_->metadata(); }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    std::vector<std::byte> half(static_cast<std::size_t>(stored_->format().bytes()));
    const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
    for (Index t = 0; t < count; ++t) {
      stored_->read(first + t, 1, half);
      std::byte* frame = out.data() + static_cast<std::size_t>(t) * frame_bytes;
      if (format_.type == PixelType::c64) {
        unpack<std::complex<float>>(half, frame);
      } else {
        unpack<std::complex<double>>(half, frame);
      }
    }
  }

 private:
  template <class Complex>
  void unpack(const std::vector<std::byte>& half, std::byte* out) const {
    const auto* from = reinterpret_cast<const Complex*>(half.data());
    auto* to = reinterpret_cast<Complex*>(out);
    const auto [type, height, width] = format_;
    const Index columns = stored_->format().width, middle_x = width / 2, middle_y = height / 2;
    for (Index y = 0; y < height; ++y) {
      const Index opposite = (2 * middle_y - y + height) % height;
      for (Index x = 0; x < width; ++x) {
        to[y * width + x] = x <= middle_x ? from[y * columns + (middle_x - x)]
                                          : std::conj(from[opposite * columns + (x - middle_x)]);
      }
    }
  }

  std::unique_ptr<DmSource> stored_;
  FrameFormat format_;
};

}  // namespace

std::unique_ptr<MovieSource> open_dm(const std::filesystem::path& path,
                                     const ReadOptions& options) {
  InputFile file(path);
  const DmFile dm = read_dm(file);
  const std::vector<DmImage> images = find_images(dm);
  const DmImage& image = choose_image(dm, images, options.dataset, path);
  const DmPixels pixels = pixels_of(image, path);
  MovieInfo info = facts_of(image, pixels.frames);
  info.dataset = image.name;
  for (const DmImage& other : images) {
    if (images.size() > 1) info.datasets.push_back(other.name);
  }
  const bool swapped = dm.big_endian != (std::endian::native == std::endian::big);
  const RawLayout layout{image.data.offset, pixels.type, swapped};
  if (pixels.packing != DmPacking::half_plane) {
    return std::make_unique<DmSource>(
        std::move(file), path, layout, pixels, std::move(info), dm.big_endian);
  }
  info.notes.emplace_back(
      "a packed Fourier transform: half of it is stored and the other half follows from it; that "
      "the stored columns lie left of the middle is hyperspy's reading, not the maker's word");
  DmPixels stored = pixels;
  stored.format.width = stored.format.width / 2 + 1;
  return std::make_unique<HalfPlaneSource>(
      std::make_unique<DmSource>(
          std::move(file), path, layout, stored, std::move(info), dm.big_endian),
      pixels.format);
}

}  // namespace kinema::io
