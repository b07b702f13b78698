// NumPy's .npy files: movies (T, Y, X) or single frames (Y, X), and arrays of up to four axes.
// See docs/formats/npy.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace kinema::io {

bool is_npy(std::span<const std::byte> head);

/// Opens a movie of two or three axes in C or Fortran order; bool is read as u8. Throws InputError
/// for other dtypes and shapes, FileError for a header that contradicts the file.
std::unique_ptr<MovieSource> open_npy(const std::filesystem::path& path,
                                      const ReadOptions& options);

/// An array as it is in a file, in C order and this machine's byte order.
struct NpyArray {
  PixelType type = PixelType::u8;
  std::vector<Index> shape;  // 0 to 4 axes
  Array<std::byte, 1> bytes;

  Index size() const;
  /// The elements; `T` must be the type of `type`.
  template <class T>
  std::span<const T> elements() const {
    if (type != pixel_type_of<T>()) throw std::logic_error("the array holds " + to_text(type));
    return {reinterpret_cast<const T*>(bytes.data()), static_cast<std::size_t>(size())};
  }
};

NpyArray read_npy(const std::filesystem::path& path);

/// Writes an array of any number of axes in C order, by way of a partial file.
void write_npy(const std::filesystem::path& path,
               PixelType type,
               std::span<const Index> shape,
               std::span<const std::byte> bytes);

/// Everything before the elements; a multiple of 64 bytes.
std::vector<std::byte> make_npy_header(PixelType type, std::span<const Index> shape);

}  // namespace kinema::io
