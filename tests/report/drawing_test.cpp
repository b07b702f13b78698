// Drawings, their letters, ticks and colours.
#include "kinema/report/atom_scene.h"
#include "kinema/report/picture.h"
#include "kinema/report/stroke_font.h"
#include "kinema/report/ticks.h"

#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

namespace kinema::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// How much ink a black drawing left, in pixels.
double ink_of(const Picture& picture) {
  double sum = 0.0;
  for (Index i = 0; i < picture.size(); i += 3) sum += 1.0 - picture.data()[i] / 255.0;
  return sum;
}

TEST(Paint, ShapesTakeTheirArea) {
  Picture disc = white_picture(60, 60);
  Drawing drawing{60, 60, {}};
  drawing.add(Disc{{30.3, 29.8}, 20.0, {}});
  paint(drawing, disc);
  EXPECT_NEAR(ink_of(disc), 3.14159 * 400.0, 8.0);

  Picture box = white_picture(60, 60);
  Drawing boxes{60, 60, {}};
  boxes.box({10.25, 12.5}, 30.5, 20.25, std::nullopt, Rgb{});
  paint(boxes, box);
  EXPECT_NEAR(ink_of(box), 30.5 * 20.25, 2.0);

  Picture line = white_picture(60, 60);
  Drawing lines{60, 60, {}};
  lines.line({10.0, 10.0}, {50.0, 40.0}, {Rgb{}, 2.0});
  paint(lines, line);
  EXPECT_NEAR(ink_of(line), 50.0 * 2.0 + 3.14159, 4.0);
}

TEST(Paint, WhatLeavesThePictureIsCut) {
  Picture picture = white_picture(20, 20);
  Drawing drawing{20, 20, {}};
  drawing.add(Disc{{-100.0, 500.0}, 20.0, {}});
  drawing.line({-1e7, 10.0}, {1e7, 10.0}, {Rgb{}, 1.0});
  drawing.add(Words{.at = {15.0, 5.0}, .text = "far beyond the border"});
  paint(drawing, picture);
  EXPECT_GT(ink_of(picture), 15.0);
}

TEST(StrokeFont, KnowsEveryLetterThatLegendsNeed) {
  const double box = write_words("\xF0\x9F\x98\x80", 20.0).width;  // no letter of ours
  EXPECT_DOUBLE_EQ(box, 11.0);
  for (const char* text : {"Å", "²", "⁻", "−", "°", "µ", "σ", "±", "×", "…", "χ", "·"}) {
    const WrittenWords words = write_words(text, 20.0);
    EXPECT_FALSE(words.strokes.empty()) << text;
    const bool is_box = words.strokes.size() == 1 && words.strokes[0].size() == 5;
    EXPECT_FALSE(is_box) << text;
  }
  for (char c = '!'; c < '{'; ++c) {
    if (c == '$' || c == '@' || c == '\\' || c == '`') continue;
    EXPECT_FALSE(write_words(std::string(1, c), 20.0).strokes.empty()) << c;
  }
  EXPECT_DOUBLE_EQ(write_words("ab", 20.0).width,
                   write_words("a", 20.0).width + write_words("b", 20.0).width);
  EXPECT_NO_THROW(write_words("\xC3", 20.0));  // cut off within a letter
}

TEST(Svg, EscapesWordsAndClosesItself) {
  Drawing drawing{100, 50, {}};
  drawing.add(Words{.at = {5, 20}, .text = "<script>&\"x\"</script>"});
  const std::string svg = to_svg(drawing);
  EXPECT_THAT(svg, Not(HasSubstr("<script>")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;&amp;"));
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
}

TEST(Ticks, AreRoundAndCarryTheDecimalsTheyNeed) {
  EXPECT_THAT(ticks_between(-1.6, 1.7).labels,
              ElementsAre("−1.5", "−1.0", "−0.5", "0.0", "0.5", "1.0", "1.5"));
  EXPECT_THAT(ticks_between(0.0, 600.0).labels,
              ElementsAre("0", "100", "200", "300", "400", "500", "600"));
  EXPECT_THAT(ticks_between(0.0, 0.02, 4).labels,
              ElementsAre("0.000", "0.005", "0.010", "0.015", "0.020"));
  EXPECT_EQ(ticks_between(3.0, 3.0).values.size(), 1U);
  EXPECT_DOUBLE_EQ(round_length(7.3), 5.0);
  EXPECT_DOUBLE_EQ(round_length(0.2), 0.2);
}

TEST(ColourMap, RisesEvenlyInLightness) {
  for (const auto& entry : enum_names(ColourMap{})) {
    double before = -1.0;
    for (int i = 0; i <= 50; ++i) {
      const Rgb c = colour_at(entry.value, i / 50.0);
      const double luma = 0.2126 * c.red + 0.7152 * c.green + 0.0722 * c.blue;
      EXPECT_GT(luma, before) << entry.name << " " << i;
      before = luma;
    }
  }
  EXPECT_EQ(colour_at(ColourMap::viridis, -3.0), colour_at(ColourMap::viridis, 0.0));
  const Rgb missing = colour_at(ColourMap::viridis, std::nan(""));
  EXPECT_EQ(missing.red, missing.blue);
  EXPECT_EQ(to_hex(rgb_of_hex("2d708e")), "#2d708e");
}

/// A flat honeycomb of `columns` x `rows` cells of four atoms, 1.42 angstrom apart.
AtomicModel honeycomb(int columns, int rows) {
  AtomicModel model;
  const double d = 1.42, w = std::sqrt(3.0) * d;
  for (int i = 0; i < columns; ++i) {
    for (int j = 0; j < rows; ++j) {
      for (const auto& [x, y] :
           {std::pair{0.0, 0.0}, {0.5 * w, 0.5 * d}, {0.5 * w, 1.5 * d}, {0.0, 2.0 * d}}) {
        model.positions.push_back({i * w + x, j * 3.0 * d + y, 0.01 * i});
        model.atomic_numbers.push_back(6);
      }
    }
  }
  return model;
}

TEST(AtomScene, HasTheBondsOfAHoneycomb) {
  const AtomicModel sheet = honeycomb(10, 6);
  std::vector<int> bonds(sheet.positions.size());
  for (const auto& [i, j] : near_pairs(sheet)) {
    ++bonds[i];
    ++bonds[j];
  }
  EXPECT_EQ(*std::max_element(bonds.begin(), bonds.end()), 3);
  const auto inner = std::count(bonds.begin(), bonds.end(), 3);
  EXPECT_GT(inner, static_cast<std::ptrdiff_t>(bonds.size() * 7 / 10));
}

TEST(AtomScene, IsColouredByHeightFromTheMean) {
  const Trajectory trajectory = to_trajectory({honeycomb(10, 6)});
  const std::vector<double> heights = values_at(trajectory, 0, "height");
  EXPECT_NEAR(std::accumulate(heights.begin(), heights.end(), 0.0), 0.0, 1e-9);
  const ColourScale scale = scale_of(trajectory, "height", ColourMap::viridis);
  EXPECT_NEAR(scale.low, -0.045, 0.006);
  EXPECT_NEAR(scale.high, 0.045, 0.006);
  const Scene scene = atom_scene(atoms_at(trajectory, 0), heights, scale);
  EXPECT_EQ(scene.balls.size(), heights.size());
  EXPECT_LT(scene.balls.front().colour.green, scene.balls.back().colour.green);
  try {
    values_at(trajectory, 0, "mood");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("they have height"));
  }
}

}  // namespace
}  // namespace kinema::report
