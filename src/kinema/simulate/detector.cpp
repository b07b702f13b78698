// One row at a time, each with its own stream of random numbers.
#include "kinema/simulate/detector.h"

#include "kinema/base/parallel.h"
#include "kinema/simulate/poisson_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kinema::simulate {
namespace {

template <class T>
T rounded(double value) {
  if constexpr (!std::numeric_limits<T>::is_integer) {
    return static_cast<T>(value);
  } else {
    using Limits = std::numeric_limits<T>;
    return static_cast<T>(std::clamp(std::nearbyint(value),
                                     static_cast<double>(Limits::min()),
                                     static_cast<double>(Limits::max())));
  }
}

template <class T>
void record_row(std::span<const float> expected, const Detector& detector, Rng rng, T* out) {
  const PoissonTable& poisson = poisson_table();
  const double electrons_per_unit = 1.0 / detector.gain;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double mean = (static_cast<double>(expected[i]) - detector.offset) * electrons_per_unit;
    double value = detector.offset + detector.gain * poisson.draw(mean, rng);
    if (detector.read_noise > 0.0) value += detector.read_noise * rng.normal();
    out[i] = rounded<T>(value);
  }
}

}  // namespace

void record(std::span<const float> expected,
            const Detector& detector,
            const FrameFormat& format,
            const Rng& rng,
            std::span<std::byte> out) {
  with_pixel_type(format.type, [&](auto pixel) {
    using T = decltype(pixel);
    parallel_for(format.height, [&](Index y) {
      const auto first = static_cast<std::size_t>(y * format.width);
      record_row(expected.subspan(first, static_cast<std::size_t>(format.width)),
                 detector,
                 rng.stream(static_cast<std::uint64_t>(y)),
                 reinterpret_cast<T*>(out.data()) + first);
    });
  });
}

void round_to_pixels(std::span<const float> values, PixelType type, std::span<std::byte> out) {
  with_pixel_type(type, [&](auto pixel) {
    using T = decltype(pixel);
    auto* const to = reinterpret_cast<T*>(out.data());
    for (std::size_t i = 0; i < values.size(); ++i) to[i] = rounded<T>(values[i]);
  });
}

double fitting_gain(PixelType type, double offset, double read_noise, double brightest) {
  if (is_float(type)) return 1.0;
  const double top = with_pixel_type(type, [](auto pixel) {
    return static_cast<double>(std::numeric_limits<decltype(pixel)>::max());
  });
  const double room = top - offset - 6.0 * read_noise;
  const double gain = std::min(4.0, room / (brightest + 6.0 * std::sqrt(brightest)));
  if (!(gain > 0.0)) {
    throw InputError("offset " + shortest_text(offset) + " and read noise " +
                     shortest_text(read_noise) + " leave no room for electrons in " +
                     to_text(type) + "; make them smaller or record u16");
  }
  const double scale = std::pow(10.0, 1.0 - std::floor(std::log10(gain)));
  return std::floor(gain * scale) / scale;
}

}  // namespace kinema::simulate
