// Snapshots and masks of a container, checked against their hashes.
#include "kinema/codec/bit_pack.h"
#include "kinema/codec/container.h"
#include "kinema/codec/container_audit.h"
#include "kinema/codec/container_header.h"
#include "kinema/codec/container_layout.h"
#include "kinema/codec/plane_snapshot.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace kinema::codec {

using io::Hid;

struct ContainerReader::State {
  std::filesystem::path path;
  OpenContainer container;
  std::vector<Index> firsts;                            // snapshots of the groups
  std::optional<PlaneSnapshots> planes = std::nullopt;  // once a quantised snapshot was read

  const Group& group_of(Index s) const {
    const auto after = std::upper_bound(firsts.begin(), firsts.end(), s);
    return container.header.groups[static_cast<std::size_t>(after - firsts.begin() - 1)];
  }
  /// Which of its group's snapshots s is.
  Index bucket_of(Index s) const {
    return s - *(std::upper_bound(firsts.begin(), firsts.end(), s) - 1);
  }
  /// The first frame that went into snapshot s.
  Index first_frame(Index s) const {
    return group_of(s).first + first_frame_of(group_of(s), bucket_of(s));
  }

  /// Undoes the coder of planes into (Y, X) floats.
  void decode_plane(std::span<const std::byte> bytes,
                    const Group& group,
                    Index k,
                    std::span<float> sums) {
    const ContainerHeader& h = container.header;
    if (!planes) planes.emplace(masks(), !is_float(h.recorded));
    planes->decode(bytes, group, k, sums);
  }

  /// Draws or reads the masks and checks their hash.
  MaskSet masks() const {
    const ContainerHeader& h = container.header;
    MaskSet masks = h.mask_kind == MaskKind::given
                        ? given_masks()
                        : make_masks({h.mask_kind, h.ratio, h.mask_seed}, h.height, h.width);
    masks.adaptive = h.ratios.size() > 1;
    if (hash_of(masks) != h.mask_hash) {
      refuse(path,
             "the masks do not match their hash in entry/masks; nothing can be decoded "
             "with wrong masks");
    }
    return masks;
  }

  /// The stored bytes of snapshot s, checked against their hash.
  io::Chunk checked_chunk(Index s) const {
    const std::string name =
        "snapshot " + std::to_string(s) + " (frames " + std::to_string(first_frame(s)) + " on)";
    io::Chunk chunk = checked(path, name, [&] {
      return io::read_chunk(container.snapshots, std::vector<Index>{s, 0, 0});
    });
    Digest stored{};
    io::read_rows(container.hashes, H5T_NATIVE_UINT8, s, 1, stored.data());
    if (digest_of(chunk.bytes) != stored || chunk.skipped_filters != 0) {
      refuse(path,
             name +
                 " is damaged: its bytes do not match their hash; the others can be decoded with "
                 "--frames");
    }
    return chunk;
  }

  MaskSet given_masks() const {
    const ContainerHeader& h = container.header;
    const Index bytes = (h.width + 7) / 8;
    const Index expected = count_of<3>({h.ratio, h.height, bytes});
    if (static_cast<std::uintmax_t>(expected) > std::filesystem::file_size(path)) {
      refuse(path, std::string(layout::mask_bits) + " would be larger than the file");
    }
    const Hid dataset = io::open_object(container.file, layout::mask_bits);
    const Hid type(H5Dget_type(dataset));
    if (H5Tequal(type, H5T_STD_U8LE) <= 0 || io::dataset_size(dataset, expected) != expected) {
      refuse(path, std::string(layout::mask_bits) + " does not hold ratio x height x width bits");
    }
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(expected));
    io::read_elements(dataset, type, bits.data());
    MaskSet masks{BitArray({h.ratio, h.height, h.width}), MaskKind::given, 0};
    for (Index b = 0, at = 0; b < h.ratio; ++b) {
      for (Index y = 0; y < h.height; ++y, at += bytes) {
        std::memcpy(masks.masks.row(b, y), bits.data() + at, static_cast<std::size_t>(bytes));
      }
    }
    return masks;
  }
};

ContainerReader::ContainerReader(const std::filesystem::path& path)
    : state_(std::make_unique<State>(State{path, open_container(path), {}})) {
  state_->firsts = first_snapshots(header().groups);
}

ContainerReader::~ContainerReader() = default;
ContainerReader::ContainerReader(ContainerReader&&) noexcept = default;
ContainerReader& ContainerReader::operator=(ContainerReader&&) noexcept = default;

const ContainerHeader& ContainerReader::header() const {
  return state_->container.header;
}

Index ContainerReader::snapshots() const {
  return state_->firsts.back();
}

void ContainerReader::read_exact(Index s, std::byte* out) const {
  const ContainerHeader& h = state_->container.header;
  if (s < 0 || s >= snapshots()) throw std::logic_error("no such snapshot");
  const io::Chunk chunk = state_->checked_chunk(s);
  if (h.quantised) {
    return checked(state_->path, "snapshot " + std::to_string(s), [&] {
      state_->decode_plane(
          chunk.bytes,
          state_->group_of(s),
          state_->bucket_of(s),
          {reinterpret_cast<float*>(out), static_cast<std::size_t>(h.height * h.width)});
    });
  }
  const auto pixels = static_cast<std::size_t>(h.height * h.width);
  if (is_float(h.stored)) {
    io::read_rows(state_->container.snapshots, io::hdf5_type(h.stored), s, 1, out);
  } else if (h.stored == PixelType::u16) {
    unpack<std::uint16_t>(chunk.bytes, {reinterpret_cast<std::uint16_t*>(out), pixels});
  } else {
    unpack<std::int32_t>(chunk.bytes, {reinterpret_cast<std::int32_t*>(out), pixels});
  }
}

Array<float, 2> ContainerReader::snapshot(Index s) const {
  const ContainerHeader& h = state_->container.header;
  auto exact = Array<std::byte, 1>::uninitialised({h.height * h.width * bytes_of(h.stored)});
  read_exact(s, exact.data());
  auto floats = Array<float, 2>::uninitialised({h.height, h.width});
  floats_from(h.stored, exact.data(), floats.size(), floats.data());
  return floats;
}

AuditedFrame ContainerReader::audited(Index i) const {
  const ContainerHeader& h = header();
  const Index frame = h.audited.at(static_cast<std::size_t>(i));
  AuditedFrame audited{frame, Array<float, 2>::uninitialised({h.height, h.width})};
  const std::vector<std::byte> bytes =
      read_audited_bytes(state_->path, state_->container.file, i, frame);
  checked(state_->path, "audited frame " + std::to_string(frame), [&] {
    state_->decode_plane(bytes, {frame, 1, 1, GroupMode::lossless}, 0, audited.pixels.flat());
  });
  return audited;
}

MaskSet ContainerReader::masks() const {
  return state_->masks();
}

Index ContainerReader::stored_bytes() const {
  Index bytes = 0;
  for (Index s = 0; s < snapshots(); ++s) {
    bytes += io::chunk_bytes(state_->container.snapshots, std::vector<Index>{s, 0, 0});
  }
  return bytes;
}

std::string ratio_text(const std::vector<Group>& groups, Index ratio) {
  Index least = ratio, most = 0;
  for (const Group& group : groups) {
    if (group.mode == GroupMode::lossless || group.ratio == 0) continue;
    least = std::min(least, group.ratio);
    most = std::max(most, group.ratio);
  }
  if (most == 0) return std::to_string(ratio);
  return least == most ? std::to_string(most)
                       : std::to_string(least) + " to " + std::to_string(most);
}

Json ratios_json(const std::vector<Group>& groups) {
  std::map<Index, Index> counts;
  for (const Group& group : groups) {
    if (group.mode == GroupMode::coded) ++counts[group.ratio];
  }
  Json json = Json::object();
  for (const auto& [ratio, count] : counts) json[std::to_string(ratio)] = count;
  return json;
}

Index lossless_frames(const std::vector<Group>& groups) {
  Index frames = 0;
  for (const Group& group : groups) {
    if (group.mode == GroupMode::lossless) frames += group.frames;
  }
  return frames;
}

Json rate_json(const ContainerHeader& header, Index container_bytes, Index stored_bytes) {
  const auto bytes = static_cast<double>(container_bytes);
  const double pixels = static_cast<double>(header.frames) * static_cast<double>(header.height) *
                        static_cast<double>(header.width);
  const double raw = pixels * static_cast<double>(bytes_of(header.recorded));
  return {{"container_bytes", bytes},
          {"snapshot_bytes", stored_bytes},
          {"recorded_bytes", raw},
          {"bits_per_pixel", 8.0 * bytes / pixels},
          {"compression_ratio", raw / bytes}};
}

Measurement read_measurement(const std::filesystem::path& path) {
  const ContainerReader reader(path);
  const ContainerHeader& h = reader.header();
  Measurement measurement;
  const Shape<3> shape{reader.snapshots(), h.height, h.width};
  switch (h.stored) {
    case PixelType::u16:
      measurement.snapshots = Array<std::uint16_t, 3>::uninitialised(shape);
      break;
    case PixelType::i32:
      measurement.snapshots = Array<std::int32_t, 3>::uninitialised(shape);
      break;
    default:
      measurement.snapshots = Array<float, 3>::uninitialised(shape);
      break;
  }
  for (Index s = 0; s < reader.snapshots(); ++s) {
    std::visit(
        [&](auto& array) { reader.read_exact(s, reinterpret_cast<std::byte*>(array[s].data())); },
        measurement.snapshots);
  }
  measurement.groups = h.groups;
  measurement.masks = reader.masks();
  measurement.recorded = h.recorded;
  measurement.noise = h.noise;
  measurement.info = h.info;
  for (std::size_t i = 0; i < h.audited.size(); ++i) {
    measurement.audited.push_back(reader.audited(static_cast<Index>(i)));
  }
  return measurement;
}

}  // namespace kinema::codec
