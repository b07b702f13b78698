// The Fortran interface of BLAS and LAPACK. A row-major matrix is the transpose of a column-major
// one, so C = A B is asked for as C^T = B^T A^T, and a lower triangle is an upper one over there.
#include "kinema/base/linear.h"

#include "kinema/base/parallel.h"

#include <dlfcn.h>
#include <stdexcept>
#include <type_traits>

namespace kinema {
namespace {

/// The library, found once.
struct Blas {
  void* handle = nullptr;

  Blas() {
    for (const char* name : {"libopenblas.so.0", "liblapack.so.3"}) {
      handle = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
      if (handle != nullptr) break;
    }
    if (handle == nullptr)
      throw InputError("no BLAS on this machine: apt install libopenblas0-pthread");
    if (const auto set = function<void(int)>("openblas_set_num_threads", false)) set(threads());
  }

  template <class F>
  F* function(const char* name, bool required = true) const {
    void* found = dlsym(handle, name);
    if (found == nullptr) found = dlsym(RTLD_DEFAULT, name);
    if (found == nullptr && required) {
      throw InputError("the BLAS of this machine has no " + std::string(name) +
                       ": apt install libopenblas0-pthread");
    }
    return reinterpret_cast<F*>(found);
  }
};

const Blas& blas() {
  static const Blas library;
  return library;
}

/// The routine `name` ("gemm_", "potrf_") for elements of type T.
template <class T, class F>
F* routine(const char* name) {
  return blas().function<F>(((std::is_same_v<T, float> ? "s" : "d") + std::string(name)).c_str());
}

int order_of(Index n) {
  if (n > 46340) throw InputError("a matrix of " + std::to_string(n) + " rows is too large");
  return static_cast<int>(n);
}

template <class T>
int square_order(ArrayView<T, 2> a) {
  if (a.shape()[0] != a.shape()[1]) throw std::logic_error("the matrix is not square");
  return order_of(a.shape()[0]);
}

template <class T>
void multiply(Op op_a,
              Op op_b,
              T alpha,
              ArrayView<const T, 2> a,
              ArrayView<const T, 2> b,
              T beta,
              ArrayView<T, 2> c) {
  const bool turn_a = op_a == Op::transpose, turn_b = op_b == Op::transpose;
  const Index m = a.shape()[turn_a ? 1 : 0], inner = a.shape()[turn_a ? 0 : 1];
  const Index n = b.shape()[turn_b ? 0 : 1];
  if (b.shape()[turn_b ? 1 : 0] != inner || c.shape() != Shape<2>{m, n}) {
    throw std::logic_error("gemm: the shapes disagree");
  }
  if (m == 0 || n == 0) return;
  using Gemm = void(const char*,
                    const char*,
                    const int*,
                    const int*,
                    const int*,
                    const T*,
                    const T*,
                    const int*,
                    const T*,
                    const int*,
                    const T*,
                    T*,
                    const int*);
  static Gemm* const gemm = routine<T, Gemm>("gemm_");
  const int rows = static_cast<int>(n), columns = static_cast<int>(m),
            depth = static_cast<int>(inner);
  const int lead_b = static_cast<int>(std::max<Index>(1, b.shape()[1]));
  const int lead_a = static_cast<int>(std::max<Index>(1, a.shape()[1]));
  gemm(turn_b ? "T" : "N",
       turn_a ? "T" : "N",
       &rows,
       &columns,
       &depth,
       &alpha,
       b.data(),
       &lead_b,
       a.data(),
       &lead_a,
       &beta,
       c.data(),
       &rows);
}

template <class T>
bool factor(ArrayView<T, 2> a) {
  using Potrf = void(const char*, const int*, T*, const int*, int*);
  static Potrf* const potrf = routine<T, Potrf>("potrf_");
  const int n = square_order(a);
  int info = 0;
  if (n > 0) potrf("U", &n, a.data(), &n, &info);
  return info == 0;
}

template <class T>
void solve(ArrayView<const T, 2> a, std::span<T> b) {
  using Potrs =
      void(const char*, const int*, const int*, const T*, const int*, T*, const int*, int*);
  static Potrs* const potrs = routine<T, Potrs>("potrs_");
  const int n = square_order(a), one = 1;
  if (static_cast<Index>(b.size()) != a.shape()[0])
    throw std::logic_error("the vector is too short");
  int info = 0;
  if (n > 0) potrs("U", &n, &one, a.data(), &n, b.data(), &n, &info);
}

template <class T>
void invert(ArrayView<T, 2> a) {
  using Potri = void(const char*, const int*, T*, const int*, int*);
  static Potri* const potri = routine<T, Potri>("potri_");
  const int n = square_order(a);
  int info = 0;
  if (n > 0) potri("U", &n, a.data(), &n, &info);
}

}  // namespace

void gemm(Op op_a,
          Op op_b,
          float alpha,
          ArrayView<const float, 2> a,
          ArrayView<const float, 2> b,
          float beta,
          ArrayView<float, 2> c) {
  multiply(op_a, op_b, alpha, a, b, beta, c);
}
void gemm(Op op_a,
          Op op_b,
          double alpha,
          ArrayView<const double, 2> a,
          ArrayView<const double, 2> b,
          double beta,
          ArrayView<double, 2> c) {
  multiply(op_a, op_b, alpha, a, b, beta, c);
}

bool cholesky(ArrayView<float, 2> a) {
  return factor(a);
}
bool cholesky(ArrayView<double, 2> a) {
  return factor(a);
}

void cholesky_solve(ArrayView<const float, 2> factor, std::span<float> b) {
  solve(factor, b);
}
void cholesky_solve(ArrayView<const double, 2> factor, std::span<double> b) {
  solve(factor, b);
}

void cholesky_invert(ArrayView<float, 2> factor) {
  invert(factor);
}
void cholesky_invert(ArrayView<double, 2> factor) {
  invert(factor);
}

bool band_cholesky(ArrayView<double, 2> band) {
  using Pbtrf = void(const char*, const int*, const int*, double*, const int*, int*);
  static Pbtrf* const pbtrf = routine<double, Pbtrf>("pbtrf_");
  const int n = order_of(band.shape()[0]), lead = order_of(band.shape()[1]), width = lead - 1;
  int info = 0;
  if (n > 0) pbtrf("U", &n, &width, band.data(), &lead, &info);
  return info == 0;
}

void band_cholesky_solve(ArrayView<const double, 2> factor, ArrayView<double, 2> b) {
  using Pbtrs = void(const char*,
                     const int*,
                     const int*,
                     const int*,
                     const double*,
                     const int*,
                     double*,
                     const int*,
                     int*);
  static Pbtrs* const pbtrs = routine<double, Pbtrs>("pbtrs_");
  const int n = order_of(factor.shape()[0]), lead = order_of(factor.shape()[1]), width = lead - 1;
  const int count = order_of(b.shape()[0]);
  if (b.shape()[1] != factor.shape()[0]) throw std::logic_error("the rows are too short");
  int info = 0;
  if (n > 0 && count > 0) pbtrs("U", &n, &width, &count, factor.data(), &lead, b.data(), &n, &info);
}

void cholesky_sample(ArrayView<const float, 2> factor, std::span<float> x) {
  using Trsv = void(const char*,
                    const char*,
                    const char*,
                    const int*,
                    const float*,
                    const int*,
                    float*,
                    const int*);
  static Trsv* const trsv = routine<float, Trsv>("trsv_");
  const int n = square_order(factor), one = 1;
  if (static_cast<Index>(x.size()) != factor.shape()[0])
    throw std::logic_error("the vector is too short");
  if (n > 0) trsv("U", "N", "N", &n, factor.data(), &n, x.data(), &one);
}

std::vector<double> symmetric_eigen(ArrayView<double, 2> a) {
  using Syevd = void(const char*,
                     const char*,
                     const int*,
                     double*,
                     const int*,
                     double*,
                     double*,
                     const int*,
                     int*,
                     const int*,
                     int*);
  static Syevd* const syevd = routine<double, Syevd>("syevd_");
  const int n = square_order(a);
  std::vector<double> values(static_cast<std::size_t>(n));
  if (n == 0) return values;
  double work_size = 0.0;
  int integer_size = 0, info = 0;
  const int query = -1;
  syevd(
      "V", "U", &n, a.data(), &n, values.data(), &work_size, &query, &integer_size, &query, &info);
  std::vector<double> work(static_cast<std::size_t>(work_size));
  std::vector<int> integers(static_cast<std::size_t>(integer_size));
  const int work_count = static_cast<int>(work.size()),
            integer_count = static_cast<int>(integers.size());
  syevd("V",
        "U",
        &n,
        a.data(),
        &n,
        values.data(),
        work.data(),
        &work_count,
        integers.data(),
        &integer_count,
        &info);
  if (info != 0) throw std::logic_error("symmetric_eigen: no convergence");
  return values;
}

void set_blas_threads(int count) {
  if (const auto set = blas().function<void(int)>("openblas_set_num_threads", false)) set(count);
}

}  // namespace kinema
