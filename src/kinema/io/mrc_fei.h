// Entries of FEI1 and FEI2 extended headers, both ways: one for each frame, of the microscope and
// its cameras at that moment.
#pragma once

#include "kinema/io/mrc_extended.h"

#include <span>

namespace kinema::io {

/// How many entries there are for the frames, and how long each is.
struct FeiEntries {
  Index count = 0;
  std::uint64_t bytes = 0;
};
FeiEntries find_fei_entries(const InputFile& file, const MrcHeader& header);

/// The fields of entry `index` that count, by their names.
Json read_fei_entry(const InputFile& file,
                    const MrcHeader& header,
                    const FeiEntries& entries,
                    Index index);

/// What the entries say of the movie.
MrcExtendedFacts fei_facts(const InputFile& file, const MrcHeader& header);

/// An FEI1 header, little-endian, of an entry for each frame, that tells the facts which the main
/// header has no place for; empty where there are none, or too many frames for a header.
std::vector<std::byte> make_fei_header(const MovieInfo& info, Index frames);
Index fei_header_bytes(const MovieInfo& info, Index frames);

}  // namespace kinema::io
