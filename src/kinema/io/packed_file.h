// Files packed by gzip, bzip2 or zstd, read as if they were not: unpacked as a stream, ahead of the
// reader in a thread of its own.
#pragma once

#include "kinema/io/file.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

namespace kinema::io {

enum class Packing : std::uint8_t { gzip, bzip2, zstd };

/// How a file is packed, by its first bytes; none where it is not.
std::optional<Packing> packing_of(std::span<const std::byte> head);

/// The content of a packed file, which may consist of several packed streams one after another.
/// Up to 8 MiB are unpacked now and kept, so that the size of small files is exact; of the rest
/// only what was read last is at hand: going back starts anew. Content of over 1000 times the
/// packed size and 64 MiB is taken for a bomb: size() is at most that, and nothing beyond is
/// unpacked. Throws FileError, with the offset in the packed file, where it is damaged or ends
/// early.
InputFile unpacked(const std::filesystem::path& path);

}  // namespace kinema::io
