// Opening a container: everything but its snapshots, read and checked.
#pragma once

#include "kinema/codec/container.h"
#include "kinema/io/hdf5.h"

#include <filesystem>
#include <string>

namespace kinema::codec {

struct OpenContainer {
  io::Hid file, snapshots, hashes;
  ContainerHeader header;
};

/// Reads all but the snapshots of the container at `path`. Trusts nothing that the file declares: a
/// reader process looks through it first, and sizes are bounded by those of the file before memory
/// is taken. Throws InputError that names the file and the object.
OpenContainer open_container(const std::filesystem::path& path);

/// Throws InputError "path: what" in one line, whatever `what` quotes from the file.
[[noreturn]] void refuse(const std::filesystem::path& path, std::string what);

/// Calls `read` and names the file, and the object that was read, in what it refuses.
template <class Read>
auto checked(const std::filesystem::path& path, const std::string& object, Read&& read) {
  try {
    return read();
  } catch (const FileError&) {
    throw;
  } catch (const InputError& error) {
    const std::string what = error.what(), name = path.string() + ": ";
    refuse(path, object + ": " + (what.starts_with(name) ? what.substr(name.size()) : what));
  }
}

}  // namespace kinema::codec
