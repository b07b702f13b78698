// The two halves of judging an MRC file: its header alone, and its header against its pixels.
#pragma once

#include "kinema/io/file.h"
#include "kinema/io/mrc_header.h"
#include "kinema/io/validate.h"

namespace kinema::io {

/// A header's number as people write it, to eight digits.
std::string text_of(double number);

/// What the header says that MRC2014 does not allow, whatever follows it.
std::vector<Departure> judge_mrc_header(const MrcHeader& header);

/// Where the header's density fields differ from the pixels, which must all be there from `offset`
/// on. An undetermined field (as the standard marks it) is none.
std::vector<Departure> judge_mrc_densities(const InputFile& file,
                                           const MrcHeader& header,
                                           std::uint64_t offset);

}  // namespace kinema::io
