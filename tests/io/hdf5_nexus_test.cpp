// NeXus files: which data they show first, and what their axes and instruments tell.
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_movie.h"

#include <hdf5.h>

#include "test_data.h"
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

using ::testing::Optional;

class Hdf5Nexus : public ::testing::Test {
 protected:
  Hid group(hid_t parent, const std::string& name, const std::string& nx_class) {
    Hid made = create_group(parent, name);
    write_attribute(made, "NX_class", nx_class);
    return made;
  }
  /// An NXdata group whose signal, "frames", is empty but for its shape.
  Hid data(hid_t entry, const std::string& name, const std::vector<Index>& shape) {
    Hid made = group(entry, name, "NXdata");
    write_attribute(made, "signal", std::string("frames"));
    create_dataset(made, "frames", hdf5_type(PixelType::u16), shape);
    return made;
  }
  /// A field of consecutive values in 32-bit floats.
  void field(hid_t parent, const std::string& name, Index count, double first, double step) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(first + step * static_cast<double>(i));
    }
    const Hid made = create_dataset(parent, name, hdf5_type(PixelType::f32), {{count}});
    write_elements(made, H5T_NATIVE_FLOAT, values.data());
    write_attribute(
        made, "units", std::string(name == "time" || name == "count_time" ? "s" : "nm"));
  }
  Hid create() { return open_hdf5(path_, Hdf5Access::create); }
  MovieInfo info() { return open_hdf5(path_, ReadOptions{})->info(); }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "file.nxs";
};

TEST_F(Hdf5Nexus, TheDefaultIsFoundByAnyPathAndUnderAnyName) {
  const std::vector<std::pair<std::string, std::string>> ways = {{"entry", "shown"},
                                                                 {"/entry", "shown"},
                                                                 {"entry", "/entry/shown"},
                                                                 {"/entry/shown", ""},
                                                                 {"entry", "another_name"}};
  for (const auto& [first, second] : ways) {
    {
      const Hid file = create(), entry = group(file, "entry", "NXentry");
      data(entry, "shown", {2, 3, 4});
      data(entry, "larger", {9, 9, 9});
      create_soft_link(entry, "/entry/shown", "another_name");
      write_attribute(open_object(file, "/"), "default", first);
      if (!second.empty()) write_attribute(entry, "default", second);
    }
    EXPECT_EQ(open_hdf5(path_, ReadOptions{})->frames(), 2) << first << " " << second;
  }
}

TEST_F(Hdf5Nexus, AxesInSinglePrecisionAreEvenToTheirRounding) {
  {
    const Hid shown = data(group(create(), "entry", "NXentry"), "shown", {20'000, 2, 3});
    write_attribute(shown, "axes", std::vector<std::string>{"time", ".", "."});
    field(shown, "time", 20'000, 100.0, 0.01);
  }
  EXPECT_NEAR(info().frame_time->value, 0.01, 1e-7);
  {
    const Hid shown = data(group(create(), "entry", "NXentry"), "shown", {2, 2, 9000});
    write_attribute(shown, "axes", std::vector<std::string>{".", ".", "x"});
    field(shown, "x", 9000, 0.0, 0.013);
  }
  EXPECT_NEAR(info().axes[2].step, 0.013, 1e-7);
}

TEST_F(Hdf5Nexus, AnAxisMayTellTheEdgesOfPixels) {
  {
    const Hid shown = data(group(create(), "entry", "NXentry"), "shown", {2, 4, 5});
    write_attribute(shown, "axes", std::vector<std::string>{".", "y", "x"});
    field(shown, "y", 5, 1.0, 0.5);
    field(shown, "x", 6, -1.0, 0.25);
  }
  EXPECT_EQ(info().axes[1], (Axis{"y", 4, 0.5, 1.25, "nm"}));
  EXPECT_EQ(info().axes[2], (Axis{"x", 5, 0.25, -0.875, "nm"}));
}

TEST_F(Hdf5Nexus, ACountTimeForEveryFrameIsTheFrameTimeWhereAllAreEqual) {
  for (const double step : {0.0, 0.5}) {
    {
      const Hid file = create(), entry = group(file, "entry", "NXentry");
      data(entry, "shown", {3, 4, 5});
      const Hid instrument = group(entry, "instrument", "NXinstrument");
      field(group(instrument, "detector", "NXdetector"), "count_time", 3, 0.25, step);
    }
    EXPECT_EQ(info().frame_time.has_value(), step == 0.0);
  }
}

}  // namespace
}  // namespace kinema::io
