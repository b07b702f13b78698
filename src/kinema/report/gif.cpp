// GIF 89a: a palette by median cut (Heckbert, 1982), pixels that stay as they are left transparent,
// LZW with codes of 9 to 12 bits.
#include "kinema/report/gif.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <unordered_map>

namespace kinema::report {
namespace {

constexpr std::size_t colours = 255;
constexpr std::uint8_t transparent = 255;

using Colour = std::array<std::uint8_t, 3>;

struct Counted {
  Colour colour;
  std::uint32_t count;
};

std::size_t key_of(const std::uint8_t* rgb) {
  return static_cast<std::size_t>(rgb[0] >> 2) << 12 | static_cast<std::size_t>(rgb[1] >> 2) << 6 |
         static_cast<std::size_t>(rgb[2] >> 2);
}

/// The colours of the samples, to six bits a channel, and how often each occurs.
std::vector<Counted> census(const std::vector<Picture>& samples) {
  std::vector<std::uint32_t> counts(std::size_t{1} << 18);
  for (const Picture& picture : samples) {
    for (Index i = 0; i < picture.size(); i += 3) ++counts[key_of(picture.data() + i)];
  }
  std::vector<Counted> found;
  for (std::size_t key = 0; key < counts.size(); ++key) {
    if (counts[key] == 0) continue;
    const auto level = [key](int shift) {
      const auto six = static_cast<unsigned>(key >> shift & 63);
      return static_cast<std::uint8_t>(six << 2 | six >> 4);
    };
    found.push_back({{level(12), level(6), level(0)}, counts[key]});
  }
  return found;
}

/// Colours that belong together: [first, last) of the census.
struct Box {
  std::size_t first = 0, last = 0;
  int channel = 0;      // along which it is longest
  double weight = 0.0;  // how much it wants to be cut
};

Box box_of(const std::vector<Counted>& found, std::size_t first, std::size_t last) {
  Box box{first, last};
  double count = 0.0;
  int longest = 0;
  for (int c = 0; c < 3; ++c) {
    int low = 255, high = 0;
    for (std::size_t i = first; i < last; ++i) {
      low = std::min<int>(low, found[i].colour[static_cast<std::size_t>(c)]);
      high = std::max<int>(high, found[i].colour[static_cast<std::size_t>(c)]);
    }
    if (high - low > longest) {
      longest = high - low;
      box.channel = c;
    }
  }
  for (std::size_t i = first; i < last; ++i) count += found[i].count;
  box.weight = std::sqrt(count) * longest;
  return box;
}

std::vector<Colour> palette_of(std::vector<Counted> found) {
  std::vector<Box> boxes{box_of(found, 0, found.size())};
  while (boxes.size() < colours) {
    const auto largest = std::max_element(
        boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.weight < b.weight; });
    if (largest->weight <= 0.0) break;
    const Box box = *largest;
    const auto channel = static_cast<std::size_t>(box.channel);
    const auto begin = found.begin() + static_cast<std::ptrdiff_t>(box.first);
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(box.last);
    std::sort(begin, end, [channel](const Counted& a, const Counted& b) {
      return a.colour[channel] < b.colour[channel];
    });
    // Cut in the middle of the range: rare colours keep a place beside frequent ones.
    const int middle = ((begin->colour[channel]) + (end - 1)->colour[channel] + 1) / 2;
    const auto cut = std::find_if(
        begin, end, [=](const Counted& entry) { return entry.colour[channel] >= middle; });
    const auto at = static_cast<std::size_t>(cut - found.begin());
    *largest = box_of(found, box.first, at);
    boxes.push_back(box_of(found, at, box.last));
  }
  std::vector<Colour> palette;
  for (const Box& box : boxes) {
    double sums[3] = {}, count = 0.0;
    for (std::size_t i = box.first; i < box.last; ++i) {
      for (std::size_t c = 0; c < 3; ++c)
        sums[c] += static_cast<double>(found[i].count) * found[i].colour[c];
      count += found[i].count;
    }
    Colour colour{};
    for (std::size_t c = 0; c < 3; ++c)
      colour[c] = static_cast<std::uint8_t>(sums[c] / count + 0.5);
    palette.push_back(colour);
  }
  return palette;
}

void add_16(std::string& file, Index value) {
  file += static_cast<char>(value & 255);
  file += static_cast<char>(value >> 8 & 255);
}

/// Codes as bits, least significant first, in blocks of up to 255 bytes.
class CodeStream {
 public:
  explicit CodeStream(std::string& file) : file_(file) {}

  void add(std::uint32_t code, int bits) {
    held_ |= code << count_;
    for (count_ += bits; count_ >= 8; count_ -= 8, held_ >>= 8) byte();
  }
  void finish() {
    if (count_ > 0) byte();
    flush();
    file_ += '\0';
  }

 private:
  void byte() {
    block_ += static_cast<char>(held_ & 255U);
    if (block_.size() == 255) flush();
  }
  void flush() {
    if (block_.empty()) return;
    file_ += static_cast<char>(block_.size());
    file_ += block_;
    block_.clear();
  }

  std::string& file_;
  std::string block_;
  std::uint32_t held_ = 0;
  int count_ = 0;
};

void add_lzw(std::string& file, const std::vector<std::uint8_t>& pixels) {
  constexpr std::uint32_t clear = 256, end = 257, first_free = 258, most = 4096;
  file += static_cast<char>(8);
  CodeStream stream(file);
  std::unordered_map<std::uint32_t, std::uint32_t> table;  // (prefix, pixel) -> code
  std::uint32_t next = first_free, prefix = pixels.front();
  int bits = 9;
  stream.add(clear, bits);
  for (std::size_t i = 1; i < pixels.size(); ++i) {
    const std::uint32_t key = prefix << 8 | pixels[i];
    if (const auto found = table.find(key); found != table.end()) {
      prefix = found->second;
      continue;
    }
    stream.add(prefix, bits);
    prefix = pixels[i];
    if (next == most) {
      stream.add(clear, bits);
      table.clear();
      next = first_free;
      bits = 9;
      continue;
    }
    if (next == std::uint32_t{1} << bits) ++bits;
    table[key] = next++;
  }
  stream.add(prefix, bits);
  if (next == std::uint32_t{1} << bits && bits < 12) ++bits;
  stream.add(end, bits);
  stream.finish();
}

}  // namespace

GifEncoder::GifEncoder(const std::vector<Picture>& samples, double fps)
    : height_(samples.front().shape()[0]),
      width_(samples.front().shape()[1]),
      fps_(fps),
      palette_(palette_of(census(samples))),
      nearest_(std::size_t{1} << 18, -1) {
  file_ = "GIF89a";
  add_16(file_, width_);
  add_16(file_, height_);
  file_ += static_cast<char>(0xF7);  // a palette of 256 colours for all
  file_ += std::string(2, '\0');
  for (std::size_t i = 0; i < 256; ++i) {
    for (const std::uint8_t level : i < palette_.size() ? palette_[i] : Colour{}) {
      file_ += static_cast<char>(level);
    }
  }
  file_ += std::string("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00", 19);  // for ever
}

/// The number of the palette's colour that is nearest.
std::uint8_t GifEncoder::nearest(const std::uint8_t* rgb) {
  std::int16_t& known = nearest_[key_of(rgb)];
  if (known >= 0) return static_cast<std::uint8_t>(known);
  int least = 1 << 30;
  for (std::size_t i = 0; i < palette_.size(); ++i) {
    int sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const int off = int{palette_[i][c]} - int{rgb[c]};
      sum += off * off;
    }
    if (sum < least) {
      least = sum;
      known = static_cast<std::int16_t>(i);
    }
  }
  return static_cast<std::uint8_t>(known);
}

void GifEncoder::add(const Picture& picture) {
  if (picture.shape() != Shape<3>{height_, width_, 3}) {
    throw std::logic_error("GifEncoder: pictures of one film have one size");
  }
  std::vector<std::uint8_t> numbers(static_cast<std::size_t>(height_ * width_));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = nearest(picture.data() + 3 * i);
  std::vector<std::uint8_t> changed = numbers;
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    if (shown_[i] == numbers[i]) changed[i] = transparent;
  }
  shown_ = std::move(numbers);
  const auto hundredths = [this](Index i) {
    return std::llround(100.0 * static_cast<double>(i) / fps_);
  };
  file_ += std::string("\x21\xF9\x04\x05", 4);  // what is transparent stays as it was
  add_16(file_, hundredths(pictures_ + 1) - hundredths(pictures_));
  file_ += static_cast<char>(transparent);
  file_ += '\0';
  file_ += ',';
  for (const Index value : {Index{0}, Index{0}, width_, height_}) add_16(file_, value);
  file_ += '\0';
  add_lzw(file_, changed);
  ++pictures_;
}

std::string GifEncoder::finish() {
  return std::move(file_) + ";";
}

}  // namespace kinema::report
