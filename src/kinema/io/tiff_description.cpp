// Descriptions in ImageJ's manner and in OME-XML; both tell axes as letters T, Z and C.
#include "kinema/io/tiff_description.h"

#include "kinema/base/hash.h"
#include "kinema/base/units.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>
#include <vector>

namespace kinema::io {
namespace {

constexpr Index most_channels = 1024;

/// An axis before y and x by its letter.
struct Leading {
  char letter = 'T';
  Axis axis;
};

char letter_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (name == "t" || name == "time") return 'T';
  if (name == "z" || name == "slice" || name == "depth") return 'Z';
  if (name == "c" || name == "channel") return 'C';
  return ' ';
}

/// The axes that the frames run along, outermost first: as the movie says, or time alone.
std::vector<Leading> leading_axes(Index frames, const MovieInfo& info) {
  const std::vector<Leading> time_alone = {{'T', {"time", frames, 0.0, 0.0, ""}}};
  if (info.axes.size() < 4) return time_alone;
  std::vector<Leading> axes;
  Index product = 1;
  for (auto axis = info.axes.begin(); axis != info.axes.end() - 2; ++axis) {
    const char letter = letter_of(axis->name);
    const bool repeated = std::any_of(
        axes.begin(), axes.end(), [&](const Leading& one) { return one.letter == letter; });
    if (letter == ' ' || repeated || axis->size < 1 || axis->size > frames) return time_alone;
    if (letter == 'C' && axis->size > most_channels) return time_alone;
    axes.push_back({letter, *axis});
    product *= axis->size;
  }
  return product == frames ? axes : time_alone;
}

const Leading* find(const std::vector<Leading>& axes, char letter) {
  const auto found = std::find_if(
      axes.begin(), axes.end(), [&](const Leading& one) { return one.letter == letter; });
  return found == axes.end() ? nullptr : &*found;
}

Index size_of(const std::vector<Leading>& axes, char letter) {
  const Leading* found = find(axes, letter);
  return found == nullptr ? 1 : found->axis.size;
}

/// Whether the letters come in the order in which hyperstacks lie in files: T, Z, C.
bool in_imagej_order(const std::vector<Leading>& axes) {
  constexpr std::string_view order = "TZC";
  return std::is_sorted(axes.begin(), axes.end(), [&](const Leading& a, const Leading& b) {
    return order.find(a.letter) < order.find(b.letter);
  });
}

/// Steps of z in nanometres; 0 where they are unknown.
double z_spacing(const std::vector<Leading>& axes) {
  const Leading* z = find(axes, 'Z');
  const auto unit = z == nullptr ? std::nullopt : angstrom_per(z->axis.unit);
  return unit && z->axis.step > 0.0 ? z->axis.step * *unit / 10.0 : 0.0;
}

const char* ome_type(PixelType type) {
  switch (type) {
    case PixelType::i8:
      return "int8";
    case PixelType::u16:
      return "uint16";
    case PixelType::i16:
      return "int16";
    case PixelType::u32:
      return "uint32";
    case PixelType::i32:
      return "int32";
    case PixelType::f32:
      return "float";
    case PixelType::f64:
      return "double";
    case PixelType::c64:
      return "complex";
    case PixelType::c128:
      return "double-complex";
    default:
      return "uint8";
  }
}

/// A UUID of RFC 9562's version 8: the hash of what the file is.
std::string uuid_of(const std::string& content) {
  Digest digest = digest_of(std::as_bytes(std::span(content)));
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0F) | 0x80);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3F) | 0x80);
  std::string hex = hex_of(digest);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return "urn:uuid:" + hex;
}

/// "2017-04-12T09:01:17", with or without parts of seconds and a time zone.
bool is_iso_date(const std::string& date) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  if (date.size() < form.size()) return false;
  return std::equal(form.begin(), form.end(), date.begin(), [](char wanted, char found) {
    return wanted == '0' ? std::isdigit(static_cast<unsigned char>(found)) != 0 : wanted == found;
  });
}

void put_length(pugi::xml_node& pixels, const std::string& name, double nanometres) {
  pixels.append_attribute(name.c_str()) = shortest_text(nanometres).c_str();
  pixels.append_attribute((name + "Unit").c_str()) = "nm";
}

void put_calibration(pugi::xml_node& pixels,
                     const std::vector<Leading>& axes,
                     const MovieInfo& info) {
  if (info.pixel_size) {
    put_length(pixels, "PhysicalSizeX", info.pixel_size->x.value / 10.0);
    put_length(pixels, "PhysicalSizeY", info.pixel_size->y.value / 10.0);
  }
  if (z_spacing(axes) > 0.0) put_length(pixels, "PhysicalSizeZ", z_spacing(axes));
  if (info.frame_time) {
    pixels.append_attribute("TimeIncrement") = shortest_text(info.frame_time->value).c_str();
    pixels.append_attribute("TimeIncrementUnit") = "s";
  }
}

void put_pixels(pugi::xml_node& image,
                const FrameFormat& format,
                Index frames,
                const MovieInfo& info,
                const std::string& file_name,
                const std::string& uuid) {
  const std::vector<Leading> axes = leading_axes(frames, info);
  std::string order = "XY";
  for (auto one = axes.rbegin(); one != axes.rend(); ++one) order += one->letter;
  for (const char letter : {'Z', 'C', 'T'}) {
    if (order.find(letter) == std::string::npos) order += letter;
  }
  const Index samples = is_colour(format.type) ? bytes_of(format.type) : 1;
  const Index channels = size_of(axes, 'C');

  pugi::xml_node pixels = image.append_child("Pixels");
  pixels.append_attribute("ID") = "Pixels:0";
  pixels.append_attribute("DimensionOrder") = order.c_str();
  pixels.append_attribute("Type") = ome_type(format.type);
  pixels.append_attribute("BigEndian") = "false";
  pixels.append_attribute("Interleaved") = samples > 1 ? "true" : "false";
  pixels.append_attribute("SizeX") = static_cast<long long>(format.width);
  pixels.append_attribute("SizeY") = static_cast<long long>(format.height);
  pixels.append_attribute("SizeZ") = static_cast<long long>(size_of(axes, 'Z'));
  pixels.append_attribute("SizeC") = static_cast<long long>(channels * samples);
  pixels.append_attribute("SizeT") = static_cast<long long>(size_of(axes, 'T'));
  put_calibration(pixels, axes, info);
  for (Index c = 0; c < channels; ++c) {
    pugi::xml_node channel = pixels.append_child("Channel");
    channel.append_attribute("ID") = ("Channel:0:" + std::to_string(c)).c_str();
    channel.append_attribute("SamplesPerPixel") = static_cast<long long>(samples);
  }
  pugi::xml_node data = pixels.append_child("TiffData");
  data.append_attribute("IFD") = 0;
  data.append_attribute("PlaneCount") = static_cast<long long>(frames);
  pugi::xml_node own = data.append_child("UUID");
  own.append_attribute("FileName") = file_name.c_str();
  own.text() = uuid.c_str();
}

}  // namespace

TiffDescription imagej_description(Index frames, const MovieInfo& info) {
  std::vector<Leading> axes = leading_axes(frames, info);
  if (!in_imagej_order(axes)) axes = {{'T', {"time", frames, 0.0, 0.0, ""}}};
  std::string text = "ImageJ=1.54f\nimages=" + std::to_string(frames) + "\n";
  if (size_of(axes, 'C') > 1) text += "channels=" + std::to_string(size_of(axes, 'C')) + "\n";
  if (size_of(axes, 'Z') > 1) text += "slices=" + std::to_string(size_of(axes, 'Z')) + "\n";
  text += "frames=" + std::to_string(size_of(axes, 'T')) + "\n";
  if (axes.size() > 1 || (frames > 1 && info.frame_time)) text += "hyperstack=true\n";
  text += "loop=false\n";
  if (info.pixel_size) text += "unit=nm\n";
  if (z_spacing(axes) > 0.0) text += "spacing=" + shortest_text(z_spacing(axes)) + "\n";
  if (info.frame_time) text += "finterval=" + shortest_text(info.frame_time->value) + "\n";
  return {std::move(text), ResolutionUnit::none};
}

TiffDescription ome_description(const FrameFormat& format,
                                Index frames,
                                const MovieInfo& info,
                                const std::string& file_name) {
  constexpr const char* schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06";
  const std::string uuid =
      uuid_of(file_name + "\n" +
              describe(format, frames, info)
                  .dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace));
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node ome = document.append_child("OME");
  ome.append_attribute("xmlns") = schema;
  ome.append_attribute("xmlns:xsi") = "http://www.w3.org/2001/XMLSchema-instance";
  ome.append_attribute("xsi:schemaLocation") =
      (std::string(schema) + " " + schema + "/ome.xsd").c_str();
  ome.append_attribute("UUID") = uuid.c_str();
  ome.append_attribute("Creator") = "kinema";
  pugi::xml_node image = ome.append_child("Image");
  image.append_attribute("ID") = "Image:0";
  image.append_attribute("Name") = file_name.c_str();
  if (info.date && is_iso_date(*info.date)) {
    image.append_child("AcquisitionDate").text() = info.date->c_str();
  }
  put_pixels(image, format, frames, info, file_name, uuid);
  std::ostringstream text;
  document.save(text, " ");
  return {text.str(), ResolutionUnit::centimetre};
}

std::optional<PixelType> ome_stored_type(PixelType type) {
  const bool absent = type == PixelType::u64 || type == PixelType::i64 || type == PixelType::f16;
  return absent ? std::nullopt : std::optional(type);
}

}  // namespace kinema::io
