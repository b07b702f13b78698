// KissFFT behind base/fft.
#include "kinema/base/fft.h"

#include <kissfft/kiss_fft.h>
#include <memory>
#include <vector>

namespace kinema {
namespace {

static_assert(sizeof(kiss_fft_cpx) == sizeof(Complex), "KissFFT must be the float build");

using Plan = std::unique_ptr<kiss_fft_state, void (*)(kiss_fft_cfg)>;

Plan plan(Index n, bool inverse) {
  Plan made(kiss_fft_alloc(static_cast<int>(n), inverse ? 1 : 0, nullptr, nullptr),
            [](kiss_fft_cfg cfg) { kiss_fft_free(cfg); });
  if (!made) throw std::bad_alloc();
  return made;
}

kiss_fft_cpx* kiss(Complex* data) {
  return reinterpret_cast<kiss_fft_cpx*>(data);
}

void transform_columns(Array<Complex, 2>& image, bool inverse) {
  const auto [height, width] = image.shape();
  const Plan columns = plan(height, inverse);
  std::vector<Complex> in(static_cast<std::size_t>(height)), out(in.size());
  for (Index x = 0; x < width; ++x) {
    for (Index y = 0; y < height; ++y) in[static_cast<std::size_t>(y)] = image(y, x);
    kiss_fft(columns.get(), kiss(in.data()), kiss(out.data()));
    for (Index y = 0; y < height; ++y) image(y, x) = out[static_cast<std::size_t>(y)];
  }
}

void transform_rows(Array<Complex, 2>& image, bool inverse) {
  const auto [height, width] = image.shape();
  const Plan rows = plan(width, inverse);
  std::vector<Complex> out(static_cast<std::size_t>(width));
  for (Index y = 0; y < height; ++y) {
    kiss_fft(rows.get(), kiss(image[y].data()), kiss(out.data()));
    std::copy(out.begin(), out.end(), image[y].data());
  }
}

/// Transforms `count` lines whose elements lie `stride` apart; line i begins at first(i).
template <class First>
void transform_lines(const Plan& line, Index length, Index stride, Index count, First first) {
  std::vector<Complex> out(static_cast<std::size_t>(length));
  for (Index i = 0; i < count; ++i) {
    Complex* begin = first(i);
    kiss_fft_stride(line.get(), kiss(begin), kiss(out.data()), static_cast<int>(stride));
    for (Index n = 0; n < length; ++n) begin[n * stride] = out[static_cast<std::size_t>(n)];
  }
}

void transform_volume(ArrayView<Complex, 3> volume, bool inverse) {
  const auto [depth, height, width] = volume.shape();
  const Index plane = height * width;
  transform_lines(plan(width, inverse), width, 1, depth * height, [&, w = width](Index i) {
    return volume.data() + i * w;
  });
  transform_lines(plan(height, inverse), height, width, depth * width, [&, w = width](Index i) {
    return volume.data() + i / w * plane + i % w;
  });
  transform_lines(
      plan(depth, inverse), depth, plane, plane, [&](Index i) { return volume.data() + i; });
}

}  // namespace

Array<Complex, 2> fft2(const Array<Complex, 2>& image) {
  Array<Complex, 2> spectrum = image;
  transform_rows(spectrum, false);
  transform_columns(spectrum, false);
  return spectrum;
}

Array<Complex, 2> inverse_fft2(const Array<Complex, 2>& spectrum) {
  Array<Complex, 2> image = spectrum;
  transform_rows(image, true);
  transform_columns(image, true);
  const float scale = 1.0F / static_cast<float>(image.size());
  for (Complex& value : image.flat()) value *= scale;
  return image;
}

void fft3(ArrayView<Complex, 3> volume) {
  transform_volume(volume, false);
}

void inverse_fft3(ArrayView<Complex, 3> spectrum) {
  transform_volume(spectrum, true);
  const float scale = 1.0F / static_cast<float>(spectrum.size());
  for (Complex& value : spectrum.flat()) value *= scale;
}

Array<Complex, 2> real_fft2(ArrayView<const float, 2> image) {
  const auto [height, width] = image.shape();
  Array<Complex, 2> half({height, width / 2 + 1});
  const Plan rows = plan(width, false);
  std::vector<Complex> in(static_cast<std::size_t>(width)), out(in.size());
  for (Index y = 0; y < height; ++y) {
    std::copy_n(image[y].data(), width, in.begin());
    kiss_fft(rows.get(), kiss(in.data()), kiss(out.data()));
    std::copy_n(out.begin(), width / 2 + 1, half[y].data());
  }
  transform_columns(half, false);
  return half;
}

}  // namespace kinema
