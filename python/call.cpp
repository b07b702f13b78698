// One call: Python's arguments sorted into options, which have a text form, and objects.
#include "call.h"

#include "kinema/base/units.h"
#include "kinema/io/movie_writer.h"

#include "work.h"
#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>

namespace kinema::python {
namespace {

/// A plain or numpy scalar, a text, None, a path, (y, x, h, w) or slice(a, b); else nothing.
std::optional<Json> json_of_value(const py::handle& value) {
  if (value.is_none()) return Json(nullptr);
  if (PyBool_Check(value.ptr())) return Json(value.cast<bool>());
  if (PyLong_Check(value.ptr())) return Json::parse(py::str(value).cast<std::string>());
  if (PyFloat_Check(value.ptr())) {
    const auto number = value.cast<double>();
    return std::isfinite(number) ? Json(number) : Json(py::str(value).cast<std::string>());
  }
  if (PyUnicode_Check(value.ptr())) return Json(value.cast<std::string>());
  if (PyTuple_Check(value.ptr()) || PyList_Check(value.ptr())) {
    std::string text;
    for (const py::handle part : value) {
      text += (text.empty() ? "" : ",") + py::str(part).cast<std::string>();
    }
    return Json(text);
  }
  if (PySlice_Check(value.ptr()) && value.attr("step").is_none()) {
    const auto end = [&](const char* name) {
      return value.attr(name).is_none() ? "" : py::str(value.attr(name)).cast<std::string>();
    };
    return Json(end("start") + ":" + end("stop"));
  }
  if (is_path(value)) return Json(path_text(value));
  const bool is_numpy_scalar = py::hasattr(value, "item") && py::hasattr(value, "ndim") &&
                               value.attr("ndim").cast<int>() == 0;
  if (is_numpy_scalar) return json_of_value(value.attr("item")());
  return std::nullopt;
}

}  // namespace

Call call_of(const std::string& qualified_name,
             const std::vector<Parameter>& parameters,
             const std::vector<std::string>& options,
             const std::vector<std::string>& own,
             const py::args& args,
             const py::kwargs& keywords) {
  Call call{qualified_name, {}, Json::object()};
  std::size_t position = 0;
  for (const py::handle value : args) {
    if (position >= parameters.size() || !parameters[position].by_position) {
      throw py::type_error(qualified_name + "() takes " + std::to_string(position) +
                           " arguments by position; name the others");
    }
    call.objects[parameters[position++].name] = py::reinterpret_borrow<py::object>(value);
  }
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& [key, value] : keywords) {
    const auto name = key.cast<std::string>();
    const bool is_option = has(options, name), is_own = has(own, name);
    if (call.objects.contains(name)) {
      throw py::type_error(qualified_name + "() is given '" + name + "' twice");
    }
    const std::optional<Json> scalar = is_option ? json_of_value(value) : std::nullopt;
    if (scalar) {
      call.options[name] = *scalar;
    } else if (is_own) {
      call.objects[name] = py::reinterpret_borrow<py::object>(value);
    } else if (is_option) {
      throw InputError("option '" + name + "': a number or a text is wanted, not " +
                       py::str(py::type::of(value)).cast<std::string>());
    } else {
      std::vector<std::string> known;
      for (const Parameter& parameter : parameters) known.push_back(parameter.name);
      throw_unknown_option(name, known);
    }
  }
  for (const Parameter& parameter : parameters) {
    if (parameter.fallback.empty() && !call.objects.contains(parameter.name)) {
      throw py::type_error(qualified_name + "() needs the argument '" + parameter.name + "'");
    }
  }
  return call;
}

py::object Call::at(const std::string& name) const {
  const auto found = objects.find(name);
  return found == objects.end() ? py::none() : found->second;
}

std::optional<std::string> Call::path(const std::string& name) const {
  const py::object value = at(name);
  if (value.is_none()) return std::nullopt;
  return path_text(value);
}

std::optional<std::string> Call::output(const std::string& name) const {
  const std::optional<std::string> out = path(name);
  if (out && out->empty()) throw InputError(verb + ": '" + name + "' names no file");
  if (!out || flag("force")) return out;
  for (const std::filesystem::path& place : io::places_of_output(*out)) {
    if (!std::filesystem::exists(place)) continue;
    throw InputError(place.string() +
                     ": exists; choose another name or pass force=True to overwrite it");
  }
  return out;
}

bool Call::flag(const std::string& name) const {
  const py::object value = at(name);
  return !value.is_none() && value.cast<bool>();
}

Index Call::memory(Index fallback) const {
  const py::object value = at("memory");
  if (value.is_none()) return fallback;
  Memory memory;
  try {
    from_text(py::str(value).cast<std::string>(), memory);
  } catch (const InputError& error) {
    throw InputError(std::string("option 'memory': ") + error.what());
  }
  return static_cast<Index>(memory.value);
}

void Call::run(const std::function<void(Progress&)>& work) const {
  run_beside_python(at("progress"), work);
}

Provenance Call::provenance(const Json& effective_options, std::uint64_t seed) const {
  Provenance provenance;
  provenance.version = version();
  provenance.command = verb;
  provenance.options = effective_options;
  provenance.seed = seed;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  provenance.created = std::string(text, std::strftime(text, sizeof text, "%FT%TZ", &utc));
  return provenance;
}

bool is_path(const py::handle& object) {
  return PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr()) ||
         py::hasattr(object, "__fspath__");
}

std::string path_text(const py::handle& path) {
  if (!is_path(path)) {
    throw py::type_error("a path is wanted (str or os.PathLike), not " +
                         py::str(py::type::of(path)).cast<std::string>());
  }
  return py::module_::import("os").attr("fsencode")(path).cast<std::string>();
}

py::object python_of(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return py::module_::import("json").attr("loads")(text);
}

}  // namespace kinema::python
