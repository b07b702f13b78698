// Audited frames in a container: kept as recorded, beside the snapshots of their groups.
#pragma once

#include "kinema/codec/container.h"
#include "kinema/io/hdf5.h"

#include <filesystem>
#include <vector>

namespace kinema::codec {

/// Rows of one audited frame each.
struct AuditRows {
  io::Hid frames, index, hashes;
};

/// Makes the datasets, empty.
void create_audit(hid_t file, const FrameFormat& format);

/// Opens them with so many rows; what lies beyond is cut off.
AuditRows open_audit(hid_t file, const FrameFormat& format, Index rows);

/// Appends row `row`: a frame's coded bytes.
void append_audited(const AuditRows& audit,
                    Index row,
                    const FrameFormat& format,
                    Index frame,
                    std::span<const std::byte> bytes);

/// Indices of the audited frames within the groups of `header`; none where the container has none.
/// Throws InputError where the datasets do not fit it.
std::vector<Index> read_audited(const std::filesystem::path& path,
                                hid_t file,
                                const ContainerHeader& header);

/// The coded bytes of row `row`, checked against their hash; throws InputError that names the
/// frame.
std::vector<std::byte> read_audited_bytes(const std::filesystem::path& path,
                                          hid_t file,
                                          Index row,
                                          Index frame);

}  // namespace kinema::codec
