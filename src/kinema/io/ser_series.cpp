// Reading the header, the two tables of places, and the heads of elements and tags.
#include "kinema/io/ser_series.h"

#include "kinema/base/error.h"
#include "kinema/io/byte_reader.h"
#include "kinema/io/text_encoding.h"

#include <array>

namespace kinema::io {
namespace {

constexpr std::uint16_t little_endian = 0x4949, series_id = 0x0197;
constexpr std::uint16_t first_version = 0x0210, wide_version = 0x0220;
constexpr std::uint32_t spectra = 0x4120, images = 0x4122;
constexpr std::uint32_t time_only = 0x4152, time_and_position = 0x4142;
constexpr std::uint32_t most_dimensions = 16, most_text = 1 << 16;
constexpr std::size_t image_head = 50, spectrum_head = 26;

constexpr PixelType types[] = {PixelType::u8,
                               PixelType::u16,
                               PixelType::u32,
                               PixelType::i8,
                               PixelType::i16,
                               PixelType::i32,
                               PixelType::f32,
                               PixelType::f64,
                               PixelType::c64,
                               PixelType::c128};

std::string hexadecimal(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%04x", value);
  return text;
}

std::string short_text(ByteReader& reader, std::string_view what) {
  const auto length = reader.read<std::uint32_t>();
  if (length > most_text) {
    reader.fail("a text of " + std::to_string(length) + " bytes is declared as " +
                std::string(what) + " of a dimension");
  }
  return one_line(utf8_from(reader.text(length, what)));
}

SerDimension read_dimension(ByteReader& reader) {
  SerDimension dimension;
  dimension.size = reader.read<std::uint32_t>();
  dimension.origin = reader.read<double>();
  dimension.step = reader.read<double>();
  dimension.origin -= dimension.step * reader.read<std::uint32_t>();  // of the calibrated element
  dimension.description = short_text(reader, "description");
  dimension.unit = short_text(reader, "unit");
  return dimension;
}

std::vector<std::uint64_t> read_places(ByteReader& reader, bool wide, std::uint64_t count) {
  if (wide) return reader.array<std::uint64_t>(count, "places of elements");
  const auto narrow = reader.array<std::uint32_t>(count, "places of elements");
  return {narrow.begin(), narrow.end()};
}

}  // namespace

Index SerElement::bytes() const {
  return checked_product(checked_product(height, width), bytes_of(type));
}

bool is_ser(std::span<const std::byte> head) {
  constexpr std::array<int, 4> mark = {0x49, 0x49, 0x97, 0x01};
  if (head.size() < mark.size()) return false;
  for (std::size_t i = 0; i < mark.size(); ++i) {
    if (std::to_integer<int>(head[i]) != mark[i]) return false;
  }
  return true;
}

SerSeries read_series(const InputFile& file) {
  ByteReader reader(file);
  reader.set_order(std::endian::little);
  if (reader.read<std::uint16_t>() != little_endian || reader.read<std::uint16_t>() != series_id) {
    throw FileError(file.path(), 0, "this is no TIA series");
  }
  SerSeries series;
  series.version = reader.read<std::uint16_t>();
  const bool wide = series.version == wide_version;
  if (series.version != first_version && !wide) {
    reader.fail("a TIA series of version " +
                hexadecimal(static_cast<std::uint32_t>(series.version)) +
                "; kinema reads 0x0210 and 0x0220");
  }
  const auto data_type = reader.read<std::uint32_t>(), tag_type = reader.read<std::uint32_t>();
  if (data_type != spectra && data_type != images) {
    reader.fail("elements of the unknown kind " + hexadecimal(data_type));
  }
  series.images = data_type == images;
  series.positions = tag_type == time_and_position;
  series.total = reader.read<std::uint32_t>();
  series.valid = reader.read<std::uint32_t>();
  if (series.valid == 0) reader.fail("the series holds no recorded element");
  if (series.valid > series.total) {
    reader.fail(std::to_string(series.valid) + " valid elements are declared, of " +
                std::to_string(series.total) + " in all");
  }
  const std::uint64_t places = wide ? reader.read<std::uint64_t>() : reader.read<std::uint32_t>();
  const auto dimensions = reader.read<std::uint32_t>();
  if (dimensions > most_dimensions) {
    reader.fail("a series of " + std::to_string(dimensions) + " dimensions");
  }
  for (std::uint32_t i = 0; i < dimensions; ++i)
    series.dimensions.push_back(read_dimension(reader));
  reader.seek(places);
  reader.require_items(series.total, wide ? 8 : 4, "places of elements");
  series.offsets = read_places(reader, wide, series.valid);
  reader.skip(std::uint64_t{series.total - series.valid} * (wide ? 8 : 4));
  if ((tag_type == time_only || series.positions) &&
      reader.remaining() / (wide ? 8 : 4) >= series.valid) {
    series.tag_offsets = read_places(reader, wide, series.valid);
  }
  return series;
}

SerElement read_element(const InputFile& file, const SerSeries& series, std::size_t number) {
  const std::uint64_t place = series.offsets.at(number);
  const std::string name = "element " + std::to_string(number);
  const std::size_t head_bytes = series.images ? image_head : spectrum_head;
  if (place > file.size() || file.size() - place < head_bytes) {
    throw FileError(file.path(),
                    file.size(),
                    "the file ends here, but " + name + " of " + std::to_string(series.valid) +
                        " begins at byte " + std::to_string(place));
  }
  std::array<std::byte, image_head> head{};
  const auto bytes = std::span(head).first(head_bytes);
  file.read_at(place, bytes);
  ByteReader reader(bytes, file.path(), place);
  reader.set_order(std::endian::little);
  SerElement element;
  const auto calibration = [&](double& origin, double& step) {
    origin = reader.read<double>();
    step = reader.read<double>();
    origin -= step * reader.read<std::int32_t>();  // of the calibrated pixel
  };
  calibration(element.origin_x, element.step_x);
  if (series.images) calibration(element.origin_y, element.step_y);
  const auto type = reader.read<std::uint16_t>();
  if (type < 1 || type > std::size(types)) {
    reader.fail(name + " is of the unknown type " + std::to_string(type));
  }
  element.type = types[type - 1];
  element.width = reader.read<std::int32_t>();
  if (series.images) element.height = reader.read<std::int32_t>();
  if (element.width <= 0 || element.height <= 0) {
    reader.fail(name + " is declared as " + std::to_string(element.height) + " x " +
                std::to_string(element.width) + " numbers");
  }
  element.offset = place + head_bytes;
  if (static_cast<std::uint64_t>(element.bytes()) > file.size() - element.offset) {
    throw FileError(file.path(),
                    file.size(),
                    "the file ends here, within " + name + " of " + std::to_string(series.valid) +
                        ", which is declared as " + std::to_string(element.height) + " x " +
                        std::to_string(element.width) + " " + to_text(element.type));
  }
  return element;
}

std::optional<double> element_time(const InputFile& file,
                                   const SerSeries& series,
                                   std::size_t number) {
  if (number >= series.tag_offsets.size()) return std::nullopt;
  std::array<std::byte, 8> tag{};  // the kind of tag in 16 bits, 16 bits of nothing, the time
  const std::uint64_t place = series.tag_offsets[number];
  if (place > file.size() || file.size() - place < tag.size()) return std::nullopt;
  file.read_at(place, tag);
  ByteReader reader(tag, file.path(), place);
  reader.set_order(std::endian::little);
  const auto kind = reader.read<std::uint16_t>();
  reader.skip(2);
  const auto time = reader.read<std::uint32_t>();
  if ((kind != time_only && kind != time_and_position) || time == 0) return std::nullopt;
  return time;
}

Json to_json(const SerSeries& series) {
  Json json = {{"SeriesVersion", series.version},
               {"DataTypeID", hexadecimal(series.images ? images : spectra)},
               {"TagTypeID", hexadecimal(series.positions ? time_and_position : time_only)},
               {"TotalNumberElements", series.total},
               {"ValidNumberElements", series.valid},
               {"Dimensions", Json::array()}};
  for (const SerDimension& dimension : series.dimensions) {
    json["Dimensions"].push_back({{"DimensionSize", dimension.size},
                                  {"Origin", dimension.origin},
                                  {"Step", dimension.step},
                                  {"Description", dimension.description},
                                  {"Units", dimension.unit}});
  }
  return json;
}

}  // namespace kinema::io
