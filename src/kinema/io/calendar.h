// Points in time as ISO 8601 text, and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kinema::io {

/// "2025-04-29T18:58:37Z" from seconds since 1970 (UTC), cut to whole seconds; `zone` is put at
/// the end. "" outside of the years 1900 to 2200.
std::string iso_date(double seconds, std::string_view zone = "Z");

/// Seconds since 1970 from "YYYY-MM-DDThh:mm:ss", whatever follows; none for other text.
std::optional<double> seconds_of_iso_date(std::string_view text);

}  // namespace kinema::io
