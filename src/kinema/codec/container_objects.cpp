// Every object of docs/formats/container.md, in its order.
#include "kinema/codec/container_objects.h"

#include "kinema/codec/container_layout.h"
#include "kinema/codec/group_planner.h"

#include <cstring>

namespace kinema::codec {
namespace {

using io::Hid;

constexpr Index noise_columns = 4;

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
/// and deflated; quantised ones are coded as planes.
Hid snapshot_dataset(hid_t file, const StoredAs& stored, Index height, Index width) {
  Hid properties = io::chunked_properties(std::vector<Index>{1, height, width});
  H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
  const Hid type = io::hdf5_type(stored.quantised ? PixelType::i32 : stored.sums);
  if (stored.quantised) {
    // Optional, so that HDF5 makes the dataset without the filter; nothing reads it without.
    H5Pset_filter(properties, layout::plane_filter, H5Z_FLAG_OPTIONAL, 0, nullptr);
  } else if (is_float(stored.sums)) {
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

/// The frames per snapshot that groups choose among.
std::vector<std::int64_t> ratios_of(const MaskSet& masks) {
  std::vector<std::int64_t> ratios;
  for (const Index ratio : adaptive_ratios) {
    if (masks.adaptive && ratio < masks.ratio()) ratios.push_back(ratio);
  }
  ratios.push_back(masks.ratio());
  return ratios;
}

void write_masks(hid_t file, const MaskSet& masks) {
  const Hid group = group_of_class(file, layout::masks, "NXcollection");
  io::write_attribute(group, "kind", to_text(masks.kind));
  io::write_attribute(group, "seed", masks.seed);
  io::write_attribute(group, "ratio", static_cast<std::int64_t>(masks.ratio()));
  io::write_attribute(group, "height", static_cast<std::int64_t>(masks.height()));
  io::write_attribute(group, "width", static_cast<std::int64_t>(masks.width()));
  io::write_attribute(group, "hash", hash_of(masks));
  if (masks.adaptive || masks.kind == MaskKind::staggered) {
    io::write_attribute(group, "ratios", ratios_of(masks));
  }
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

void write_provenance(hid_t file, const Provenance& provenance) {
  const Hid note = group_of_class(file, "entry/provenance", "NXnote");
  io::write_attribute(note, "type", std::string("application/json"));
  io::write_text_dataset(file,
                         layout::provenance,
                         to_json(provenance).dump(-1, ' ', false, Json::error_handler_t::replace));
}

void write_root(hid_t file, int schema) {
  const Hid root = io::open_object(file, "/");
  io::write_attribute(root, "NX_class", std::string("NXroot"));
  io::write_attribute(root, "default", std::string(layout::entry));
  io::write_attribute(root, "creator", "kinema " + version());
  io::write_attribute(root, "kinema_schema", static_cast<std::int64_t>(schema));
  const Hid entry = group_of_class(file, layout::entry, "NXentry");
  io::write_attribute(entry, "default", std::string("measurement"));
  io::write_attribute(entry, "complete", std::int64_t{0});
}

}  // namespace

void create_objects(const std::filesystem::path& path, const ContainerPlan& plan) {
  const FrameFormat& format = plan.recorded;
  const Hid file = io::open_hdf5(path, io::Hdf5Access::grow);
  write_root(file, plan.schema());
  const Hid data_group = group_of_class(file, layout::data, "NXdata");
  io::write_attribute(data_group, "signal", std::string("snapshots"));
  io::write_attribute(data_group, "axes", std::vector<std::string>{"snapshot", "y", "x"});
  const Hid snapshots = snapshot_dataset(file, plan.stored, format.height, format.width);
  io::write_attribute(snapshots, "long_name", std::string("sum of the masked frames of a group"));
  const Hid first_frames = growing_dataset(file, layout::first_frames, H5T_STD_I64LE, {}, 64);
  io::write_attribute(first_frames, "long_name", std::string("first frame of the snapshot"));
  const Hid groups =
      growing_dataset(file, layout::groups, layout::stored_group_row_type(plan.schema()), {}, 64);
  io::write_attribute(groups, "modes", layout::group_modes(plan.schema()));
  const Hid hashes = growing_dataset(file, layout::hashes, H5T_STD_U8LE, {16}, 64);
  io::write_attribute(
      hashes, "algorithm", std::string("BLAKE2b, 16-byte digest, of each stored chunk"));
  write_axes(file, format, plan.info);
  write_masks(file, plan.masks);
  write_recorded(file, format, plan.info);
  const Hid noise = group_of_class(file, layout::noise, "NXcollection");
  io::write_attribute(noise, "model", std::string("variance = gain * mean + read_variance"));
  const Hid by_group =
      growing_dataset(file, layout::noise_by_group, H5T_IEEE_F64LE, {noise_columns}, 64);
  io::write_attribute(by_group,
                      "columns",
                      std::vector<std::string>{"gain", "read_variance", "change", "kept_dose"});
  if (plan.stored.live) {
    const Hid losses = growing_dataset(file, layout::losses, H5T_STD_I64LE, {2}, 64);
    io::write_attribute(losses, "columns", std::vector<std::string>{"frame", "lost"});
  }
  if (plan.stored.audited) create_audit(file, format);
  write_provenance(file, plan.provenance);
  io::flush_hdf5(file);
}

ContainerObjects open_objects(const std::filesystem::path& path,
                              const ContainerPlan& plan,
                              const std::vector<Group>& groups,
                              Index audited) {
  const FrameFormat& format = plan.recorded;
  ContainerObjects objects;
  objects.file = io::open_hdf5(path, io::Hdf5Access::take_over);
  const Index rows = static_cast<Index>(groups.size()), snapshots = first_snapshots(groups).back();
  const auto open = [&](const char* name, const std::vector<Index>& shape) {
    Hid dataset = io::open_object(objects.file, name);
    io::resize_dataset(dataset, shape);
    return dataset;
  };
  objects.snapshots = open(layout::snapshots, {snapshots, format.height, format.width});
  objects.first_frames = open(layout::first_frames, {snapshots});
  objects.hashes = open(layout::hashes, {snapshots, static_cast<Index>(sizeof(Digest))});
  objects.groups = open(layout::groups, {rows});
  objects.noise = open(layout::noise_by_group, {rows, noise_columns});
  if (io::has_object(objects.file, layout::losses)) {
    objects.losses = io::open_object(objects.file, layout::losses);
  }
  if (plan.stored.audited) objects.audit = open_audit(objects.file, format, audited);
  io::let_readers_in(objects.file);
  return objects;
}

}  // namespace kinema::codec
