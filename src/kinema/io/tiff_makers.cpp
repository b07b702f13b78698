// Tags of DigitalMicrograph, FEI / Thermo Fisher and Zeiss, the standard's own resolution and date,
// and all tags as a tree.
#include "kinema/io/tiff_makers.h"

#include "kinema/io/tiff_imagej.h"
#include "kinema/io/tiff_sis.h"
#include "kinema/io/tiff_tvips.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>

namespace kinema::io {
namespace {

constexpr std::size_t most_shown = 32;  // numbers of one tag that metadata() tells
constexpr std::size_t most_lines = 5000;

bool is_positive(double value) {
  return std::isfinite(value) && value > 0.0;
}

void learn_pixel_size(MovieInfo& info, double x, double y) {
  if (!info.pixel_size) set_pixel_size(info, {{x}, {y}}, "header");
}

/// DigitalMicrograph's unit, origin and scale of x, y and z.
void read_dm_facts(
    const TiffDirectory& directory, Index frames, Index height, Index width, MovieInfo& info) {
  if (!directory.has(TiffTag::dm_scale_x) || !directory.has(TiffTag::dm_scale_y)) return;
  const auto axis = [&](const char* name, Index size, TiffTag unit, TiffTag origin, TiffTag scale) {
    return Axis{name,
                size,
                directory.real(scale).value_or(0.0),
                directory.real(origin).value_or(0.0),
                directory.text(unit)};
  };
  std::vector<Axis> axes;
  if (frames > 1) {
    Axis z = axis("z", frames, TiffTag::dm_unit_z, TiffTag::dm_origin_z, TiffTag::dm_scale_z);
    if (seconds_per(z.unit)) z.name = "time";
    axes.push_back(z);
  }
  axes.push_back(axis("y", height, TiffTag::dm_unit_y, TiffTag::dm_origin_y, TiffTag::dm_scale_y));
  axes.push_back(axis("x", width, TiffTag::dm_unit_x, TiffTag::dm_origin_x, TiffTag::dm_scale_x));
  set_axes(info, std::move(axes), "header");
}

/// The ini text of FEI's microscopes as sections of keys.
Json fei_sections(const TiffDirectory& directory) {
  std::string text = directory.text(TiffTag::fei_sfeg);
  if (text.empty()) text = directory.text(TiffTag::fei_titan);
  if (text.empty()) return nullptr;
  Json json = Json::object();
  std::string section;
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line) && count < most_lines; ++count) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    const std::size_t equals = line.find('=');
    if (line.starts_with('[') && line.ends_with(']')) {
      section = line.substr(1, line.size() - 2);
    } else if (equals != std::string::npos) {
      json[section][line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return json;
}

std::string fei_value(const Json& fei, const char* section, const char* key) {
  const auto found = fei.find(section);
  return found == fei.end() ? "" : found->value(key, "");
}

double fei_number(const Json& fei, const char* section, const char* key) {
  return std::strtod(fei_value(fei, section, key).c_str(), nullptr);
}

void read_fei_facts(const Json& fei, MovieInfo& info) {
  if (fei.is_null()) return;
  const double x = fei_number(fei, "Scan", "PixelWidth"),
               y = fei_number(fei, "Scan", "PixelHeight");
  if (is_positive(x) && is_positive(y)) learn_pixel_size(info, 1e10 * x, 1e10 * y);
  for (const char* section : {"Beam", "EBeam"}) {
    const double volts = fei_number(fei, section, "HV");
    if (is_positive(volts) && !info.voltage) info.voltage = {Voltage{volts / 1000.0}, "header"};
  }
  const std::string detector = fei_value(fei, "Detectors", "Name");
  if (!detector.empty() && !info.detector) info.detector = {detector, "header"};
}

/// A line "Image Pixel Size = 1.5 nm" behind a line `key` of Zeiss's text: its number and unit.
std::optional<std::pair<double, std::string>> zeiss_value(const std::string& text,
                                                          const std::string& key) {
  const std::size_t at = text.find(key + "\r\n");
  const std::size_t equals = at == std::string::npos ? at : text.find('=', at);
  if (equals == std::string::npos) return std::nullopt;
  const std::size_t end = text.find_first_of("\r\n", equals);
  std::istringstream line(text.substr(equals + 1, end - equals - 1));
  std::pair<double, std::string> value{};
  if (!(line >> value.first >> value.second)) return std::nullopt;
  return value;
}

void read_zeiss_facts(const TiffDirectory& directory, MovieInfo& info) {
  const std::string text = directory.text(TiffTag::zeiss);
  if (text.empty()) return;
  for (const char* key : {"AP_IMAGE_PIXEL_SIZE", "AP_PIXEL_SIZE"}) {
    const auto size = zeiss_value(text, key);
    const auto unit = size ? angstrom_per(size->second) : std::nullopt;
    if (unit) learn_pixel_size(info, size->first * *unit, size->first * *unit);
  }
  const auto tension = zeiss_value(text, "AP_ACTUALKV");
  if (tension && tension->second == "kV" && is_positive(tension->first) && !info.voltage) {
    info.voltage = {Voltage{tension->first}, "header"};
  }
}

/// The standard's resolution, where it is one of microscopy and not of printing.
void read_resolution(const TiffDirectory& directory, MovieInfo& info) {
  constexpr double least = 0.01, most = 1e4;  // angstrom; 1e4 is 25400 dots per inch
  constexpr std::uint64_t inch = 2, centimetre = 3;
  const std::uint64_t unit = directory.number(TiffTag::resolution_unit, inch);
  const double x = directory.real(TiffTag::x_resolution).value_or(0.0);
  const double y = directory.real(TiffTag::y_resolution).value_or(0.0);
  if ((unit != inch && unit != centimetre) || !is_positive(x) || !is_positive(y)) return;
  const double angstrom = unit == inch ? 2.54e8 : 1e8;
  const PixelSize size{{angstrom / x}, {angstrom / y}};
  const auto plausible = [](Length edge) { return edge.value >= least && edge.value <= most; };
  if (plausible(size.x) && plausible(size.y)) {
    set_pixel_size(info, size, "header");
  } else {
    info.notes.push_back("the header's resolution of " + shortest_text(x) + " pixels per " +
                         (unit == inch ? "inch" : "cm") +
                         " is one of printing, a placeholder, and is ignored");
  }
}

/// "2017:04:12 09:01:17" as ISO 8601; other forms as they are.
void read_date(const TiffDirectory& directory, MovieInfo& info) {
  std::string date = directory.text(TiffTag::date_time);
  if (date.empty() || info.date) return;
  if (date.size() == 19 && (date[4] == ':' || date[4] == '-' || date[4] == '/') &&
      date[7] == date[4] && date[10] == ' ') {
    date[4] = date[7] = '-';
    date[10] = 'T';
  }
  info.date = {date, "header"};
}

struct TagName {
  TiffTag tag;
  const char* name;
};
constexpr TagName tag_names[] = {{TiffTag::subfile_type, "NewSubfileType"},
                                 {TiffTag::old_subfile_type, "SubfileType"},
                                 {TiffTag::width, "ImageWidth"},
                                 {TiffTag::height, "ImageLength"},
                                 {TiffTag::bits_per_sample, "BitsPerSample"},
                                 {TiffTag::compression, "Compression"},
                                 {TiffTag::photometric, "PhotometricInterpretation"},
                                 {TiffTag::fill_order, "FillOrder"},
                                 {TiffTag::description, "ImageDescription"},
                                 {TiffTag::make, "Make"},
                                 {TiffTag::model, "Model"},
                                 {TiffTag::strip_offsets, "StripOffsets"},
                                 {TiffTag::orientation, "Orientation"},
                                 {TiffTag::samples_per_pixel, "SamplesPerPixel"},
                                 {TiffTag::rows_per_strip, "RowsPerStrip"},
                                 {TiffTag::strip_byte_counts, "StripByteCounts"},
                                 {TiffTag::x_resolution, "XResolution"},
                                 {TiffTag::y_resolution, "YResolution"},
                                 {TiffTag::planar, "PlanarConfiguration"},
                                 {TiffTag::resolution_unit, "ResolutionUnit"},
                                 {TiffTag::software, "Software"},
                                 {TiffTag::date_time, "DateTime"},
                                 {TiffTag::artist, "Artist"},
                                 {TiffTag::predictor, "Predictor"},
                                 {TiffTag::tile_width, "TileWidth"},
                                 {TiffTag::tile_height, "TileLength"},
                                 {TiffTag::tile_offsets, "TileOffsets"},
                                 {TiffTag::tile_byte_counts, "TileByteCounts"},
                                 {TiffTag::extra_samples, "ExtraSamples"},
                                 {TiffTag::sample_format, "SampleFormat"}};

std::string name_of(std::uint16_t tag) {
  for (const TagName& name : tag_names) {
    if (static_cast<std::uint16_t>(name.tag) == tag) return name.name;
  }
  return std::to_string(tag);
}

Json value_of(const TiffDirectory& directory, const TiffEntry& entry) {
  constexpr std::uint16_t ascii = 2, byte = 1, undefined = 7;
  if (entry.type == ascii) return directory.text(entry);
  const bool is_bytes = entry.type == byte || entry.type == undefined;
  if (is_bytes && entry.count > most_shown) {
    return std::to_string(entry.count) + " bytes";
  }
  const std::vector<double> numbers = directory.reals(entry, most_shown);
  if (entry.count > most_shown) {
    return {{"count", entry.count}, {"first", numbers}};
  }
  Json json = Json::array();
  for (const double number : numbers) {
    if (std::floor(number) == number && std::abs(number) < 9e15)
      json.push_back(static_cast<std::int64_t>(number));
    else
      json.push_back(number);
  }
  return json.size() == 1 ? json[0] : json;
}

}  // namespace

void read_tiff_facts(
    const TiffDirectory& directory, Index frames, Index height, Index width, MovieInfo& info) {
  const ImageJDescription imagej(directory.text(TiffTag::description));
  if (!info.pixel_size) read_dm_facts(directory, frames, height, width, info);
  read_tvips_facts(tvips_header(directory), info);
  read_sis_facts(sis_header(directory), info);
  read_fei_facts(fei_sections(directory), info);
  read_zeiss_facts(directory, info);
  if (imagej)
    read_imagej_facts(imagej, directory, frames, height, width, info);
  else if (!info.pixel_size)
    read_resolution(directory, info);
  read_date(directory, info);
}

Json tiff_metadata(const TiffDirectory& directory) {
  Json json = {{"byte_order", directory.header().order == std::endian::big ? "big" : "little"},
               {"bigtiff", directory.header().big},
               {"tags", Json::object()}};
  for (const TiffEntry& entry : directory.entries()) {
    json["tags"][name_of(entry.tag)] = value_of(directory, entry);
    if (json["tags"].size() >= most_lines) break;
  }
  const ImageJDescription imagej(directory.text(TiffTag::description));
  if (imagej) json["ImageJ"] = imagej.json();
  const auto put = [&](const char* name, Json value) {
    if (!value.is_null()) json[name] = std::move(value);
  };
  put("ImageJ_metadata", imagej_metadata(directory));
  put("TVIPS", tvips_header(directory));
  put("SIS", sis_header(directory));
  put("FEI", fei_sections(directory));
  const std::string zeiss = directory.text(TiffTag::zeiss);
  if (!zeiss.empty()) json["Zeiss"] = zeiss;
  return json;
}

}  // namespace kinema::io
