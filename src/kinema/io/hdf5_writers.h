// Writers of movies in HDF5: NeXus, NCEM EMD and HyperSpy's files. Lines of the table in
// movie_writer.cpp.
#pragma once

#include "kinema/io/writer_formats.h"

namespace kinema::io {

std::optional<PixelType> hdf5_stored_type(PixelType type);  // every type as it is

/// NXroot / NXentry / NXdata with the frames (T, Y, X) as signal, its axes, and the instrument.
std::unique_ptr<MovieWriter> create_nexus(const WriteRequest& request);
/// EMD 0.2: /data/movie with data (T, Y, X) and dim1 to dim3.
std::unique_ptr<MovieWriter> create_emd(const WriteRequest& request);
/// Experiments/movie with data (T, Y, X) and axis-0 to axis-2.
std::unique_ptr<MovieWriter> create_hspy(const WriteRequest& request);

}  // namespace kinema::io
