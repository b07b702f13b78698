// Every pair of neighbours is a pair of rows and a move between them; where it lies in its tile
// changes sums at the tile's sides alone. So 70 sums make the 190 products.
#include "kinema/codec/plane_gram.h"

#include "kinema/base/parallel.h"

namespace kinema::codec::plane {
namespace {

struct Tile {
  Index y0, y1, x0, x1;
  Index width() const { return x1 - x0; }
  Index first_sample() const { return y0 + std::min((y1 - y0) / 2, rows_above); }
};

template <class Body>
std::vector<Gram> for_each_tile(Index height, Index width, const Body& body) {
  const Index down = (height + tile - 1) / tile, across = (width + tile - 1) / tile;
  std::vector<Gram> grams(static_cast<std::size_t>(down * across));
  parallel_for(down * across, [&](Index i) {
    const Index y = i / across * tile, x = i % across * tile;
    grams[static_cast<std::size_t>(i)] =
        body(Tile{y, std::min(height, y + tile), x, std::min(width, x + tile)});
  });
  return grams;
}

/// `copy` gives columns [first, last) of a row as doubles.
template <class Copy>
Gram gram_of(const Tile& area, const PlaneKernels& kernels, const Copy& copy) {
  constexpr Index room = tile + 2 * pad;
  std::array<std::array<double, room>, rows_above + 1> rows{};
  std::array<const double*, gram_size> at{};
  for (std::size_t j = 0; j < tap_count; ++j) {
    at[j] = rows[static_cast<std::size_t>(taps[j].up)].data() + pad - taps[j].left;
  }
  at[tap_count] = rows[0].data() + pad;
  Gram gram;
  for (Index y = area.first_sample(); y < area.y1; y += sampled) {
    for (Index up = 0; up <= rows_above; ++up) {
      copy(y - up, area.x0 - pad, area.x1 + pad, rows[static_cast<std::size_t>(up)].data());
    }
    kernels.add_products(at.data(), gram_size, area.width(), gram.products.data());
  }
  return gram;
}

/// A neighbour, or the pixel itself, as the row above that it lies in and the columns to its right.
struct Place {
  int up, right;
};
constexpr Place place_of(int j) {
  if (j == tap_count) return {0, 0};
  return {taps[static_cast<std::size_t>(j)].up, -taps[static_cast<std::size_t>(j)].left};
}

/// Which of the products belongs to two rows and a move.
constexpr int number_of(int a, int b, int move) {
  int first = 0;
  for (const RowProducts& pair : row_products) {
    if (pair.a == a && pair.b == b) return first + move - pair.first;
    first += pair.last - pair.first + 1;
  }
  return -1;
}

/// sum_x a[x + i.right] b[x + j.right], from the sum for columns that do not move.
double product_of(const TileProducts& products, Place i, Place j) {
  if (i.up > j.up || (i.up == j.up && i.right > j.right)) std::swap(i, j);
  const int n = number_of(i.up, j.up, j.right - i.right);
  std::int64_t sum = 0;
  for (const std::int32_t part : products.parts[n]) sum += part;
  for (int x = i.right; x < 0; ++x) {
    sum += products.left[n][x + product_edge] - products.right[n][x + product_edge];
  }
  for (int x = 0; x < i.right; ++x) {
    sum += products.right[n][x + product_edge] - products.left[n][x + product_edge];
  }
  return static_cast<double>(sum);
}

Gram gram_of(const Tile& area, const CentredPlane& plane, const TokenKernels& kernels) {
  constexpr Index room = tile + 4 * pad;
  std::array<std::array<std::int16_t, room>, token_rows> numbers{};
  std::array<const std::int16_t*, token_rows> rows{};
  TileProducts products;
  for (Index y = area.first_sample(); y < area.y1; y += sampled) {
    for (Index up = 0; up < token_rows; ++up) {
      plane.prefetch(y + sampled - up, area.x0 - pad, area.x1 + pad);
      std::int16_t* row = numbers[static_cast<std::size_t>(up)].data();
      plane.copy(y - up, area.x0 - pad, area.x1 + pad, row);
      rows[static_cast<std::size_t>(up)] = row + pad;
    }
    kernels.multiply(rows.data(), area.width(), products);
  }
  Gram gram;
  for (int i = 0; i < gram_size; ++i) {
    for (int j = i; j < gram_size; ++j) {
      gram.products[static_cast<std::size_t>(i * gram_size + j)] =
          product_of(products, place_of(i), place_of(j));
    }
  }
  return gram;
}

}  // namespace

std::vector<Gram> grams_of(const PaddedPlane& plane, const PlaneKernels& kernels) {
  return for_each_tile(plane.height(), plane.width(), [&](const Tile& area) {
    return gram_of(area, kernels, [&](Index y, Index first, Index last, double* out) {
      std::copy(plane.row(y) + first, plane.row(y) + last, out);
    });
  });
}

std::vector<Gram> grams_of(const CentredPlane& plane,
                           const PlaneKernels& kernels,
                           const TokenKernels& token_kernels,
                           bool small) {
  return for_each_tile(plane.height(), plane.width(), [&](const Tile& area) {
    if (small) return gram_of(area, plane, token_kernels);
    return gram_of(area, kernels, [&](Index y, Index first, Index last, double* out) {
      std::array<std::int32_t, tile + 2 * pad> row{};
      plane.copy(y, first, last, row.data());
      std::copy_n(row.data(), last - first, out);
    });
  });
}

}  // namespace kinema::codec::plane
