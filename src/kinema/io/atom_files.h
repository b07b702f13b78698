// Files of atoms by their names: which format one is, and frames out of it and into it.
#pragma once

#include "kinema/io/atom_frame.h"
#include "kinema/io/file.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace kinema::io {

/// Frames of a file, one after another.
class AtomReader {
 public:
  virtual ~AtomReader() = default;
  /// The next frame; none behind the last. Throws InputError with file and line.
  virtual std::optional<AtomFrame> next() = 0;
};

/// Opens a dump of LAMMPS (it begins with "ITEM:") or a file of (extended) XYZ.
std::unique_ptr<AtomReader> open_atoms(const std::filesystem::path& path);

enum class AtomFormat : std::uint8_t { extxyz, lammps_dump, lammps_data, poscar };

/// The format that a name to write says: .xyz, .extxyz; .lammpstrj, .dump; .lmp, .data; POSCAR,
/// CONTCAR, .vasp, .poscar. Throws InputError that lists them for any other.
AtomFormat atom_format_of(const std::filesystem::path& path);

/// Whether files of a format hold many frames.
bool holds_many(AtomFormat format);

/// Writes frame after frame; the file has its name once it was closed.
class AtomWriter {
 public:
  explicit AtomWriter(const std::filesystem::path& path);
  /// Throws InputError for a second frame of a format that holds one.
  void write(const AtomFrame& frame);
  void close();

 private:
  AtomFormat format_;
  PartialFile file_;
  std::filesystem::path path_;
  std::uint64_t written_ = 0;
  Index frames_ = 0;
};

}  // namespace kinema::io
