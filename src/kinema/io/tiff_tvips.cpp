// Field by field; order and types as EM-MENU's manual gives the TemData structure.
#include "kinema/io/tiff_tvips.h"

#include "kinema/io/byte_reader.h"
#include "kinema/io/text_encoding.h"

#include <cmath>
#include <cstdio>

namespace kinema::io {
namespace {

enum class Kind : std::uint8_t { whole, real, real64, text8, text16 };

struct Field {
  const char* name;
  Kind kind;
  std::uint16_t count;  // of numbers, or bytes of a text
};

constexpr Field version_1[] = {{"Comment", Kind::text8, 80},
                               {"HighTension", Kind::whole, 1},  // these in units of 1/10000
                               {"SphericalAberration", Kind::whole, 1},
                               {"IlluminationAperture", Kind::whole, 1},
                               {"Magnification", Kind::whole, 1},
                               {"PostMagnification", Kind::whole, 1},
                               {"FocalLength", Kind::whole, 1},
                               {"Defocus", Kind::whole, 1},
                               {"Astigmatism", Kind::whole, 1},
                               {"AstigmatismDirection", Kind::whole, 1},
                               {"BiprismVoltage", Kind::whole, 1},
                               {"SpecimenTiltAngle", Kind::whole, 1},
                               {"SpecimenTiltDirection", Kind::whole, 1},
                               {"IlluminationTiltDirection", Kind::whole, 1},
                               {"IlluminationTiltAngle", Kind::whole, 1},
                               {"ImageMode", Kind::whole, 1},
                               {"EnergySpread", Kind::whole, 1},
                               {"ChromaticAberration", Kind::whole, 1},
                               {"ShutterType", Kind::whole, 1},
                               {"DefocusSpread", Kind::whole, 1},
                               {"CcdNumber", Kind::whole, 1},
                               {"CcdSize", Kind::whole, 1},
                               {"Offset", Kind::whole, 2},
                               {"PhysicalPixelSize", Kind::whole, 1},
                               {"Binning", Kind::whole, 1},
                               {"ReadoutSpeed", Kind::whole, 1},
                               {"Gain", Kind::whole, 1},
                               {"Sensitivity", Kind::whole, 1},
                               {"ExposureTime", Kind::whole, 1},
                               {"FlatCorrected", Kind::whole, 1},
                               {"DeadPxCorrected", Kind::whole, 1},
                               {"ImageMean", Kind::whole, 1},
                               {"ImageStd", Kind::whole, 1},
                               {"Displacement", Kind::whole, 2},
                               {"Date", Kind::whole, 1},
                               {"Time", Kind::whole, 1},
                               {"ImageMin", Kind::whole, 1},
                               {"ImageMax", Kind::whole, 1},
                               {"ImageStatisticsQuality", Kind::whole, 1}};

constexpr Field version_2[] = {{"ImageName", Kind::text16, 160},
                               {"ImageFolder", Kind::text16, 160},
                               {"ImageSize", Kind::whole, 4},
                               {"ImageDataType", Kind::whole, 1},
                               {"Date", Kind::whole, 1},
                               {"Time", Kind::whole, 1},
                               {"Comment", Kind::text16, 1024},
                               {"ImageHistory", Kind::text16, 1024},
                               {"Scaling", Kind::real, 16},
                               {"ImageStatistics", Kind::real64, 32},
                               {"ImageType", Kind::whole, 1},
                               {"ImageDisplayType", Kind::whole, 1},
                               {"PixelSize", Kind::real, 2},  // nm
                               {"ImageDistance", Kind::real, 2},
                               {"ImageMisc", Kind::real, 32},
                               {"TemType", Kind::text16, 160},
                               {"TemHighTension", Kind::real, 1},  // V
                               {"TemAberrations", Kind::real, 32},
                               {"TemEnergy", Kind::real, 32},
                               {"TemMode", Kind::whole, 1},
                               {"TemMagnification", Kind::real, 1},
                               {"TemMagnificationCorrection", Kind::real, 1},
                               {"TemPostMagnification", Kind::real, 1},
                               {"TemStageType", Kind::whole, 1},
                               {"TemStagePosition", Kind::real, 5},
                               {"TemImageShift", Kind::real, 2},
                               {"TemBeamShift", Kind::real, 2},
                               {"TemBeamTilt", Kind::real, 2},
                               {"TilingParameters", Kind::real, 7},
                               {"TemIllumination", Kind::real, 3},
                               {"TemShutter", Kind::whole, 1},
                               {"TemMisc", Kind::real, 32},
                               {"CameraType", Kind::text16, 160},
                               {"PhysicalPixelSize", Kind::real, 2},
                               {"Offset", Kind::whole, 2},
                               {"Binning", Kind::whole, 2},
                               {"ExposureTime", Kind::real, 1},  // ms
                               {"Gain", Kind::real, 1},
                               {"ReadoutRate", Kind::real, 1},
                               {"FlatfieldDescription", Kind::text16, 160},
                               {"Sensitivity", Kind::real, 1},
                               {"Dose", Kind::real, 1},
                               {"CamMisc", Kind::real, 32},
                               {"FeiMicroscopeInformation", Kind::text16, 1024},
                               {"FeiSpecimenInformation", Kind::text16, 1024}};

constexpr std::uint64_t header_1_bytes = 84 + 160;

Json read_numbers(ByteReader& reader, const Field& field) {
  Json numbers = Json::array();
  for (int i = 0; i < field.count; ++i) {
    if (field.kind == Kind::whole)
      numbers.push_back(reader.read<std::int32_t>());
    else if (field.kind == Kind::real)
      numbers.push_back(reader.read<float>());
    else
      numbers.push_back(reader.read<double>());
  }
  return field.count == 1 ? numbers[0] : numbers;
}

Json read_field(ByteReader& reader, const Field& field) {
  if (field.kind == Kind::text8) {
    return utf8_from(reader.text(field.count, field.name));
  }
  if (field.kind == Kind::text16) {
    return utf8_from_utf16(reader.array<std::uint16_t>(field.count / 2, field.name));
  }
  return read_numbers(reader, field);
}

/// A date as year * 65536 + month * 256 + day, with a time in seconds since midnight.
std::string iso_date(std::int64_t date, std::int64_t time) {
  const auto year = date >> 16, month = (date >> 8) & 0xFF, day = date & 0xFF;
  if (year < 1980 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31) return "";
  const std::int64_t of_day = time >= 0 && time < 86400 ? time : 0;
  char text[64];
  std::snprintf(text,
                sizeof text,
                "%04d-%02d-%02dT%02d:%02d:%02d",
                static_cast<int>(year),
                static_cast<int>(month),
                static_cast<int>(day),
                static_cast<int>(of_day / 3600),
                static_cast<int>(of_day / 60 % 60),
                static_cast<int>(of_day % 60));
  return text;
}

bool is_positive(double value) {
  return std::isfinite(value) && value > 0.0;
}

}  // namespace

Json tvips_header(const TiffDirectory& directory) {
  const std::uint64_t place = directory.number(TiffTag::tvips, 0), size = directory.file().size();
  if (place == 0 || place > size || size - place < header_1_bytes) return nullptr;
  ByteReader reader(directory.file(), place, size);
  reader.set_order(directory.header().order);
  const auto version = reader.read<std::int32_t>();
  if (version != 1 && version != 2) return nullptr;
  Json json = {{"Version", version}};
  for (const Field& field : version_1) json["V1"][field.name] = read_field(reader, field);
  if (version == 1) return json;
  std::uint64_t bytes = 4;  // the mark at the end
  for (const Field& field : version_2) {
    const bool is_text = field.kind == Kind::text8 || field.kind == Kind::text16;
    bytes += field.count * (is_text ? 1U : field.kind == Kind::real64 ? 8U : 4U);
  }
  if (reader.remaining() < bytes) return json;
  Json second = Json::object();
  for (const Field& field : version_2) second[field.name] = read_field(reader, field);
  constexpr std::uint32_t mark = 0xAAAAAAAA;
  if (reader.read<std::uint32_t>() == mark) json["V2"] = std::move(second);
  return json;
}

void read_tvips_facts(const Json& header, MovieInfo& info) {
  if (header.is_null()) return;
  const Json& first = header["V1"];
  constexpr double unit = 1e-4;  // of version 1's numbers
  double voltage = first["HighTension"].get<double>() * unit,
         exposure = first["ExposureTime"].get<double>() * unit;
  std::string date = iso_date(first["Date"].get<std::int64_t>(), first["Time"].get<std::int64_t>());
  if (header.contains("V2")) {
    const Json& second = header["V2"];
    const auto x = second["PixelSize"][0].get<double>(), y = second["PixelSize"][1].get<double>();
    if (!info.pixel_size) set_pixel_size(info, {{10.0 * x}, {10.0 * y}}, "header");
    voltage = second["TemHighTension"].get<double>() / 1000.0;
    exposure = second["ExposureTime"].get<double>();
    date = iso_date(second["Date"].get<std::int64_t>(), second["Time"].get<std::int64_t>());
    const auto camera = second["CameraType"].get<std::string>();
    if (!camera.empty() && !info.detector) info.detector = {camera, "header"};
  } else {
    // Of the camera's pixels (in micrometres), their binning, and both magnifications.
    const double edge = first["PhysicalPixelSize"].get<double>() * unit * 1e4;
    const double magnification = first["Magnification"].get<double>() * unit *
                                 first["PostMagnification"].get<double>() * unit;
    const double size = edge * first["Binning"].get<double>() * unit / magnification;
    if (is_positive(size) && !info.pixel_size) set_pixel_size(info, {{size}, {size}}, "header");
  }
  if (is_positive(voltage) && !info.voltage) info.voltage = {Voltage{voltage}, "header"};
  if (!date.empty() && !info.date) info.date = {date, "header"};
  if (is_positive(exposure)) {
    info.notes.push_back("a frame was exposed for " + to_text(Time{exposure / 1000.0}));
  }
}

}  // namespace kinema::io
