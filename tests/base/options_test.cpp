// Options said once: every type reads back what it wrote, and what is wrong is named.
#include "kinema/base/options.h"

#include <gtest/gtest.h>

#include "test_data.h"
#include <fstream>
#include <gmock/gmock.h>
#include <limits>
#include <span>

namespace kinema {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

enum class Colour { red, deep_blue };
constexpr EnumName<Colour> colour_names[] = {{Colour::red, "red"},
                                             {Colour::deep_blue, "deep-blue"}};
constexpr std::span<const EnumName<Colour>> enum_names(Colour) {
  return colour_names;
}

struct Everything {
  bool flag = false;
  int iterations = 40;
  std::uint64_t seed = 0;
  double weight = 0.07;
  std::string name;
  Colour colour = Colour::red;
  Length defocus = 6_nm;
  Time exposure = {0.025};
  Voltage voltage = 80_kV;
  Dose dose = {30.0};
  Memory memory = {1024.0};
  std::optional<double> limit;
  std::optional<Length> pixel;

  static void fields(auto& self, auto&& visit) {
    visit("flag", self.flag, "yes or no");
    visit("iterations", self.iterations, "steps");
    visit("seed", self.seed, "seed");
    visit("weight", self.weight, "smoothing");
    visit("name", self.name, "a text");
    visit("colour", self.colour, "a choice");
    visit("defocus", self.defocus, "a length");
    visit("exposure", self.exposure, "a time");
    visit("voltage", self.voltage, "a voltage");
    visit("dose", self.dose, "a dose");
    visit("memory", self.memory, "a size");
    visit("limit", self.limit, "a number that may be absent");
    visit("pixel", self.pixel, "a length that may be absent");
  }
};

Everything unusual() {
  return {true,
          -7,
          std::numeric_limits<std::uint64_t>::max(),
          1.0 / 3.0,
          "a \"quoted\" name, # no comment\nof two lines",
          Colour::deep_blue,
          {-0.1},
          {1e-9},
          {299.9},
          {0.02},
          {4.5e9},
          1e-20,
          Length{0.205}};
}

std::string complaint(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string refused(const std::string& name, const std::string& text) {
  return complaint([&] {
    Everything options;
    set_option(options, name, text);
  });
}

std::string written(const test::TempFolder& folder, const char* name, const std::string& text) {
  const std::string path = folder / name;
  std::ofstream(path) << text;
  return path;
}

TEST(Options, OfEveryTypeReadBackWhatTheyWrote) {
  const Json json = options_json(unusual());
  Everything back;
  set_options(back, json);
  EXPECT_EQ(options_json(back), json);
  EXPECT_EQ(back.weight, 1.0 / 3.0);
  EXPECT_EQ(back.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(back.colour, Colour::deep_blue);
  EXPECT_EQ(back.pixel, Length{0.205});
}

TEST(Options, GoThroughConfigFilesUnchanged) {
  const test::TempFolder folder;
  const Json json = options_json(unusual());
  for (const std::string& path :
       {written(folder, "c.toml", toml_text(json)), written(folder, "c.json", json.dump(2))}) {
    Everything back;
    set_options(back, read_config(path));
    EXPECT_EQ(options_json(back), json) << path;
  }
}

TEST(Options, AreDescribedWithTheirTypesAndDefaults) {
  const std::vector<OptionField> fields = describe_options<Everything>();
  ASSERT_EQ(fields.size(), 13U);
  std::map<std::string, std::string> by_name;
  for (const OptionField& field : fields) by_name[field.name] = field.type + " = " + field.fallback;
  EXPECT_EQ(by_name["flag"], "boolean = false");
  EXPECT_EQ(by_name["iterations"], "integer = 40");
  EXPECT_EQ(by_name["weight"], "number = 0.07");
  EXPECT_EQ(by_name["colour"], "red|deep-blue = red");
  EXPECT_EQ(by_name["defocus"], "length = 60 A");
  EXPECT_EQ(by_name["limit"], "number|auto = auto");
}

TEST(Options, AnAbsentValueIsAuto) {
  Everything options = unusual();
  set_option(options, "limit", "auto");
  set_options(options, Json{{"pixel", nullptr}});
  EXPECT_FALSE(options.limit || options.pixel);
  set_option(options, "limit", "0.5");
  EXPECT_EQ(options.limit, 0.5);
}

TEST(Options, FlagsAndKeysAreOneName) {
  Everything options;
  set_options(options, Json{{"iterations", 3}, {"weight", 2}, {"flag", "yes"}});
  EXPECT_EQ(options.iterations, 3);
  EXPECT_EQ(options.weight, 2.0);
  EXPECT_TRUE(options.flag);
  EXPECT_EQ(option_name("tv-weight"), "tv_weight");
}

TEST(Options, AnUnknownNameNamesTheNearest) {
  EXPECT_EQ(refused("iteration", "3"), "unknown option 'iteration'; did you mean 'iterations'?");
  EXPECT_THAT(refused("wieght", "3"), EndsWith("did you mean 'weight'?"));
  EXPECT_THAT(refused("zzzzzz", "3"),
              AllOf(HasSubstr("known: flag, iterations"), EndsWith("pixel")));
  EXPECT_EQ(nearest_name("encod", {"decode", "encode"}), "encode");
  EXPECT_EQ(nearest_name("qqqqqqqq", {"decode", "encode"}), "");
}

TEST(Options, AWrongValueNamesItsOption) {
  EXPECT_THAT(refused("flag", "maybe"), StartsWith("option 'flag': 'maybe' is neither"));
  EXPECT_THAT(refused("iterations", "3.5"), HasSubstr("is not a whole number"));
  EXPECT_THAT(refused("iterations", "99999999999"), HasSubstr("is not a whole number"));
  EXPECT_THAT(refused("seed", "-1"), HasSubstr("(0 or larger)"));
  EXPECT_THAT(refused("weight", "inf"), HasSubstr("is not a finite number"));
  EXPECT_THAT(refused("weight", "0.5x"), HasSubstr("is not a finite number"));
  EXPECT_THAT(refused("colour", "blue"), HasSubstr("is not one of red, deep-blue"));
  EXPECT_THAT(refused("defocus", "6"), AllOf(HasSubstr("option 'defocus'"), HasSubstr("6 nm")));
  EXPECT_THAT(refused("limit", ""), StartsWith("option 'limit':"));
  EXPECT_THAT(complaint([] {
                Everything options;
                set_options(options, Json{{"iterations", Json::array({1, 2})}});
              }),
              HasSubstr("not [1,2]"));
}

TEST(Config, FaultsNameTheFileAndTheLine) {
  const test::TempFolder folder;
  const std::string toml = written(folder, "bad.toml", "iterations = 3\nweight = = 4\n");
  EXPECT_THAT(complaint([&] { read_config(toml); }), StartsWith(toml + ": line 2: "));
  const std::string json = written(folder, "bad.json", "{\"iterations\": 3,\n\"weight\" 4}");
  EXPECT_THAT(complaint([&] { read_config(json); }), AllOf(StartsWith(json), HasSubstr("line 2")));
  const std::string list = written(folder, "list.json", "[1]");
  EXPECT_THAT(complaint([&] { read_config(list); }), StartsWith(list));
  EXPECT_THAT(complaint([&] { read_config(folder / "absent.toml"); }), HasSubstr("--config"));
}

TEST(Config, TablesAreObjects) {
  const test::TempFolder folder;
  const Json json =
      read_config(written(folder, "c.toml", "quiet = true\n[codec.decode]\niterations = 5\n"));
  EXPECT_EQ(json["codec"]["decode"]["iterations"], 5);
  EXPECT_EQ(json["quiet"], true);
}

}  // namespace
}  // namespace kinema
