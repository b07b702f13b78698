// Frames of simulated movies, for tests.
#pragma once

#include "kinema/simulate/simulated_movie.h"

#include <vector>

namespace kinema::simulate {

inline double mean_of(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

inline std::vector<float> clean_frame(const SimulatedMovie& movie, Index t) {
  std::vector<float> frame(static_cast<std::size_t>(movie.format().pixels()));
  movie.clean(t, frame);
  return frame;
}

inline std::vector<std::byte> recorded_frame(const SimulatedMovie& movie, Index t) {
  std::vector<std::byte> frame(static_cast<std::size_t>(movie.format().bytes()));
  movie.record(t, clean_frame(movie, t), frame);
  return frame;
}

inline std::vector<float> recorded_floats(const SimulatedMovie& movie, Index t) {
  const auto bytes = recorded_frame(movie, t);
  std::vector<float> frame(static_cast<std::size_t>(movie.format().pixels()));
  floats_from(movie.format().type, bytes.data(), movie.format().pixels(), frame.data());
  return frame;
}

}  // namespace kinema::simulate
