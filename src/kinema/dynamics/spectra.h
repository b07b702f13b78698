// Frames as their models see them: Fourier samples about the particle's centre, the CTF at each,
// and how noisy each shell is.
#pragma once

#include "kinema/data/particles.h"
#include "kinema/imaging/projection.h"

#include <vector>

namespace kinema::dynamics {

/// The likelihood of frame t for a clean spectrum f is
///   -1/2 sum_s precision(shell of s) |values(t, s) - ctf(t, s) f_s|^2 + constant.
struct FrameSpectra {
  imaging::SliceLattice lattice;
  Length pixel_size;
  Array<Complex, 2> values;         // (T, S), the shift undone
  Array<float, 2> ctf;              // (T, S)
  std::vector<Rotation> rotations;  // T, lab_from_body
  std::vector<float> precision;     // N/2 shells: of the real and the imaginary part

  Index frames() const { return values.shape()[0]; }
  Index samples() const { return values.shape()[1]; }
  Index box() const { return lattice.box; }
  /// Precision of each sample.
  std::vector<float> sample_precision() const;
};

/// The noise is first taken for all of each shell's power. Throws InputError for fewer than 8
/// frames or frames without any contrast.
FrameSpectra spectra_of(const Particles& particles);

/// Sets the precision from the sums over all frames of squared residuals of each shell.
void set_noise(FrameSpectra& spectra, const std::vector<double>& squared_residuals);

}  // namespace kinema::dynamics
