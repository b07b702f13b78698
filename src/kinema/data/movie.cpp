// What is known about a movie: pixel sizes as text, units in a file's own words, and JSON.
#include "kinema/data/movie.h"

#include "kinema/base/error.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>

namespace kinema {
namespace {

using Json = nlohmann::ordered_json;

struct UnitName {
  std::string_view name;
  double size;
};

// Signs as UTF-8, as Latin-1 (one byte), and as ImageJ escapes them.
constexpr UnitName lengths[] = {
    {"m", 1e10},          {"meter", 1e10},      {"metre", 1e10},    {"mm", 1e7},
    {"millimeter", 1e7},  {"um", 1e4},          {"\u00B5m", 1e4},   {"\u03BCm", 1e4},
    {"\\u00B5m", 1e4},    {"\xB5m", 1e4},       {"micron", 1e4},    {"microns", 1e4},
    {"micrometer", 1e4},  {"micrometers", 1e4}, {"nm", 10.0},       {"nanometer", 10.0},
    {"nanometers", 10.0}, {"nanometre", 10.0},  {"A", 1.0},         {"\u00C5", 1.0},
    {"\u212B", 1.0},      {"\\u00C5", 1.0},     {"\xC5", 1.0},      {"angstrom", 1.0},
    {"Angstrom", 1.0},    {"angstroms", 1.0},   {"Angstroms", 1.0}, {"\u00C5ngstr\u00F6m", 1.0},
    {"pm", 0.01},         {"picometer", 0.01}};
constexpr UnitName times[] = {{"s", 1.0},
                              {"sec", 1.0},
                              {"second", 1.0},
                              {"seconds", 1.0},
                              {"ms", 1e-3},
                              {"msec", 1e-3},
                              {"us", 1e-6},
                              {"\u00B5s", 1e-6},
                              {"\u03BCs", 1e-6},
                              {"\xB5s", 1e-6},
                              {"ns", 1e-9},
                              {"min", 60.0},
                              {"h", 3600.0}};

template <std::size_t N>
std::optional<double> find_unit(const UnitName (&units)[N], std::string_view name) {
  for (const UnitName& unit : units) {
    if (unit.name == name) return unit.size;
  }
  return std::nullopt;
}

/// Numbers that programs leave in headers where nobody told them the pixel size.
bool is_placeholder(Length edge) {
  return !std::isfinite(edge.value) || edge.value <= 0.0 || edge == Length{1.0};
}

template <class T>
void put(Json& json, const std::string& name, const std::string& unit, const Fact<T>& fact) {
  if constexpr (requires { fact->value; }) {
    json[name + unit] = fact ? Json(fact->value) : Json();
  } else {
    json[name + unit] = fact ? Json(*fact) : Json();
  }
  json[name + "_source"] = fact.source;
}

Json pixel_size_json(const Fact<PixelSize>& size) {
  if (!size) return nullptr;
  if (size->x == size->y) return size->x.value;
  return {size->x.value, size->y.value};
}

}  // namespace

void from_text(std::string_view text, PixelSize& value) {
  const auto comma = text.find(',');
  from_text(text.substr(0, comma), value.x);
  value.y = value.x;
  if (comma != std::string_view::npos) from_text(text.substr(comma + 1), value.y);
  const auto is_size = [](Length edge) { return std::isfinite(edge.value) && edge.value > 0.0; };
  if (!is_size(value.x) || !is_size(value.y)) {
    throw InputError("a pixel size must be positive, not '" + std::string(text) + "'");
  }
}

std::string to_text(const PixelSize& value) {
  if (value.x == value.y) return to_text(value.x);
  return to_text(value.x) + ", " + to_text(value.y);
}

std::optional<double> angstrom_per(std::string_view unit) {
  return find_unit(lengths, unit);
}

std::optional<double> seconds_per(std::string_view unit) {
  return find_unit(times, unit);
}

void set_pixel_size(MovieInfo& info, const PixelSize& size, const std::string& source) {
  if (is_placeholder(size.x) && is_placeholder(size.y)) {
    info.notes.push_back("the " + source + "'s pixel size of " + to_text(size) +
                         " is a placeholder and is ignored");
  } else if (size.x.value > 0.0 && size.y.value > 0.0 && std::isfinite(size.x.value) &&
             std::isfinite(size.y.value)) {
    info.pixel_size = {size, source};
  } else {
    info.notes.push_back("the " + source + "'s pixel size of " + to_text(size) +
                         " makes no sense and is ignored");
  }
}

void set_axes(MovieInfo& info, std::vector<Axis> axes, const std::string& source) {
  info.axes = std::move(axes);
  const std::size_t count = info.axes.size();
  if (count < 2) return;
  const Axis &y = info.axes[count - 2], &x = info.axes[count - 1];
  const auto y_unit = angstrom_per(y.unit), x_unit = angstrom_per(x.unit);
  if (x_unit && y_unit) {
    set_pixel_size(info, {{std::abs(x.step) * *x_unit}, {std::abs(y.step) * *y_unit}}, source);
  }
  if (count < 3) return;
  const Axis& outermost = info.axes.front();
  const auto second = seconds_per(outermost.unit);
  if (second && std::isfinite(outermost.step) && outermost.step > 0.0) {
    info.frame_time = {Time{outermost.step * *second}, source};
  }
}

Json to_json(const MovieInfo& info) {
  Json json = {{"pixel_size_angstrom", pixel_size_json(info.pixel_size)},
               {"pixel_size_source", info.pixel_size.source}};
  put(json, "frame_time", "_seconds", info.frame_time);
  put(json, "voltage", "_kv", info.voltage);
  put(json, "dose", "_electrons_per_pixel", info.dose);
  put(json, "detector", "", info.detector);
  put(json, "date", "", info.date);
  json["axes"] = Json::array();
  for (const Axis& axis : info.axes) {
    json["axes"].push_back({{"name", axis.name},
                            {"size", axis.size},
                            {"step", axis.step},
                            {"origin", axis.origin},
                            {"unit", axis.unit}});
  }
  json["dataset"] = info.dataset;
  json["datasets"] = info.datasets;
  json["notes"] = info.notes;
  return json;
}

}  // namespace kinema
