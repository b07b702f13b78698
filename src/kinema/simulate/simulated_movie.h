// What every simulated movie shares: a view of so many pixels on a drifting stage, an amorphous
// film, a dose, and the detector. What lies on the film is each movie's own.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/rng.h"
#include "kinema/base/units.h"
#include "kinema/data/movie_source.h"
#include "kinema/simulate/detector.h"
#include "kinema/simulate/stage.h"
#include "kinema/simulate/support_film.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace kinema::simulate {

/// Pixel types that a simulated detector delivers.
enum class Recording : std::uint8_t { u8, u16, f32 };

inline constexpr EnumName<Recording> recording_names[] = {
    {Recording::u8, "u8"}, {Recording::u16, "u16"}, {Recording::f32, "f32"}};
constexpr std::span<const EnumName<Recording>> enum_names(Recording) {
  return recording_names;
}

PixelType pixel_type(Recording recording);

struct SceneOptions {
  Index frames = 60, height = 384, width = 384;
  Dose dose{30.0};
  Length pixel{0.4};
  Length defocus{600.0};
  double motion = 1.0;
  double vibration = 0.0;
  double film = 0.07;
  Recording dtype = Recording::u8;
  std::optional<double> gain;
  double offset = 0.0, read_noise = 0.0;

  /// What stands before the options of the scene itself, and what after them.
  static void view_fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "number of frames");
    visit("height", self.height, "pixels in y");
    visit("width", self.width, "pixels in x");
    visit("dose", self.dose, "electrons per pixel and frame: the mean of the first frame");
    visit("pixel", self.pixel, "edge of a pixel");
  }
  static void recording_fields(auto& self, auto&& visit) {
    visit("defocus", self.defocus, "underfocus of the lens (300 kV): sets the film's Thon rings");
    visit("motion", self.motion, "speed: 1 drifts about 0.6 pixel a frame, 3 is fast, 0 still");
    visit("vibration", self.vibration, "standard deviation of a jump in every frame, in pixels");
    visit("film", self.film, "contrast of the amorphous film (standard deviation over mean)");
    visit("dtype", self.dtype, "pixel type of the recorded movie");
    visit("gain", self.gain, "recorded units per electron; auto fits the type's range, at most 4");
    visit("offset", self.offset, "recorded units added to every pixel");
    visit("read_noise", self.read_noise, "standard deviation in recorded units");
  }
};

/// Throws InputError "SCENE: RULE" unless the rule holds.
void require_option(bool holds, const std::string& scene, const std::string& rule);

/// One simulated movie: expected and recorded frames by number, each a pure function of the
/// options, the seed and the number. Frames (Y, X).
class SimulatedMovie {
 public:
  virtual ~SimulatedMovie() = default;

  FrameFormat format() const { return format_; }  // of the recorded frames
  Index frames() const { return static_cast<Index>(drift_.size()); }
  const MovieInfo& info() const { return info_; }
  /// The gain in use.
  double gain() const { return detector_.gain; }
  /// Stage position in frame t, in pixels relative to frame 0 (vibration included).
  Vec2 drift(Index t) const { return drift_[static_cast<std::size_t>(t)]; }

  /// The truth: expected recorded value of every pixel.
  void clean(Index t, std::span<float> out) const;
  /// One draw of the detector around frame t's truth, which is `expected`.
  void record(Index t, std::span<const float> expected, std::span<std::byte> out) const;

 protected:
  /// Throws InputError where an option makes no sense; `scene` names the movie in its words.
  SimulatedMovie(const SceneOptions& options, const std::string& scene, const Rng& rng);
  SimulatedMovie(const SimulatedMovie&) = default;
  SimulatedMovie(SimulatedMovie&&) = default;
  SimulatedMovie& operator=(const SimulatedMovie&) = default;
  SimulatedMovie& operator=(SimulatedMovie&&) = default;

  /// The random numbers that are the scene's own.
  static Rng scene_rng(const Rng& rng);
  const std::vector<Vec2>& path() const { return drift_; }
  const SupportFilm& film() const { return film_; }

  /// Sets scale and gain by the dose of the first frame; the last line of every constructor.
  void set_exposure(const SceneOptions& options);

 private:
  /// Multiplies frame t (relative intensity) by the transmission of what lies on the film.
  virtual void shade(Index t, std::span<float> frame) const = 0;
  /// out = offset + scale * relative intensity.
  void render(Index t, double scale, double offset, std::span<float> out) const;

  Rng detector_rng_;
  FrameFormat format_;
  MovieInfo info_;
  std::vector<Vec2> drift_;
  SupportFilm film_;
  Detector detector_;
  double scale_ = 1.0;  // recorded units for relative intensity 1
};

/// The movie as sources, to stream from: what the detector delivers, and the truth as floats.
std::unique_ptr<MovieSource> recorded_source(std::shared_ptr<const SimulatedMovie> movie);
std::unique_ptr<MovieSource> clean_source(std::shared_ptr<const SimulatedMovie> movie);

}  // namespace kinema::simulate
