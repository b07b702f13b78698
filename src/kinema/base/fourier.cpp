#include "kinema/base/fourier.h"

#include "kinema/base/fourier_module.h"
#include "kinema/base/module.h"

#include <algorithm>
#include <stdexcept>

namespace kinema {
namespace {

constexpr const char* mend = "apt install libfftw3-dev, then ./run build";

/// The functions of the module; all null where it is absent.
struct Module {
  decltype(&kinema_fftw_plan) plan = nullptr;
  decltype(&kinema_fftw_run) run = nullptr;
  decltype(&kinema_fftw_free) free = nullptr;
  decltype(&kinema_fftw_version) version = nullptr;

  Module() {
    if (find_module("fftw").empty()) return;
    plan = module_function<void*(int, int, int)>("fftw", "kinema_fftw_plan", mend);
    run = module_function<void(void*, int, void*, void*)>("fftw", "kinema_fftw_run", mend);
    free = module_function<void(void*)>("fftw", "kinema_fftw_free", mend);
    version = module_function<const char*()>("fftw", "kinema_fftw_version", mend);
  }
};

const Module& module() {
  static const Module loaded;
  return loaded;
}

std::shared_ptr<void> make_plan(FourierKind kind, Index height, Index width) {
  if (module().plan == nullptr) return nullptr;
  void* plan = module().plan(kind, static_cast<int>(height), static_cast<int>(width));
  return plan == nullptr ? nullptr : std::shared_ptr<void>(plan, module().free);
}

void require(bool agrees) {
  if (!agrees) throw std::logic_error("a Fourier transform was planned for another size");
}

template <class T>
void divide(std::span<T> values, Index count) {
  const float scale = 1.0F / static_cast<float>(count);
  for (T& value : values) value *= scale;
}

/// An array of the whole plane from its half with k_x >= 0, by the symmetry of real images.
Array<Complex, 2> whole_plane(ArrayView<const Complex, 2> half, Index width) {
  const Index height = half.shape()[0];
  auto full = Array<Complex, 2>::uninitialised({height, width});
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      full(y, x) = x <= width / 2 ? half(y, x) : std::conj(half((height - y) % height, width - x));
    }
  }
  return full;
}

}  // namespace

RealFourier2::RealFourier2(Index height, Index width)
    : height_(height),
      width_(width),
      forward_(make_plan(real_forward, height, width)),
      inverse_(make_plan(real_inverse, height, width)) {}

void RealFourier2::forward(ArrayView<const float, 2> image, ArrayView<Complex, 2> half) const {
  require(image.shape() == Shape<2>{height_, width_} && half.shape() == half_shape());
  if (forward_) {
    module().run(forward_.get(), real_forward, const_cast<float*>(image.data()), half.data());
  } else {
    const Array<Complex, 2> made = real_fft2(image);
    std::copy_n(made.data(), made.size(), half.data());
  }
}

void RealFourier2::inverse(ArrayView<Complex, 2> half, ArrayView<float, 2> image) const {
  require(image.shape() == Shape<2>{height_, width_} && half.shape() == half_shape());
  if (inverse_) {
    module().run(inverse_.get(), real_inverse, half.data(), image.data());
    divide(image.flat(), image.size());
  } else {
    const Array<Complex, 2> made = inverse_fft2(whole_plane(half, width_));
    std::transform(
        made.data(), made.data() + made.size(), image.data(), [](Complex c) { return c.real(); });
  }
}

ComplexFourier2::ComplexFourier2(Index height, Index width)
    : height_(height),
      width_(width),
      forward_(make_plan(complex_forward, height, width)),
      inverse_(make_plan(complex_inverse, height, width)) {}

void ComplexFourier2::forward(ArrayView<Complex, 2> values) const {
  require(values.shape() == Shape<2>{height_, width_});
  if (forward_) return module().run(forward_.get(), complex_forward, values.data(), values.data());
  Array<Complex, 2> copy(values.shape());
  std::copy_n(values.data(), values.size(), copy.data());
  const Array<Complex, 2> made = fft2(copy);
  std::copy_n(made.data(), made.size(), values.data());
}

void ComplexFourier2::inverse(ArrayView<Complex, 2> values) const {
  require(values.shape() == Shape<2>{height_, width_});
  if (inverse_) {
    module().run(inverse_.get(), complex_inverse, values.data(), values.data());
    return divide(values.flat(), values.size());
  }
  Array<Complex, 2> copy(values.shape());
  std::copy_n(values.data(), values.size(), copy.data());
  const Array<Complex, 2> made = inverse_fft2(copy);
  std::copy_n(made.data(), made.size(), values.data());
}

const char* fourier_library() {
  return module().version != nullptr ? module().version() : "KissFFT";
}

}  // namespace kinema
