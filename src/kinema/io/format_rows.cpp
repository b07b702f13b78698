// Joining the tables of readers and writers by name.
#include "kinema/io/format_rows.h"

#include "kinema/io/formats.h"
#include "kinema/io/writer_formats.h"

#include <algorithm>

namespace kinema::io {

std::vector<FormatRow> format_rows() {
  std::vector<FormatRow> rows;
  for (const MovieFormat& format : movie_formats()) {
    rows.push_back({format.name, format.endings, format.pixels, ""});
  }
  for (const WriterFormat& format : writer_formats()) {
    const auto same = std::find_if(
        rows.begin(), rows.end(), [&](const FormatRow& row) { return row.name == format.name; });
    FormatRow& row = same != rows.end()
                         ? *same
                         : rows.emplace_back(FormatRow{format.name, format.endings, "", ""});
    for (const PixelTypeName& pixel : pixel_type_names) {
      if (!format.stored_type(pixel.type)) continue;
      row.pixels_written += (row.pixels_written.empty() ? "" : ", ") + std::string(pixel.text);
    }
  }
  return rows;
}

Json to_json(const std::vector<FormatRow>& rows) {
  Json json = Json::array();
  for (const FormatRow& row : rows) {
    json.push_back({{"name", row.name},
                    {"endings", row.endings},
                    {"pixels", row.pixels_read},
                    {"pixels_written", row.pixels_written},
                    {"read", !row.pixels_read.empty()},
                    {"write", !row.pixels_written.empty()}});
  }
  return json;
}

}  // namespace kinema::io
