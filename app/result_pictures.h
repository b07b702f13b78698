// The pictures that stand beside results: a film in 3D and figures for papers.
#pragma once

#include "kinema/base/progress.h"
#include "kinema/data/trajectory.h"

#include <filesystem>
#include <string>

namespace kinema::app {

/// Writes into `folder`: figures/height_map.svg, heights.svg, sigma.svg, sheet.png and, with
/// `film`, movie.mp4; `dose` of a frame in electrons per square angstrom, 0 where it is not known.
/// Returns a line of what could not be made, or nothing.
std::string write_atom_pictures(const std::filesystem::path& folder,
                                const Trajectory& trajectory,
                                double dose,
                                bool film,
                                Progress& progress);

/// The same of a folder of dynamics reconstruct, from the files in it: figures/latent.svg,
/// latent_plane.svg, fsc.svg, volume.png and, with `film`, movie.mp4.
std::string write_volume_pictures(const std::filesystem::path& folder,
                                  bool film,
                                  Progress& progress);

}  // namespace kinema::app
