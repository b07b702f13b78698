// FFTW behind base/fourier, built as the module libkinema_fftw.so.
#include "kinema/base/fourier_module.h"

#include <cstddef>
#include <fftw3.h>
#include <mutex>

using kinema::FourierKind;

namespace {

std::mutex planning;  // of FFTW only the execution of plans may run side by side

fftwf_plan make_plan(int kind, int height, int width, float* in, fftwf_complex* spectrum) {
  auto* complex_in = reinterpret_cast<fftwf_complex*>(in);
  switch (kind) {
    case FourierKind::real_forward:
      return fftwf_plan_dft_r2c_2d(height, width, in, spectrum, FFTW_MEASURE);
    case FourierKind::real_inverse:
      return fftwf_plan_dft_c2r_2d(height, width, spectrum, in, FFTW_MEASURE);
    case FourierKind::complex_forward:
      return fftwf_plan_dft_2d(height, width, complex_in, complex_in, FFTW_FORWARD, FFTW_MEASURE);
    default:
      return fftwf_plan_dft_2d(height, width, complex_in, complex_in, FFTW_BACKWARD, FFTW_MEASURE);
  }
}

}  // namespace

extern "C" {

void* kinema_fftw_plan(int kind, int height, int width) {
  const std::lock_guard lock(planning);
  fftwf_set_timelimit(0.05);
  const std::size_t count = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  auto* in = static_cast<float*>(fftwf_malloc(2 * sizeof(float) * count));
  auto* spectrum =
      static_cast<fftwf_complex*>(fftwf_malloc(sizeof(fftwf_complex) * (count + 2 * height)));
  fftwf_plan plan = nullptr;
  if (in != nullptr && spectrum != nullptr) plan = make_plan(kind, height, width, in, spectrum);
  fftwf_free(in);
  fftwf_free(spectrum);
  return plan;
}

void kinema_fftw_run(void* plan, int kind, void* in, void* out) {
  auto* const made = static_cast<fftwf_plan>(plan);
  switch (kind) {
    case FourierKind::real_forward:
      fftwf_execute_dft_r2c(made, static_cast<float*>(in), static_cast<fftwf_complex*>(out));
      break;
    case FourierKind::real_inverse:
      fftwf_execute_dft_c2r(made, static_cast<fftwf_complex*>(in), static_cast<float*>(out));
      break;
    default:
      fftwf_execute_dft(made, static_cast<fftwf_complex*>(in), static_cast<fftwf_complex*>(out));
  }
}

void kinema_fftw_free(void* plan) {
  const std::lock_guard lock(planning);
  fftwf_destroy_plan(static_cast<fftwf_plan>(plan));
}

const char* kinema_fftw_version() {
  return fftwf_version;
}
}
