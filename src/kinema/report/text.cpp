#include "kinema/report/text.h"

#include <fmt/format.h>

#include <cmath>

namespace kinema::report {

std::string escape_html(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string script_json(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";  // "<" stands only within strings, where this means the same
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string number_text(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  const double size = std::abs(value);
  if (size >= 1e4 && size < 1e6) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}g}", value, digits);
}

std::string bytes_text(Index bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  const std::string digits = std::to_string(bytes);
  std::string exact;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) exact += ',';
    exact += digits[i];
  }
  double size = static_cast<double>(bytes);
  std::string_view unit = "bytes";
  for (const std::string_view larger : {"kB", "MB", "GB", "TB"}) {
    if (size < 1000.0) break;
    size /= 1000.0;
    unit = larger;
  }
  return fmt::format("{:.3g} {} ({} bytes)", size, unit, exact);
}

double rounded(double value, int digits) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  return std::stod(fmt::format("{:.{}e}", value, digits - 1));
}

}  // namespace kinema::report
