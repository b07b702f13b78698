// What `dynamics reconstruct` leaves in its folder, and reading it back.
#pragma once

#include "kinema/dynamics/evaluate.h"
#include "kinema/dynamics/reconstruct.h"
#include "kinema/io/particles.h"

#include "verb.h"
#include <filesystem>
#include <string>
#include <vector>

namespace kinema::app {

/// Frames named by "auto" (24 spread evenly, or all of fewer), "all", "a:b" or "0,50,100"; rising.
std::vector<Index> frames_of(const std::string& text, Index frames);

/// A level for the surface of a density, between nothing and its bright part.
float contour_level(const Volume& volume);

/// frame_0042.mrc
std::string volume_name(Index frame);

/// Writes volumes/frame_NNNN.mrc, mean_map.mrc, series.cxc, latent.csv, fsc.csv and poses.star into
/// `folder`, which is made; returns the summary, with what is to be said of them.
Json write_reconstruction(const std::filesystem::path& folder,
                          const dynamics::Reconstruction& result,
                          const io::ParticleFile& particles,
                          const std::vector<Index>& frames,
                          Json summary,
                          Progress& progress);

/// A table of numbers with one header line; InputError by file and line where one is no number.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
};
CsvTable read_csv(const std::filesystem::path& path);

/// Frames of which `folder`/volumes holds a volume, rising.
std::vector<Index> frames_in(const std::filesystem::path& folder);

}  // namespace kinema::app
