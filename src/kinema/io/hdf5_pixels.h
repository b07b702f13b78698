// Pixel types of HDF5 datasets, whoever wrote them.
#pragma once

#include "kinema/io/hdf5.h"

#include <string>

namespace kinema::io {

/// How elements of a dataset are taken into memory.
struct Hdf5Pixels {
  PixelType type = PixelType::u8;
  Hid memory;          // HDF5's type of a pixel in memory; not open where there is none
  std::string reason;  // why there is none
};

/// Integers and floats of any byte order; bool and enum as the integers they are; a compound of
/// two equal floats is complex, one of 3 or 4 bytes r, g, b (a) is colour.
Hdf5Pixels hdf5_pixels(hid_t dataset);

/// HDF5's type of a pixel in a file: hdf5_type(), and for complex numbers the compound (r, i) and
/// for colours the compound (R, G, B, A) that other programs write.
Hid hdf5_pixel_type(PixelType type);

}  // namespace kinema::io
