// The movie is put together here; grains.cpp moves, grain_image.cpp and support_film.cpp draw.
#include "kinema/simulate/nanocrystals.h"

#include "kinema/base/parallel.h"
#include "kinema/simulate/grain_image.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace kinema::simulate {
namespace {

enum Stream : std::uint64_t { drift_stream, grain_stream, film_stream, detector_stream };

PixelType pixel_type(Recording recording) {
  switch (recording) {
    case Recording::u8:
      return PixelType::u8;
    case Recording::u16:
      return PixelType::u16;
    case Recording::f32:
      return PixelType::f32;
  }
  throw std::logic_error("unknown recording");
}

void require(bool holds, const std::string& rule) {
  if (!holds) throw InputError("nanocrystals: " + rule);
}

const NanocrystalOptions& checked(const NanocrystalOptions& options) {
  require(options.frames >= 1, "frames must be 1 or more");
  require(options.height >= 16 && options.width >= 16, "height and width must be 16 or more");
  require(options.height <= 65536 && options.width <= 65536, "at most 65536 pixels an edge");
  require(options.dose.value > 0.0 && options.dose.value <= 1e6, "dose must be in 0..1e6 e/px");
  require(options.pixel.value > 0.0, "pixel must be larger than 0");
  require(options.diameter.value >= 10.0 * options.pixel.value,
          "diameter must be 10 pixels or more");
  require(options.crystals.value_or(0.0) >= 0.0, "crystals must be 0 or more");
  require(options.motion >= 0.0 && options.vibration >= 0.0, "motion and vibration: 0 or more");
  require(options.film >= 0.0 && options.film <= 0.2, "film must be in 0..0.2");
  require(options.gain.value_or(1.0) > 0.0, "gain must be larger than 0");
  require(options.read_noise >= 0.0, "read_noise must be 0 or more");
  return options;
}

std::vector<Vec2> sample_path(const NanocrystalOptions& options, Rng rng) {
  std::vector<Vec2> path = drift_path(options.frames, options.motion, rng);
  Rng jumps = rng.stream(1);
  for (Vec2& at : path) {
    const double x = jumps.normal();
    at = {at.x + options.vibration * x, at.y + options.vibration * jumps.normal()};
  }
  return path;
}

GrainMovie grains_of(const NanocrystalOptions& options, const std::vector<Vec2>& drift, Rng rng) {
  const double radius = 0.5 * options.diameter.value / options.pixel.value;
  const auto area = static_cast<double>(checked_product(options.height, options.width));
  const double covering = 0.4 * area / (std::numbers::pi * radius * radius);
  return grow_and_move({.frames = options.frames,
                        .height = options.height,
                        .width = options.width,
                        .crystals = options.crystals.value_or(covering),
                        .radius = radius,
                        .lattice = options.lattice.value / options.pixel.value,
                        .motion = options.motion},
                       drift,
                       rng);
}

/// A source whose frames are made when they are asked for.
class SimulatedSource : public MovieSource {
 public:
  using Make = void (*)(const NanocrystalMovie&, Index t, std::span<std::byte> out);
  SimulatedSource(std::shared_ptr<const NanocrystalMovie> movie, PixelType type, Make make)
      : movie_(std::move(movie)), format_(movie_->format()), make_(make) {
    format_.type = type;
  }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return movie_->frames(); }
  const MovieInfo& info() const override { return movie_->info(); }
  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    const auto bytes = static_cast<std::size_t>(format_.bytes());
    for (Index i = 0; i < count; ++i) {
      make_(*movie_, first + i, out.subspan(static_cast<std::size_t>(i) * bytes, bytes));
    }
  }

 private:
  std::shared_ptr<const NanocrystalMovie> movie_;
  FrameFormat format_;
  Make make_;
};

}  // namespace

NanocrystalMovie::NanocrystalMovie(const NanocrystalOptions& options, const Rng& rng)
    : options_(checked(options)),
      detector_rng_(rng.stream(detector_stream)),
      format_{pixel_type(options.dtype), options.height, options.width},
      drift_(sample_path(options, rng.stream(drift_stream))),
      grains_(grains_of(options, drift_, rng.stream(grain_stream))),
      film_(std::max(options.height, options.width),
            options.film,
            options.pixel.value,
            options.defocus.value,
            rng.stream(film_stream)),
      detector_{1.0, options.offset, options.read_noise} {
  info_.pixel_size = {PixelSize{options.pixel, options.pixel}, "user"};
  set_exposure();
}

void NanocrystalMovie::set_exposure() {
  std::vector<float> first(static_cast<std::size_t>(format_.pixels()));
  render(0, 1.0, 0.0, first);
  double sum = 0.0;
  for (const float value : first) sum += value;
  const double electrons = options_.dose.value * static_cast<double>(first.size()) / sum;
  const double brightest = 1.1 * electrons * *std::max_element(first.begin(), first.end());
  detector_.gain =
      options_.gain ? *options_.gain
                    : fitting_gain(format_.type, detector_.offset, detector_.read_noise, brightest);
  scale_ = detector_.gain * electrons;
}

void NanocrystalMovie::render(Index t, double scale, double offset, std::span<float> out) const {
  const auto count = grains_.grains.size();
  const GrainImage grains(grains_.grains, {grains_.poses[t].data(), count});
  const Vec2 at = drift(t);
  parallel_for(format_.height, [&](Index y) {
    const auto row = out.subspan(static_cast<std::size_t>(y * format_.width),
                                 static_cast<std::size_t>(format_.width));
    film_.row(y, at, row);
    grains.darken_row(y, row);
    for (float& value : row) {
      value = static_cast<float>(offset) + static_cast<float>(scale) * std::max(value, 0.0F);
    }
  });
}

void NanocrystalMovie::clean(Index t, std::span<float> out) const {
  render(t, scale_, detector_.offset, out);
}

void NanocrystalMovie::record(Index t,
                              std::span<const float> expected,
                              std::span<std::byte> out) const {
  simulate::record(
      expected, detector_, format_, detector_rng_.stream(static_cast<std::uint64_t>(t)), out);
}

std::unique_ptr<MovieSource> recorded_source(std::shared_ptr<const NanocrystalMovie> movie) {
  const PixelType type = movie->format().type;
  return std::make_unique<SimulatedSource>(
      std::move(movie), type, [](const NanocrystalMovie& from, Index t, std::span<std::byte> out) {
        std::vector<float> expected(static_cast<std::size_t>(from.format().pixels()));
        from.clean(t, expected);
        from.record(t, expected, out);
      });
}

std::unique_ptr<MovieSource> clean_source(std::shared_ptr<const NanocrystalMovie> movie) {
  return std::make_unique<SimulatedSource>(
      std::move(movie),
      PixelType::f32,
      [](const NanocrystalMovie& from, Index t, std::span<std::byte> out) {
        from.clean(t, {reinterpret_cast<float*>(out.data()), out.size() / sizeof(float)});
      });
}

}  // namespace kinema::simulate
