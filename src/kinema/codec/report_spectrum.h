// Power spectra of frames for the report: the picture with its resolution rings and Bragg spots,
// and the mean over rings of equal spatial frequency.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/movie.h"
#include "kinema/metrics/bragg.h"
#include "kinema/report/image.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::codec {

/// The largest square with an even edge, up to 1024 pixels, at the centre of a frame (Y, X).
Array<float, 2> central_square(ArrayView<const float, 2> frame);

/// Mean power over rings one frequency index wide, from ring 1 up to Nyquist: N/2 values of a
/// square spectrum of edge N.
std::vector<double> ring_means(const metrics::PowerSpectrum& spectrum);

/// log10 of the power of a square spectrum as a grey image between its own 1 and 99.95 percentiles,
/// zero frequency at (N/2, N/2), with rings at round resolutions where the pixel size is known.
report::Image spectrum_image(std::string title,
                             const metrics::PowerSpectrum& spectrum,
                             const std::optional<PixelSize>& pixel_size);

/// Circles around spots and their Friedel mates, the spots numbered from 1.
std::vector<report::Mark> spot_marks(const metrics::PowerSpectrum& spectrum,
                                     const std::vector<metrics::BraggSpot>& spots);

}  // namespace kinema::codec
