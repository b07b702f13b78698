// Bragg spots: do the lattices of a reference frame survive in another one?
//
// Spots are found once, in the reference's power spectrum; each is then measured in any other frame
// against the background around it there.
#pragma once

#include "kinema/metrics/psnr.h"

#include <vector>

namespace kinema::metrics {

/// |FFT|^2 of a frame's middle, mean removed, under a Hann window: (Y, X / 2 + 1), k_x >= 0.
struct PowerSpectrum {
  Array<float, 2> power;
  Index height = 0, width = 0;  // of the part that was transformed

  /// Power at any signed frequency index (Friedel's law gives the other half).
  float at(Index ky, Index kx) const;
};

/// The largest part that is transformed is `extent` pixels an edge, from the middle of the frame.
PowerSpectrum power_spectrum(Frame frame, Index extent = 1024);

struct BraggOptions {
  double sigmas = 4.0;             // least height over the background, in its standard deviations
  double false_alarm = 0.01;       // chance of one false spot in a frame of noise
  double lowest_frequency = 0.06;  // cycles a pixel; below lie shapes, not lattices
  Index most = 32;                 // the strongest are kept
};

/// A spot; its Friedel mate at (-y, -x) is not listed.
struct BraggSpot {
  Index ky = 0, kx = 0;          // signed index; kx >= 0
  double y = 0.0, x = 0.0;       // cycles a pixel
  double over_background = 0.0;  // power over the mean of its ring of frequencies
};

/// Local maxima of the spectrum above the background of their ring of equal frequency and above
/// that of their surroundings (medians, so that spots do not count), strongest first. The power of
/// noise is exponentially distributed, its standard deviation is its mean: a spot stands above 1 +
/// sigmas, and above what `false_alarm` asks for the number of frequencies searched.
std::vector<BraggSpot> find_bragg_spots(const PowerSpectrum& spectrum,
                                        const BraggOptions& options = {});

/// Mean power of the 3 x 3 frequencies at the spot over the background around it (9..16 indices
/// away): 1 where nothing stands out.
double signal_to_background(const PowerSpectrum& spectrum, const BraggSpot& spot);

/// Spots of one frame summed up: mean of 10 log10(signal to background), and how many are still
/// more than 4 standard deviations above it (a ratio of 3 for the mean of 3 x 3 windowed
/// frequencies).
struct BraggSignal {
  Index spots = 0, kept = 0;
  double sum_db = 0.0;
  double mean_db() const { return spots == 0 ? 0.0 : sum_db / static_cast<double>(spots); }
  BraggSignal& operator+=(const BraggSignal& other);
};

BraggSignal measure_spots(const PowerSpectrum& spectrum, const std::vector<BraggSpot>& spots);

}  // namespace kinema::metrics
