// What a verb is to Python: a function whose keywords are the fields of the same options struct
// that gives the program its flags. Signatures, docstrings and type stubs come from one table.
#pragma once

#include "kinema/base/options.h"

#include <pybind11/pybind11.h>

#include "call.h"
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kinema::python {

namespace py = pybind11;

/// The type that is returned where some parameters are of narrower types.
struct Overload {
  std::map<std::string, std::string> narrowed;  // parameter -> type
  std::string returns;
};

struct Verb {
  std::string name;                   // as in the program: "codec encode"
  std::string summary;                // one line
  std::vector<Parameter> parameters;  // besides the options
  std::string returns;                // type
  std::string result;                 // what comes back, for people
  std::vector<Overload> overloads;    // none: always `returns`
};

/// Parameters that many verbs share.
Parameter progress_parameter();
Parameter force_parameter();
Parameter memory_parameter();

/// Adds a verb to `module` and to the table of verbs.
void add_verb(py::module_& module,
              const Verb& verb,
              const std::vector<OptionField>& options,
              std::function<py::object(const Call&)> run);

template <class Options>
void define_verb(py::module_& module,
                 const Verb& verb,
                 py::object (*run)(const Call&, const Options&)) {
  add_verb(module, verb, describe_options<Options>(), [run](const Call& call) {
    Options options;
    set_options(options, call.options);
    return run(call, options);
  });
}

/// For verbs without options.
struct NoOptions {
  static void fields(auto& /*self*/, auto&& /*visit*/) {}
};

/// Every verb defined so far, for the stubs: a list of dicts.
py::object table_of_verbs();

}  // namespace kinema::python
