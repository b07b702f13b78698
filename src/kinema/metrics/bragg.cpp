// Frequencies are indices (ky, kx) of the transform, signed, until they are told as cycles a pixel.
#include "kinema/metrics/bragg.h"

#include "kinema/base/fft.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace kinema::metrics {
namespace {

constexpr Index apart = 6;  // spots are at least this many indices from each other
constexpr std::size_t fewest_in_ring = 24;
constexpr Index ring_inner = 9, ring_outer = 16;  // the background around a spot

std::vector<float> hann(Index n) {
  std::vector<float> window(static_cast<std::size_t>(n));
  for (Index i = 0; i < n; ++i) {
    const double turn = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    window[static_cast<std::size_t>(i)] =
        static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * turn));
  }
  return window;
}

Array<float, 2> middle_of(Frame frame, Index height, Index width) {
  const Index y0 = (frame.shape()[0] - height) / 2, x0 = (frame.shape()[1] - width) / 2;
  auto part = Array<float, 2>::uninitialised({height, width});
  for (Index y = 0; y < height; ++y) {
    std::copy_n(frame[y0 + y].data() + x0, width, part[y].data());
  }
  return part;
}

/// Mean power of noise whose median is that of `values` (exponential: mean = median / ln 2).
double mean_from_median(std::vector<float>& values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle / std::numbers::ln2;
}

/// The frequencies of half a spectrum, each Friedel pair once.
template <class Visit>
void for_each_frequency(const PowerSpectrum& spectrum, Visit&& visit) {
  const Index height = spectrum.height, width = spectrum.width;
  for (Index row = 0; row < height; ++row) {
    const Index ky = row <= height / 2 ? row : row - height;
    for (Index kx = 0; kx <= width / 2; ++kx) {
      const bool own_mate = kx == 0 || 2 * kx == width;
      if (own_mate && ky < 0) continue;
      visit(ky, kx);
    }
  }
}

double frequency(const PowerSpectrum& spectrum, Index ky, Index kx) {
  return std::hypot(static_cast<double>(ky) / static_cast<double>(spectrum.height),
                    static_cast<double>(kx) / static_cast<double>(spectrum.width));
}

/// Number of the ring of equal frequency that (ky, kx) belongs to.
std::size_t ring_of(const PowerSpectrum& spectrum, Index ky, Index kx) {
  const auto extent = static_cast<double>(std::min(spectrum.height, spectrum.width));
  return static_cast<std::size_t>(std::lround(frequency(spectrum, ky, kx) * extent));
}

/// Background of every ring; infinite where too few frequencies tell it (the corners).
std::vector<double> ring_backgrounds(const PowerSpectrum& spectrum) {
  std::vector<std::vector<float>> rings;
  for_each_frequency(spectrum, [&](Index ky, Index kx) {
    const std::size_t ring = ring_of(spectrum, ky, kx);
    if (ring >= rings.size()) rings.resize(ring + 1);
    rings[ring].push_back(spectrum.at(ky, kx));
  });
  std::vector<double> backgrounds;
  for (auto& ring : rings) {
    backgrounds.push_back(ring.size() < fewest_in_ring ? std::numeric_limits<double>::infinity()
                                                       : mean_from_median(ring));
  }
  return backgrounds;
}

bool is_highest_around(const PowerSpectrum& spectrum, Index ky, Index kx) {
  const float power = spectrum.at(ky, kx);
  for (Index dy = -apart; dy <= apart; ++dy) {
    for (Index dx = -apart; dx <= apart; ++dx) {
      if (spectrum.at(ky + dy, kx + dx) > power) return false;
    }
  }
  return true;
}

double background_around(const PowerSpectrum& spectrum, Index ky, Index kx) {
  std::vector<float> ring;
  for (Index dy = -ring_outer; dy <= ring_outer; ++dy) {
    for (Index dx = -ring_outer; dx <= ring_outer; ++dx) {
      const Index distance2 = dy * dy + dx * dx;
      if (distance2 < ring_inner * ring_inner || distance2 > ring_outer * ring_outer) continue;
      ring.push_back(spectrum.at(ky + dy, kx + dx));
    }
  }
  return mean_from_median(ring);
}

}  // namespace

float PowerSpectrum::at(Index ky, Index kx) const {
  kx = ((kx % width) + width) % width;
  if (kx > width / 2) {
    kx = width - kx;
    ky = -ky;
  }
  return power(((ky % height) + height) % height, kx);
}

PowerSpectrum power_spectrum(Frame frame, Index extent) {
  const Index height = std::min(frame.shape()[0], extent);
  const Index width = std::min(frame.shape()[1], extent);
  if (height < 32 || width < 32) {
    throw InputError("bragg: frames of " + std::to_string(frame.shape()[0]) + " x " +
                     std::to_string(frame.shape()[1]) + " pixels are smaller than 32 x 32");
  }
  Array<float, 2> part = middle_of(frame, height, width);
  double sum = 0.0;
  for (const float value : part.flat()) sum += value;
  const auto mean = static_cast<float>(sum / static_cast<double>(part.size()));
  const std::vector<float> wy = hann(height), wx = hann(width);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      part(y, x) =
          (part(y, x) - mean) * wy[static_cast<std::size_t>(y)] * wx[static_cast<std::size_t>(x)];
    }
  }
  const Array<Complex, 2> half = real_fft2(part.view());
  PowerSpectrum spectrum{Array<float, 2>::uninitialised(half.shape()), height, width};
  for (Index i = 0; i < half.size(); ++i) spectrum.power.data()[i] = std::norm(half.data()[i]);
  return spectrum;
}

std::vector<BraggSpot> find_bragg_spots(const PowerSpectrum& spectrum,
                                        const BraggOptions& options) {
  const std::vector<double> backgrounds = ring_backgrounds(spectrum);
  const auto searched = static_cast<double>(spectrum.power.size());
  const double least = std::max(1.0 + options.sigmas, std::log(searched / options.false_alarm));
  std::vector<BraggSpot> spots;
  for_each_frequency(spectrum, [&](Index ky, Index kx) {
    if (frequency(spectrum, ky, kx) < options.lowest_frequency) return;
    const double background = backgrounds[ring_of(spectrum, ky, kx)];
    const double power = spectrum.at(ky, kx);
    if (!(power > least * background) || !is_highest_around(spectrum, ky, kx)) return;
    if (!(power > least * background_around(spectrum, ky, kx))) return;
    spots.push_back({ky,
                     kx,
                     static_cast<double>(ky) / static_cast<double>(spectrum.height),
                     static_cast<double>(kx) / static_cast<double>(spectrum.width),
                     background > 0.0 ? power / background : 1e12});
  });
  std::stable_sort(spots.begin(), spots.end(), [](const BraggSpot& a, const BraggSpot& b) {
    return a.over_background > b.over_background;
  });
  if (static_cast<Index>(spots.size()) > options.most) {
    spots.resize(static_cast<std::size_t>(options.most));
  }
  return spots;
}

double signal_to_background(const PowerSpectrum& spectrum, const BraggSpot& spot) {
  double signal = 0.0;
  for (Index dy = -1; dy <= 1; ++dy) {
    for (Index dx = -1; dx <= 1; ++dx) signal += spectrum.at(spot.ky + dy, spot.kx + dx) / 9.0;
  }
  if (!(signal > 0.0)) return 1.0;  // an empty frame
  return signal / std::max(background_around(spectrum, spot.ky, spot.kx), 1e-12 * signal);
}

BraggSignal& BraggSignal::operator+=(const BraggSignal& other) {
  spots += other.spots;
  kept += other.kept;
  sum_db += other.sum_db;
  return *this;
}

BraggSignal measure_spots(const PowerSpectrum& spectrum, const std::vector<BraggSpot>& spots) {
  BraggSignal signal;
  for (const BraggSpot& spot : spots) {
    const double ratio = signal_to_background(spectrum, spot);
    ++signal.spots;
    signal.kept += ratio >= 3.0 ? 1 : 0;
    signal.sum_db += 10.0 * std::log10(ratio);
  }
  return signal;
}

}  // namespace kinema::metrics
