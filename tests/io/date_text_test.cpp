// Dates of many countries, and those that cannot be told apart.
#include "kinema/io/date_text.h"

#include "kinema/io/text_encoding.h"

#include <gtest/gtest.h>

#include <array>

namespace kinema::io {
namespace {

TEST(DateText, SizeAndPointsTellDaysFromMonths) {
  EXPECT_EQ(iso_date("7/20/2015", "6:48:25 PM"), "2015-07-20T18:48:25");
  EXPECT_EQ(iso_date("27.08.2016", "20:54:33"), "2016-08-27T20:54:33");
  EXPECT_EQ(iso_date("05.08.2016", ""), "2016-08-05");
  EXPECT_EQ(iso_date("27/08/2016", "08:55:59 p.m."), "2016-08-27T20:55:59");
  EXPECT_EQ(iso_date("2016-08-27", "12:01:02 AM"), "2016-08-27T00:01:02");
  EXPECT_EQ(iso_date("2016/8/7", "\u4E0B\u5348 1:02:03"), "2016-08-07T13:02:03");
  EXPECT_EQ(iso_date("27-Aug-16", "12:00:00 PM"), "2016-08-27T12:00:00");
  EXPECT_EQ(iso_date("August 27, 2016", "4:05 PM"), "2016-08-27T16:05:00");
  EXPECT_EQ(iso_date("8/8/2016", "nonsense"), "2016-08-08");
}

TEST(DateText, ATimeStampTellsTheRest) {
  const double july = 1404924994.0;  // 9 July 2014
  EXPECT_EQ(iso_date("7/9/2014", "6:56:37 PM"), std::nullopt);
  EXPECT_EQ(iso_date("7/9/2014", "6:56:37 PM", july), "2014-07-09T18:56:37");
  EXPECT_EQ(iso_date("9/7/2014", "18:56:37", july), "2014-07-09T18:56:37");
  EXPECT_EQ(iso_date("7/9/2013", "18:56:37", july), std::nullopt);
}

TEST(DateText, WhatIsNoDateIsNone) {
  for (const char* text : {"",
                           "today",
                           "31.02.2016",
                           "13/13/2016",
                           "1/1/99999",
                           "1 2 3 4",
                           "99999999999999999999/1/2016"}) {
    EXPECT_EQ(iso_date(text, ""), std::nullopt) << text;
  }
}

TEST(DateText, CsOwnFormAndSecondsSince1970) {
  EXPECT_EQ(iso_date_from_c("Thu Apr 25 09:30:09 2019"), "2019-04-25T09:30:09");
  EXPECT_EQ(iso_date_from_c("Thu Apr 25 2019"), std::nullopt);
  EXPECT_EQ(iso_date_from_seconds(1556209808.0), "2019-04-25T16:30:08Z");
  EXPECT_EQ(iso_date_from_seconds(951782400.0), "2000-02-29T00:00:00Z");
  EXPECT_EQ(iso_date_from_seconds(-1.0), std::nullopt);
}

TEST(TextEncoding, EveryTextBecomesUtf8) {
  EXPECT_EQ(utf8_from("\xC2\xB5m"), "\u00B5m");
  EXPECT_EQ(utf8_from("\xB5m"), "\u00B5m");
  EXPECT_EQ(utf8_from(std::string("nm\0junk", 7)), "nm");
  EXPECT_EQ(utf8_from("\xED\xA0\x80"), "\u00ED\u00A0\u0080");  // a surrogate is no letter
  constexpr std::array<std::uint16_t, 5> letters = {0xB5, 0x4E0B, 0xD83D, 0xDE00, 0xD800};
  EXPECT_EQ(utf8_from_utf16(letters), "\u00B5\u4E0B\U0001F600\uFFFD");
}

TEST(TextEncoding, OneLineIsShortAndHasNoBreaks) {
  EXPECT_EQ(one_line("a\nb\tc"), "a b c");
  const std::string long_text = one_line(std::string(255, 'a') + "\u00B5");
  EXPECT_EQ(long_text, std::string(255, 'a'));
}

}  // namespace
}  // namespace kinema::io
