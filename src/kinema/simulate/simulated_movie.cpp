// Film first, then what lies on it, then the detector.
#include "kinema/simulate/simulated_movie.h"

#include "kinema/base/parallel.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kinema::simulate {
namespace {

enum Stream : std::uint64_t { drift_stream, scene_stream, film_stream, detector_stream };

const SceneOptions& checked(const SceneOptions& options, const std::string& scene) {
  const auto require = [&](bool holds, const char* rule) { require_option(holds, scene, rule); };
  require(options.frames >= 1, "frames must be 1 or more");
  require(options.height >= 16 && options.width >= 16, "height and width must be 16 or more");
  require(options.height <= 65536 && options.width <= 65536, "at most 65536 pixels an edge");
  require(options.dose.value > 0.0 && options.dose.value <= 1e6, "dose must be in 0..1e6 e/px");
  require(options.pixel.value > 0.0, "pixel must be larger than 0");
  require(options.motion >= 0.0 && options.vibration >= 0.0, "motion and vibration: 0 or more");
  require(options.film >= 0.0 && options.film <= 0.2, "film must be in 0..0.2");
  require(options.gain.value_or(1.0) > 0.0, "gain must be larger than 0");
  require(options.read_noise >= 0.0, "read_noise must be 0 or more");
  return options;
}

/// A source whose frames are made when they are asked for.
class SimulatedSource : public MovieSource {
 public:
  using Make = void (*)(const SimulatedMovie&, Index t, std::span<std::byte> out);
  SimulatedSource(std::shared_ptr<const SimulatedMovie> movie, PixelType type, Make make)
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
  std::shared_ptr<const SimulatedMovie> movie_;
  FrameFormat format_;
  Make make_;
};

}  // namespace

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

void require_option(bool holds, const std::string& scene, const std::string& rule) {
  if (!holds) throw InputError(scene + ": " + rule);
}

SimulatedMovie::SimulatedMovie(const SceneOptions& options,
                               const std::string& scene,
                               const Rng& rng)
    : detector_rng_(rng.stream(detector_stream)),
      format_{pixel_type(checked(options, scene).dtype), options.height, options.width},
      drift_(
          shaken_path(options.frames, options.motion, options.vibration, rng.stream(drift_stream))),
      film_(std::max(options.height, options.width),
            options.film,
            options.pixel.value,
            options.defocus.value,
            rng.stream(film_stream)),
      detector_{1.0, options.offset, options.read_noise} {
  info_.pixel_size = {PixelSize{options.pixel, options.pixel}, "user"};
}

Rng SimulatedMovie::scene_rng(const Rng& rng) {
  return rng.stream(scene_stream);
}

void SimulatedMovie::set_exposure(const SceneOptions& options) {
  std::vector<float> first(static_cast<std::size_t>(format_.pixels()));
  render(0, 1.0, 0.0, first);
  double sum = 0.0;
  for (const float value : first) sum += value;
  const double electrons = options.dose.value * static_cast<double>(first.size()) / sum;
  const double brightest = 1.1 * electrons * *std::max_element(first.begin(), first.end());
  detector_.gain =
      options.gain ? *options.gain
                   : fitting_gain(format_.type, detector_.offset, detector_.read_noise, brightest);
  scale_ = detector_.gain * electrons;
}

void SimulatedMovie::render(Index t, double scale, double offset, std::span<float> out) const {
  const Vec2 at = drift(t);
  const auto width = static_cast<std::size_t>(format_.width);
  const auto row = [&](Index y) { return out.subspan(static_cast<std::size_t>(y) * width, width); };
  parallel_for(format_.height, [&](Index y) { film_.row(y, at, row(y)); });
  shade(t, out);
  parallel_for(format_.height, [&](Index y) {
    for (float& value : row(y)) {
      value = static_cast<float>(offset) + static_cast<float>(scale) * std::max(value, 0.0F);
    }
  });
}

void SimulatedMovie::clean(Index t, std::span<float> out) const {
  render(t, scale_, detector_.offset, out);
}

void SimulatedMovie::record(Index t,
                            std::span<const float> expected,
                            std::span<std::byte> out) const {
  simulate::record(
      expected, detector_, format_, detector_rng_.stream(static_cast<std::uint64_t>(t)), out);
}

std::unique_ptr<MovieSource> recorded_source(std::shared_ptr<const SimulatedMovie> movie) {
  const PixelType type = movie->format().type;
  return std::make_unique<SimulatedSource>(
      std::move(movie), type, [](const SimulatedMovie& from, Index t, std::span<std::byte> out) {
        std::vector<float> expected(static_cast<std::size_t>(from.format().pixels()));
        from.clean(t, expected);
        from.record(t, expected, out);
      });
}

std::unique_ptr<MovieSource> clean_source(std::shared_ptr<const SimulatedMovie> movie) {
  return std::make_unique<SimulatedSource>(
      std::move(movie),
      PixelType::f32,
      [](const SimulatedMovie& from, Index t, std::span<std::byte> out) {
        from.clean(t, {reinterpret_cast<float*>(out.data()), out.size() / sizeof(float)});
      });
}

}  // namespace kinema::simulate
