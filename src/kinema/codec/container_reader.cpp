// Reading a container; every size is checked before memory is taken.
#include "kinema/codec/bit_pack.h"
#include "kinema/codec/container.h"
#include "kinema/codec/container_layout.h"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace kinema::codec {
namespace {

using io::Hid;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw InputError(path.string() + ": " + what);
}

PixelType pixel_type_named(const std::filesystem::path& path, const std::string& name) {
  for (const PixelType type : {PixelType::u8,
                               PixelType::i8,
                               PixelType::u16,
                               PixelType::i16,
                               PixelType::u32,
                               PixelType::i32,
                               PixelType::f16,
                               PixelType::f32,
                               PixelType::f64}) {
    if (to_text(type) == name) return type;
  }
  refuse(path, "entry/recorded: dtype '" + name + "' is not a pixel type");
}

PixelType stored_type(const std::filesystem::path& path, hid_t dataset) {
  const Hid type(H5Dget_type(dataset));
  if (H5Tequal(type, H5T_STD_U16LE) > 0) return PixelType::u16;
  if (H5Tequal(type, H5T_STD_I32LE) > 0) return PixelType::i32;
  if (H5Tequal(type, H5T_IEEE_F32LE) > 0) return PixelType::f32;
  refuse(path, "entry/measurement/snapshots holds neither uint16, int32 nor float32");
}

MovieInfo read_info(hid_t recorded) {
  MovieInfo info;
  info.pixel_size_source = io::read_text_attribute(recorded, "pixel_size_source");
  if (io::has_attribute(recorded, "pixel_size_angstrom")) {
    const auto size = io::read_numbers<double>(recorded, "pixel_size_angstrom");
    if (size.size() == 2) info.pixel_size = PixelSize{{size[0]}, {size[1]}};
  }
  if (io::has_attribute(recorded, "frame_time_seconds")) {
    info.frame_time = Time{io::read_number<double>(recorded, "frame_time_seconds")};
  }
  if (io::has_attribute(recorded, "notes")) {
    info.notes = io::read_texts_attribute(recorded, "notes");
  }
  return info;
}

/// The table of groups, and that it speaks of consecutive frames and existing snapshots.
std::vector<Group> read_groups(const std::filesystem::path& path,
                               hid_t file,
                               Index snapshots,
                               Index ratio) {
  const Hid dataset = io::open_object(file, layout::groups);
  const Index count = io::dataset_size(dataset, snapshots);
  std::vector<layout::GroupRow> rows(static_cast<std::size_t>(count));
  if (count > 0) io::read_rows(dataset, layout::group_row_type(), 0, count, rows.data());
  std::vector<Group> groups;
  Index next = 0;
  for (const layout::GroupRow& row : rows) {
    const auto index = static_cast<Index>(groups.size());
    if (row.first != next || row.frames < 1 || row.frames > ratio || row.buckets != 1 ||
        row.snapshot != index || row.mode != 0) {
      refuse(path,
             "entry/groups: row " + std::to_string(index) +
                 " is damaged or of a newer kinema; it does not follow the row before it");
    }
    groups.push_back({row.first, row.frames, row.buckets, GroupMode::coded, row.step});
    next += row.frames;
  }
  return groups;
}

}  // namespace

struct ContainerReader::State {
  std::filesystem::path path;
  Hid file, data;
  ContainerHeader header;

  void read_header() {
    ContainerHeader& h = header;
    const Hid root = io::open_object(file, "/");
    if (!io::has_attribute(root, "kinema_schema")) {
      refuse(path, "is an HDF5 file, but not a kinema container (no attribute 'kinema_schema')");
    }
    h.schema = static_cast<int>(io::read_number<std::int64_t>(root, "kinema_schema"));
    if (h.schema != container_schema) {
      refuse(path,
             "has container schema " + std::to_string(h.schema) + ", this kinema reads " +
                 std::to_string(container_schema) + "; use a newer kinema");
    }
    h.complete =
        io::read_number<std::int64_t>(io::open_object(file, layout::entry), "complete") != 0;
    data = io::open_object(file, layout::snapshots);
    const std::vector<Index> shape = io::shape_of(data);
    const std::vector<Index> chunk = io::chunk_of(data);
    if (shape.size() != 3 || chunk != std::vector<Index>{1, shape[1], shape[2]}) {
      refuse(path, "entry/measurement/snapshots is not (S, Y, X) in chunks of one snapshot");
    }
    h.height = shape[1];
    h.width = shape[2];
    count_of<3>({1, h.height, h.width});
    h.stored = stored_type(path, data);
    const Hid masks = io::open_object(file, layout::masks);
    from_text(io::read_text_attribute(masks, "kind"), h.mask_kind);
    h.mask_seed = io::read_number<std::uint64_t>(masks, "seed");
    h.ratio = io::read_number<std::int64_t>(masks, "ratio");
    h.mask_hash = io::read_text_attribute(masks, "hash");
    h.groups = read_groups(path, file, shape[0], h.ratio);
    for (const Group& group : h.groups) h.frames += group.frames;
    const Hid recorded = io::open_object(file, layout::recorded);
    h.recorded = pixel_type_named(path, io::read_text_attribute(recorded, "dtype"));
    h.info = read_info(recorded);
    const Hid noise = io::open_object(file, layout::noise);
    if (io::has_attribute(noise, "gain")) {
      h.noise = NoiseModel{io::read_number<double>(noise, "gain"),
                           io::read_number<double>(noise, "read_variance"),
                           io::read_number<double>(noise, "change")};
    }
    if (h.noise && h.noise->gain == 0.0 && h.noise->read_variance == 0.0) h.noise.reset();
    const Json json = Json::parse(io::read_text_dataset(file, layout::provenance), nullptr, false);
    if (!json.is_discarded()) h.provenance = provenance_from_json(json);
  }

  /// The stored bytes of snapshot s, checked against their hash.
  io::Chunk checked_chunk(Index s) const {
    io::Chunk chunk = io::read_chunk(data, std::vector<Index>{s, 0, 0});
    Digest stored{};
    io::read_rows(io::open_object(file, layout::hashes), H5T_NATIVE_UINT8, s, 1, stored.data());
    if (digest_of(chunk.bytes) != stored) {
      refuse(path,
             "snapshot " + std::to_string(s) + " (frames " +
                 std::to_string(header.groups[static_cast<std::size_t>(s)].first) +
                 " on) is damaged: its bytes do not match their hash; the others can be "
                 "decoded with --frames");
    }
    return chunk;
  }
};

ContainerReader::ContainerReader(const std::filesystem::path& path)
    : state_(std::make_unique<State>()) {
  state_->path = path;
  std::array<std::byte, 8> head{};
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "cannot be opened; check the path");
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  if (!io::is_hdf5(head)) {
    refuse(path,
           "is not a kinema container (not an HDF5 file); make one with `kinema codec encode`");
  }
  state_->file = io::open_hdf5(path, io::Hdf5Access::read);
  state_->read_header();
}

ContainerReader::~ContainerReader() = default;
ContainerReader::ContainerReader(ContainerReader&&) noexcept = default;
ContainerReader& ContainerReader::operator=(ContainerReader&&) noexcept = default;

const ContainerHeader& ContainerReader::header() const {
  return state_->header;
}

Index ContainerReader::snapshots() const {
  return static_cast<Index>(state_->header.groups.size());
}

void ContainerReader::read_exact(Index s, std::byte* out) const {
  const ContainerHeader& h = state_->header;
  if (s < 0 || s >= snapshots()) throw std::logic_error("no such snapshot");
  const io::Chunk chunk = state_->checked_chunk(s);
  const auto pixels = static_cast<std::size_t>(h.height * h.width);
  if (is_float(h.stored)) {
    io::read_rows(state_->data, io::hdf5_type(h.stored), s, 1, out);
  } else if (h.stored == PixelType::u16) {
    unpack<std::uint16_t>(chunk.bytes, {reinterpret_cast<std::uint16_t*>(out), pixels});
  } else {
    unpack<std::int32_t>(chunk.bytes, {reinterpret_cast<std::int32_t*>(out), pixels});
  }
}

Array<float, 2> ContainerReader::snapshot(Index s) const {
  const ContainerHeader& h = state_->header;
  auto exact = Array<std::byte, 1>::uninitialised({h.height * h.width * bytes_of(h.stored)});
  read_exact(s, exact.data());
  auto floats = Array<float, 2>::uninitialised({h.height, h.width});
  floats_from(h.stored, exact.data(), floats.size(), floats.data());
  return floats;
}

MaskSet ContainerReader::masks() const {
  const ContainerHeader& h = state_->header;
  MaskSet masks;
  if (h.mask_kind == MaskKind::given) {
    const Index bytes = (h.width + 7) / 8;
    const Index expected = count_of<3>({h.ratio, h.height, bytes});
    const auto bits = io::read_dataset<std::uint8_t>(state_->file, layout::mask_bits, expected);
    if (static_cast<Index>(bits.size()) != expected) {
      refuse(state_->path, "entry/masks/bits does not hold ratio x height x width bits");
    }
    masks = {BitArray({h.ratio, h.height, h.width}), MaskKind::given, 0};
    for (Index b = 0, at = 0; b < h.ratio; ++b) {
      for (Index y = 0; y < h.height; ++y, at += bytes) {
        std::memcpy(masks.masks.row(b, y), bits.data() + at, static_cast<std::size_t>(bytes));
      }
    }
  } else {
    masks = make_masks({h.mask_kind, h.ratio, h.mask_seed}, h.height, h.width);
  }
  if (hash_of(masks) != h.mask_hash) {
    refuse(state_->path,
           "the masks do not match their hash in entry/masks; nothing can be decoded "
           "with wrong masks");
  }
  return masks;
}

Index ContainerReader::stored_bytes() const {
  Index bytes = 0;
  for (Index s = 0; s < snapshots(); ++s) {
    bytes += io::chunk_bytes(state_->data, std::vector<Index>{s, 0, 0});
  }
  return bytes;
}

bool is_container(const std::filesystem::path& path) {
  try {
    const ContainerReader reader(path);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

Measurement read_measurement(const std::filesystem::path& path) {
  const ContainerReader reader(path);
  const ContainerHeader& h = reader.header();
  Measurement measurement;
  const Shape<3> shape{reader.snapshots(), h.height, h.width};
  switch (h.stored) {
    case PixelType::u16:
      measurement.snapshots = Array<std::uint16_t, 3>(shape);
      break;
    case PixelType::i32:
      measurement.snapshots = Array<std::int32_t, 3>(shape);
      break;
    default:
      measurement.snapshots = Array<float, 3>(shape);
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
  return measurement;
}

}  // namespace kinema::codec
