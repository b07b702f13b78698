// Sound containers depart from nothing; every change of one is found where it was made.
#include "kinema/codec/validate.h"

#include "kinema/codec/container.h"
#include "kinema/codec/encode.h"
#include "kinema/io/hdf5.h"

#include <gtest/gtest.h>

#include "codec/movies.h"
#include "test_data.h"
#include <fstream>
#include <gmock/gmock.h>

namespace kinema::codec {
namespace {

using testing::Contains;
using testing::Field;
using testing::IsEmpty;

class ValidateContainer : public testing::Test {
 protected:
  void SetUp() override {
    const auto movie = test::random_movie<std::uint8_t>({13, 24, 40}, 1);
    auto source = test::source_over(movie);
    write_measurement(
        path, encode(source, make_masks({MaskKind::balanced, 5, 17}, 24, 40), progress), {});
  }
  template <class T>
  void set(const std::string& object, const std::string& name, const T& value) {
    io::Hid file = io::open_hdf5(path, io::Hdf5Access::modify);
    io::write_attribute(io::open_object(file, object), name, value);
    file.close();
  }
  std::vector<io::Departure> found() { return validate_container(path, progress); }

  test::TempFolder folder;
  const std::filesystem::path path = folder / "coded.h5";
  Progress progress;
};

auto departs_at(const std::string& field, bool fatal) {
  return Contains(
      testing::AllOf(Field(&io::Departure::field, field), Field(&io::Departure::fatal, fatal)));
}

TEST_F(ValidateContainer, WhatIsWrittenDepartsFromNothing) {
  EXPECT_THAT(found(), IsEmpty());
  const Verdict verdict = validate(path, {}, 1 << 20, progress);
  EXPECT_EQ(verdict.frames, 13);
  EXPECT_FALSE(verdict.is_fatal());
}

TEST_F(ValidateContainer, EveryAttributeIsJudged) {
  set("/", "default", std::string("elsewhere"));
  set("entry/measurement", "axes", std::vector<std::string>{"x", "y"});
  set("entry/recorded", "width", std::int64_t{7});
  set("entry", "complete", std::int64_t{0});
  const auto departures = found();
  EXPECT_THAT(departures, departs_at("/@default", false));
  EXPECT_THAT(departures, departs_at("entry/measurement@axes", false));
  EXPECT_THAT(departures, departs_at("entry/recorded@width", false));
  EXPECT_THAT(departures, departs_at("entry@complete", false));
  EXPECT_EQ(departures.size(), 4U);
}

TEST_F(ValidateContainer, WrongMasksAreFatal) {
  set("entry/masks", "seed", std::uint64_t{18});
  EXPECT_THAT(found(), departs_at("entry/masks", true));
}

TEST_F(ValidateContainer, AFileThatDoesNotOpenIsOneFatalDeparture) {
  set("/", "kinema_schema", std::int64_t{99});
  EXPECT_THAT(found(), departs_at("/", true));
  std::filesystem::resize_file(path, 3000);
  EXPECT_THAT(found(), departs_at("/", true));
}

TEST_F(ValidateContainer, NamesOfMoviesAreNoNamesOfContainers) {
  for (const char* name : {"x.mrc", "x.TIF", "x.npy", "x.dm4"}) {
    EXPECT_THROW(require_container_name(name), InputError) << name;
  }
  for (const char* name : {"x.h5", "x.hdf5", "x", "x.coded"}) {
    EXPECT_NO_THROW(require_container_name(name)) << name;
  }
}

}  // namespace
}  // namespace kinema::codec
