// The structure is nowhere described; its known fields are those that tifffile's documentation and
// readers name. All numbers are little-endian.
#include "kinema/io/tiff_sis.h"

#include "kinema/io/byte_reader.h"
#include "kinema/io/text_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace kinema::io {
namespace {

constexpr std::uint64_t head_bytes = 60, general_bytes = 112;
constexpr int most_parts = 64;

/// Month from 0, year from 1900; no seconds. Empty where it is no date.
std::string iso_date(int year, int month, int day, int hour, int minute) {
  if (year < 80 || year > 300 || month < 0 || month > 11 || day < 1 || day > 31 || hour < 0 ||
      hour > 23 || minute < 0 || minute > 59) {
    return "";
  }
  char text[32];
  std::snprintf(
      text, sizeof text, "%04d-%02d-%02dT%02d:%02d", 1900 + year, month + 1, day, hour, minute);
  return text;
}

/// The part of the first kind: calibration in a power of ten of metres, and the camera.
Json read_general(ByteReader& reader) {
  reader.skip(10);
  const int power = reader.read<std::int16_t>();
  const auto x = reader.read<double>(), y = reader.read<double>();
  reader.skip(8);
  const auto magnification = reader.read<double>();
  reader.skip(2);
  const std::string camera = utf8_from(reader.text(34, "letters of a camera's name"));
  return {{"PowerOfTen", power},
          {"PixelSizeX", x},
          {"PixelSizeY", y},
          {"Magnification", magnification},
          {"Camera", camera},
          {"PictureType", utf8_from(reader.text(32, "letters of a type"))}};
}

}  // namespace

Json sis_header(const TiffDirectory& directory) {
  const InputFile& file = directory.file();
  const std::uint64_t place = directory.number(TiffTag::olympus_sis, 0), size = file.size();
  if (place == 0 || place > size || size - place < head_bytes) return nullptr;
  ByteReader reader(file, place, size);
  reader.set_order(std::endian::little);
  if (reader.text(4, "letters of a mark") != "SIS0") return nullptr;
  reader.skip(6);
  int date[5];  // minute, hour, day, month, year
  for (int& part : date) part = reader.read<std::int16_t>();
  reader.skip(6);
  Json json = {{"Name", utf8_from(reader.text(32, "letters of a name"))},
               {"Date", iso_date(date[4], date[3], date[2], date[1], date[0])}};
  const int parts = reader.read<std::int16_t>();
  for (int i = 0; i < std::min(parts, most_parts) && reader.remaining() >= 8; ++i) {
    const auto kind = reader.read<std::int16_t>();
    reader.skip(2);
    const auto at = reader.read<std::uint32_t>();
    if (kind != 1 || at > size || size - at < general_bytes) continue;
    ByteReader part(file, at, size);
    part.set_order(std::endian::little);
    json["General"] = read_general(part);
    break;
  }
  return json;
}

void read_sis_facts(const Json& header, MovieInfo& info) {
  if (header.is_null()) return;
  const auto date = header["Date"].get<std::string>();
  if (!date.empty() && !info.date) info.date = {date, "header"};
  if (!header.contains("General")) return;
  const Json& general = header["General"];
  const auto x = general["PixelSizeX"].get<double>(), y = general["PixelSizeY"].get<double>();
  if (!info.pixel_size && std::isfinite(x) && std::isfinite(y)) {
    const double angstrom = std::pow(10.0, general["PowerOfTen"].get<int>() + 10);
    set_pixel_size(info, {{x * angstrom}, {y * angstrom}}, "header");
  }
  const auto camera = general["Camera"].get<std::string>();
  if (!camera.empty() && !info.detector) info.detector = {camera, "header"};
}

}  // namespace kinema::io
