// MRC files packed by gzip, bzip2 and zstd: the same pixels, in any order, and no bombs.
#include "kinema/io/packed_file.h"

#include "kinema/base/error.h"
#include "kinema/io/formats.h"
#include "kinema/io/mrc.h"
#include "kinema/io/validate.h"

#include <gtest/gtest.h>

#include "io_test_movies.h"
#include "test_data.h"
#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

namespace kinema::io {
namespace {

using namespace test_movies;  // NOLINT(google-build-using-namespace)

std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string bzipped(const std::string& bytes) {
  auto size = static_cast<unsigned>(bytes.size() + bytes.size() / 50 + 1000);
  std::string packed(size, '\0');
  BZ2_bzBuffToBuffCompress(packed.data(),
                           &size,
                           const_cast<char*>(bytes.data()),
                           static_cast<unsigned>(bytes.size()),
                           1,
                           0,
                           0);
  packed.resize(size);
  return packed;
}

std::string zstandard(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
  return packed;
}

constexpr std::string (*packers[])(const std::string&) = {gzipped, bzipped, zstandard};

/// An MRC file of 16-bit frames that are all different.
std::string movie(Index frames, Index side) {
  const FrameFormat format{PixelType::u16, side, side};
  const auto header = make_mrc_header(format, frames, {}, {});
  std::vector<std::uint16_t> pixels(static_cast<std::size_t>(frames * format.pixels()));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint16_t>(i / static_cast<std::size_t>(format.pixels()) + i % 7);
  }
  std::string bytes(reinterpret_cast<const char*>(header.data()), header.size());
  bytes.append(reinterpret_cast<const char*>(pixels.data()), pixels.size() * 2);
  return bytes;
}

class PackedFile : public ::testing::Test {
 protected:
  std::unique_ptr<MovieSource> open(const std::string& bytes) {
    write_bytes(path_, bytes);
    return open_movie(path_);
  }
  std::string refusal(const std::string& bytes) {
    return refusal_of([&] { read_all(*open(bytes)); });
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "packed";
};

TEST_F(PackedFile, HoldsThePixelsOfTheMovie) {
  const std::string bytes = movie(3, 8);
  const std::vector<std::byte> pixels = read_all(*open(bytes));
  for (const auto pack : packers) {
    EXPECT_EQ(read_all(*open(pack(bytes))), pixels);
    EXPECT_EQ(movie_format(path_), "packed mrc");
    // Streams one after another are one file, wherever it was cut.
    EXPECT_EQ(read_all(*open(pack(bytes.substr(0, 500)) + pack(bytes.substr(500)))), pixels);
  }
}

TEST_F(PackedFile, IsReadInAnyOrderHoweverLong) {
  const Index frames = 40;
  const std::string bytes = movie(frames, 512);  // 20 MiB
  const auto frame_bytes = std::size_t{2} * 512 * 512;
  for (const auto pack : packers) {
    const auto source = open(pack(bytes));
    std::vector<std::byte> frame(frame_bytes);
    for (const Index t : {0, 39, 20, 21, 22, 1, 38, 39}) {
      source->read(t, 1, frame);
      EXPECT_EQ(std::memcmp(frame.data(),
                            bytes.data() + 1024 + static_cast<std::size_t>(t) * frame_bytes,
                            frame_bytes),
                0)
          << t;
    }
    const auto departures = validate_mrc(path_);
    EXPECT_TRUE(departures.empty()) << departures[0].field << " " << departures[0].what;
  }
}

TEST_F(PackedFile, DamageIsAnErrorThatNamesTheFile) {
  for (const Index side : {8, 768}) {  // shorter and longer than what is kept
    const std::string bytes = movie(12, side);
    for (const auto pack : packers) {
      const std::string packed = pack(bytes);
      for (const std::size_t size : {packed.size() - 1, packed.size() / 2, std::size_t{20}}) {
        const std::string text = refusal(packed.substr(0, size));
        EXPECT_NE(text.find(path_.string() + ":"), std::string::npos) << text;
      }
      std::string flipped = packed;
      flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x10);
      if (pack != zstandard) {  // which has no checksum unless it is asked for one
        EXPECT_NE(refusal(flipped), "");
      }
      write_bytes(path_, packed.substr(0, packed.size() / 2));
      EXPECT_TRUE(validate_mrc(path_).back().fatal);
    }
  }
}

TEST_F(PackedFile, WhatIsNoMovieInsideIsSaidSo) {
  for (const auto pack : packers) {
    EXPECT_NE(refusal(pack("some text that is no movie")).find("is no MRC"), std::string::npos);
    EXPECT_NE(refusal(pack("")).find("is no MRC"), std::string::npos);
  }
}

TEST_F(PackedFile, ABombIsRefused) {
  std::string header = movie(1, 8).substr(0, 1024);
  put(header, 0, std::int32_t{1 << 14});
  put(header, 4, std::int32_t{1 << 14});
  put(header, 8, std::int32_t{200});  // 100 GB
  const std::string packed = gzipped(header + std::string(std::size_t{64} << 20, '\0'));
  EXPECT_NE(refusal(packed).find("more than its bytes can unpack to"), std::string::npos);
  // What follows the movie is not unpacked, however much it is.
  EXPECT_EQ(open(gzipped(movie(3, 8) + std::string(std::size_t{64} << 20, '\0')))->frames(), 3);
}

}  // namespace
}  // namespace kinema::io
