// A page is safe whatever its text, complete, small enough, and the same every time.
#include "kinema/report/page.h"

#include "kinema/report/text.h"

#include <gtest/gtest.h>

#include <set>
#include <stack>

namespace kinema::report {
namespace {

const std::string hostile = R"(</script><script>alert("1")</script>&'<!--)";

Player noise_player(Index frames, Index height, Index width, Index budget) {
  Player player{.frames = frames, .height = height, .width = width, .budget = budget};
  player.panes.push_back({.name = "raw", .unit = "counts", .image = [=](Index t) {
                            Array<float, 2> image({height, width});
                            std::uint32_t state = static_cast<std::uint32_t>(t) + 1U;
                            for (float& value : image.flat()) {
                              state = state * 1664525U + 1013904223U;
                              value = static_cast<float>(state >> 24U);
                            }
                            return image;
                          }});
  return player;
}

Page example_page(const std::string& text) {
  Progress silent;
  Page page(text, text);
  page.section(text);
  page.paragraph(text);
  page.note(text);
  page.table({text, {text, "n"}, {{text, 3.0}}});
  page.facts({facts_of(text, Json{{text, text}, {"nested", {{"deep", 0.5}}}})});
  const Array<float, 2> grey({4, 5}, 1.0F);
  Image image = grey_image(text, grey.view(), 0.0, 2.0);
  image.marks.push_back({MarkKind::spot, 1.0, 2.0, 1.0, 1.0, text});
  page.images({image});
  page.plots({{text, text, text, {0.0, 1.0}, {{text, {1.0, 2.0}}}}});
  Player player = noise_player(3, 8, 8, 100'000);
  player.panes[0].name = text;
  page.player(player, silent);
  return page;
}

/// Checks that every element that is opened is closed, in order; scripts and styles are skipped.
::testing::AssertionResult is_balanced(const std::string& html) {
  const std::set<std::string> empty = {"!doctype", "meta", "link", "image", "ellipse"};
  std::stack<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const bool closes = html[at + 1] == '/';
    const std::size_t first = at + (closes ? 2 : 1);
    const std::string name = html.substr(first, html.find_first_of(" >/\n", first) - first);
    if (closes) {
      if (open.empty() || open.top() != name) {
        return ::testing::AssertionFailure() << "</" << name << "> closes nothing at " << at;
      }
      open.pop();
    } else if (!empty.contains(name)) {
      open.push(name);
      if (name == "script" || name == "style") at = html.find("</" + name, at) - 1;
    }
  }
  if (!open.empty()) return ::testing::AssertionFailure() << "<" << open.top() << "> stays open";
  return ::testing::AssertionSuccess();
}

/// The text of the script element `id`.
std::string script_of(const std::string& html, const std::string& id) {
  const std::size_t first = html.find('>', html.find("id=\"" + id + "\"")) + 1;
  return html.substr(first, html.find("</script>", first) - first);
}

TEST(Page, HostileTextStaysText) {
  const std::string html = example_page(hostile).render();
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  EXPECT_EQ(html.find("alert(\""), std::string::npos);
  EXPECT_TRUE(is_balanced(html));
  EXPECT_EQ(Json::parse(script_of(html, "summary"))["title"], hostile);
  EXPECT_EQ(Json::parse(script_of(html, "parts"))[0]["title"], hostile);
}

TEST(Page, BytesThatAreNotUtf8DoNotBreakItsJson) {
  const std::string html = example_page("film\xff.mrc").render();
  EXPECT_TRUE(Json::accept(script_of(html, "summary")));
}

TEST(Page, AsksNothingOfTheNetwork) {
  const std::string html = example_page("movie").render();
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  for (const char* address : {"src=\"http", "href=\"http", "url(", "@import", "import "}) {
    EXPECT_EQ(html.find(address), std::string::npos) << address;
  }
}

TEST(Page, AViewFindsItsBlocks) {
  Page page("volumes");
  const std::vector<float> numbers = {0.5F, 1.5F, 2.5F, 3.5F, 4.5F, 5.5F};
  page.view({{"kind", "volume"}, {"unit", "V"}}, {{"density", block_of({1, 2, 3}, numbers)}});
  const std::string html = page.render();
  const Json part = Json::parse(script_of(html, "parts"))[0];
  const Json block = part["blocks"]["density"];
  EXPECT_EQ(part["unit"], "V");
  EXPECT_EQ(block["type"], "f32");
  EXPECT_EQ(block["shape"], Json({1, 2, 3}));
  EXPECT_FALSE(script_of(html, block["id"]).empty());
  EXPECT_FALSE(page.summary()["sections"][0]["parts"][0].contains("blocks"));
}

TEST(Page, ABlockIsAsLongAsItsShape) {
  EXPECT_THROW((void)block_of({2, 2}, std::vector<float>(3)), std::logic_error);
}

TEST(Page, TheSameCallsGiveTheSameBytes) {
  EXPECT_EQ(example_page("movie").render(), example_page("movie").render());
}

TEST(Page, SummaryHoldsWhatIsShown) {
  const Json parts = example_page("movie").summary()["sections"][0]["parts"];
  std::vector<std::string> kinds;
  for (const Json& part : parts) kinds.push_back(part["kind"]);
  EXPECT_EQ(
      kinds,
      (std::vector<std::string>{"paragraph", "note", "table", "facts", "image", "plot", "player"}));
  EXPECT_EQ(parts[2]["rows"][0]["n"], 3.0);
  EXPECT_EQ(parts[3]["values"]["nested.deep"], 0.5);
}

TEST(Plot, ACurveIsAsLongAsItsAxis) {
  EXPECT_THROW((void)to_json(Plot{"p", "x", "y", {0.0, 1.0}, {{"short", {1.0}}}}),
               std::logic_error);
  const Plot gap{"p", "x", "y", {0.0}, {{"gap", {std::numeric_limits<double>::infinity()}}}};
  EXPECT_TRUE(to_json(gap)["series"][0]["y"][0].is_null());
}

TEST(Text, NumbersReadSensibly) {
  EXPECT_EQ(number_text(33.41237), "33.41");
  EXPECT_EQ(number_text(0.5), "0.5");
  EXPECT_EQ(number_text(123456.0), "123456");
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "–");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(12345678), "12.3 MB (12,345,678 bytes)");
}

TEST(Player, KeepsItsBudgetAndSaysWhatIsLeftOut) {
  Progress silent;
  for (const Index budget : {40'000, 200'000, 1'000'000}) {
    const PackedPlayer packed = pack(noise_player(20, 96, 80, budget), silent);
    EXPECT_LE(static_cast<Index>(packed.blocks[0].text.size()), budget);
    const bool all = packed.description["frames"].size() == 20U;
    EXPECT_EQ(packed.shown.starts_with("All frames are shown whole."), all) << packed.shown;
  }
}

TEST(Player, ShowsTheCentreOfLargeFramesOrBinsThem) {
  Progress silent;
  Player player = noise_player(2, 1000, 900, 800'000);
  const PackedPlayer cropped = pack(player, silent);
  const Index kept = cropped.description["height"];
  EXPECT_LT(kept, 1000);
  EXPECT_EQ(cropped.description["bin"], 1);
  EXPECT_EQ(cropped.description["top"], (1000 - kept) / 2);
  EXPECT_NE(cropped.shown.find("of 1000 x 900 pixels"), std::string::npos);
  player.fit = Fit::bin;
  player.pixel_size = PixelSize{0.2_A, 0.2_A};
  const PackedPlayer binned = pack(player, silent);
  EXPECT_EQ(binned.description["bin"], 2);
  EXPECT_DOUBLE_EQ(binned.description["pixel_angstrom"], 0.4);
}

TEST(Player, ABudgetForNothingIsAnInputError) {
  Progress silent;
  EXPECT_THROW((void)pack(noise_player(2, 8, 8, 4), silent), InputError);
}

TEST(Player, AnImageThatManyFramesShareIsHeldOnce) {
  Progress silent;
  Player player = noise_player(6, 8, 8, 100'000);
  player.panes[0].image_of_frame = {0, 0, 0, 1, 1, 1};
  const PackedPlayer packed = pack(player, silent);
  EXPECT_EQ(packed.description["panes"][0]["images"], 2);
  EXPECT_EQ(packed.description["panes"][0]["image_of"], Json({0, 0, 0, 1, 1, 1}));
}

}  // namespace
}  // namespace kinema::report
