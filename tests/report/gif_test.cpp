// Animated GIFs, unpacked again by a reader that knows nothing of the writer.
#include "kinema/report/gif.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kinema::report {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// The stream of sub-blocks at `at`, which then stands behind it.
Bytes blocks(const std::string& file, std::size_t& at) {
  Bytes bytes;
  while (const auto size = static_cast<std::uint8_t>(file.at(at))) {
    for (std::size_t i = 0; i < size; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(file.at(at + 1 + i)));
    }
    at += 1U + size;
  }
  ++at;
  return bytes;
}

/// LZW with 8-bit symbols, as the standard tells it.
Bytes unpack(const Bytes& stream) {
  Bytes out;
  std::vector<Bytes> table;
  const auto reset = [&] {
    table.assign(258, {});
    for (std::size_t i = 0; i < 256; ++i) table[i] = {static_cast<std::uint8_t>(i)};
  };
  reset();
  std::size_t bit = 0;
  int width = 9;
  Bytes before;
  while (true) {
    std::uint32_t code = 0;
    for (int i = 0; i < width; ++i, ++bit) {
      code |= static_cast<std::uint32_t>(stream.at(bit / 8) >> (bit % 8) & 1) << i;
    }
    if (code == 257) return out;
    if (code == 256) {
      reset();
      width = 9;
      before.clear();
      continue;
    }
    Bytes entry;
    if (code < table.size()) {
      entry = table[code];
    } else {
      entry = before;
      entry.push_back(before.at(0));
    }
    out.insert(out.end(), entry.begin(), entry.end());
    if (!before.empty() && table.size() < 4096) {
      before.push_back(entry[0]);
      table.push_back(before);
    }
    before = entry;
    if (table.size() == std::size_t{1} << width && width < 12) ++width;
  }
}

struct Gif {
  Index width = 0, height = 0;
  std::vector<int> delays;      // hundredths of a second
  std::vector<Bytes> pictures;  // RGB
};

Gif read_gif(const std::string& file) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(file.at(i)); };
  const auto word = [&](std::size_t i) { return byte(i) + 256 * byte(i + 1); };
  EXPECT_EQ(file.substr(0, 6), "GIF89a");
  Gif gif{word(6), word(8), {}, {}};
  const std::size_t palette = 13;
  std::size_t at = palette + 768;
  Bytes shown(static_cast<std::size_t>(3 * gif.width * gif.height));
  int transparent = -1;
  while (byte(at) != ';') {
    if (byte(at) == 0x21) {
      if (byte(at + 1) == 0xF9) {
        gif.delays.push_back(word(at + 4));
        transparent = byte(at + 6);
      }
      at += 2;
      blocks(file, at);
      continue;
    }
    EXPECT_EQ(byte(at), ',');
    at += 10;
    EXPECT_EQ(byte(at), 8);
    ++at;
    const Bytes numbers = unpack(blocks(file, at));
    EXPECT_EQ(numbers.size() * 3, shown.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (numbers[i] == transparent) continue;
      for (std::size_t c = 0; c < 3; ++c) shown[3 * i + c] = byte(palette + 3U * numbers[i] + c);
    }
    gif.pictures.push_back(shown);
  }
  return gif;
}

/// A picture of many colours that moves with `step`.
Picture coloured(Index height, Index width, int step) {
  Picture picture = white_picture(height, width);
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width / 2; ++x) {
      picture(y, x, 0) = static_cast<std::uint8_t>(4 * (x + step));
      picture(y, x, 1) = static_cast<std::uint8_t>(2 * y);
      picture(y, x, 2) = static_cast<std::uint8_t>((x * y) % 64);
    }
  }
  return picture;
}

TEST(Gif, IsReadBackPictureForPicture) {
  constexpr Index height = 90, width = 120;
  std::vector<Picture> film;
  for (int i = 0; i < 5; ++i) film.push_back(coloured(height, width, i));
  GifEncoder encoder({film.front(), film.back()}, 12.0);
  for (const Picture& picture : film) encoder.add(picture);
  const Gif gif = read_gif(encoder.finish());
  EXPECT_EQ(gif.width, width);
  EXPECT_EQ(gif.height, height);
  ASSERT_EQ(gif.pictures.size(), film.size());
  EXPECT_EQ(gif.delays, (std::vector<int>{8, 9, 8, 8, 9}));  // 12 a second, on the whole
  for (std::size_t i = 0; i < film.size(); ++i) {
    double error = 0.0;
    for (Index k = 0; k < film[i].size(); ++k) {
      error += std::abs(int{film[i].data()[k]} - int{gif.pictures[i][static_cast<std::size_t>(k)]});
    }
    EXPECT_LT(error / static_cast<double>(film[i].size()), 4.0) << i;
    for (std::size_t c = 0; c < 3; ++c) EXPECT_GE(gif.pictures[i][3 * (width - 1) + c], 252);
  }
}

TEST(Gif, FewColoursStayExact) {
  Picture picture = white_picture(64, 64);
  for (Index x = 0; x < 32; ++x) {
    for (Index c = 0; c < 3; ++c) picture(10, x, c) = static_cast<std::uint8_t>(c == 1 ? 130 : 65);
  }
  GifEncoder encoder({picture}, 25.0);
  encoder.add(picture);
  const Gif gif = read_gif(encoder.finish());
  ASSERT_EQ(gif.pictures.size(), 1U);
  for (std::size_t k = 0; k < gif.pictures[0].size(); ++k) {
    EXPECT_NEAR(gif.pictures[0][k], picture.data()[k], 3);  // six bits of each
  }
}

}  // namespace
}  // namespace kinema::report
