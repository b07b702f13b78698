// See flat_field.h.
#include "kinema/restore/flat_field.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace kinema::restore {
namespace {

constexpr double least_lit = 0.1;  // of the median

void require_size(const Array<float, 2>& field, const char* name, Index height, Index width) {
  if (field.empty() || field.shape() == Shape<2>{height, width}) return;
  throw InputError(std::string("restore: the ") + name + " is " + std::to_string(field.shape()[0]) +
                   " x " + std::to_string(field.shape()[1]) +
                   " pixels and the movie's frames are " + std::to_string(height) + " x " +
                   std::to_string(width) + "; give the " + name +
                   " of the same detector, binned alike");
}

double median_of(const Array<float, 2>& field) {
  std::vector<float> values(field.flat().begin(), field.flat().end());
  for (const float value : values) {
    if (!std::isfinite(value))
      throw InputError("restore: the flat holds pixels that are no numbers");
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Array<float, 2> mean_frame(MovieSource& movie, const char* name, Progress& progress) {
  const FrameFormat format = movie.format();
  const Index frames = movie.frames().value();
  if (frames < 1) throw InputError(std::string("restore: the ") + name + " holds no frame");
  std::vector<std::byte> pixels(static_cast<std::size_t>(format.bytes()));
  std::vector<float> frame(static_cast<std::size_t>(format.pixels()));
  Array<double, 2> sum({format.height, format.width});
  progress.begin(name, frames, "frames");
  for (Index t = 0; t < frames; ++t) {
    progress.check();
    movie.read(t, 1, pixels);
    floats_from(format.type, pixels.data(), format.pixels(), frame.data());
    for (std::size_t i = 0; i < frame.size(); ++i) sum.data()[i] += frame[i];
    progress.advance(1);
  }
  progress.end();
  Array<float, 2> mean(sum.shape());
  for (Index i = 0; i < mean.size(); ++i) {
    mean.data()[i] = static_cast<float>(sum.data()[i] / static_cast<double>(frames));
  }
  return mean;
}

void invert_gain(ArrayView<float, 2> reference) {
  for (float& pixel : reference.flat()) pixel = pixel > 0.0F ? 1.0F / pixel : 0.0F;
}

Calibration make_calibration(Array<float, 2> dark,
                             Array<float, 2> flat,
                             Index height,
                             Index width) {
  require_size(dark, "dark", height, width);
  require_size(flat, "flat", height, width);
  Calibration calibration{std::move(dark), std::move(flat), 0};
  if (calibration.factor.empty()) return calibration;
  const double median = median_of(calibration.factor);
  if (!(median > 0.0)) {
    throw InputError("restore: half of the flat's pixels are dark; a flat is a lit blank movie");
  }
  for (float& pixel : calibration.factor.flat()) {
    const bool lit = pixel > least_lit * median;
    calibration.unlit += lit ? 0 : 1;
    pixel = lit ? static_cast<float>(median / pixel) : 0.0F;
  }
  return calibration;
}

void calibrate(ArrayView<float, 2> frame, const Calibration& calibration) {
  if (!calibration.dark.empty()) {
    for (Index i = 0; i < frame.size(); ++i) frame.data()[i] -= calibration.dark.data()[i];
  }
  if (!calibration.factor.empty()) {
    for (Index i = 0; i < frame.size(); ++i) frame.data()[i] *= calibration.factor.data()[i];
  }
}

}  // namespace kinema::restore
