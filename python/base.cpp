// base/ for Python: errors as Python's own kinds, threads, the kernels in use.
#include "kinema/base/cpu.h"
#include "kinema/base/error.h"
#include "kinema/base/parallel.h"

#include "bindings.h"
#include <filesystem>

namespace kinema::python {
namespace {

/// InputError is a ValueError, FileError an InputError, IoError an OSError.
void define_errors(py::module_& module) {
  auto& input_error = py::register_exception<InputError>(module, "InputError", PyExc_ValueError);
  input_error.doc() = "Wrong input: the text says what is wrong, where, and how to mend it.";
  auto& file_error = py::register_exception<FileError>(module, "FileError", input_error);
  file_error.doc() = "A file that does not hold what it declares: names path and byte offset.";
  for (const py::handle error : {py::handle(input_error), py::handle(file_error)}) {
    error.attr("__module__") = "kinema";
  }
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const IoError& error) {
      PyErr_SetString(PyExc_OSError, error.what());
    } catch (const std::filesystem::filesystem_error& error) {
      PyErr_SetString(PyExc_OSError, error.what());
    } catch (const Interrupted&) {
      PyErr_SetNone(PyExc_KeyboardInterrupt);
    }
  });
}

}  // namespace

void define_base(py::module_& module) {
  define_errors(module);
  module.def("set_threads",
             &set_threads,
             py::arg("count"),
             "Sets the number of threads that verbs compute on.");
  module.def("threads", &threads, "Threads in use: what the process may run on, unless set.");
  module.def(
      "simd",
      [] { return std::string(to_text(best_simd())); },
      "Kernels in use: scalar, avx2 or avx512.");
}

}  // namespace kinema::python
