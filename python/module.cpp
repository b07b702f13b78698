// The extension module kinema._core: one submodule for each folder that Python sees.
#include "kinema/data/provenance.h"

#include "bindings.h"
#include "verb.h"

namespace kinema::python {
namespace {

/// Members of a submodule say that they live in the package's module of the same name.
py::module_ submodule(py::module_& core, const char* name) {
  py::module_ module = core.def_submodule(name);
  module.attr("__name__") = std::string("kinema.") + name;
  return module;
}

}  // namespace
}  // namespace kinema::python

PYBIND11_MODULE(_core, core) {
  namespace python = kinema::python;
  core.doc() = "Bindings of the kinema library; import kinema instead.";
  core.attr("version") = kinema::version();
  python::define_base(core);
  pybind11::module_ io = python::submodule(core, "io");
  python::define_io(io);
  python::define_restore(io);
  pybind11::module_ simulate = python::submodule(core, "simulate");
  python::define_simulate(simulate);
  pybind11::module_ codec = python::submodule(core, "codec");
  python::define_measurement(codec);
  python::define_codec(codec);
  python::define_judges(codec);
  core.def("verbs", &python::table_of_verbs, "The table of verbs that the stubs are made from.");
}
