// Dates as microscope programs write them, made ISO 8601 where they can be read with certainty.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kinema::io {

/// A date and a time of day in the words of some country ("7/20/2015", "6:48:25 PM";
/// "27.08.2016", "20:54:33"): "2015-07-20T18:48:25", or the date alone where the time cannot be
/// read. Where day and month could be either, `about` (seconds since 1970) decides; without it
/// there is none.
std::optional<std::string> iso_date(std::string_view date,
                                    std::string_view time,
                                    std::optional<double> about = {});

/// C's own form, "Thu Apr 25 09:30:09 2019".
std::optional<std::string> iso_date_from_c(std::string_view text);

/// Seconds since 1970, UTC: "2019-04-25T16:30:08Z".
std::optional<std::string> iso_date_from_seconds(double seconds);

/// And back, from just that form; none for other text.
std::optional<double> seconds_from_iso_date(std::string_view text);

}  // namespace kinema::io
