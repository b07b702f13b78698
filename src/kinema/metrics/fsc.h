// Fourier shell correlation of two volumes, and the resolutions read off it.
#pragma once

#include "kinema/data/volume.h"

#include <span>
#include <vector>

namespace kinema::metrics {

/// Correlation of shells 0 to N/2 - 1 of two volumes (N, N, N).
struct FscCurve {
  std::vector<double> values;
  Index box = 0;
  Length voxel_size;

  /// 1/angstrom of a shell.
  double frequency(double shell) const {
    return shell / (static_cast<double>(box) * voxel_size.value);
  }
};

/// Both volumes within a soft sphere of 0.95 of the box's radius (cosine edge from 0.85), or as
/// they are. InputError where their sizes differ.
enum class FscMask { soft_sphere, none };
FscCurve fsc(const Volume& a, const Volume& b, FscMask mask = FscMask::soft_sphere);

/// Angstrom at which the curve first falls below `threshold`, between shells by a straight line;
/// twice the voxel size where it never does, and the box's edge where it does at once.
double resolution(const FscCurve& curve, double threshold);

/// Mean of shells 1 to N/2 - 1.
double area_under(const FscCurve& curve);

/// The mean of several curves of one box.
FscCurve mean_curve(std::span<const FscCurve> curves);

/// volume minus mean, voxel by voxel.
Volume difference(const Volume& volume, const Volume& mean);

/// The mean of volumes of one size; at least one.
Volume mean_volume(std::span<const Volume> volumes);

}  // namespace kinema::metrics
