// data/ for Python: pixel types, arrays and masks as numpy has them.
#include "kinema/base/error.h"

#include "arrays.h"

namespace kinema::python {
namespace {

std::string text_of(const py::handle& object) {
  return py::str(object).cast<std::string>();
}

PixelType pixel_type_of(const py::dtype& dtype, const std::string& name) {
  if (dtype.kind() == 'b') return PixelType::u8;
  for (const PixelTypeName& pixel : pixel_type_names) {
    const PixelType type = pixel.type;
    if (is_colour(type)) continue;
    const py::dtype known = dtype_of(type);
    if (dtype.kind() == known.kind() && dtype.itemsize() == known.itemsize()) return type;
  }
  throw InputError(name + ": an array of " + text_of(dtype) +
                   " holds no pixels; convert it, e.g. with .astype(numpy.uint16)");
}

/// Keeps a Python object alive; the last one to let go takes the interpreter's lock for it.
std::shared_ptr<const void> keeper_of(const py::object& object) {
  return {new py::object(object), [](const py::object* kept) {
            const py::gil_scoped_acquire lock;
            delete kept;
          }};
}

}  // namespace

py::dtype dtype_of(PixelType type) {
  return py::dtype(is_colour(type) ? "uint8" : to_text(type));
}

std::vector<Index> shape_of(PixelType type, std::vector<Index> pixels) {
  if (is_colour(type)) pixels.push_back(bytes_of(type));
  return pixels;
}

py::array numpy_of(PixelType type,
                   const void* data,
                   const std::vector<Index>& shape,
                   const std::shared_ptr<void>& owner) {
  const py::capsule base(new std::shared_ptr<void>(owner),
                         [](void* kept) { delete static_cast<std::shared_ptr<void>*>(kept); });
  return py::array(dtype_of(type), shape_of(type, shape), data, base);
}

py::array read_only(py::array array) {
  array.attr("setflags")(py::arg("write") = false);
  return array;
}

py::array numpy_of(const BitArray& masks) {
  const Shape<3> shape = masks.shape();
  auto bytes = Array<std::uint8_t, 3>::uninitialised(shape);
  for (Index b = 0; b < shape[0]; ++b) {
    for (Index y = 0; y < shape[1]; ++y) {
      for (Index x = 0; x < shape[2]; ++x) bytes(b, y, x) = masks(b, y, x) ? 1 : 0;
    }
  }
  return numpy_of(bytes);
}

Pixels pixels_of(const py::object& array, const std::string& name) {
  const py::module_ numpy = py::module_::import("numpy");
  const py::array given = numpy.attr("asarray")(array);
  Pixels pixels;
  pixels.type = pixel_type_of(given.dtype(), name);
  const py::list wanted(py::make_tuple("C", "ALIGNED"));
  const py::array ready =
      numpy.attr("require")(given, given.dtype().attr("newbyteorder")("="), wanted);
  pixels.shape.assign(ready.shape(), ready.shape() + ready.ndim());
  pixels.data = static_cast<const std::byte*>(ready.data());
  pixels.owner = keeper_of(ready);
  return pixels;
}

Shape<3> stack_shape(const Pixels& pixels, const std::string& name, const std::string& axes) {
  const std::vector<Index>& shape = pixels.shape;
  if (shape.size() == 2) return {1, shape[0], shape[1]};
  if (shape.size() == 3) return {shape[0], shape[1], shape[2]};
  throw InputError(name + ": an array with the axes " + axes + " is wanted, not one of " +
                   std::to_string(shape.size()) + " axes");
}

std::unique_ptr<MovieSource> array_source(const py::object& array,
                                          const std::string& name,
                                          const MovieInfo& info) {
  Pixels pixels = pixels_of(array, name);
  const Index channels = pixels.shape.size() == 4 ? pixels.shape.back() : 0;
  if (pixels.type == PixelType::u8 && (channels == 3 || channels == 4)) {
    pixels.type = channels == 3 ? PixelType::rgb : PixelType::rgba;
    pixels.shape.pop_back();
  }
  const auto [frames, height, width] = stack_shape(pixels, name, "(T, Y, X)");
  if (frames * height * width == 0) throw InputError(name + ": the array holds no pixel");
  return std::make_unique<ArraySource>(
      pixels.data, FrameFormat{pixels.type, height, width}, frames, info, pixels.owner);
}

}  // namespace kinema::python
