// What `validate` finds: every departure of a file from its format's description, with its place.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/io/read_options.h"
#include "kinema/io/validate.h"

#include <filesystem>
#include <string>
#include <vector>

namespace kinema::codec {

/// Every departure of a container from docs/formats/container.md: its header, table of groups and
/// attributes, and the hash of every snapshot and of the masks. `field` is the object in the file,
/// `offset` the place of a snapshot's bytes. Throws InputError where there is no such file;
/// whatever is in it is a departure.
std::vector<io::Departure> validate_container(const std::filesystem::path& path,
                                              Progress& progress);

struct Verdict {
  std::string path, format;
  std::vector<io::Departure> departures;
  Index frames = 0;  // read to their last pixel; all of them where nothing is fatal
  bool is_fatal() const;
};

/// Judges a container or an MRC file by its standard; of other formats every frame is read.
/// `memory` bounds what is read at once.
Verdict validate(const std::filesystem::path& path,
                 const io::ReadOptions& options,
                 Index memory,
                 Progress& progress);
Json to_json(const Verdict& verdict);

}  // namespace kinema::codec
