// What every parser of movie files is fed with, by the fuzzer and by the replay of what it found.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace kinema::fuzz {

/// Opens `bytes` as a file of the format of this name and reads some of it; "hdf5 chunk" is what
/// undoes HDF5's filters (the library itself runs in a process of its own), "coded plane" what
/// undoes ours. InputError and IoError
/// are right answers; whatever else is thrown, or a crash, is a finding.
void feed(std::string_view format, std::span<const std::byte> bytes);

}  // namespace kinema::fuzz
