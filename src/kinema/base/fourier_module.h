// What the module libkinema_fftw.so offers: plain C functions.
#pragma once

extern "C" {

/// A plan for arrays of (height, width) that are 64-byte aligned; `kind` as in FourierKind. Null
/// where there is none.
void* kinema_fftw_plan(int kind, int height, int width);
void kinema_fftw_run(void* plan, int kind, void* in, void* out);
void kinema_fftw_free(void* plan);
const char* kinema_fftw_version();
}

namespace kinema {
enum FourierKind { real_forward, real_inverse, complex_forward, complex_inverse };
}
