#include "kinema/atoms/waves.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <ranges>

namespace kinema::atoms {
namespace {

constexpr double two_pi = 2.0 * std::numbers::pi;
constexpr double longest_wave_number = 0.2;  // 1/angstrom: waves of 5 angstrom and longer
constexpr double least_share = 0.02;
constexpr double bin_sigma = 0.75;  // bins: rows of atoms leave none empty

/// An atom in one frame, its height without the frame's mean.
struct Point {
  double x, y, t, z;
};

std::vector<Point> points_of(const Trajectory& trajectory) {
  std::vector<Point> points;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    const std::size_t first = points.size();
    double mean = 0.0;
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      points.push_back({trajectory.positions(t, i, 0),
                        trajectory.positions(t, i, 1),
                        static_cast<double>(t),
                        trajectory.positions(t, i, 2)});
      mean += points.back().z;
    }
    mean /= static_cast<double>(std::max<std::size_t>(points.size() - first, 1));
    for (std::size_t i = first; i < points.size(); ++i) points[i].z -= mean;
  }
  return points;
}

double span(const std::vector<Point>& points, double Point::*axis) {
  if (points.empty()) return 0.0;
  const auto [low, high] = std::ranges::minmax(points | std::views::transform(axis));
  return high - low;
}

/// Mean of z exp(-2 pi i (k . r - f t)), and the squared amplitude of the wave that it stands for.
std::complex<double> component(const std::vector<Point>& points, double kx, double ky, double f) {
  std::complex<double> sum = 0.0;
  for (const Point& p : points) sum += std::polar(p.z, -two_pi * (kx * p.x + ky * p.y - f * p.t));
  return sum / static_cast<double>(points.size());
}

/// Sums per frame for one k, from which all frequencies follow.
std::vector<std::complex<double>> by_frame(const std::vector<Point>& points,
                                           Index frames,
                                           double kx,
                                           double ky) {
  std::vector<std::complex<double>> sums(static_cast<std::size_t>(frames));
  for (const Point& p : points) {
    sums[static_cast<std::size_t>(p.t)] += std::polar(p.z, -two_pi * (kx * p.x + ky * p.y));
  }
  for (auto& sum : sums) sum /= static_cast<double>(points.size());
  return sums;
}

std::complex<double> at_frequency(const std::vector<std::complex<double>>& frames, double f) {
  std::complex<double> sum = 0.0;
  for (std::size_t t = 0; t < frames.size(); ++t) {
    sum += frames[t] * std::polar(1.0, two_pi * f * static_cast<double>(t));
  }
  return sum;
}

/// Frequencies from -1/2 to 1/2 of a turn per frame, `per_frame` of them for each frame.
std::vector<double> frequencies_of(Index frames, Index per_frame) {
  if (frames < 2) return {0.0};
  std::vector<double> frequencies;
  const Index turns = per_frame * frames;
  for (Index f = 0; f <= turns; ++f) {
    frequencies.push_back(static_cast<double>(f) / static_cast<double>(turns) - 0.5);
  }
  return frequencies;
}

/// The wave on a coarse grid of k and f with the largest component. Along a row of k every point's
/// phase turns by the same angle from one k to the next.
Wave strongest(const std::vector<Point>& points, Index frames) {
  const double extent = std::max({span(points, &Point::x), span(points, &Point::y), 10.0});
  const double dk = 0.35 / extent;
  const auto steps = static_cast<int>(longest_wave_number / dk);
  const std::vector<double> frequencies = frequencies_of(frames, 2);
  std::vector<std::complex<float>> phases(points.size()), turns(points.size());
  std::vector<std::complex<float>> sums(static_cast<std::size_t>(frames));
  Wave best;
  double most = -1.0;
  for (int j = 0; j <= steps; ++j) {
    for (std::size_t p = 0; p < points.size(); ++p) {
      const auto& [x, y, t, z] = points[p];
      phases[p] = std::complex<float>(std::polar(z, -two_pi * dk * (j * y - steps * x)));
      turns[p] = std::complex<float>(std::polar(1.0, -two_pi * dk * x));
    }
    for (int i = -steps; i <= steps; ++i) {
      std::ranges::fill(sums, 0.0F);
      for (std::size_t p = 0; p < points.size(); ++p) {
        sums[static_cast<std::size_t>(points[p].t)] += phases[p];
        phases[p] = {phases[p].real() * turns[p].real() - phases[p].imag() * turns[p].imag(),
                     phases[p].real() * turns[p].imag() + phases[p].imag() * turns[p].real()};
      }
      if (i * i + j * j < 4 || i * i + j * j > steps * steps) continue;
      for (const double f : frequencies) {
        const double power = std::norm(at_frequency({sums.begin(), sums.end()}, f));
        if (power <= most) continue;
        most = power;
        best = {i * dk, j * dk, f, 0.0, 0.0, 0.0};
      }
    }
  }
  return best;
}

/// Climbs in kx, ky and f by shrinking steps.
void refine(Wave& wave, const std::vector<Point>& points, Index frames) {
  const double extent = std::max({span(points, &Point::x), span(points, &Point::y), 10.0});
  std::array<double, 3> steps{0.15 / extent, 0.15 / extent, 0.2 / static_cast<double>(frames)};
  std::array<double*, 3> values{&wave.kx, &wave.ky, &wave.frequency};
  double best = std::norm(component(points, wave.kx, wave.ky, wave.frequency));
  for (int round = 0; round < 40; ++round) {
    bool better = false;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (axis == 2 && frames == 1) continue;
      for (const double sign : {1.0, -1.0}) {
        const double before = *values[axis];
        *values[axis] += sign * steps[axis];
        const double power = std::norm(component(points, wave.kx, wave.ky, wave.frequency));
        if (power > best) {
          best = power;
          better = true;
          break;
        }
        *values[axis] = before;
      }
    }
    if (better) continue;
    for (double& step : steps) step *= 0.5;
  }
}

/// Amplitude and phase by least squares of a cosine and a sine, taken out of the points.
void take_out(Wave& wave, std::vector<Point>& points, double variance) {
  double cc = 0.0, ss = 0.0, cs = 0.0, zc = 0.0, zs = 0.0, before = 0.0, after = 0.0;
  const auto angle = [&](const Point& p) {
    return two_pi * (wave.kx * p.x + wave.ky * p.y - wave.frequency * p.t);
  };
  for (const Point& p : points) {
    const double c = std::cos(angle(p)), s = std::sin(angle(p));
    cc += c * c;
    ss += s * s;
    cs += c * s;
    zc += p.z * c;
    zs += p.z * s;
    before += p.z * p.z;
  }
  const double determinant = cc * ss - cs * cs;
  const double a = (ss * zc - cs * zs) / determinant, b = (cc * zs - cs * zc) / determinant;
  for (Point& p : points) {
    p.z -= a * std::cos(angle(p)) + b * std::sin(angle(p));
    after += p.z * p.z;
  }
  wave.amplitude = std::hypot(a, b);
  wave.phase = std::atan2(-b, a);
  wave.share = (before - after) / variance;
}

/// Hann's window along the direction and over time, of mean square 1: strong waves would spread
/// over the whole spectrum without.
std::vector<Point> windowed(std::vector<Point> points, double direction, Index frames) {
  const auto place = [&](const Point& p) {
    return p.x * std::cos(direction) + p.y * std::sin(direction);
  };
  if (points.empty()) return points;
  const auto [low, high] = std::ranges::minmax(points | std::views::transform(place));
  const double width = std::max(high - low, 1e-9);
  double squares = 0.0;
  for (Point& p : points) {
    double weight = 1.0 - std::cos(two_pi * (place(p) - low) / width);
    if (frames > 3) weight *= 1.0 - std::cos(two_pi * (p.t + 0.5) / static_cast<double>(frames));
    p.z *= weight;
    squares += weight * weight;
  }
  const double scale = std::sqrt(static_cast<double>(points.size()) / std::max(squares, 1e-12));
  for (Point& p : points) p.z *= scale;
  return points;
}

double along(const Trajectory& trajectory, Index t, Index i, double direction) {
  return trajectory.positions(t, i, 0) * std::cos(direction) +
         trajectory.positions(t, i, 1) * std::sin(direction);
}

}  // namespace

HeightMap height_map(const Trajectory& trajectory, double direction, double step) {
  HeightMap map;
  double low = 1e300, high = -1e300;
  for (Index t = 0; t < trajectory.frames(); ++t) {
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      low = std::min(low, along(trajectory, t, i, direction));
      high = std::max(high, along(trajectory, t, i, direction));
    }
  }
  const Index bins = high >= low ? static_cast<Index>((high - low) / step) + 1 : 0;
  map.first = low + 0.5 * step;
  map.step = step;
  map.heights = Array<double, 2>({trajectory.frames(), bins});
  Array<double, 2> weights({trajectory.frames(), bins});
  for (Index t = 0; t < trajectory.frames(); ++t) {
    double mean = 0.0, atoms = 0.0;
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0) continue;
      const double z = trajectory.positions(t, i, 2);
      const double place = (along(trajectory, t, i, direction) - low) / step - 0.5;  // in bins
      const auto nearest = static_cast<Index>(std::lround(place));
      for (Index s = std::max<Index>(nearest - 2, 0); s <= std::min(nearest + 2, bins - 1); ++s) {
        const double away = static_cast<double>(s) - place;
        const double weight = std::exp(-0.5 * away * away / (bin_sigma * bin_sigma));
        map.heights(t, s) += weight * z;
        weights(t, s) += weight;
      }
      mean += z;
      atoms += 1.0;
    }
    for (Index s = 0; s < bins; ++s) {
      map.heights(t, s) = weights(t, s) > 0.0 ? map.heights(t, s) / weights(t, s) - mean / atoms
                                              : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return map;
}

RippleSpectrum ripple_spectrum(const Trajectory& trajectory, double direction, double largest_k) {
  const Index frames = trajectory.frames();
  const std::vector<Point> points = windowed(points_of(trajectory), direction, frames);
  const double extent = std::max({span(points, &Point::x), span(points, &Point::y), 10.0});
  const auto count = static_cast<Index>(largest_k * extent * 2.0) + 1;
  RippleSpectrum spectrum;
  for (Index k = 0; k < count; ++k) {
    spectrum.wave_numbers.push_back(static_cast<double>(k) / (2.0 * extent));
  }
  spectrum.frequencies = frequencies_of(frames, 4);
  const auto turns = static_cast<Index>(spectrum.frequencies.size());
  spectrum.power = Array<double, 2>({turns, count});
  for (Index k = 0; k < count; ++k) {
    const double wave_number = spectrum.wave_numbers[static_cast<std::size_t>(k)];
    const auto sums = by_frame(
        points, frames, wave_number * std::cos(direction), wave_number * std::sin(direction));
    for (Index f = 0; f < turns; ++f) {
      spectrum.power(f, k) =
          std::norm(at_frequency(sums, spectrum.frequencies[static_cast<std::size_t>(f)]));
    }
  }
  return spectrum;
}

std::vector<Wave> dominant_waves(const Trajectory& trajectory, int count) {
  std::vector<Point> points = points_of(trajectory);
  double variance = 0.0;
  for (const Point& p : points) variance += p.z * p.z;
  std::vector<Wave> waves;
  while (static_cast<int>(waves.size()) < count && variance > 1e-12) {
    Wave wave = strongest(points, trajectory.frames());
    refine(wave, points, trajectory.frames());
    take_out(wave, points, variance);
    if (wave.share < least_share) break;
    if (wave.frequency < 0.0) {  // the same wave, told along the way that it runs
      wave = {-wave.kx, -wave.ky, -wave.frequency, wave.amplitude, -wave.phase, wave.share};
    }
    waves.push_back(wave);
  }
  return waves;
}

StepCorrelation step_correlation(const Trajectory& trajectory, double step, double farthest) {
  StepCorrelation correlation;
  correlation.length = std::numeric_limits<double>::quiet_NaN();
  if (trajectory.frames() < 2) return correlation;
  const auto bins = static_cast<std::size_t>(farthest / step) + 1;
  std::vector<double> sums(bins), counts(bins);
  double variance = 0.0, atoms = 0.0;
  for (Index t = 1; t < trajectory.frames(); ++t) {
    std::vector<Point> steps;
    double mean = 0.0;
    for (Index i = 0; i < trajectory.atoms(); ++i) {
      if (trajectory.present(t, i) == 0 || trajectory.present(t - 1, i) == 0) continue;
      const double dz = trajectory.positions(t, i, 2) - trajectory.positions(t - 1, i, 2);
      steps.push_back({trajectory.positions(t, i, 0), trajectory.positions(t, i, 1), 0.0, dz});
      mean += dz;
    }
    for (Point& p : steps) p.z -= mean / static_cast<double>(steps.size());
    for (std::size_t a = 0; a < steps.size(); ++a) {
      variance += steps[a].z * steps[a].z;
      atoms += 1.0;
      for (std::size_t b = 0; b < a; ++b) {
        const double dx = steps[a].x - steps[b].x, dy = steps[a].y - steps[b].y;
        const auto bin = static_cast<std::size_t>(std::sqrt(dx * dx + dy * dy) / step + 0.5);
        if (bin >= bins) continue;
        sums[bin] += steps[a].z * steps[b].z;
        counts[bin] += 1.0;
      }
    }
  }
  if (!(variance > 0.0)) return correlation;
  correlation.distances.push_back(0.0);
  correlation.values.push_back(1.0);
  for (std::size_t bin = 1; bin < bins; ++bin) {
    if (counts[bin] == 0.0) continue;
    correlation.distances.push_back(static_cast<double>(bin) * step);
    correlation.values.push_back(sums[bin] / counts[bin] / (variance / atoms));
    const std::size_t last = correlation.values.size() - 1;
    const double above = correlation.values[last - 1], below = correlation.values[last];
    const double level = 1.0 / std::numbers::e;
    if (std::isnan(correlation.length) && below < level) {
      const double from = correlation.distances[last - 1], to = correlation.distances[last];
      correlation.length = from + (to - from) * (above - level) / (above - below);
    }
  }
  return correlation;
}

}  // namespace kinema::atoms
