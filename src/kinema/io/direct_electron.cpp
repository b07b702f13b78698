// Finding, reading and believing Direct Electron's side-cars.
#include "kinema/io/direct_electron.h"

#include "kinema/io/byte_reader.h"
#include "kinema/io/date_text.h"

#include <charconv>
#include <cmath>
#include <sstream>

namespace kinema::io {
namespace {

constexpr std::uint64_t most_bytes = 1 << 20;
constexpr std::size_t most_entries = 5000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// All lines "name = value", in their order; values stay text.
Json read_entries(const std::filesystem::path& path) {
  Json entries = Json::object();
  const InputFile file(path);
  if (file.size() > most_bytes) return entries;
  std::istringstream lines(ByteReader(file).text(file.size(), "characters"));
  for (std::string line; std::getline(lines, line) && entries.size() < most_entries;) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string_view name = trimmed(std::string_view(line).substr(0, equals));
    if (!name.empty()) {
      entries[std::string(name)] = trimmed(std::string_view(line).substr(equals + 1));
    }
  }
  return entries;
}

bool is_direct_electron(const Json& entries) {
  return entries.contains("Camera Model") || entries.contains("Server Software Version");
}

/// A positive number; none where the entry is absent, no number, or -1 ("not known").
std::optional<double> positive(const Json& entries, const char* name) {
  const auto found = entries.find(name);
  if (found == entries.end()) return std::nullopt;
  const std::string text = found->get<std::string>();
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::isfinite(value) && value > 0.0 ? std::optional(value) : std::nullopt;
}

std::string text_in(const Json& entries, const char* name) {
  const auto found = entries.find(name);
  return found == entries.end() ? "" : found->get<std::string>();
}

template <class T>
void take(Fact<T>& fact, const std::optional<double>& value, double unit) {
  if (!fact && value) fact = {T{*value * unit}, "side-car"};
}

void take_text(Fact<std::string>& fact, const std::string& value) {
  if (!fact && !value.empty()) fact = {value, "side-car"};
}

/// The time from frame to frame of the movie: so many camera frames are summed into one.
std::optional<double> seconds_per_frame(const Json& entries) {
  const double summed = positive(entries, "Autosave Movie Sum Count").value_or(1.0);
  if (const auto time = positive(entries, "Frame Time (nanoseconds)")) return *time * 1e-9 * summed;
  if (const auto rate = positive(entries, "Frames Per Second")) return summed / *rate;
  return std::nullopt;
}

/// Lengths of pixels in the sample; none (and a note) where the side-car says -1.
void take_pixel_size(const Json& entries, MovieInfo& info) {
  if (info.pixel_size || !entries.contains("Specimen Pixel Size X (nanometers)")) return;
  const auto x = positive(entries, "Specimen Pixel Size X (nanometers)"),
             y = positive(entries, "Specimen Pixel Size Y (nanometers)");
  if (x && y) {
    set_pixel_size(info, {{*x * 10.0}, {*y * 10.0}}, "side-car");
  } else {
    info.notes.push_back("the side-car's pixel size of " +
                         text_in(entries, "Specimen Pixel Size X (nanometers)") +
                         " nm is a placeholder and is ignored");
  }
}

/// Puts the axes of the frames before y and x.
void set_outer_axes(MovieInfo& info, std::vector<Axis> axes) {
  axes.insert(axes.end(), info.axes.end() - 2, info.axes.end());
  info.axes = std::move(axes);
}

void note_scan(const Json& entries, Index frames, MovieInfo& info) {
  const auto rows = positive(entries, "Scan - ROI Size Y"),
             columns = positive(entries, "Scan - ROI Size X");
  const bool is_region = text_in(entries, "Scan - ROI Enable") == "Enable" && rows && columns;
  const double height = is_region ? *rows : positive(entries, "Scan - Size Y").value_or(0.0),
               width = is_region ? *columns : positive(entries, "Scan - Size X").value_or(0.0);
  const std::string kind = text_in(entries, "Scan - Type");
  std::string text = "the frames are diffraction patterns of a scan";
  constexpr double most_points = 1e6;  // along one side
  const bool is_grid = height <= most_points && width <= most_points &&
                       height == std::floor(height) && width == std::floor(width);
  if (is_grid && height * width == static_cast<double>(frames)) {
    text += " of " + std::to_string(static_cast<Index>(height)) + " x " +
            std::to_string(static_cast<Index>(width)) + " points (y, x)";
    if (kind == "Raster") {
      set_outer_axes(info,
                     {{"scan y", static_cast<Index>(height), 0.0, 0.0, ""},
                      {"scan x", static_cast<Index>(width), 0.0, 0.0, ""}});
    }
  }
  if (!kind.empty() && kind != "Raster") {
    text += ", in the order of its coordinates file (Scan - Type = " + kind + ")";
  }
  info.notes.push_back(text);
}

}  // namespace

std::filesystem::path find_direct_electron_sidecar(const std::filesystem::path& path) {
  const std::string stem = path.stem().string();
  for (auto end = stem.rfind('_'); end != std::string::npos && end > 0;
       end = stem.rfind('_', end - 1)) {
    const std::filesystem::path candidate =
        path.parent_path() / (stem.substr(0, end) + "_info.txt");
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored)) return candidate;
  }
  return {};
}

Json add_direct_electron_facts(const std::filesystem::path& path,
                               const FrameFormat& format,
                               Index frames,
                               MovieInfo& info) {
  const std::filesystem::path side_car = find_direct_electron_sidecar(path);
  if (side_car.empty()) return Json::object();
  Json entries = read_entries(side_car);
  if (!is_direct_electron(entries)) return Json::object();

  take(info.voltage, positive(entries, "Instrument Accelerating Voltage (V)"), 1e-3);
  take_text(info.detector, text_in(entries, "Camera Model"));
  take_text(info.detector, text_in(entries, "Camera Name"));
  if (const auto seconds = positive(entries, "Timestamp (seconds since Epoch)")) {
    take_text(info.date, iso_date_from_seconds(*seconds).value_or(""));
  }
  const bool is_scan = text_in(entries, "Scan - Enable") == "Enable";
  const bool is_of_camera =
      positive(entries, "Image Size X (pixels)") == static_cast<double>(format.width) &&
      positive(entries, "Image Size Y (pixels)") == static_cast<double>(format.height);
  if (!is_of_camera || !is_scan) take_pixel_size(entries, info);
  if (!is_of_camera || frames == 1) return entries;

  const auto seconds = seconds_per_frame(entries);
  take(info.frame_time, seconds, 1.0);
  const auto rate = positive(entries, "Exposure Rate (e-/pix/s)");
  if (rate && seconds) take(info.dose, *rate * *seconds, 1.0);
  if (is_scan) {
    set_outer_axes(info, {{"scan point", frames, 0.0, 0.0, ""}});
    note_scan(entries, frames, info);
  } else {
    set_outer_axes(info, {{"time", frames, seconds.value_or(0.0), 0.0, seconds ? "s" : ""}});
  }
  return entries;
}

}  // namespace kinema::io
