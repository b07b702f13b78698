// A simulated in-situ movie of gold nanocrystals on amorphous carbon, with its clean truth.
//
// Crystals in bright-field HRTEM drift with the stage, turn, attract each other and sinter: lattice
// fringes, facets, thickness contrast that reverses, Moire patterns where they overlap, a grainy
// film with Thon rings, and Poisson electrons on an integrating detector. Frames are rendered one
// at a time and in any order, so that a movie of any length takes little more than the memory of
// one frame.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"
#include "kinema/base/rng.h"
#include "kinema/data/movie_source.h"
#include "kinema/simulate/detector.h"
#include "kinema/simulate/grains.h"
#include "kinema/simulate/support_film.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace kinema::simulate {

/// Pixel types that a simulated detector delivers.
enum class Recording : std::uint8_t { u8, u16, f32 };

inline constexpr EnumName<Recording> recording_names[] = {
    {Recording::u8, "u8"}, {Recording::u16, "u16"}, {Recording::f32, "f32"}};
constexpr std::span<const EnumName<Recording>> enum_names(Recording) {
  return recording_names;
}

struct NanocrystalOptions {
  Index frames = 60, height = 384, width = 384;
  Dose dose{30.0};
  Length pixel{0.4};
  Length diameter{40.0};
  Length lattice{4.078};  // gold
  Length defocus{600.0};
  std::optional<double> crystals;
  double motion = 1.0;
  double vibration = 0.0;
  double film = 0.07;
  Recording dtype = Recording::u8;
  std::optional<double> gain;
  double offset = 0.0, read_noise = 0.0;

  static void fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "number of frames");
    visit("height", self.height, "pixels in y");
    visit("width", self.width, "pixels in x");
    visit("dose", self.dose, "electrons per pixel and frame: the mean of the first frame");
    visit("pixel", self.pixel, "edge of a pixel");
    visit("diameter", self.diameter, "mean diameter of the crystals");
    visit("lattice", self.lattice, "edge of the face-centred cubic cell; 4.078 A is gold");
    visit("defocus", self.defocus, "underfocus of the lens (300 kV): sets the film's Thon rings");
    visit("crystals", self.crystals, "mean number in view; auto covers four tenths of it");
    visit("motion", self.motion, "speed: 1 drifts about 0.6 pixel a frame, 3 is fast, 0 still");
    visit("vibration", self.vibration, "standard deviation of a jump in every frame, in pixels");
    visit("film", self.film, "contrast of the amorphous film (standard deviation over mean)");
    visit("dtype", self.dtype, "pixel type of the recorded movie");
    visit("gain", self.gain, "recorded units per electron; auto fits the type's range, at most 4");
    visit("offset", self.offset, "recorded units added to every pixel");
    visit("read_noise", self.read_noise, "standard deviation in recorded units");
  }
};

/// One simulated movie: expected and recorded frames by number, each a pure function of the
/// options, the seed and the number. Frames (Y, X).
class NanocrystalMovie {
 public:
  /// Throws InputError where an option makes no sense.
  NanocrystalMovie(const NanocrystalOptions& options, const Rng& rng);

  FrameFormat format() const { return format_; }  // of the recorded frames
  Index frames() const { return options_.frames; }
  const MovieInfo& info() const { return info_; }
  /// The gain in use.
  double gain() const { return detector_.gain; }
  /// Sample position in frame t, in pixels relative to frame 0 (vibration included).
  Vec2 drift(Index t) const { return drift_[static_cast<std::size_t>(t)]; }

  /// The truth: expected recorded value of every pixel.
  void clean(Index t, std::span<float> out) const;
  /// One draw of the detector around frame t's truth, which is `expected`.
  void record(Index t, std::span<const float> expected, std::span<std::byte> out) const;

 private:
  /// out = offset + scale * relative intensity.
  void render(Index t, double scale, double offset, std::span<float> out) const;
  /// Sets scale_ and the detector's gain.
  void set_exposure();

  NanocrystalOptions options_;
  Rng detector_rng_;
  FrameFormat format_;
  MovieInfo info_;
  std::vector<Vec2> drift_;
  GrainMovie grains_;
  SupportFilm film_;
  Detector detector_;
  double scale_ = 1.0;  // recorded units for relative intensity 1
};

/// The movie as sources, to stream from: what the detector delivers, and the truth as floats.
std::unique_ptr<MovieSource> recorded_source(std::shared_ptr<const NanocrystalMovie> movie);
std::unique_ptr<MovieSource> clean_source(std::shared_ptr<const NanocrystalMovie> movie);

}  // namespace kinema::simulate
