// The density fields of an MRC header against all of its pixels, a block at a time.
#include "kinema/io/mrc_validate.h"
#include "kinema/io/raw_source.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace kinema::io {
namespace {

constexpr Index block_bytes = Index{4} << 20;

/// Sums over one part (real, imaginary, a colour) of all pixels, about the first of them.
struct PartSums {
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;
  double origin = 0.0, sum = 0.0, squares = 0.0;
  Index count = 0, not_finite = 0;

  void add(double value) {
    if (!std::isfinite(value)) {
      ++not_finite;
      return;
    }
    if (count == 0) origin = value;
    ++count;
    smallest = std::min(smallest, value);
    largest = std::max(largest, value);
    sum += value - origin;
    squares += (value - origin) * (value - origin);
  }
  double mean() const { return origin + sum / static_cast<double>(count); }
  double variance() const {
    const double shift = sum / static_cast<double>(count);
    return std::max(0.0, squares / static_cast<double>(count) - shift * shift);
  }
};

using Sums = std::array<PartSums, 3>;

void add_numbers(std::span<const std::byte> bytes, const MrcMode& mode, Sums& sums) {
  with_pixel_type(mode.number, [&](auto zero) {
    using T = decltype(zero);
    const T* numbers = reinterpret_cast<const T*>(bytes.data());
    const std::size_t count = bytes.size() / sizeof(T);
    if (mode.count == 1) {
      for (std::size_t i = 0; i < count; ++i) sums[0].add(static_cast<double>(numbers[i]));
      return;
    }
    const auto parts = static_cast<std::size_t>(mode.count);
    for (std::size_t i = 0; i < count; ++i) {
      sums[i % parts].add(static_cast<double>(numbers[i]));
    }
  });
}

/// Rows of half bytes; the half after the last pixel of an odd row is none.
void add_halves(std::span<const std::byte> bytes, Index width, Sums& sums) {
  const Index row_bytes = (width + 1) / 2;
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(row_bytes)) {
    for (Index x = 0; x < width; ++x) {
      const int pair = std::to_integer<int>(bytes[at + static_cast<std::size_t>(x / 2)]);
      sums[0].add(x % 2 == 0 ? pair & 15 : pair >> 4);
    }
  }
}

Sums sums_of(const InputFile& file, const MrcHeader& header, std::uint64_t offset) {
  const MrcMode& mode = *find_mrc_mode(header.mode);
  const Index row = mode.row_bytes(header.size[0]);
  Index rows = Index{header.size[1]} * header.size[2];
  const Index at_once = std::max<Index>(1, block_bytes / row);
  std::vector<std::byte> block(static_cast<std::size_t>(std::min(at_once, rows) * row));
  Sums sums;
  while (rows > 0) {
    const Index taken = std::min(at_once, rows);
    const std::span bytes = std::span(block).first(static_cast<std::size_t>(taken * row));
    file.read_at(offset, bytes);
    if (mode.packed) {
      add_halves(bytes, header.size[0], sums);
    } else {
      if (header.swapped) swap_bytes(bytes, bytes_of(mode.number));
      add_numbers(bytes, mode, sums);
    }
    offset += bytes.size();
    rows -= taken;
  }
  return sums;
}

/// mrcfile's measure of "the same" for a mean and an RMS: within one part in a hundred.
bool is_close(double real, double told) {
  return std::abs(real - told) <= 1e-8 + 0.01 * std::abs(told);
}

std::string contradiction(double told, double real) {
  return "is " + text_of(told) + ", but the pixels' is " + text_of(real);
}

void judge_grey(const MrcHeader& header, const PartSums& sums, std::vector<Departure>& found) {
  const double smallest = header.smallest, largest = header.largest;
  if (smallest <= largest && smallest != sums.smallest) {
    found.push_back({mrc_at::density, "DMIN", contradiction(smallest, sums.smallest)});
  }
  if (smallest <= largest && largest != sums.largest) {
    found.push_back({mrc_at::density + 4, "DMAX", contradiction(largest, sums.largest)});
  }
  if (header.mean >= std::min(smallest, largest) && !is_close(sums.mean(), header.mean)) {
    found.push_back({mrc_at::density + 8, "DMEAN", contradiction(header.mean, sums.mean())});
  }
}

}  // namespace

std::string text_of(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.8g", number);
  return text;
}

std::vector<Departure> judge_mrc_densities(const InputFile& file,
                                           const MrcHeader& header,
                                           std::uint64_t offset) {
  std::vector<Departure> found;
  const float told[] = {header.smallest, header.largest, header.mean, header.rms};
  constexpr const char* names[] = {"DMIN", "DMAX", "DMEAN", "RMS"};
  constexpr std::size_t places[] = {
      mrc_at::density, mrc_at::density + 4, mrc_at::density + 8, mrc_at::rms};
  for (std::size_t i = 0; i < 4; ++i) {
    if (!std::isfinite(told[i])) found.push_back({places[i], names[i], "is no finite number"});
  }

  const Sums sums = sums_of(file, header, offset);
  const MrcMode& mode = *find_mrc_mode(header.mode);
  Index not_finite = 0;
  double variance = 0.0;
  for (int part = 0; part < mode.count; ++part) {
    not_finite += sums[static_cast<std::size_t>(part)].not_finite;
    variance += sums[static_cast<std::size_t>(part)].variance();
  }
  if (not_finite > 0) {
    found.push_back({offset, "data", std::to_string(not_finite) + " numbers are not finite"});
  }
  if (mode.count == 1 && sums[0].count > 0) {
    judge_grey(header, sums[0], found);
  } else if (mode.count > 1 && header.smallest <= header.largest) {
    found.push_back({mrc_at::density,
                     "DMIN DMAX",
                     "are given, but complex numbers and colours have no least and no greatest"});
  }
  if (mode.count < 3 && header.rms >= 0.0F && !is_close(std::sqrt(variance), header.rms)) {
    found.push_back({mrc_at::rms, "RMS", contradiction(header.rms, std::sqrt(variance))});
  }
  return found;
}

}  // namespace kinema::io
