// Numbers and names of months in any order, and the few rules that tell them apart.
#include "kinema/io/date_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <vector>

namespace kinema::io {
namespace {

constexpr std::array<std::string_view, 12> months = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

struct Day {
  int year = 0, month = 0, day = 0;
};

/// Days since 1970-01-01 in the Gregorian calendar, and back (both after Howard Hinnant's public
/// description of the civil calendar).
std::int64_t days_of(const Day& date) {
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year =
      (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

Day day_of(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * day_of_year + 2) / 153;
  const auto shifted = static_cast<int>(month < 10 ? month + 3 : month - 9);
  return {static_cast<int>(year_of_era + era * 400) + (shifted <= 2 ? 1 : 0),
          shifted,
          static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1)};
}

bool is_day(const Day& date) {
  if (date.year < 1970 || date.year > 2199 || date.month < 1 || date.month > 12) return false;
  const Day back = day_of(days_of(date));
  return date.day >= 1 && back.day == date.day && back.month == date.month;
}

/// A number that is not negative, in at least `width` digits.
std::string digits_of(int number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string text_of(const Day& date) {
  return digits_of(date.year, 4) + "-" + digits_of(date.month, 2) + "-" + digits_of(date.day, 2);
}

std::string time_text(int hour, int minute, int second) {
  return "T" + digits_of(hour, 2) + ":" + digits_of(minute, 2) + ":" + digits_of(second, 2);
}

/// The numbers in a text, up to four digits each, with the place where each begins.
struct Number {
  int value;
  std::size_t digits, end;
};
std::vector<Number> numbers_in(std::string_view text) {
  std::vector<Number> numbers;
  for (std::size_t i = 0; i < text.size();) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      ++i;
      continue;
    }
    Number number{0, 0, 0};
    for (; i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])) != 0; ++i) {
      if (number.digits < 5) number.value = number.value * 10 + (text[i] - '0');
      ++number.digits;
    }
    number.end = i;
    numbers.push_back(number);
  }
  return numbers;
}

/// 1 to 12 for an English name of a month in the text; 0 where there is none.
int month_in(std::string_view text) {
  std::string lower;
  for (const char letter : text) {
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (lower.find(months[i]) != std::string::npos) return static_cast<int>(i) + 1;
  }
  return 0;
}

int whole_year(const Number& number) {
  if (number.digits != 2) return number.value;
  return number.value + (number.value < 70 ? 2000 : 1900);
}

std::optional<Day> checked(const Day& date) {
  return is_day(date) ? std::optional(date) : std::nullopt;
}

std::optional<Day> read_day(std::string_view text, std::optional<double> about) {
  const std::vector<Number> numbers = numbers_in(text);
  if (const int month = month_in(text); month != 0 && numbers.size() == 2) {
    const bool year_first = numbers[0].digits == 4;
    return checked(
        {whole_year(numbers[year_first ? 0 : 1]), month, numbers[year_first ? 1 : 0].value});
  }
  if (numbers.size() != 3) return std::nullopt;
  const int first = numbers[0].value, second = numbers[1].value, third = numbers[2].value;
  if (numbers[0].digits == 4) return checked({first, second, third});
  const int year = whole_year(numbers[2]);
  const Day by_day{year, second, first}, by_month{year, first, second};
  if (text[numbers[0].end] == '.') return checked(by_day);  // nobody writes 08.27.2016
  if (!is_day(by_month) || first == second) return checked(by_day);
  if (!is_day(by_day)) return by_month;
  const auto fits = [&](const Day& day) {  // within a day and a half of noon, for time zones
    return about && std::abs(static_cast<double>(days_of(day)) + 0.5 - *about / 86400.0) < 1.5;
  };
  if (fits(by_day) == fits(by_month)) return std::nullopt;
  return fits(by_day) ? by_day : by_month;
}

/// "T18:48:25"; empty where the text is no time of day.
std::string read_time(std::string_view text) {
  const std::vector<Number> numbers = numbers_in(text);
  if (numbers.size() < 2) return "";
  int hour = numbers[0].value;
  const int minute = numbers[1].value, second = numbers.size() > 2 ? numbers[2].value : 0;
  const auto says = [&](std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      if (text.find(word) != std::string_view::npos) return true;
    }
    return false;
  };
  const bool after_noon = says({"PM", "pm", "p.m", "P.M", "p. m", "\u4E0B\u5348", "\u5348\u5F8C"});
  const bool before_noon = says({"AM", "am", "a.m", "A.M", "a. m", "\u4E0A\u5348", "\u5348\u524D"});
  if (after_noon && hour < 12) hour += 12;
  if (before_noon && hour == 12) hour = 0;
  if (hour > 23 || minute > 59 || second > 60) return "";
  return time_text(hour, minute, second);
}

}  // namespace

std::optional<std::string> iso_date(std::string_view date,
                                    std::string_view time,
                                    std::optional<double> about) {
  const std::optional<Day> day = read_day(date, about);
  if (!day) return std::nullopt;
  return text_of(*day) + read_time(time);
}

std::optional<std::string> iso_date_from_c(std::string_view text) {
  const std::vector<Number> numbers = numbers_in(text);  // day, hour, minute, second, year
  const int month = month_in(text);
  if (month == 0 || numbers.size() != 5) return std::nullopt;
  const Day day{numbers[4].value, month, numbers[0].value};
  const int hour = numbers[1].value, minute = numbers[2].value, second = numbers[3].value;
  if (!is_day(day) || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return text_of(day) + time_text(hour, minute, second);
}

std::optional<std::string> iso_date_from_seconds(double seconds) {
  if (!(seconds > 0.0) || seconds > 7.2e9) return std::nullopt;  // up to the year 2198
  const auto whole = static_cast<std::int64_t>(seconds);
  const auto rest = static_cast<int>(whole % 86400);
  return text_of(day_of(whole / 86400)) + time_text(rest / 3600, rest / 60 % 60, rest % 60) + "Z";
}

std::optional<double> seconds_from_iso_date(std::string_view text) {
  const std::vector<Number> numbers = numbers_in(text);
  if (numbers.size() != 6) return std::nullopt;
  const Day day{numbers[0].value, numbers[1].value, numbers[2].value};
  if (!is_day(day)) return std::nullopt;
  const double seconds = static_cast<double>(days_of(day)) * 86400.0 + numbers[3].value * 3600 +
                         numbers[4].value * 60 + numbers[5].value;
  return iso_date_from_seconds(seconds) == text ? std::optional(seconds) : std::nullopt;
}

}  // namespace kinema::io
