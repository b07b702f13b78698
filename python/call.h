// What a verb is handed when Python calls it.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/provenance.h"

#include <pybind11/pybind11.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinema::python {

namespace py = pybind11;

/// A parameter as Python sees it. One of the same name as an option widens what that option takes.
struct Parameter {
  std::string name;
  std::string type;      // as stubs say it
  std::string fallback;  // a Python literal; empty: required
  std::string help;
  bool by_position = false;
};

/// The values of one call: `options` as JSON, all other parameters as they were given.
struct Call {
  std::string verb;  // as Python names it: "kinema.codec.encode"
  std::map<std::string, py::object> objects;
  Json options = Json::object();

  /// A parameter, or None.
  py::object at(const std::string& name) const;
  /// A path, absent for None.
  std::optional<std::string> path(const std::string& name) const;
  /// The same for a file to write: InputError where it exists and `force` is not true.
  std::optional<std::string> output(const std::string& name) const;
  bool flag(const std::string& name) const;
  /// Bytes to stay within; `fallback` where `memory` is not given.
  Index memory(Index fallback = Index{4} << 30) const;
  /// Runs `work` beside the interpreter, showing `progress` (see work.h).
  void run(const std::function<void(Progress&)>& work) const;
  /// How an artefact made by this call came to be.
  Provenance provenance(const Json& effective_options, std::uint64_t seed = 0) const;
};

/// Sorts the arguments of a call: `options` are those that have a text form, `own` the verb's other
/// parameters. An unknown name is an InputError that names the nearest right one.
Call call_of(const std::string& qualified_name,
             const std::vector<Parameter>& parameters,
             const std::vector<std::string>& options,
             const std::vector<std::string>& own,
             const py::args& args,
             const py::kwargs& keywords);

/// The text of a path (str, bytes or os.PathLike).
std::string path_text(const py::handle& path);
bool is_path(const py::handle& object);

/// JSON as dicts and lists.
py::object python_of(const Json& json);

}  // namespace kinema::python
