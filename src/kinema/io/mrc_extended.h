// The extended header of an MRC file, which every program fills in its own way: what it says of
// the movie, and all of it as a tree. See docs/formats/mrc.md.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie.h"
#include "kinema/io/file.h"
#include "kinema/io/mrc_header.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// What an extended header says of the movie, in house units; empty where it does not.
struct MrcExtendedFacts {
  std::optional<PixelSize> pixel_size;
  std::optional<Time> frame_time;
  std::optional<Voltage> voltage;
  std::optional<double> dose_per_area;  // electrons per square angstrom in one frame
  std::string detector, date;
  bool is_diffraction = false;  // then pixels have no length
  std::vector<std::string> notes;
};

/// Reads the entries of the first (and, for times, of the last) frame. `file` holds the extended
/// header whole.
MrcExtendedFacts read_extended_facts(const InputFile& file, const MrcHeader& header);

/// Type, size and fields; a field is one value where it is the same for all frames, else a list
/// over the first frames. Bounded.
Json extended_tree(const InputFile& file, const MrcHeader& header);

/// The kind of extended header by EXTTYP, or, where that is empty, by what is in it: "FEI1",
/// "FEI2", "SERI", "AGAR", "CCP4", another name, or "" for none known.
std::string extended_kind(const InputFile& file, const MrcHeader& header);

/// To that many digits: 7 are what a 32-bit float carries, 12 survive a change of units.
double rounded(double value, int digits);

/// Fields of entries one after another, each the same in all or a list over the first ones.
Json tree_of_entries(Index entries, const std::function<Json(Index)>& entry);

}  // namespace kinema::io
