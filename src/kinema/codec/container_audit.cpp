// The datasets of entry/audit: written row by row, read with the care that all others get.
#include "kinema/codec/container_audit.h"

#include "kinema/base/hash.h"
#include "kinema/codec/container_checks.h"
#include "kinema/codec/container_header.h"
#include "kinema/codec/container_layout.h"

#include <algorithm>

namespace kinema::codec {

using io::Hid;
using Path = std::filesystem::path;

void create_audit(hid_t file, const FrameFormat& format) {
  const Hid group = io::create_group(file, layout::audit);
  io::write_attribute(group, "NX_class", std::string("NXcollection"));
  const auto growing = [&](const char* name, hid_t type, std::vector<Index> row, hid_t properties) {
    std::vector<Index> shape{0}, most{-1};
    shape.insert(shape.end(), row.begin(), row.end());
    most.insert(most.end(), row.begin(), row.end());
    return io::create_dataset(file, name, type, shape, most, properties);
  };
  const Hid planes = io::chunked_properties(std::vector<Index>{1, format.height, format.width});
  H5Pset_fill_time(planes, H5D_FILL_TIME_NEVER);
  H5Pset_filter(planes, layout::plane_filter, H5Z_FLAG_OPTIONAL, 0, nullptr);
  const Hid frames =
      growing(layout::audit_frames, H5T_STD_I32LE, {format.height, format.width}, planes);
  io::write_attribute(frames, "long_name", std::string("frames as recorded, beside their groups"));
  growing(layout::audit_index, H5T_STD_I64LE, {}, io::chunked_properties(std::vector<Index>{64}));
  growing(layout::audit_hashes,
          H5T_STD_U8LE,
          {sizeof(Digest)},
          io::chunked_properties(std::vector<Index>{64, sizeof(Digest)}));
}

AuditRows open_audit(hid_t file, const FrameFormat& format, Index rows) {
  const auto open = [&](const char* name, const std::vector<Index>& shape) {
    Hid dataset = io::open_object(file, name);
    io::resize_dataset(dataset, shape);
    return dataset;
  };
  return {open(layout::audit_frames, {rows, format.height, format.width}),
          open(layout::audit_index, {rows}),
          open(layout::audit_hashes, {rows, static_cast<Index>(sizeof(Digest))})};
}

void append_audited(const AuditRows& audit,
                    Index row,
                    const FrameFormat& format,
                    Index frame,
                    std::span<const std::byte> bytes) {
  const auto grow = [&](const Hid& dataset, const std::vector<Index>& shape) {
    io::resize_dataset(dataset, shape);
  };
  grow(audit.frames, {row + 1, format.height, format.width});
  io::write_chunk(audit.frames, std::vector<Index>{row, 0, 0}, bytes);
  io::flush_dataset(audit.frames);
  const Digest hash = digest_of(bytes);
  grow(audit.hashes, {row + 1, static_cast<Index>(sizeof(Digest))});
  io::write_rows(audit.hashes, H5T_NATIVE_UINT8, row, 1, hash.data());
  io::flush_dataset(audit.hashes);
  const std::int64_t index = frame;
  grow(audit.index, {row + 1});
  io::write_rows(audit.index, H5T_NATIVE_INT64, row, 1, &index);
  io::flush_dataset(audit.index);
}

std::vector<Index> read_audited(const Path& path, hid_t file, const ContainerHeader& header) {
  if (!io::has_object(file, layout::audit)) return {};
  const Hid frames = open_dataset(path, file, layout::audit_frames);
  const std::vector<Index> shape = io::shape_of(frames);
  if (shape.size() != 3 || shape[1] != header.height || shape[2] != header.width ||
      io::chunk_of(frames) != std::vector<Index>{1, shape[1], shape[2]} ||
      H5Tequal(Hid(H5Dget_type(frames)), H5T_STD_I32LE) <= 0 || !is_coded_as_planes(frames)) {
    refuse(path, std::string(layout::audit_frames) + " is not int32 (A, Y, X) coded as planes");
  }
  const Hid index = open_rows(path, file, layout::audit_index, H5T_STD_I64LE, sizeof(std::int64_t));
  const Hid hashes = open_rows(path, file, layout::audit_hashes, H5T_STD_U8LE, sizeof(Digest));
  const std::vector<Index> rows = io::shape_of(index), digests = io::shape_of(hashes);
  if (rows.size() != 1 || rows[0] > shape[0] ||
      digests != std::vector<Index>{digests[0], static_cast<Index>(sizeof(Digest))} ||
      digests[0] < rows[0]) {
    refuse(path, std::string(layout::audit) + " has not a frame and a hash for each index");
  }
  std::vector<std::int64_t> told(static_cast<std::size_t>(rows[0]));
  if (!told.empty()) io::read_rows(index, H5T_NATIVE_INT64, 0, rows[0], told.data());
  std::vector<Index> audited;
  for (const std::int64_t frame : told) {
    if (frame < 0 || (!audited.empty() && frame <= audited.back())) {
      refuse(path, std::string(layout::audit_index) + " does not rise from frame to frame");
    }
    if (frame >= header.frames) break;  // of a group that was not committed
    audited.push_back(frame);
  }
  return audited;
}

std::vector<std::byte> read_audited_bytes(const Path& path, hid_t file, Index row, Index frame) {
  const std::string name = "audited frame " + std::to_string(frame);
  io::Chunk chunk = checked(path, name, [&] {
    return io::read_chunk(io::open_object(file, layout::audit_frames),
                          std::vector<Index>{row, 0, 0});
  });
  Digest stored{};
  io::read_rows(
      io::open_object(file, layout::audit_hashes), H5T_NATIVE_UINT8, row, 1, stored.data());
  if (digest_of(chunk.bytes) != stored || chunk.skipped_filters != 0) {
    refuse(path, name + " is damaged: its bytes do not match their hash");
  }
  return std::move(chunk.bytes);
}

}  // namespace kinema::codec
