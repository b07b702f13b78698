// Ways through an HDF5 file that somebody else wrote: links are followed step by step, and none
// leads out of the file's own folder.
#pragma once

#include "kinema/io/hdf5.h"

#include <functional>
#include <optional>
#include <string>

namespace kinema::io {

/// A group or dataset, or why there is none.
struct FoundObject {
  Hid object;
  std::string reason;
};

/// The object at `path` ("entry/data"; from the root with a leading '/'). Soft links are followed
/// within the file, external ones to files in its folder or below; there, too, are external and
/// virtual parts of datasets looked for.
FoundObject follow_path(hid_t from, const std::string& path);

/// The same, not open where there is none.
Hid find_object(hid_t from, const std::string& path);
/// The same; InputError with the reason where there is none.
Hid require_object(hid_t from, const std::string& path);

/// Where an external link leads: the name of a file as it stands there, and a path within it.
struct ExternalTarget {
  std::string file, path;
};
/// None where `name` is no external link of the group.
std::optional<ExternalTarget> external_target(hid_t group, const std::string& name);

/// Where a file that `object`'s file names is looked for: below the folder of that file by a
/// relative name; beside it by the last part of an absolute one, as HDF5 does where there is no
/// such path. None where a relative name leads out of the folder.
std::optional<std::filesystem::path> named_file(hid_t object, const std::string& name);

bool is_group(hid_t object);
bool is_dataset(hid_t object);

/// Whether two handles are of one group or dataset, however they were come by.
bool is_same_object(hid_t one, hid_t other);

/// Calls visit(path, object) for every group and dataset below `group`, each once, in order of
/// name; paths have no leading '/'. At most 32 levels and 20,000 links. Returns why the first link
/// that leads nowhere does; empty where all lead somewhere.
std::string visit_objects(hid_t group, const std::function<void(const std::string&, hid_t)>& visit);

}  // namespace kinema::io
