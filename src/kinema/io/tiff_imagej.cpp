// ImageJ's description: calibration, hyperstacks, and its metadata tags.
#include "kinema/io/tiff_imagej.h"

#include "kinema/io/byte_reader.h"
#include "kinema/io/text_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace kinema::io {
namespace {

constexpr std::size_t most_values = 256;
constexpr std::size_t most_metadata = std::size_t{16} << 20;
constexpr std::size_t most_items = 10000;

/// Resolutions are fractions of 32-bit numbers, which programs make of seven digits.
double seven_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.7g", value);
  return std::strtod(text, nullptr);
}

bool is_positive(double value) {
  return std::isfinite(value) && value > 0.0;
}

/// A step of pixels from a number of them in a unit; 0 where it says nothing.
double step_of(const TiffDirectory& directory, TiffTag resolution) {
  const double per_unit = directory.real(resolution).value_or(0.0);
  return is_positive(per_unit) ? seven_digits(1.0 / per_unit) : 0.0;
}

/// The start of a text in UTF-16.
std::string text_of(std::span<const std::byte> bytes, const TiffDirectory& directory) {
  ByteReader reader(bytes, directory.file().path());
  reader.set_order(directory.header().order);
  return utf8_from_utf16(reader.array<std::uint16_t>(
      std::min<std::uint64_t>(bytes.size(), TiffDirectory::usual_text) / 2, "a text"));
}

/// Axes before y and x, outermost first, as a hyperstack has them.
std::vector<Axis> leading_axes(const ImageJDescription& description,
                               Index frames,
                               double interval) {
  const std::string unit =
      description.text("zunit").empty() ? description.text("unit") : description.text("zunit");
  const Index slices = description.count("slices", 1), channels = description.count("channels", 1);
  const Index times = description.count("frames", 1);
  const bool complete = slices > 0 && channels > 0 && times > 0 && slices <= frames &&
                        channels <= frames && times <= frames && frames % slices == 0 &&
                        frames / slices % channels == 0 && frames / slices / channels == times;
  if (!complete) return {{"image", frames, 0.0, 0.0, ""}};
  std::vector<Axis> axes;
  if (times > 1) axes.push_back({"time", times, interval, 0.0, interval > 0.0 ? "s" : ""});
  if (slices > 1) {
    const double spacing = std::abs(description.number("spacing"));
    axes.push_back(
        {"z", slices, spacing, description.number("zorigin"), spacing > 0.0 ? unit : ""});
  }
  if (channels > 1) axes.push_back({"channel", channels, 0.0, 0.0, ""});
  return axes;
}

}  // namespace

ImageJDescription::ImageJDescription(const std::string& description) {
  if (!description.starts_with("ImageJ=")) return;
  std::size_t at = 0;
  while (at < description.size() && values_.size() < most_values) {
    const std::size_t end = std::min(description.find_first_of("\r\n", at), description.size());
    const std::string line = description.substr(at, end - at);
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) {
      values_.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    at = end + 1;
  }
}

std::string ImageJDescription::text(std::string_view key) const {
  for (const auto& [name, value] : values_) {
    if (name == key) return value;
  }
  return "";
}

double ImageJDescription::number(std::string_view key) const {
  const double value = std::strtod(text(key).c_str(), nullptr);
  return std::isfinite(value) ? value : 0.0;
}

Index ImageJDescription::count(std::string_view key, Index fallback) const {
  const std::string value = text(key);
  const double number = std::strtod(value.c_str(), nullptr);
  const bool is_count = !value.empty() && number >= 0.0 && number < std::ldexp(1.0, 40);
  return is_count ? static_cast<Index>(number) : fallback;
}

Json ImageJDescription::json() const {
  Json json = Json::object();
  for (const auto& [name, value] : values_) json[name] = value;
  return json;
}

void read_imagej_facts(const ImageJDescription& description,
                       const TiffDirectory& directory,
                       Index frames,
                       Index height,
                       Index width,
                       MovieInfo& info) {
  const double second = seconds_per(description.text("tunit")).value_or(1.0);
  const double interval = description.number("finterval") * second;
  if (is_positive(interval) && !info.frame_time) info.frame_time = {Time{interval}, "header"};
  if (is_positive(description.number("fps")) && !is_positive(interval)) {
    info.notes.push_back("the header's " + description.text("fps") +
                         " frames per second are those of playing, not of recording, and are no "
                         "frame time");
  }

  const std::string unit = description.text("unit"), y_unit = description.text("yunit");
  const Axis y{
      "y", height, step_of(directory, TiffTag::y_resolution), 0.0, y_unit.empty() ? unit : y_unit};
  const Axis x{"x", width, step_of(directory, TiffTag::x_resolution), 0.0, unit};
  if (!info.pixel_size) {
    const auto x_length = angstrom_per(x.unit), y_length = angstrom_per(y.unit);
    if (x_length && y_length && x.step > 0.0 && y.step > 0.0) {
      set_pixel_size(
          info, {{seven_digits(x.step * *x_length)}, {seven_digits(y.step * *y_length)}}, "header");
    } else if (!unit.empty()) {
      info.notes.push_back("the header's pixel size in units of '" + unit +
                           "' is a placeholder and is ignored");
    }
  }
  if (!info.axes.empty()) return;
  if (frames > 1)
    info.axes = leading_axes(description, frames, is_positive(interval) ? interval : 0.0);
  info.axes.push_back(y);
  info.axes.push_back(x);
}

Json imagej_metadata(const TiffDirectory& directory) {
  const std::vector<std::byte> data = directory.bytes(TiffTag::imagej_data, most_metadata);
  if (data.empty() || !directory.has(TiffTag::imagej_counts)) return nullptr;
  const std::vector<std::uint64_t> counts =
      directory.numbers(TiffTag::imagej_counts, std::uint64_t{1} << 22);
  ByteReader reader(data, directory.file().path());
  reader.set_order(directory.header().order);
  constexpr std::uint32_t magic = 0x494A494A;  // "IJIJ"
  if (counts.empty() || counts[0] < 12 || counts[0] > data.size() ||
      reader.read<std::uint32_t>() != magic) {
    return nullptr;
  }
  Json json = Json::object();
  std::size_t next = 1, items = 0;
  std::uint64_t at = counts[0];
  while (reader.position() + 8 <= counts[0]) {
    const auto kind = reader.read<std::uint32_t>(), count = reader.read<std::uint32_t>();
    std::string name;
    for (int shift = 24; shift >= 0; shift -= 8) name += static_cast<char>((kind >> shift) & 0xFF);
    const bool is_text = name == "info" || name == "labl" || name == "prop";
    Json values = Json::array();
    for (std::uint32_t i = 0; i < count && next < counts.size(); ++i, ++next) {
      const std::uint64_t bytes = counts[next];
      if (bytes > data.size() - at) return json;
      if (is_text && ++items <= most_items)
        values.push_back(text_of(std::span(data).subspan(at, bytes), directory));
      at += bytes;
    }
    if (is_text) json[name == "labl" ? "labels" : name == "prop" ? "properties" : name] = values;
  }
  return json;
}

}  // namespace kinema::io
