// A movie of one molecule that moves: projections of its atoms in known poses, through the lens,
// with noise; and the truth.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/base/rng.h"
#include "kinema/data/particles.h"
#include "kinema/data/volume.h"
#include "kinema/simulate/molecule_motion.h"

#include <cstdint>
#include <span>
#include <vector>

namespace kinema::simulate {

/// How atoms scatter: by their electron scattering factors, in a solvent that fills the space
/// between them; or as equal Gaussian blobs.
enum class Scattering : std::uint8_t { atoms, blobs };
inline constexpr EnumName<Scattering> scattering_names[] = {{Scattering::atoms, "atoms"},
                                                            {Scattering::blobs, "blobs"}};
constexpr std::span<const EnumName<Scattering>> enum_names(Scattering) {
  return scattering_names;
}

enum class PoseLaw : std::uint8_t { random, diffusing };
inline constexpr EnumName<PoseLaw> pose_law_names[] = {{PoseLaw::random, "random"},
                                                       {PoseLaw::diffusing, "diffusing"}};
constexpr std::span<const EnumName<PoseLaw>> enum_names(PoseLaw) {
  return pose_law_names;
}

struct MoleculeOptions : MotionOptions {
  Index size = 32;
  Length pixel = 3_A;
  Scattering scattering = Scattering::atoms;
  Length blob_width = 2_A;
  double b_factor = 30.0, solvent = 1.0;
  PoseLaw poses = PoseLaw::random;
  double pose_step = 8.0;
  Length shift = 0_A;
  Voltage voltage = 300_kV;
  Length cs{2.7e7}, defocus{10000.0}, defocus_spread{5000.0};
  double amplitude_contrast = 0.1;
  double snr = 0.1;
  std::optional<Fluence> dose = {};
  Index truth_frames = 24;

  static void fields(auto& self, auto&& visit) {
    MotionOptions::fields(self, visit);
    visit("size", self.size, "edge of the frames in pixels, even");
    visit("pixel", self.pixel, "edge of a pixel");
    visit("scattering", self.scattering, "how atoms scatter; blobs is the quick way");
    visit("blob_width", self.blob_width, "rms width of a blob");
    visit("b_factor", self.b_factor, "B of every atom in square angstrom; -1 takes the file's");
    visit("solvent", self.solvent, "density of the solvent, in that of water");
    visit("poses", self.poses, "orientations: each frame its own, or diffusing");
    visit("pose_step", self.pose_step, "rms turn from frame to frame while diffusing, degrees");
    visit("shift", self.shift, "rms distance of the particle from the centre, along x and y");
    visit("voltage", self.voltage, "of the beam");
    visit("cs", self.cs, "spherical aberration");
    visit("defocus", self.defocus, "mean underfocus");
    visit(
        "defocus_spread", self.defocus_spread, "half the range of the underfocus over the frames");
    visit("amplitude_contrast", self.amplitude_contrast, "share of amplitude contrast");
    visit("snr", self.snr, "variance of the signal after the CTF over that of Gaussian noise");
    visit("dose", self.dose, "of the whole movie; Poisson noise takes the place of --snr");
    visit("truth_frames", self.truth_frames, "frames whose true volumes are kept, spread evenly");
  }
};

/// The simulated movie. `coordinate` is where each frame stands on its way, 0 to 1.
struct MoleculeMovie {
  Particles particles;
  std::vector<double> coordinate;   // T
  std::vector<Index> truth_frames;  // rising
  std::vector<Volume> truth;        // one for each of them
  double snr = 0.0;                 // as realised, over the whole movie
};

/// Throws InputError where the molecule does not fit into the frame or the options contradict each
/// other.
MoleculeMovie simulate_molecule(const MoleculeModel& model,
                                const MoleculeOptions& options,
                                const Rng& rng,
                                Progress& progress);

}  // namespace kinema::simulate
