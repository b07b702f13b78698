// The proleptic Gregorian calendar of the C++ library.
#include "kinema/io/calendar.h"

#include <chrono>
#include <cmath>
#include <cstdio>

namespace kinema::io {

std::string iso_date(double seconds, std::string_view zone) {
  using namespace std::chrono;
  constexpr double least = -2208988800.0, most = 7258118400.0;  // 1900 and 2200
  if (!(seconds >= least && seconds < most)) return "";
  const sys_seconds time{std::chrono::seconds(static_cast<long long>(std::floor(seconds)))};
  const sys_days date = floor<days>(time);
  const year_month_day day(date);
  const hh_mm_ss clock(time - date);
  char text[32];
  std::snprintf(text,
                sizeof text,
                "%04d-%02u-%02uT%02d:%02d:%02d",
                static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text + std::string(zone);
}

std::optional<double> seconds_of_iso_date(std::string_view text) {
  using namespace std::chrono;
  int year_number = 0, hour = 0, minute = 0, second = 0;
  unsigned month_number = 0, day_number = 0;
  const std::string copy(text.substr(0, 19));
  if (std::sscanf(copy.c_str(),
                  "%4d-%2u-%2uT%2d:%2d:%2d",
                  &year_number,
                  &month_number,
                  &day_number,
                  &hour,
                  &minute,
                  &second) != 6) {
    return std::nullopt;
  }
  const year_month_day date{year(year_number), month(month_number), day(day_number)};
  if (!date.ok()) return std::nullopt;
  const auto days_since = sys_days(date).time_since_epoch().count();
  return static_cast<double>(days_since) * 86400.0 + hour * 3600 + minute * 60 + second;
}

}  // namespace kinema::io
