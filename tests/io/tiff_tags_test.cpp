// TIFF files tag by tag: pixels that have no type of their own, makers' tags, damaged chains.
#include "kinema/base/options.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include "tiff_builder.h"
#include <complex>
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TiffTags : public ::testing::Test {
 protected:
  std::unique_ptr<MovieSource> open(const TiffBuilder& tiff, const ReadOptions& options = {}) {
    write_bytes(path_, tiff.bytes());
    return open_movie(path_, options);
  }
  /// All pixels of a file with one image.
  template <class T>
  std::vector<T> pixels(const TiffBuilder& tiff) {
    const auto source = open(tiff);
    EXPECT_EQ(source->format().type, pixel_type_of<T>());
    const std::vector<std::byte> bytes = read_all(*source);
    std::vector<T> out(bytes.size() / sizeof(T));
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
  }
  std::string refusal(const TiffBuilder& tiff) {
    try {
      open(tiff);
    } catch (const FileError& error) {
      return error.what();
    }
    return "";
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "image.tif";
};

TEST_F(TiffTags, PackedBitsBecomeWholeNumbers) {
  TiffBuilder one, two, four, twelve;
  one.image(2, 3, 1, "\xA0\x40");
  two.image(1, 5, 2, std::string("\x1B\xC0", 2));
  four.image(2, 3, 4, std::string("\x12\x30\xFE\xD0", 4));
  twelve.image(1, 3, 12, std::string("\xAB\xC1\x23\xFF\xF0", 5));
  for (TiffBuilder* tiff : {&one, &two, &four, &twelve}) tiff->directory();
  EXPECT_THAT(pixels<std::uint8_t>(one), ElementsAre(1, 0, 1, 0, 1, 0));
  EXPECT_THAT(pixels<std::uint8_t>(two), ElementsAre(0, 1, 2, 3, 3));
  EXPECT_THAT(pixels<std::uint8_t>(four), ElementsAre(1, 2, 3, 15, 14, 13));
  EXPECT_THAT(pixels<std::uint16_t>(twelve), ElementsAre(0xABC, 0x123, 0xFFF));
}

TEST_F(TiffTags, TwentyFourBitsBecomeThirtyTwo) {
  for (const bool big_endian : {false, true}) {
    const auto three = [&](std::uint32_t bits) {
      TiffBuilder order(big_endian);
      return big_endian ? order.coded(bits).substr(1) : order.coded(bits).substr(0, 3);
    };
    TiffBuilder floats(big_endian), integers(big_endian);
    floats.image(1, 4, 24, three(0x3F0000) + three(0xC08000) + three(0) + three(0x7F0000));
    floats.numbers(339, {3});
    integers.image(1, 2, 24, three(0xFFFFFE) + three(70000));
    integers.numbers(339, {2});
    floats.directory();
    integers.directory();
    EXPECT_THAT(pixels<float>(floats), ElementsAre(1.0F, -3.0F, 0.0F, INFINITY));
    EXPECT_THAT(pixels<std::int32_t>(integers), ElementsAre(-2, 70000));
  }
}

TEST_F(TiffTags, ComplexIntegersBecomeComplexFloats) {
  for (const bool big_endian : {false, true}) {
    TiffBuilder tiff(big_endian);
    tiff.image(1,
               2,
               32,
               tiff.coded<std::int16_t>(-5) + tiff.coded<std::int16_t>(7) +
                   tiff.coded<std::int16_t>(300) + tiff.coded<std::int16_t>(0));
    tiff.numbers(339, {5});
    tiff.directory();
    EXPECT_THAT(pixels<std::complex<float>>(tiff),
                ElementsAre(std::complex<float>(-5, 7), std::complex<float>(300, 0)));
  }
}

TEST_F(TiffTags, OldFilesMayLeaveOutByteCounts) {
  TiffBuilder tiff;
  tiff.image(2, 3, 8, "abcdef");
  tiff.drop(279);
  tiff.directory();
  EXPECT_THAT(pixels<std::uint8_t>(tiff), ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST_F(TiffTags, GreyBesideTransparencyIsTheGrey) {
  TiffBuilder tiff;
  tiff.image(1, 3, 8, "aXbYcZ");
  tiff.number(277, 2);
  tiff.numbers(338, {2});
  tiff.directory();
  EXPECT_THAT(pixels<std::uint8_t>(tiff), ElementsAre('a', 'b', 'c'));
}

TEST_F(TiffTags, PackedBitsWithASignKeepIt) {
  TiffBuilder four, twelve;
  four.image(1, 3, 4, std::string("\x17\x80", 2));
  twelve.image(1, 3, 12, std::string("\x80\x07\xFF\xFF\xF0", 5));
  for (TiffBuilder* tiff : {&four, &twelve}) {
    tiff->numbers(339, {2});
    tiff->directory();
  }
  EXPECT_THAT(pixels<std::int8_t>(four), ElementsAre(1, 7, -8));
  EXPECT_THAT(pixels<std::int16_t>(twelve), ElementsAre(-2048, 2047, -1));
}

TEST_F(TiffTags, SamplesWithoutAMeaningAreFrames) {
  for (const bool big_endian : {false, true}) {
    TiffBuilder together(big_endian), apart(big_endian);
    const auto coded = [&](const std::vector<std::uint16_t>& numbers) {
      std::string all;
      for (const std::uint16_t number : numbers) all += together.coded(number);
      return all;
    };
    together.image(1, 2, 16, coded({1, 2, 3, 4, 5, 6}));
    apart.image(1, 2, 16, "");
    apart.drop(273);
    apart.drop(279);
    for (TiffBuilder* tiff : {&together, &apart}) {
      tiff->number(277, 3);
      tiff->numbers(338, {0, 0});
    }
    const auto first = static_cast<std::uint16_t>(apart.put(coded({1, 4, 2, 5, 3, 6})));
    apart.numbers(
        273, {first, static_cast<std::uint16_t>(first + 4), static_cast<std::uint16_t>(first + 8)});
    apart.numbers(279, {4, 4, 4});
    apart.number(284, 2);
    for (TiffBuilder* tiff : {&together, &apart}) {
      tiff->directory();
      EXPECT_THAT(pixels<std::uint16_t>(*tiff), ElementsAre(1, 4, 2, 5, 3, 6));
      const auto source = open(*tiff);
      EXPECT_EQ(source->frames(), 3);
      ASSERT_EQ(source->info().axes.size(), 4U);
      EXPECT_EQ(source->info().axes[1].name, "sample");
      EXPECT_THAT(source->info().notes, Contains(HasSubstr("each of them is a frame")));
    }
  }
}

TEST_F(TiffTags, DeepColourIsAFrameForEachColour) {
  TiffBuilder tiff;
  tiff.image(1, 2, 16, std::string("a\0b\0c\0A\0B\0C\0", 12));
  tiff.number(262, 2);
  tiff.number(277, 3);
  tiff.directory();
  EXPECT_THAT(pixels<std::uint16_t>(tiff), ElementsAre('a', 'A', 'b', 'B', 'c', 'C'));
  tiff.image(1, 2, 16, "1234");  // of the same size and type, but no frame among the colours
  tiff.directory();
  EXPECT_THAT(open(tiff)->info().datasets, ElementsAre("series 0", "series 1"));
}

TEST_F(TiffTags, OtherColourModelsAreLeftOutOrRefused) {
  TiffBuilder tiff;
  tiff.image(1, 2, 8, std::string(8, 'x'));
  tiff.number(262, 5);
  tiff.number(277, 4);
  tiff.directory();
  EXPECT_THAT(refusal(tiff), HasSubstr("pixels of colour model 5 are not read"));
  tiff.image(1, 2, 8, "ab");
  tiff.number(262, 0);
  tiff.directory();
  const auto source = open(tiff);
  EXPECT_EQ(source->frames(), 1);
  EXPECT_THAT(source->info().notes,
              Contains(HasSubstr("1 images that cannot be read are left out")));
  EXPECT_THAT(source->info().notes, Contains(HasSubstr("shows 0 as white")));
}

TEST_F(TiffTags, TifffilesShapeCountsTheFramesOfOneDirectory) {
  TiffBuilder tiff;
  tiff.text(270, R"({"shape": [2, 3, 1, 2], "axes": "TZYX"})");
  tiff.image(1, 2, 8, "abcdefghijkl");
  tiff.directory();
  const auto source = open(tiff);
  EXPECT_EQ(source->frames(), 6);
  EXPECT_EQ(read_all(*source).size(), 12U);
  ASSERT_EQ(source->info().axes.size(), 4U);
  EXPECT_EQ(source->info().axes[0].name, "time");
  EXPECT_EQ(source->info().axes[1].size, 3);
}

TEST_F(TiffTags, OlympusSisTellsPixelSizeCameraAndDate) {
  std::string general(112, '\0'), head(60, '\0');
  put(general, 10, std::int16_t{-9});
  put(general, 12, 0.25);
  put(general, 20, 0.5);
  put(general, 36, 50000.0);
  general.replace(46, 6, "Veleta");
  head.replace(0, 4, "SIS0");
  const std::int16_t date[] = {5, 14, 3, 1, 119};  // minute, hour, day, month - 1, year - 1900
  for (std::size_t i = 0; i < 5; ++i) put(head, 10 + 2 * i, date[i]);
  put(head, 58, std::int16_t{1});
  TiffBuilder tiff;
  const std::uint32_t general_at = tiff.put(general);
  std::string part(8, '\0');
  put(part, 0, std::int16_t{1});
  put(part, 4, general_at);
  const std::uint32_t head_at = tiff.put(head + part);
  tiff.image(1, 2, 8, "ab");
  tiff.number(33560, head_at);
  tiff.directory();
  const MovieInfo info = open(tiff)->info();
  ASSERT_TRUE(info.pixel_size);
  EXPECT_EQ(info.pixel_size->x.value, 2.5);
  EXPECT_EQ(info.pixel_size->y.value, 5.0);
  EXPECT_EQ(*info.detector, "Veleta");
  EXPECT_EQ(*info.date, "2019-02-03T14:05");
}

/// An OME-TIFF file of one frame of 1 x 2 bytes, the `own`th of those whose planes `planes` names.
TiffBuilder ome_file(int own, const std::vector<std::string>& planes, const std::string& pixels) {
  std::string xml = "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" UUID=\"u" +
                    std::to_string(own) +
                    "\"><Image ID=\"a\"><Pixels DimensionOrder=\"XYZCT\" SizeX=\"2\" SizeY=\"1\" "
                    "SizeZ=\"1\" SizeC=\"1\" SizeT=\"" +
                    std::to_string(planes.size()) + "\">";
  for (std::size_t t = 0; t < planes.size(); ++t) {
    xml += "<TiffData FirstT=\"" + std::to_string(t) + "\" IFD=\"0\"><UUID FileName=\"" +
           planes[t] + "\">u" + std::to_string(t) + "</UUID></TiffData>";
  }
  TiffBuilder tiff(own % 2 == 1);  // files of one movie may differ in their byte order
  tiff.text(270, xml + "</Pixels></Image></OME>");
  tiff.image(1, 2, 8, pixels);
  tiff.directory();
  return tiff;
}

TEST_F(TiffTags, PlanesOfOmeInFilesBesideAreFrames) {
  const std::vector<std::string> names = {"image.tif", "b.tif", "c.tif"};
  for (int i = 1; i < 3; ++i) {
    write_bytes(folder_ / names[static_cast<std::size_t>(i)],
                ome_file(i, names, std::string(2, static_cast<char>('a' + i))).bytes());
  }
  const TiffBuilder first = ome_file(0, names, "aa");
  EXPECT_THAT(pixels<std::uint8_t>(first), ElementsAre('a', 'a', 'b', 'b', 'c', 'c'));
  EXPECT_EQ(open_movie(folder_ / "c.tif")->frames(), 3);

  std::filesystem::remove(folder_ / "b.tif");
  const auto source = open(first);
  EXPECT_EQ(source->frames(), 2);
  EXPECT_THAT(
      source->info().notes,
      Contains(HasSubstr("only 2 of the image's 3 planes are read; 'b.tif' is not beside")));
}

TEST_F(TiffTags, ADescriptionOfOmeInAFileBesideIsSought) {
  const std::vector<std::string> names = {"a.tif", "image.tif"};
  const std::string whole = ome_file(0, names, "aa").bytes();
  write_bytes(folder_ / "a.tif", whole);
  const std::size_t begin = whole.find("<OME"), end = whole.find("</OME>") + 6;
  write_bytes(folder_ / "all.companion.ome", whole.substr(begin, end - begin));
  for (const std::string described_in : {"a.tif", "all.companion.ome"}) {
    TiffBuilder tiff;
    tiff.text(270,
              "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" UUID=\"u1\">"
              "<BinaryOnly MetadataFile=\"" +
                  described_in + "\" UUID=\"u0\"/></OME>");
    tiff.image(1, 2, 8, "bb");
    tiff.directory();
    EXPECT_THAT(pixels<std::uint8_t>(tiff), ElementsAre('a', 'a', 'b', 'b')) << described_in;
  }
}

TEST_F(TiffTags, PlanesOfOmeOutsideTheFolderAreNotSought) {
  write_bytes(folder_ / "b.tif", ome_file(1, {"image.tif", "b.tif"}, "bb").bytes());
  const std::string folder = path_.parent_path().filename().string();
  const auto source = open(ome_file(0, {"image.tif", "../" + folder + "/b.tif"}, "aa"));
  EXPECT_EQ(source->frames(), 1);
}

TEST_F(TiffTags, ABrokenChainSaysHowManyDirectoriesAreWhole) {
  TiffBuilder tiff;
  tiff.image(1, 2, 8, "ab");
  const std::uint32_t first = tiff.directory();
  tiff.image(1, 2, 8, "cd");
  tiff.directory();
  tiff.link(first);
  EXPECT_THAT(refusal(tiff), HasSubstr("runs in a circle; the first 2 are whole"));
  tiff.link(1000000);
  EXPECT_THAT(refusal(tiff), HasSubstr("directory 2 (the 2 before it are whole)"));
}

TEST_F(TiffTags, SizesBeyondWhatTheFileHoldsAreRefused) {
  for (const std::uint16_t compression : {1, 5, 8, 7, 50000}) {
    TiffBuilder tiff;
    tiff.image(300000, 300000, 8, "abcdef");
    tiff.number(259, compression);
    tiff.directory();
    EXPECT_NE(refusal(tiff), "") << compression;
  }
}

TEST_F(TiffTags, MakersTellPixelSizes) {
  const auto size_of = [&](auto&& tell) {
    TiffBuilder tiff;
    tiff.image(1, 2, 8, "ab");
    tell(tiff);
    tiff.directory();
    const auto source = open(tiff);
    return source->info().pixel_size ? source->info().pixel_size->x.value : 0.0;
  };
  EXPECT_NEAR(
      size_of([](TiffBuilder& tiff) {
        tiff.text(34682,
                  "[Beam]\r\nHV=300000\r\n[Scan]\r\nPixelWidth=2.5e-10\r\nPixelHeight=2.5e-10\r\n");
      }),
      2.5,
      1e-9);
  EXPECT_NEAR(size_of([](TiffBuilder& tiff) {
                tiff.text(34118, "0\r\nAP_PIXEL_SIZE\r\nPixel Size = 1.5 nm\r\n");
              }),
              15.0,
              1e-9);
  EXPECT_NEAR(size_of([](TiffBuilder& tiff) {
                tiff.text(65003, "nm");
                tiff.text(65004, "nm");
                tiff.real(65009, 0.25);
                tiff.real(65010, 0.25);
              }),
              2.5,
              1e-9);
  EXPECT_NEAR(size_of([](TiffBuilder& tiff) {  // 1 A a pixel but for a little
                tiff.rational(282, 80000000, 1);
                tiff.rational(283, 80000000, 1);
                tiff.number(296, 3);
              }),
              1.25,
              1e-9);
}

TEST_F(TiffTags, AResolutionOfPrintingIsAPlaceholder) {
  TiffBuilder tiff;
  tiff.image(1, 2, 8, "ab");
  tiff.rational(282, 300, 1);
  tiff.rational(283, 300, 1);
  tiff.number(296, 2);
  tiff.text(306, "2021:03:04 05:06:07");
  tiff.directory();
  const auto source = open(tiff);
  EXPECT_FALSE(source->info().pixel_size);
  EXPECT_THAT(source->info().notes, Contains(HasSubstr("300 pixels per inch is one of printing")));
  EXPECT_EQ(*source->info().date, "2021-03-04T05:06:07");
}

TEST_F(TiffTags, DigitalMicrographsSampleIsCalibrated) {
  const auto path = test::test_data("formats/rsciio/tiff/test_loading_image_saved_with_DM.tif");
  KINEMA_REQUIRE_DATA(path);
  const auto source = open_movie(path);
  EXPECT_NEAR(source->info().pixel_size->x.value, 1686.7, 0.1);
  EXPECT_EQ(source->info().pixel_size.source, "header");
  const Axis& x = source->info().axes.back();
  EXPECT_NEAR(x.origin, 139.66264, 1e-5);
  EXPECT_EQ(x.unit, "\u00B5m");
  EXPECT_EQ(source->metadata()["tags"]["65012"], "micrometer");
}

/// Whatever a damaged file gives, it is frames or an InputError.
void attempt(const std::filesystem::path& path, const std::string& bytes) {
  write_bytes(path, bytes);
  try {
    const auto source = open_movie(path);
    source->metadata();
    constexpr Index most = 16 << 20;
    if (source->format().bytes() > most) return;
    std::vector<std::byte> frame(static_cast<std::size_t>(source->format().bytes()));
    for (Index t = 0; t < std::min<Index>(*source->frames(), 20); ++t) source->read(t, 1, frame);
  } catch (const InputError&) {
  }
}

void damage(const std::filesystem::path& path, const std::string& whole) {
  for (std::size_t i = 0; i < 64; ++i) attempt(path, whole.substr(0, whole.size() * i / 64));
  std::uint64_t random = 1;
  for (int i = 0; i < 500; ++i) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    // Half of them among the first and last bytes, where the directories are.
    const std::size_t near = std::min<std::size_t>(whole.size(), 512);
    std::size_t at = (random >> 33) % (i % 2 == 0 ? whole.size() : near);
    if (i % 4 == 1) at = whole.size() - 1 - at;
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << ((random >> 20) % 8)));
    attempt(path, flipped);
  }
}

TEST_F(TiffTags, DamagedSamplesGiveFramesOrAnInputError) {
  for (const char* name : {"DM", "imageJ", "imageJ_stack_no_scale"}) {
    const auto path = test::test_data("formats/rsciio/tiff/test_loading_image_saved_with_" +
                                      std::string(name) + ".tif");
    KINEMA_REQUIRE_DATA(path);
    damage(path_, file_text(path));
  }
}

TEST_F(TiffTags, DamagedCompressedFilesGiveFramesOrAnInputError) {
  const FrameFormat format{PixelType::u16, 20, 30};
  const std::vector<std::byte> pixels = pixels_of(format, 3);
  const auto writer = MovieWriter::create(folder_ / "a.tif", format, 3, {}, Json());
  writer->write(0, pixels);
  writer->close();
  int packed = 0;
  for (const char* scheme : {"lzw", "lzw:2", "zip", "zstd", "lzma", "packbits", "webp", "jpeg"}) {
    for (const char* layout : {"-r 7", "-t -w 16 -l 16"}) {
      const std::string command = std::string("tiffcp -c ") + scheme + " " + layout + " " +
                                  (folder_ / "a.tif").string() + " " +
                                  (folder_ / "packed.tif").string() + " 2>/dev/null";
      if (std::system(command.c_str()) != 0) continue;
      ++packed;
      EXPECT_EQ(read_all(*open_movie(folder_ / "packed.tif")), pixels) << command;
      damage(path_, file_text(folder_ / "packed.tif"));
    }
  }
  if (packed == 0) GTEST_SKIP() << "libtiff-tools is absent";
}

}  // namespace
}  // namespace kinema::io
