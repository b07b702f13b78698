// A movie of graphene as a transmission electron microscope sees it, with the place of every atom
// in every frame. The sheet is relaxed by a force field while its ripples are held, imaged by
// multislice several times within each exposure, and recorded by a camera.
#pragma once

#include "kinema/data/movie.h"
#include "kinema/data/optics.h"
#include "kinema/data/trajectory.h"
#include "kinema/imaging/potential.h"
#include "kinema/simulate/graphene_structure.h"
#include "kinema/simulate/simulated_movie.h"

#include <cstddef>
#include <span>
#include <vector>

namespace kinema::simulate {

enum class Camera : std::uint8_t { counting, integrating };
inline constexpr EnumName<Camera> camera_names[] = {{Camera::counting, "counting"},
                                                    {Camera::integrating, "integrating"}};
constexpr std::span<const EnumName<Camera>> enum_names(Camera) {
  return camera_names;
}

struct GrapheneOptions {
  Index frames = 45, atoms = 747;
  SheetShape shape = SheetShape::flake;
  FlakeEdge edge = FlakeEdge::irregular;
  std::optional<Angle> rotation;
  Index stone_wales = 0, vacancies = 0, divacancies = 0;
  StructureEvents events;
  Length ripple{0.8}, wavelength{28.0}, ripple_speed{1.0};
  Index waves = 5;
  Length thermal_in_plane{0.06}, thermal_out_of_plane{0.35};
  Index phonons = 0;
  Length drift{0.1}, vibration{0.0};
  Angle tilt, tilt_axis;
  std::optional<Index> height, width;
  Length pixel_size{0.2};
  Fluence dose{8000.0};
  Time frame_time{1e-3};
  Index exposures = 3;
  Voltage voltage{80.0};
  Length defocus{-36.0}, cs{0.0}, focal_spread{8.485}, blur{0.15};
  Length c12{0.0}, c21{0.0}, c23{0.0};
  Angle c12_angle, c21_angle, c23_angle, convergence, aperture;
  imaging::Potential potential = imaging::Potential::lobato;
  Length slice{0.3};
  Camera camera = Camera::counting;
  Recording dtype = Recording::u16;
  std::optional<double> gain;
  double offset = 0.0, read_noise = 0.0, mtf = 1.0, dead_pixels = 0.0;

  static void fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "number of frames");
    visit("atoms", self.atoms, "atoms of the flake, or in view of a sheet, before defects");
    visit(
        "shape", self.shape, "a free flake, a sheet beyond the view, or one that repeats with it");
    visit("edge", self.edge, "outline of the flake");
    visit("rotation", self.rotation, "of the zigzag rows against x; auto draws it");
    visit("stone_wales",
          self.stone_wales,
          "bonds turned by 90 degrees: two pentagons, two heptagons");
    visit("vacancies", self.vacancies, "single atoms missing");
    visit("divacancies", self.divacancies, "pairs of atoms missing: rings of five, eight, five");
    visit("events",
          self.events,
          "sudden changes, each with the first frame that shows it: \"vacancy@12, rotation@20, "
          "edge@30\"");
    visit("ripple", self.ripple, "rms height of the travelling ripples");
    visit("wavelength", self.wavelength, "of the ripples, each 0.7 to 1.5 times as long");
    visit(
        "ripple_speed", self.ripple_speed, "way of the ripples in a frame, each 0.5 to 1.5 times");
    visit("waves", self.waves, "number of ripples, in directions all round");
    visit("thermal_in_plane", self.thermal_in_plane, "rms motion of an atom along x, and along y");
    visit("thermal_out_of_plane",
          self.thermal_out_of_plane,
          "rms motion of an atom along the beam, besides the ripples");
    visit("phonons",
          self.phonons,
          "snapshots of that motion averaged in each exposure; 0 blurs by Debye-Waller factors");
    visit("drift", self.drift, "steady way of the specimen in a frame");
    visit("vibration", self.vibration, "rms jump of every frame along x, and along y");
    visit("tilt", self.tilt, "of the sheet against the plane of the image");
    visit("tilt_axis", self.tilt_axis, "direction of the axis of tilt, from x towards y");
    visit("height", self.height, "pixels in y; auto fits the specimen");
    visit("width", self.width, "pixels in x; auto fits the specimen");
    visit("pixel_size", self.pixel_size, "edge of a pixel");
    visit("dose", self.dose, "electrons per area and frame");
    visit("frame_time", self.frame_time, "from one frame to the next");
    visit("exposures", self.exposures, "moments averaged in each frame");
    visit("voltage", self.voltage, "of the beam");
    visit("defocus", self.defocus, "> 0 is underfocus; C10 = -defocus");
    visit("cs", self.cs, "spherical aberration");
    visit("focal_spread", self.focal_spread, "half-width at 1/e, sqrt(2) times the rms");
    visit("blur", self.blur, "rms of the image's Gaussian blur");
    visit("c12", self.c12, "two-fold astigmatism");
    visit("c12_angle", self.c12_angle, "its direction, from x towards y");
    visit("c21", self.c21, "axial coma");
    visit("c21_angle", self.c21_angle, "its direction");
    visit("c23", self.c23, "three-fold astigmatism");
    visit("c23_angle", self.c23_angle, "its direction");
    visit("convergence", self.convergence, "half-angle of illumination at 1/e");
    visit("aperture", self.aperture, "half-angle of the objective aperture; 0: none");
    visit("potential", self.potential, "scattering factors");
    visit("slice", self.slice, "thickness of a slice");
    visit("camera", self.camera, "counts electrons, or integrates their signal");
    visit("dtype", self.dtype, "pixel type of the recorded movie");
    visit("gain", self.gain, "recorded units per electron; auto: 1 counting, 10 integrating");
    visit("offset", self.offset, "recorded units added to every pixel");
    visit("read_noise", self.read_noise, "rms in recorded units, of an integrating camera");
    visit("mtf", self.mtf, "modulation transfer at the Nyquist frequency, Gaussian; 1: perfect");
    visit("dead_pixels", self.dead_pixels, "fraction of pixels that record nothing");
  }

  Optics optics() const;
  kinema::Detector detector() const;
};

/// What an options file for a reconstruction of such a movie holds: the optics, by the names above.
Json optics_json(const GrapheneOptions& options);

/// Frames (Y, X) by number, each a pure function of options, seed and number.
class GrapheneMovie {
 public:
  /// Throws InputError where an option makes no sense.
  GrapheneMovie(const GrapheneOptions& options,
                const Relax& relax,
                const Rng& rng,
                Progress& progress);

  FrameFormat format() const { return format_; }
  Index frames() const { return options_.frames; }
  const MovieInfo& info() const { return info_; }
  /// Where every atom is in every frame: means over the exposure, from the centre of pixel (0, 0),
  /// z with mean 0. An atom of a sheet is absent where it is out of view.
  Trajectory truth() const;
  /// The sheet at moment `exposure` of frame t: (N) positions; those of absent atoms mean nothing.
  std::vector<Vec3> positions(Index t, Index exposure) const;
  const GrapheneStructure& structure() const { return structure_; }

  /// Electrons expected in each pixel of frame t (Y, X).
  Array<float, 2> electrons(Index t) const;
  /// The expected recorded values of those electrons.
  void clean(const Array<float, 2>& electrons, std::span<float> out) const;
  /// One draw of the camera.
  void record(Index t, const Array<float, 2>& electrons, std::span<std::byte> out) const;

 private:
  void fit_view();
  AtomicModel model(Index t, Index exposure) const;
  Array<float, 2> intensity(const AtomicModel& atoms, double msd, double extra_spread) const;

  GrapheneOptions options_;
  Rng rng_;
  GrapheneStructure structure_;
  FrameFormat format_;
  MovieInfo info_;
  Index padding_ = 0;  // pixels round the view of a sheet
  Vec2 middle_;        // of the view, angstrom
  double drift_direction_ = 0.0;
  std::vector<Vec2> jumps_;  // vibration by frame, angstrom
  std::vector<Index> dead_;
};

}  // namespace kinema::simulate
