// Volumes as MRC maps: one density on cubic voxels, row 0 first.
#pragma once

#include "kinema/data/volume.h"

#include <filesystem>

namespace kinema::io {

/// Throws InputError where the file holds no cube, or its voxels have no known size.
Volume read_volume(const std::filesystem::path& path);

/// As float32 (mode 2) with statistics, voxel size and origin, by way of a partial file.
void write_volume(const std::filesystem::path& path, const Volume& volume);

}  // namespace kinema::io
