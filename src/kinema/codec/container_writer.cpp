// Writing a container: snapshots are packed on our threads and written as ready chunks.
#include "kinema/codec/bit_pack.h"
#include "kinema/codec/container.h"
#include "kinema/codec/container_layout.h"

#include <cstring>
#include <limits>

namespace kinema::codec {
namespace {

using io::Hid;

Hid group_of_class(hid_t parent, const char* name, const char* nexus_class) {
  Hid group = io::create_group(parent, name);
  io::write_attribute(group, "NX_class", std::string(nexus_class));
  return group;
}

/// An unlimited dataset of rows, chunked by `rows`.
Hid growing_dataset(hid_t file, const char* name, hid_t type, std::vector<Index> row, Index rows) {
  std::vector<Index> shape{0}, most{-1}, chunk{rows};
  for (const Index extent : row) {
    shape.push_back(extent);
    most.push_back(extent);
    chunk.push_back(extent);
  }
  return io::create_dataset(file, name, type, shape, most, io::chunked_properties(chunk));
}

/// Integer snapshots carry HDF5's own scale-offset filter; floats are kept as they are, shuffled
/// and deflated.
Hid snapshot_dataset(hid_t file, PixelType stored, Index height, Index width) {
  Hid properties = io::chunked_properties(std::vector<Index>{1, height, width});
  H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
  const Hid type = io::hdf5_type(stored);
  if (is_float(stored)) {
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, 1);
  } else {
    H5Pset_fill_value(properties, type, nullptr);
    H5Pset_scaleoffset(properties, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
  }
  return io::create_dataset(file,
                            layout::snapshots,
                            type,
                            std::vector<Index>{0, height, width},
                            std::vector<Index>{-1, height, width},
                            properties);
}

void write_masks(hid_t file, const MaskSet& masks) {
  const Hid group = group_of_class(file, layout::masks, "NXcollection");
  io::write_attribute(group, "kind", to_text(masks.kind));
  io::write_attribute(group, "seed", masks.seed);
  io::write_attribute(group, "ratio", static_cast<std::int64_t>(masks.ratio()));
  io::write_attribute(group, "height", static_cast<std::int64_t>(masks.height()));
  io::write_attribute(group, "width", static_cast<std::int64_t>(masks.width()));
  io::write_attribute(group, "hash", hash_of(masks));
  io::write_attribute(group, "recipe", std::string(layout::mask_recipe(masks.kind)));
  if (masks.kind != MaskKind::given) return;
  const Index bytes = (masks.width() + 7) / 8;
  std::vector<std::uint8_t> bits(static_cast<std::size_t>(masks.ratio() * masks.height() * bytes));
  for (Index b = 0, at = 0; b < masks.ratio(); ++b) {
    for (Index y = 0; y < masks.height(); ++y, at += bytes) {
      std::memcpy(bits.data() + at, masks.masks.row(b, y), static_cast<std::size_t>(bytes));
    }
  }
  const std::vector<Index> shape{masks.ratio(), masks.height(), bytes};
  io::write_dataset<const std::uint8_t>(file, layout::mask_bits, bits, shape);
}

/// A fact under `name`, and where it was learned under `<name>_source`.
template <class T>
void write_fact(hid_t group, const std::string& name, const Fact<T>& fact) {
  if (!fact) return;
  if constexpr (std::is_same_v<T, std::string>) {
    io::write_attribute(group, name, *fact);
  } else {
    io::write_attribute(group, name, fact->value);
  }
  io::write_attribute(group, name + "_source", fact.source);
}

void write_recorded(hid_t file, const FrameFormat& format, const MovieInfo& info) {
  const Hid group = group_of_class(file, layout::recorded, "NXcollection");
  io::write_attribute(group, "dtype", to_text(format.type));
  io::write_attribute(group, "frames", std::int64_t{0});
  io::write_attribute(group, "height", static_cast<std::int64_t>(format.height));
  io::write_attribute(group, "width", static_cast<std::int64_t>(format.width));
  io::write_attribute(group, "pixel_size_source", info.pixel_size.source);
  if (info.pixel_size) {
    io::write_attribute(group,
                        "pixel_size_angstrom",
                        std::vector<double>{info.pixel_size->x.value, info.pixel_size->y.value});
  }
  write_fact(group, "frame_time_seconds", info.frame_time);
  write_fact(group, "voltage_kv", info.voltage);
  write_fact(group, "dose_electrons_per_pixel", info.dose);
  write_fact(group, "detector", info.detector);
  write_fact(group, "date", info.date);
  if (!info.notes.empty()) io::write_attribute(group, "notes", info.notes);
}

/// Axes of the NXdata in angstrom, so that plotting programs scale the image.
void write_axes(hid_t file, const FrameFormat& format, const MovieInfo& info) {
  const auto axis = [&](const char* name, Index count, double step, const char* unit) {
    std::vector<double> values(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) * step;
    const Hid dataset = io::write_dataset<const double>(
        file, std::string(layout::data) + "/" + name, values, std::vector<Index>{count});
    io::write_attribute(dataset, "units", std::string(unit));
  };
  const bool known = info.pixel_size.has_value();
  axis("y", format.height, known ? info.pixel_size->y.value : 1.0, known ? "angstrom" : "pixel");
  axis("x", format.width, known ? info.pixel_size->x.value : 1.0, known ? "angstrom" : "pixel");
}

}  // namespace

struct ContainerWriter::State {
  std::filesystem::path path, partial;
  PixelType stored;
  Index height, width, snapshots = 0, frames = 0;
  Hid file, data, first_frames, groups, hashes, recorded, entry, noise;

  void write_row(const Hid& dataset, std::vector<Index> shape, hid_t type, const void* row) const {
    io::resize_dataset(dataset, shape);
    io::write_rows(dataset, type, shape[0] - 1, 1, row);
  }

  /// Writes the sum and returns the hash of the bytes that are in the file.
  Digest write_sum(const Snapshot& snapshot) const {
    const Index pixels = height * width;
    const std::vector<Index> offset{snapshots, 0, 0};
    const auto write = [&](std::span<const std::byte> bytes) {
      io::write_chunk(data, offset, bytes);
      return digest_of(bytes);
    };
    if (stored == PixelType::u16) {
      return write(pack<std::uint16_t>({reinterpret_cast<const std::uint16_t*>(snapshot.sum),
                                        static_cast<std::size_t>(pixels)}));
    }
    if (stored == PixelType::i32) {
      return write(pack<std::int32_t>(
          {reinterpret_cast<const std::int32_t*>(snapshot.sum), static_cast<std::size_t>(pixels)}));
    }
    io::write_rows(data, io::hdf5_type(stored), snapshots, 1, snapshot.sum);
    io::flush_hdf5(data);
    return digest_of(io::read_chunk(data, offset).bytes);
  }
};

ContainerWriter::ContainerWriter(const std::filesystem::path& path,
                                 const FrameFormat& format,
                                 PixelType stored,
                                 const MaskSet& masks,
                                 const MovieInfo& info,
                                 const Provenance& provenance)
    : state_(std::make_unique<State>()) {
  require_container_name(path);
  require_mask_shape(masks.masks.shape());
  const Index most_pixels = std::numeric_limits<std::uint32_t>::max() / bytes_of(stored);
  if (format.pixels() > most_pixels) {
    throw InputError(path.string() + ": snapshots of " + std::to_string(format.height) + " x " +
                     std::to_string(format.width) +
                     " pixels do not fit a container, which holds 4 GiB each; crop the movie");
  }
  State& s = *state_;
  s.path = path;
  s.partial = path.string() + ".partial";
  s.stored = stored;
  s.height = format.height;
  s.width = format.width;
  s.file = io::open_hdf5(s.partial, io::Hdf5Access::create);
  const Hid root = io::open_object(s.file, "/");
  io::write_attribute(root, "NX_class", std::string("NXroot"));
  io::write_attribute(root, "default", std::string(layout::entry));
  io::write_attribute(root, "creator", "kinema " + version());
  io::write_attribute(root, "kinema_schema", static_cast<std::int64_t>(container_schema));
  s.entry = group_of_class(s.file, layout::entry, "NXentry");
  io::write_attribute(s.entry, "default", std::string("measurement"));
  io::write_attribute(s.entry, "complete", std::int64_t{0});
  const Hid data_group = group_of_class(s.file, layout::data, "NXdata");
  io::write_attribute(data_group, "signal", std::string("snapshots"));
  io::write_attribute(data_group, "axes", std::vector<std::string>{"snapshot", "y", "x"});
  s.data = snapshot_dataset(s.file, s.stored, s.height, s.width);
  io::write_attribute(s.data, "long_name", std::string("sum of the masked frames of a group"));
  s.first_frames = growing_dataset(s.file, layout::first_frames, H5T_STD_I64LE, {}, 64);
  io::write_attribute(s.first_frames, "long_name", std::string("first frame of the snapshot"));
  s.groups = growing_dataset(s.file, layout::groups, layout::stored_group_row_type(), {}, 64);
  io::write_attribute(s.groups, "modes", std::vector<std::string>{"coded"});
  s.hashes = growing_dataset(s.file, layout::hashes, H5T_STD_U8LE, {16}, 64);
  io::write_attribute(
      s.hashes, "algorithm", std::string("BLAKE2b, 16-byte digest, of each stored chunk"));
  write_axes(s.file, format, info);
  write_masks(s.file, masks);
  write_recorded(s.file, format, info);
  s.recorded = io::open_object(s.file, layout::recorded);
  s.noise = group_of_class(s.file, layout::noise, "NXcollection");
  io::write_attribute(s.noise, "model", std::string("variance = gain * mean + read_variance"));
  const Hid note = group_of_class(s.file, "entry/provenance", "NXnote");
  io::write_attribute(note, "type", std::string("application/json"));
  io::write_text_dataset(s.file,
                         layout::provenance,
                         to_json(provenance).dump(-1, ' ', false, Json::error_handler_t::replace));
}

ContainerWriter::~ContainerWriter() = default;
ContainerWriter::ContainerWriter(ContainerWriter&&) noexcept = default;
ContainerWriter& ContainerWriter::operator=(ContainerWriter&&) noexcept = default;

void ContainerWriter::append(const Snapshot& snapshot) {
  State& s = *state_;
  if (snapshot.type != s.stored) {
    throw std::logic_error("a container of " + to_text(s.stored) + " is given a snapshot of " +
                           to_text(snapshot.type));
  }
  const Index next = s.snapshots + 1;
  io::resize_dataset(s.data, std::vector<Index>{next, s.height, s.width});
  const Digest hash = s.write_sum(snapshot);
  const std::int64_t first = snapshot.group.first;
  s.write_row(s.first_frames, {next}, H5T_NATIVE_INT64, &first);
  s.write_row(s.hashes, {next, 16}, H5T_NATIVE_UINT8, hash.data());
  const layout::GroupRow row{snapshot.group.first,
                             snapshot.group.frames,
                             snapshot.group.buckets,
                             s.snapshots,
                             static_cast<std::uint8_t>(snapshot.group.mode),
                             snapshot.group.step};
  s.write_row(s.groups, {next}, layout::group_row_type(), &row);
  s.snapshots = next;
  s.frames += snapshot.group.frames;
  io::write_attribute(s.recorded, "frames", static_cast<std::int64_t>(s.frames));
  io::write_attribute(s.noise, "gain", snapshot.noise.gain);
  io::write_attribute(s.noise, "read_variance", snapshot.noise.read_variance);
  io::write_attribute(s.noise, "change", snapshot.noise.change);
  io::flush_hdf5(s.file);
}

void ContainerWriter::close() {
  State& s = *state_;
  io::write_attribute(s.entry, "complete", std::int64_t{1});
  io::flush_hdf5(s.file);
  for (Hid* handle :
       {&s.data, &s.first_frames, &s.groups, &s.hashes, &s.recorded, &s.entry, &s.noise, &s.file}) {
    handle->close();
  }
  std::error_code failure;
  std::filesystem::rename(s.partial, s.path, failure);
  if (failure) throw IoError(s.path, "cannot be renamed from " + s.partial.string());
}

void write_measurement(const std::filesystem::path& path,
                       const Measurement& measurement,
                       const Provenance& provenance) {
  require_consistent(measurement);
  const auto [count, height, width] = shape_of(measurement.snapshots);
  const PixelType stored = std::visit(
      [](const auto& array) {
        return pixel_type_of<std::remove_cvref_t<decltype(*array.data())>>();
      },
      measurement.snapshots);
  ContainerWriter writer(path,
                         {measurement.recorded, height, width},
                         stored,
                         measurement.masks,
                         measurement.info,
                         provenance);
  for (Index s = 0; s < count; ++s) {
    std::visit(
        [&](const auto& array) {
          writer.append({measurement.groups[static_cast<std::size_t>(s)],
                         stored,
                         reinterpret_cast<const std::byte*>(array[s].data()),
                         measurement.noise.value_or(NoiseModel{})});
        },
        measurement.snapshots);
  }
  writer.close();
}

}  // namespace kinema::codec
