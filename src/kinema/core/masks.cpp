// Drawing masks, 64 pixels (one word) at a time; docs/formats/container.md describes the draw.
#include "kinema/core/kinema_encoder.h"
#include "kinema/core/philox.h"

#include <cstdint>

namespace {

using kinema::core::Words;

constexpr std::int64_t lanes = 64, largest_ratio = 1024;

/// One word of each mask: pixels [64 word, 64 word + count) of row y.
struct Column {
  std::int64_t ratio, y, word, count;
  std::uint64_t seed;
  std::uint64_t* bits;  // of mask 0
  std::int64_t stride;  // words from one mask to the next

  Words draw(std::int64_t lane, std::int64_t block, std::uint32_t tag) const {
    const auto x = static_cast<std::uint32_t>(word * lanes + lane);
    return kinema::core::philox(
        {{static_cast<std::uint32_t>(block), x, static_cast<std::uint32_t>(y), tag}}, seed);
  }
};

void draw_bernoulli(const Column& column) {
  for (std::int64_t lane = 0; lane < column.count; ++lane) {
    Words block{};
    for (std::int64_t b = 0; b < column.ratio; ++b) {
      if (b % 128 == 0) block = column.draw(lane, b / 128, KINEMA_BERNOULLI);
      const std::uint64_t open = (block.at[b / 32 % 4] >> (b % 32)) & 1U;
      column.bits[b * column.stride] |= open << lane;
    }
  }
}

/// Selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S): every choice of n frames is equally
/// likely.
void draw_balanced(const Column& column) {
  Words blocks[lanes] = {};
  std::uint32_t needed[lanes] = {};
  for (std::int64_t lane = 0; lane < column.count; ++lane) {
    blocks[lane] = column.draw(lane, 0, KINEMA_BALANCED);
    const std::uint32_t odd = column.ratio % 2 != 0 ? blocks[lane].at[0] & 1U : 0U;
    needed[lane] = static_cast<std::uint32_t>(column.ratio / 2) + odd;
  }
  for (std::int64_t b = 0; b < column.ratio; ++b) {
    const std::int64_t part = (b + 1) % 4;
    const auto left = static_cast<std::uint64_t>(column.ratio - b);
    std::uint64_t bits = 0;
    for (std::int64_t lane = 0; lane < column.count; ++lane) {
      if (part == 0) blocks[lane] = column.draw(lane, (b + 1) / 4, KINEMA_BALANCED);
      const std::uint32_t open = ((blocks[lane].at[part] * left) >> 32) < needed[lane] ? 1U : 0U;
      needed[lane] -= open;
      bits |= std::uint64_t{open} << lane;
    }
    column.bits[b * column.stride] = bits;
  }
}

void draw_staggered(const Column& column) {
  for (std::int64_t lane = 0; lane < column.count; ++lane) {
    const Words block = column.draw(lane, 0, KINEMA_STAGGERED);
    const auto phase =
        static_cast<std::int64_t>((block.at[0] * static_cast<std::uint64_t>(column.ratio)) >> 32);
    for (std::int64_t b = phase; b < column.ratio; ++b) {
      column.bits[b * column.stride] |= std::uint64_t{1} << lane;
    }
  }
}

void draw_open(const Column& column) {
  const std::uint64_t bits =
      column.count == lanes ? ~std::uint64_t{0} : (std::uint64_t{1} << column.count) - 1;
  for (std::int64_t b = 0; b < column.ratio; ++b) column.bits[b * column.stride] = bits;
}

}  // namespace

int64_t kinema_words_per_row(int64_t width) {
  return (width + lanes - 1) / lanes;
}

int kinema_draw_masks(int kind,
                      uint64_t seed,
                      int64_t ratio,
                      int64_t height,
                      int64_t width,
                      int64_t first_row,
                      int64_t last_row,
                      uint64_t* words) {
  const bool known = kind >= KINEMA_BERNOULLI && kind <= KINEMA_OPEN;
  if (!known || ratio < 1 || ratio > largest_ratio || height < 1 || width < 1 || first_row < 0 ||
      last_row > height || words == nullptr) {
    return 1;
  }
  const std::int64_t row_words = kinema_words_per_row(width), stride = height * row_words;
  for (std::int64_t y = first_row; y < last_row; ++y) {
    for (std::int64_t word = 0; word < row_words; ++word) {
      const std::int64_t rest = width - word * lanes;
      const Column column{
          ratio, y, word, rest < lanes ? rest : lanes, seed, words + y * row_words + word, stride};
      for (std::int64_t b = 0; b < ratio; ++b) column.bits[b * stride] = 0;
      if (kind == KINEMA_BERNOULLI) draw_bernoulli(column);
      if (kind == KINEMA_BALANCED) draw_balanced(column);
      if (kind == KINEMA_STAGGERED) draw_staggered(column);
      if (kind == KINEMA_OPEN) draw_open(column);
    }
  }
  return 0;
}
