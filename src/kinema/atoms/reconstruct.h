// From a movie of graphene as it was recorded to the place of every atom in every frame:
//
//   locate each frame -> refine some frames and calibrate the optics -> refine each frame
//   -> track -> refine all frames jointly
//
// Jointly means with the prior that heights change smoothly: sum over frames of
// (z_{t-1} - 2 z_t + z_{t+1})^2 / 2 q^2 for every atom, q from the frames themselves.
#pragma once

#include "kinema/atoms/calibrate.h"
#include "kinema/atoms/journal.h"
#include "kinema/atoms/locate.h"
#include "kinema/atoms/optics_settings.h"
#include "kinema/atoms/refine.h"
#include "kinema/atoms/track.h"
#include "kinema/base/progress.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinema::atoms {

enum class Joint : std::uint8_t { automatic, yes, no };
inline constexpr EnumName<Joint> joint_names[] = {
    {Joint::automatic, "auto"}, {Joint::yes, "true"}, {Joint::no, "false"}};
constexpr std::span<const EnumName<Joint>> enum_names(Joint) {
  return joint_names;
}

struct ReconstructOptions {
  Joint joint = Joint::automatic;
  Index calibration_frames = 4;
  Index calibration_rounds = 4;
  std::optional<double> temperature;
  double bend_temperature = 1000.0;

  static void fields(auto& self, auto&& visit) {
    visit(
        "joint", self.joint, "all frames together, or each alone; auto: together from 5 frames on");
    visit(
        "calibration_frames", self.calibration_frames, "frames that the optics are estimated from");
    visit("calibration_rounds", self.calibration_rounds, "steps in which they are");
    visit("temperature",
          self.temperature,
          "of stretching, in kelvin: how far bonds and angles of a frame differ from their like");
    visit(
        "bend_temperature", self.bend_temperature, "of bending, in kelvin: how rough the sheet is");
  }
};

/// How one frame went.
struct FrameSummary {
  Index frame = 0;
  std::string failure;  // why there are no atoms; empty where there are
  Index atoms = 0;
  double chi_squared = 0.0, mean_counts = 0.0, strength = 0.0;
  double bond_mean = 0.0, bond_spread = 0.0, z_rms = 0.0;  // angstrom
  double z_sigma = 0.0;                                    // rms standard error, angstrom
  double mirror_probability = 0.0;
  double seconds = 0.0;  // of one thread
  bool converged = false;
};

struct Reconstruction {
  Tracked tracked;  // values: sign_probability, residual, strain
  std::vector<FrameSummary> frames;
  Optics optics;
  OpticsVector optics_sigmas{};
  double temperature = 0.0;  // kelvin, of stretching
  bool joint = false;
  double height_step = 0.0;  // q, angstrom; 0 where frames were taken alone
  std::vector<std::string> notes;
};

struct MovieOfAtoms {
  std::function<Array<float, 2>(Index)> frame;  // (Y, X) as recorded, of frame numbers below
  std::vector<Index> frames;
  Index height = 0, width = 0;
  PixelSize pixel;
  Fluence dose;  // a frame
  Time frame_time;
  Recording recording;
};

/// Throws InputError where no frame shows a sheet. Frames that fail are named in the result. What
/// is done of it is kept in `journal`, and not done again where that has it from an interrupted
/// run; the result is the same, times apart.
Reconstruction reconstruct(const MovieOfAtoms& movie,
                           const OpticsSettings& settings,
                           const ReconstructOptions& options,
                           Progress& progress,
                           const Rng& rng,
                           Journal& journal);

/// The mean counts (Y, X) in electrons of atoms at `positions`, fitted to the frame in brightness
/// and contrast: what a frame looks like without noise.
Array<float, 2> simulated_frame(const MovieOfAtoms& movie,
                                Index frame,
                                const Optics& optics,
                                const std::vector<Vec3>& positions);

}  // namespace kinema::atoms
