// numpy arrays and ours, without copies: a result is a view on our memory that keeps it alive, an
// argument is read where it lies.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/mask_set.h"
#include "kinema/data/movie_source.h"
#include "kinema/data/pixel_type.h"

#include <pybind11/numpy.h>

#include <memory>
#include <string>
#include <vector>

namespace kinema::python {

namespace py = pybind11;

/// numpy's type of the numbers in a pixel; colours are uint8.
py::dtype dtype_of(PixelType type);

/// Shape of an array of `pixels`: colours add a last axis of 3 or 4 channels.
std::vector<Index> shape_of(PixelType type, std::vector<Index> pixels);

/// A view of pixels on memory that `owner` keeps alive.
py::array numpy_of(PixelType type,
                   const void* data,
                   const std::vector<Index>& shape,
                   const std::shared_ptr<void>& owner);

template <class T, int N>
py::array numpy_of(const Array<T, N>& array) {
  return numpy_of(pixel_type_of<T>(),
                  array.data(),
                  {array.shape().begin(), array.shape().end()},
                  array.owner());
}

/// An array that others may read but not write.
py::array read_only(py::array array);

/// Masks (B, Y, X) as uint8 zeros and ones.
py::array numpy_of(const BitArray& masks);

/// Pixels of a numpy array, in C order and native byte order, in place where they lie so already.
struct Pixels {
  PixelType type = PixelType::u8;
  std::vector<Index> shape;
  const std::byte* data = nullptr;
  std::shared_ptr<const void> owner;  // may be let go on any thread
};

/// Anything that numpy.asarray takes; `name` says in errors what it is. bool is read as u8.
Pixels pixels_of(const py::object& array, const std::string& name);

/// The same with its shape as (n, Y, X); two axes are one frame.
Shape<3> stack_shape(const Pixels& pixels, const std::string& name, const std::string& axes);

/// A movie (T, Y, X), one frame (Y, X), or a movie in colour (T, Y, X, 3 or 4) of uint8 in memory
/// as a source.
std::unique_ptr<MovieSource> array_source(const py::object& array,
                                          const std::string& name,
                                          const MovieInfo& info);

}  // namespace kinema::python
