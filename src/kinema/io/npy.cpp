// The .npy header, both ways: a magic number, a length, and a Python dictionary as text.
#include "kinema/io/npy.h"

#include "kinema/io/raw_source.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <string>

namespace kinema::io {
namespace {

constexpr char magic[] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
constexpr std::size_t most_header_bytes = std::size_t{1} << 20;
constexpr std::size_t most_axes = 8;
constexpr std::uint64_t npy_dictionary_at = 10;  // of the header, which names type and shape

/// Colour is held as numpy's structured dtypes of four or three fields.
struct Colour {
  const char *descr, *dtype;
};
constexpr Colour colours[] = {{"|rgb", "[('R','|u1'),('G','|u1'),('B','|u1')]"},
                              {"|rgba", "[('R','|u1'),('G','|u1'),('B','|u1'),('A','|u1')]"}};

struct NpyHeader {
  std::string descr;  // e.g. "<u2"
  bool fortran_order = false;
  std::vector<Index> shape;
  std::uint64_t offset = 0;  // of the first element
};

/// Reads the dictionary {'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }.
class DictionaryReader {
 public:
  DictionaryReader(std::string text, std::filesystem::path path, std::uint64_t offset)
      : text_(std::move(text)), path_(std::move(path)), offset_(offset) {}

  NpyHeader read() {
    NpyHeader header;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        header.descr = peek() == '[' ? colour() : quoted();
      } else if (key == "fortran_order") {
        header.fortran_order = truth();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        fail("the header has an unknown key '" + key + "'");
      }
      if (!accept(',') && peek() != '}') fail("the header's dictionary is broken");
    }
    if (header.descr.empty()) fail("the header lacks 'descr'");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw FileError(path_, offset_ + at_, what);
  }
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail(std::string("the header's dictionary lacks a '") + wanted + "'");
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("the header's dictionary lacks a quoted text");
    const std::size_t end = text_.find(quote, ++at_);
    if (end == std::string::npos) fail("a text in the header does not end");
    const std::string inside = text_.substr(at_, end - at_);
    at_ = end + 1;
    return inside;
  }
  /// The structured dtypes that hold colour, as the descr of one of `colours`.
  std::string colour() {
    const std::size_t end = text_.find(']', at_);
    std::string list = text_.substr(at_, end == std::string::npos ? end : end + 1 - at_);
    std::erase_if(list, [](unsigned char c) { return std::isspace(c) != 0; });
    for (const Colour& known : colours) {
      if (list != known.dtype) continue;
      at_ = end + 1;
      return known.descr;
    }
    fail("a structured dtype is no movie; save one plain field of it");
  }
  bool truth() {
    peek();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (text_.compare(at_, std::strlen(word), word) != 0) continue;
      at_ += std::strlen(word);
      return value;
    }
    fail("'fortran_order' is neither True nor False");
  }
  std::vector<Index> tuple() {
    std::vector<Index> extents;
    expect('(');
    while (!accept(')')) {
      peek();
      Index extent = 0;
      const auto [end, failure] =
          std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
      if (failure != std::errc{} || extent < 0) fail("the shape is no tuple of sizes");
      at_ = static_cast<std::size_t>(end - text_.data());
      if (peek() == 'L') ++at_;  // Python 2 wrote 3L
      extents.push_back(extent);
      if (!accept(',') && peek() != ')') fail("the shape is no tuple of sizes");
    }
    return extents;
  }

  std::string text_;
  std::filesystem::path path_;
  std::uint64_t offset_;
  std::size_t at_ = 0;
};

NpyHeader read_header(const InputFile& file) {
  const std::vector<std::byte> head = file.head(12);
  if (head.size() < 10 || !is_npy(head)) throw FileError(file.path(), 0, "this is no .npy header");
  const int major = std::to_integer<int>(head[6]);
  if (major < 1 || major > 3) {
    throw FileError(file.path(), 6, "version " + std::to_string(major) + " of .npy is unknown");
  }
  const std::size_t length_bytes = major == 1 ? 2 : 4, start = 8 + length_bytes;
  if (head.size() < start) throw FileError(file.path(), head.size(), "the file ends in its header");
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) {
    length = (length << 8) | std::to_integer<std::size_t>(head[8 + i]);
  }
  if (length > most_header_bytes || length > file.size() - start) {
    throw FileError(file.path(),
                    8,
                    "the header declares a length of " + std::to_string(length) +
                        " bytes, more than the file holds");
  }
  std::string text(length, '\0');
  file.read_at(start, std::as_writable_bytes(std::span(text)));
  NpyHeader header = DictionaryReader(std::move(text), file.path(), start).read();
  header.offset = start + length;
  return header;
}

/// numpy's letters for the types that pixels have; bool is read as u8.
constexpr struct {
  const char* code;
  PixelType type;
} codes[] = {{"u1", PixelType::u8},
             {"i1", PixelType::i8},
             {"u2", PixelType::u16},
             {"i2", PixelType::i16},
             {"u4", PixelType::u32},
             {"i4", PixelType::i32},
             {"u8", PixelType::u64},
             {"i8", PixelType::i64},
             {"f2", PixelType::f16},
             {"f4", PixelType::f32},
             {"f8", PixelType::f64},
             {"c8", PixelType::c64},
             {"c16", PixelType::c128},
             {"b1", PixelType::u8},
             {"rgb", PixelType::rgb},
             {"rgba", PixelType::rgba}};

RawLayout layout_of(const NpyHeader& header, const InputFile& file) {
  const std::string& descr = header.descr;
  for (const auto& [code, type] : codes) {
    if (descr.size() < 3 || std::string_view(descr).substr(1) != code) continue;
    if (std::string_view("<>|=").find(descr[0]) == std::string_view::npos) break;
    return {header.offset, type, descr[0] == '>' && bytes_of(type) > 1, header.fortran_order};
  }
  throw FileError(file.path(),
                  npy_dictionary_at,
                  "dtype '" + descr +
                      "' is not one of int8-64, uint8-64, float16-64, complex64-128 and bool; save "
                      "the array as "
                      "one of them (numpy: array.astype)");
}

Index product(std::span<const Index> shape) {
  Index size = 1;
  for (const Index extent : shape) size = checked_product(size, extent);
  return size;
}

/// As numpy prints it: "(2, 3, 4)".
std::string shape_text(std::span<const Index> shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

/// Axes have no names in the format; they are known by their place.
std::vector<Axis> axes_of(std::span<const Index> shape) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i + 2 < shape.size(); ++i) {
    axes.push_back({"axis " + std::to_string(i), shape[i], 0.0, 0.0, ""});
  }
  axes.push_back({"y", shape[shape.size() - 2], 0.0, 0.0, ""});
  axes.push_back({"x", shape[shape.size() - 1], 0.0, 0.0, ""});
  return axes;
}

/// uint8 arrays (..., height, width, 3 or 4) of over three axes are pictures in colour.
bool is_colour_array(const NpyHeader& header, const RawLayout& layout) {
  const std::size_t rank = header.shape.size();
  return rank > 3 && layout.stored == PixelType::u8 && header.descr.back() == '1' &&
         (header.shape[rank - 1] == 3 || header.shape[rank - 1] == 4);
}

/// The array as a movie: the last two axes are a frame, all before them count frames.
std::unique_ptr<RawSource> open_array(InputFile file, const NpyHeader& header) {
  RawLayout layout = layout_of(header, file);
  std::vector<Index> shape = header.shape;
  if (shape.size() > 3 && header.fortran_order) {
    throw FileError(file.path(),
                    npy_dictionary_at,
                    "the array of shape " + shape_text(shape) +
                        " is in Fortran order, which is read up to three axes; save it in C order "
                        "(numpy: ascontiguousarray)");
  }
  if (is_colour_array(header, layout)) {
    layout.stored = shape.back() == 3 ? PixelType::rgb : PixelType::rgba;
    shape.pop_back();
  }
  const std::size_t rank = shape.size();
  const FrameFormat format{layout.stored, shape[rank - 2], shape[rank - 1]};
  const Index frames = product(std::span(shape).first(rank - 2));
  require_whole_frames(file, header.offset, format, frames);
  MovieInfo info;
  if (rank > 3) info.axes = axes_of(shape);
  const std::uint64_t end = header.offset + static_cast<std::uint64_t>(format.bytes() * frames);
  if (end < file.size()) {
    info.notes.push_back(std::to_string(file.size() - end) +
                         " bytes follow the last frame and are ignored");
  }
  if (header.fortran_order && frames > 1) {
    info.notes.emplace_back(
        "Fortran order: every frame is gathered from the whole file; kinema convert makes a copy "
        "that is read faster");
  }
  return std::make_unique<RawSource>(std::move(file), layout, format, frames, std::move(info));
}

/// Elements in Fortran order are read as the transposed array in C order, then put in place.
Array<std::byte, 1> from_fortran_order(const Array<std::byte, 1>& in,
                                       std::span<const Index> shape,
                                       Index each) {
  auto out = Array<std::byte, 1>::uninitialised(in.shape());
  std::vector<Index> index(shape.size(), 0);
  for (Index at = 0; at < in.size(); at += each) {
    Index from = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) from = from * shape[axis] + index[axis];
    std::memcpy(out.data() + at, in.data() + from * each, static_cast<std::size_t>(each));
    for (std::size_t axis = shape.size(); axis-- > 0 && ++index[axis] == shape[axis];) {
      index[axis] = 0;
    }
  }
  return out;
}

/// The dtype as numpy writes it, e.g. '<u2' with its quotes.
std::string dtype_of(PixelType type) {
  if (is_colour(type)) return colours[type == PixelType::rgba ? 1 : 0].dtype;
  std::string text = std::string("'") + (bytes_of(type) == 1 ? '|' : '<');
  for (const auto& [code, known] : codes) {
    if (known == type && std::string_view(code) != "b1") text += code;
  }
  return text + "'";
}

}  // namespace

bool is_npy(std::span<const std::byte> head) {
  return head.size() >= sizeof magic && std::memcmp(head.data(), magic, sizeof magic) == 0;
}

std::unique_ptr<MovieSource> open_npy(const std::filesystem::path& path, const ReadOptions&) {
  InputFile file(path);
  const NpyHeader header = read_header(file);
  const std::size_t rank = header.shape.size();
  if (rank < 2 || rank > most_axes || product(header.shape) == 0) {
    throw FileError(path,
                    npy_dictionary_at,
                    "an array of shape " + shape_text(header.shape) +
                        " is no movie; kinema reads (frames, height, width), (height, width) and "
                        "up to " +
                        std::to_string(most_axes) + " axes, none of them 0");
  }
  return open_array(std::move(file), header);
}

Index NpyArray::size() const {
  return product(shape);
}

NpyArray read_npy(const std::filesystem::path& path) {
  const InputFile file(path);
  const NpyHeader header = read_header(file);
  const RawLayout layout = layout_of(header, file);
  if (header.shape.size() > most_axes) {
    throw FileError(path, npy_dictionary_at, "an array of more than 8 axes has no meaning here");
  }
  NpyArray array{layout.stored, header.shape, {}};
  const Index each = bytes_of(layout.stored), bytes = checked_product(array.size(), each);
  if (static_cast<std::uint64_t>(bytes) > file.size() - header.offset) {
    throw FileError(path,
                    file.size(),
                    "the file ends here, but its header declares " + std::to_string(bytes) +
                        " bytes of elements from byte " + std::to_string(header.offset) + " on");
  }
  array.bytes = Array<std::byte, 1>::uninitialised({bytes});
  file.read_at(header.offset, array.bytes.flat());
  if (layout.swapped) swap_bytes(array.bytes.flat(), each);
  if (layout.fortran_order) array.bytes = from_fortran_order(array.bytes, array.shape, each);
  return array;
}

std::vector<std::byte> make_npy_header(PixelType type, std::span<const Index> shape) {
  std::string text = "{'descr': " + dtype_of(type) + ", 'fortran_order': False, 'shape': (";
  for (const Index extent : shape) text += std::to_string(extent) + ", ";
  text += "), }";
  const std::size_t start = 10, whole = (start + text.size() + 1 + 63) / 64 * 64;
  text.resize(whole - start - 1, ' ');
  text += '\n';
  std::string header(magic, sizeof magic);
  header += {'\x01', '\x00'};
  header += static_cast<char>(text.size() & 0xFF);
  header += static_cast<char>(text.size() >> 8);
  header += text;
  const auto bytes = std::as_bytes(std::span(header));
  return {bytes.begin(), bytes.end()};
}

void write_npy(const std::filesystem::path& path,
               PixelType type,
               std::span<const Index> shape,
               std::span<const std::byte> bytes) {
  if (checked_product(product(shape), bytes_of(type)) != static_cast<Index>(bytes.size())) {
    throw std::logic_error("write_npy: the shape does not fit the bytes");
  }
  const std::vector<std::byte> header = make_npy_header(type, shape);
  PartialFile file = PartialFile::create(path, header.size() + bytes.size());
  file.write_at(0, header);
  file.write_at(header.size(), bytes);
  file.commit();
}

}  // namespace kinema::io
