// Particles from a STAR file and the MRC stacks that it names, and back.
//
// Units are told apart by the columns' names: rlnOriginXAngst is in angstrom and rlnOriginX in
// pixels; a pixel size comes from rlnImagePixelSize (RELION 3.1 and later), from
// rlnDetectorPixelSize (micrometre) over rlnMagnification (3.0), or from the stack's header.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/particles.h"
#include "kinema/io/star.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace kinema::io {

struct ParticleReadOptions {
  std::optional<Length> pixel_size = {};
  bool invert = false;
  bool need_poses = true;  // otherwise absent angles are 0

  static void fields(auto& self, auto&& visit) {
    visit("pixel_size", self.pixel_size, "edge of a pixel; auto takes the file's");
    visit("invert", self.invert, "the molecule is darker than its surroundings");
  }
};

struct ParticleFile {
  Particles particles;            // in the order of the file's rows, which is that of time
  std::vector<StarTable> tables;  // as read
};

/// Reads all. Image paths count from the STAR file's folder, then from the working folder. Throws
/// InputError naming the file and the column or the row: no angles, no defocus, pixel sizes that
/// differ, images that are not square or even, pixels that are not finite.
ParticleFile read_particles(const std::filesystem::path& path,
                            const ParticleReadOptions& options = {});

/// The table of a file that holds the particles: the one with rlnImageName.
StarTable& particle_table(std::vector<StarTable>& tables, const std::filesystem::path& path);

/// The tables with these poses in place of theirs; all other columns as they are.
std::vector<StarTable> with_poses(std::vector<StarTable> tables, const std::vector<Pose>& poses);

/// The tables of the STAR file at `from` as they must stand in one at `to`: image paths that count
/// from the one's folder, or from the working folder, count from the other's.
std::vector<StarTable> moved(std::vector<StarTable> tables,
                             const std::filesystem::path& from,
                             const std::filesystem::path& to);

/// `<path>` as RELION 3.1 writes it, and beside it the stack of images, `<stem>.mrcs`.
void write_particles(const std::filesystem::path& path, const Particles& particles);

}  // namespace kinema::io
