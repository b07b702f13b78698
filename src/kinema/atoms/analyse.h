// What a trajectory of a sheet says: shapes of its atoms, bonds, rings, ripples as waves, and how
// far atoms move together.
#pragma once

#include "kinema/atoms/local_shape.h"
#include "kinema/atoms/waves.h"
#include "kinema/base/options.h"
#include "kinema/base/progress.h"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace kinema::atoms {

struct AnalyseOptions {
  std::optional<Length> reference;
  double direction = 0.0;
  Length bin{1.0};
  int waves = 3;

  static void fields(auto& self, auto&& visit) {
    visit("reference",
          self.reference,
          "the bond of the unstrained sheet; auto takes the mean bond of the whole movie");
    visit("direction",
          self.direction,
          "along which heights and ripples are followed, in degrees from x towards y");
    visit("bin", self.bin, "width of the bins of heights and of distances");
    visit("waves", self.waves, "how many of the strongest waves to name");
  }
};

/// Figures of one frame.
struct FrameAnalysis {
  Index frame = 0, atoms = 0;
  double z_rms = 0.0;                                        // angstrom
  double bond_mean = 0.0, bond_rms = 0.0;                    // angstrom, and the spread
  double angle_mean = 0.0, angle_rms = 0.0;                  // radian
  double strain_xx = 0.0, strain_yy = 0.0, strain_xy = 0.0;  // means over atoms
  double pyramid_rms = 0.0;                                  // radian
  double curvature_rms = 0.0;                                // 1/angstrom
  std::map<std::size_t, Index> rings;                        // how many of each size
  Index vacancies = 0, missing = 0;                          // holes, and atoms that lack
};

struct Analysis {
  double reference = 0.0;  // angstrom
  std::vector<FrameAnalysis> frames;
  std::vector<std::vector<LocalShape>> shapes;  // (T)(N), NaN where the atom is absent
  std::vector<double> bonds;                    // of all frames, angstrom
  HeightMap heights;
  RippleSpectrum spectrum;
  std::vector<Wave> waves;
  StepCorrelation correlation;
  Time frame_time;
};

/// Throws InputError where a trajectory has no frames, or hardly any bonds.
Analysis analyse(const Trajectory& trajectory, const AnalyseOptions& options, Progress& progress);

/// How much longer an atom's bonds are, in their mean, than the mean bond of the whole trajectory,
/// as a share of that: (T, N), 0 where it has no bond.
Array<double, 2> bond_strains(const Trajectory& trajectory);

/// Summary for programs and for people. Velocities are in angstrom per picosecond where the time
/// between frames is known, else per frame.
Json to_json(const Analysis& analysis);
std::string to_text(const Analysis& analysis);

/// Files of the analysis by name: atoms.csv, frames.csv, heights.csv, spectrum.csv,
/// correlation.csv, summary.json, heights.png, spectrum.png, analysis.html.
std::map<std::string, std::string> analysis_files(const Analysis& analysis,
                                                  const Trajectory& trajectory,
                                                  const std::string& title);

}  // namespace kinema::atoms
