// Movies in HDF5 files of every flavour.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>

namespace kinema::io {

/// Opens the image that the file prefers, else the largest of three or more axes, else the largest;
/// `options.dataset` names another, or a path to any dataset. A damaged file can crash the HDF5
/// library: run this in a process of its own. Throws InputError with what is there where nothing
/// fits.
std::unique_ptr<MovieSource> open_hdf5(const std::filesystem::path& path,
                                       const ReadOptions& options);

}  // namespace kinema::io
