// TIFF stacks as other programs write them: byte orders, strips, tiles, compressions; and those
// that are no movie.
#include "kinema/io/tiff.h"

#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/tiff_layout.h"

#include <gtest/gtest.h>
#include <tiffio.h>

#include "io_test_movies.h"
#include "test_data.h"

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

/// How libtiff is asked to write a directory.
struct Layout {
  const char* mode = "wl";
  std::uint16_t compression = COMPRESSION_NONE;
  std::uint32_t rows_per_strip = 3;
  bool tiled = false;
  std::uint16_t samples = 1;
};

class TiffTest : public ::testing::Test {
 protected:
  /// Writes frames of the formats given, one directory each.
  void write(const std::vector<FrameFormat>& formats,
             const std::vector<std::byte>& pixels,
             const Layout& layout) {
    TIFF* tiff = TIFFOpen(path_.c_str(), layout.mode);
    const auto* from = reinterpret_cast<const char*>(pixels.data());
    for (const FrameFormat& format : formats) {
      set_fields(tiff, format, layout);
      std::vector<char> copy(from, from + format.bytes());  // libtiff swaps in place
      layout.tiled ? write_tiles(tiff, format, copy) : write_strips(tiff, format, layout, copy);
      TIFFWriteDirectory(tiff);
      from += format.bytes();
    }
    TIFFClose(tiff);
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "movie";

 private:
  static void set_fields(TIFF* tiff, const FrameFormat& format, const Layout& layout) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(format.width));
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(format.height));
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * bytes_of(format.type)));
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, layout.samples);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, layout.compression);
    const bool with_sign = to_text(format.type).starts_with("int");
    TIFFSetField(tiff,
                 TIFFTAG_SAMPLEFORMAT,
                 is_float(format.type) ? SAMPLEFORMAT_IEEEFP
                 : with_sign           ? SAMPLEFORMAT_INT
                                       : SAMPLEFORMAT_UINT);
    if (layout.tiled) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, layout.rows_per_strip);
    }
  }
  static void write_strips(TIFF* tiff,
                           const FrameFormat& format,
                           const Layout& layout,
                           std::vector<char>& pixels) {
    const Index rows = layout.rows_per_strip, row = format.bytes() / format.height;
    std::uint32_t strip = 0;
    for (Index y = 0; y < format.height; y += rows) {
      const Index bytes = std::min(rows, format.height - y) * row;
      TIFFWriteEncodedStrip(tiff, strip++, pixels.data() + y * row, bytes);
    }
  }
  static void write_tiles(TIFF* tiff, const FrameFormat& format, const std::vector<char>& pixels) {
    const Index each = bytes_of(format.type);
    for (Index y = 0; y < format.height; y += 16) {
      for (Index x = 0; x < format.width; x += 16) {
        std::vector<char> tile(static_cast<std::size_t>(256 * each));
        for (Index row = y; row < std::min(y + 16, format.height); ++row) {
          std::memcpy(tile.data() + (row - y) * 16 * each,
                      pixels.data() + (row * format.width + x) * each,
                      static_cast<std::size_t>(std::min<Index>(16, format.width - x) * each));
        }
        TIFFWriteTile(
            tiff, tile.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, 0);
      }
    }
  }
};

TEST_F(TiffTest, EveryLayoutHoldsTheSameNumbers) {
  for (const PixelType type : all_types) {
    const FrameFormat format{type, 20, 37};
    const std::vector<std::byte> pixels = pixels_of(format, 3);
    for (const char* mode : {"wl", "wb", "wl8", "wb8"}) {
      for (const std::uint16_t scheme : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS}) {
        for (const bool tiled : {false, true}) {
          write({3, format}, pixels, {mode, scheme, 7, tiled});
          const auto source = open_movie(path_);
          EXPECT_EQ(source->format(), format);
          ASSERT_EQ(source->frames(), 3);
          EXPECT_EQ(read_all(*source), pixels) << to_text(type) << mode << scheme << tiled;
        }
      }
    }
  }
}

TEST_F(TiffTest, ImagesOfOtherSizesAreSeriesOfTheirOwn) {
  const FrameFormat format{PixelType::u8, 6, 8}, other{PixelType::u16, 8, 5};
  const std::vector<std::byte> both = pixels_of(format, 4);
  write({format, other, format}, both, {});
  const auto source = open_movie(path_);
  EXPECT_EQ(source->format(), format);
  EXPECT_EQ(source->frames(), 2);
  EXPECT_EQ(source->info().dataset, "series 0");
  EXPECT_EQ(source->info().datasets, (std::vector<std::string>{"series 0", "series 1"}));
  const auto second = open_movie(path_, {.dataset = "series 1"});
  EXPECT_EQ(second->format(), other);
  EXPECT_EQ(read_all(*second),
            std::vector<std::byte>(both.begin() + format.bytes(),
                                   both.begin() + format.bytes() + other.bytes()));
  EXPECT_THROW(open_movie(path_, {.dataset = "series 2"}), InputError);
}

TEST_F(TiffTest, AFileCutAnywhereIsAnInputError) {
  const FrameFormat format{PixelType::u16, 6, 8};
  for (const std::uint16_t scheme : {COMPRESSION_NONE, COMPRESSION_LZW}) {
    write({3, format}, pixels_of(format, 3), {"wl", scheme});
    const std::string whole = file_text(path_);
    for (std::size_t size = 0; size < whole.size(); size += 5) {
      write_bytes(path_, whole.substr(0, size));
      EXPECT_THROW(read_all(*open_movie(path_)), InputError) << size;
    }
  }
}

TEST_F(TiffTest, SizesThatNoFileHoldsAreRefused) {
  const auto writer = MovieWriter::create(folder_ / "a.tif", {PixelType::u8, 6, 8}, 1, {}, Json());
  writer->write(0, pixels_of({PixelType::u8, 6, 8}, 1));
  writer->close();
  std::string bytes = file_text(folder_ / "a.tif");
  std::uint32_t directory = 0;
  std::memcpy(&directory, bytes.data() + 4, 4);
  put(bytes, directory + 2 + 8, std::uint32_t{400000});       // width
  put(bytes, directory + 2 + 12 + 8, std::uint32_t{400000});  // height
  write_bytes(path_, bytes);
  EXPECT_THROW(open_movie(path_), FileError);
}

TEST_F(TiffTest, ALoopOfDirectoriesEnds) {
  const FrameFormat format{PixelType::u8, 6, 8};
  const auto writer = MovieWriter::create(folder_ / "a.tif", format, 2, {}, Json());
  writer->write(0, pixels_of(format, 2));
  writer->close();
  std::string bytes = file_text(folder_ / "a.tif");
  std::uint32_t directory = 0;
  std::memcpy(&directory, bytes.data() + 4, 4);
  put(bytes, bytes.size() - 4, directory);  // the last directory's next is the first
  write_bytes(path_, bytes);
  EXPECT_THROW(open_movie(path_), InputError);
}

TEST_F(TiffTest, ImageJsOneDirectoryBeforeAllFramesIsAWholeMovie) {
  const FrameFormat format{PixelType::u16, 4, 5};
  const std::vector<std::byte> pixels = pixels_of(format, 3);
  const auto writer = MovieWriter::create(folder_ / "a.tif", format, 3, {}, Json());
  writer->write(0, pixels);
  writer->close();
  std::string bytes = file_text(folder_ / "a.tif");
  std::uint32_t directory = 0;
  std::memcpy(&directory, bytes.data() + 4, 4);
  std::uint16_t tags = 0;
  std::memcpy(&tags, bytes.data() + directory, 2);
  put(bytes, directory + 2 + 12U * tags, std::uint32_t{0});  // the first directory is the last
  write_bytes(path_, bytes);
  const auto source = open_movie(path_);
  ASSERT_EQ(source->frames(), 3);
  EXPECT_EQ(read_all(*source), pixels);
}

TEST_F(TiffTest, BeyondFourGibibytesItIsBigTiff) {
  const FrameFormat format{PixelType::u8, 4096, 4096};
  const Index frames = 257;
  const TiffFrame around = make_tiff_frame(format, frames, {}, imagej_description(frames, {}));
  {
    std::ofstream file(path_, std::ios::binary);  // with a hole where the frames are
    const auto put_all = [&](const std::vector<std::byte>& bytes) {
      file.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
    };
    put_all(around.prefix);
    file.seekp(format.bytes() * frames - 1, std::ios::cur);
    file.put('\x2a');  // the last pixel
    put_all(around.suffix);
  }
  const auto source = open_movie(path_);
  ASSERT_EQ(source->frames(), frames);
  std::vector<std::byte> last(static_cast<std::size_t>(format.bytes()));
  source->read(frames - 1, 1, last);
  EXPECT_EQ(last.front(), std::byte{0});
  EXPECT_EQ(last.back(), std::byte{42});
}

}  // namespace
}  // namespace kinema::io
