// Extended XYZ: blocks of a count, a line of key=value pairs and one line an atom, as ASE, OVITO
// and libAtoms read and write it; plain XYZ is read too.
//
//   747
//   Lattice="51 0 0 0 52 0 0 0 20" pbc="F F F" Properties=species:S:1:pos:R:3:sigma:R:3 frame=0
//   C 6.351200 13.340000 -0.085100 0.03 0.03 0.25
//
// Lengths are angstrom. Our own keys: `frame` is the 0-based frame of the movie, `Time` with
// `Time_unit` (s, ms, us, ns, ps or fs; we write s) its time; a Time without a unit stays a plain
// word of the frame. Columns: `sigma:R:3` are standard errors, `id:I:1` says which atom is which,
// every other number becomes a value: `name`, `name_x, name_y, name_z` for three of them, else
// `name_0`, `name_1`, ... Columns of text are passed over.
#pragma once

#include "kinema/io/atom_frame.h"
#include "kinema/io/file.h"
#include "kinema/io/line_reader.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// Reads frame after frame; a file of any length streams.
class ExtxyzReader {
 public:
  explicit ExtxyzReader(const std::filesystem::path& path);
  /// The next frame; none behind the last. Throws InputError with file and line.
  std::optional<AtomFrame> next();
  std::uint64_t bytes_left() const { return lines_.remaining(); }

 private:
  InputFile file_;
  LineReader lines_;
};

/// Writes frame after frame; the file has its name once it was closed.
class ExtxyzWriter {
 public:
  explicit ExtxyzWriter(const std::filesystem::path& path);
  void write(const AtomFrame& frame);
  void close();

 private:
  void flush();

  PartialFile file_;
  std::uint64_t written_ = 0;
  std::string buffer_;
};

/// One frame as text. Positions are written to 1e-6 angstrom, other numbers to nine digits.
std::string extxyz_text(const AtomFrame& frame);

/// A whole file; see trajectory_of() for what makes frames a trajectory.
Trajectory read_extxyz(const std::filesystem::path& path);

/// Writes a whole file; `info` holds further key-value pairs of each frame, or of none.
void write_extxyz(const std::filesystem::path& path,
                  const Trajectory& trajectory,
                  const std::vector<std::map<std::string, std::string>>& info = {});

}  // namespace kinema::io
