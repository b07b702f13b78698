// Checks of a container's header, object by object.
#include "kinema/codec/container_header.h"

#include "kinema/codec/container_audit.h"
#include "kinema/codec/container_checks.h"
#include "kinema/codec/container_layout.h"
#include "kinema/io/file.h"
#include "kinema/io/formats.h"
#include "kinema/io/reader_process.h"
#include "kinema/io/writer_formats.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fstream>

namespace kinema::codec {
namespace {

using io::Hid;
using Path = std::filesystem::path;

PixelType require_pixel_type(const std::string& name) {
  if (const auto type = kinema::pixel_type_named(name)) return *type;
  throw InputError("dtype '" + name + "' is not a pixel type");
}

PixelType stored_type(const Path& path, hid_t dataset) {
  const Hid type(H5Dget_type(dataset));
  if (H5Tequal(type, H5T_STD_U16LE) > 0) return PixelType::u16;
  if (H5Tequal(type, H5T_STD_I32LE) > 0) return PixelType::i32;
  if (H5Tequal(type, H5T_IEEE_F32LE) > 0) return PixelType::f32;
  refuse(path, std::string(layout::snapshots) + " holds neither uint16, int32 nor float32");
}

/// HDF5 itself undoes the filters of float snapshots: they must be those that the writer sets.
bool has_float_filters(hid_t dataset) {
  const Hid properties(H5Dget_create_plist(dataset));
  const auto filter = [&](unsigned index) {
    unsigned flags = 0, word_bytes = 0;
    std::size_t words = 1;
    const H5Z_filter_t id =
        H5Pget_filter2(properties, index, &flags, &words, &word_bytes, 0, nullptr, nullptr);
    return std::pair{id, word_bytes};
  };
  return H5Pget_nfilters(properties) == 2 &&
         filter(0) == std::pair{H5Z_filter_t{H5Z_FILTER_SHUFFLE}, 4U} &&
         filter(1).first == H5Z_FILTER_DEFLATE;
}

/// Text for people: bytes that are not UTF-8 are replaced, so that it can be written again.
std::string clean_text(const std::string& text) {
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace))
      .get<std::string>();
}

/// A number that is finite and not negative.
double positive_number(hid_t object, const char* name, bool or_zero) {
  const auto value = read_number<double>(object, name);
  if (std::isfinite(value) && (value > 0.0 || (or_zero && value == 0.0))) return value;
  throw InputError(std::string("attribute '") + name + "' is " + shortest_text(value) +
                   ", which is not possible");
}

/// A fact as write_fact() left it; files of before facts had sources say "header".
template <class T>
Fact<T> read_fact(hid_t object, const std::string& name) {
  if (!io::has_attribute(object, name)) return {};
  const std::string source_name = name + "_source";
  std::string source = "header";
  if (io::has_attribute(object, source_name)) {
    source = clean_text(io::read_text_attribute(object, source_name));
  }
  if constexpr (std::is_same_v<T, std::string>) {
    return {clean_text(io::read_text_attribute(object, name)), source};
  } else {
    return {T{positive_number(object, name.c_str(), true)}, source};
  }
}

MovieInfo read_info(hid_t recorded) {
  MovieInfo info;
  if (io::has_attribute(recorded, "pixel_size_angstrom")) {
    const auto size = read_numbers<double>(recorded, "pixel_size_angstrom");
    if (size.size() != 2 || !std::all_of(size.begin(), size.end(), [](double edge) {
          return std::isfinite(edge) && edge > 0.0;
        })) {
      throw InputError("attribute 'pixel_size_angstrom' is not two positive numbers");
    }
    info.pixel_size = {PixelSize{{size[0]}, {size[1]}},
                       clean_text(io::read_text_attribute(recorded, "pixel_size_source"))};
  }
  info.frame_time = read_fact<Time>(recorded, "frame_time_seconds");
  info.voltage = read_fact<Voltage>(recorded, "voltage_kv");
  info.dose = read_fact<Dose>(recorded, "dose_electrons_per_pixel");
  info.detector = read_fact<std::string>(recorded, "detector");
  info.date = read_fact<std::string>(recorded, "date");
  if (io::has_attribute(recorded, "notes")) {
    for (const std::string& note : io::read_texts_attribute(recorded, "notes")) {
      info.notes.push_back(clean_text(note));
    }
  }
  return info;
}

/// The table of groups: consecutive frames and existing snapshots.
std::vector<Group> read_groups(const Path& path,
                               hid_t file,
                               const ContainerHeader& header,
                               Index snapshots) {
  const int schema = header.schema;
  const Hid stored = layout::stored_group_row_type(schema);
  const auto row_bytes = static_cast<Index>(H5Tget_size(stored));
  const Hid dataset = open_rows(path, file, layout::groups, stored, row_bytes);
  const std::vector<Index> shape = io::shape_of(dataset);
  if (shape.size() != 1 || shape[0] > snapshots) {
    refuse(path, std::string(layout::groups) + " has not one row for each snapshot");
  }
  std::vector<layout::GroupRow> rows(static_cast<std::size_t>(shape[0]));
  if (!rows.empty()) {
    io::read_rows(dataset, layout::group_row_type(schema), 0, shape[0], rows.data());
  }
  std::vector<Group> groups;
  Index next = 0;  // snapshot
  for (const layout::GroupRow& row : rows) {
    const bool has_step = header.quantised;
    if (row.mode > (has_step ? 1 : 0) || row.snapshot != next || row.buckets < 1 ||
        row.buckets > snapshots - next) {
      refuse(path,
             std::string(layout::groups) + ": row " + std::to_string(groups.size()) +
                 " is damaged or of a newer kinema");
    }
    next += row.buckets;
    groups.push_back({row.first,
                      row.frames,
                      row.buckets,
                      static_cast<GroupMode>(row.mode),
                      row.step,
                      has_step ? row.gain : 0.0,
                      has_step ? row.read_variance : 0.0,
                      schema >= exposure_schema ? row.ratio : header.ratio});
    if (!has_step && row.step != 0.0) {
      refuse(path, std::string(layout::groups) + ": exact snapshots have no steps");
    }
  }
  for (const Group& group : groups) {
    if (std::find(header.ratios.begin(), header.ratios.end(), group.ratio) == header.ratios.end()) {
      refuse(path,
             std::string(layout::groups) + ": masks of " + std::to_string(group.ratio) +
                 " frames are not among those of the file");
    }
  }
  checked(path, layout::groups, [&] { require_groups(groups, header.mask_kind, header.ratio); });
  return groups;
}

class HeaderReader {
 public:
  HeaderReader(const Path& path, OpenContainer& container)
      : path_(path), file_(container.file), container_(container), header_(container.header) {}

  void read() {
    read_schema();
    read_snapshots();
    read_masks();
    header_.groups = read_groups(path_, file_, header_, io::shape_of(container_.snapshots)[0]);
    for (const Group& group : header_.groups) header_.frames += group.frames;
    read_hashes();
    checked(path_, layout::losses, [&] { read_losses(); });
    header_.audited = read_audited(path_, file_, header_);
    checked(path_, layout::recorded, [&] { read_recorded(); });
    checked(path_, layout::noise, [&] { read_noise(); });
    checked(path_, layout::provenance, [&] { read_provenance(); });
  }

 private:
  void read_schema() {
    const Hid root = io::open_object(file_, "/");
    if (!io::has_attribute(root, "kinema_schema")) {
      refuse(path_, "is an HDF5 file, but not a kinema container (no attribute 'kinema_schema')");
    }
    const auto schema =
        checked(path_, "/", [&] { return read_number<std::int64_t>(root, "kinema_schema"); });
    if (schema < exact_schema || schema > exposure_schema) {
      refuse(path_,
             "has container schema " + std::to_string(schema) + ", this kinema reads 1 to " +
                 std::to_string(exposure_schema) + "; use a newer kinema");
    }
    header_.schema = static_cast<int>(schema);
    const Hid entry = io::open_object(file_, layout::entry);
    header_.complete = checked(
        path_, layout::entry, [&] { return read_number<std::int64_t>(entry, "complete") != 0; });
  }

  void read_snapshots() {
    container_.snapshots = open_dataset(path_, file_, layout::snapshots);
    const hid_t data = container_.snapshots;
    const std::vector<Index> shape = io::shape_of(data), chunk = io::chunk_of(data);
    if (shape.size() != 3 || shape[0] < 0 || chunk != std::vector<Index>{1, shape[1], shape[2]}) {
      refuse(path_, std::string(layout::snapshots) + " is not (S, Y, X) in chunks of one snapshot");
    }
    header_.height = shape[1];
    header_.width = shape[2];
    // The axes y and x alone take 8 bytes a row and a column.
    const auto most = static_cast<Index>(std::filesystem::file_size(path_) / 8);
    if (shape[1] > most || shape[2] > most - shape[1]) {
      refuse(path_,
             std::string(layout::snapshots) + " declares frames of " + std::to_string(shape[1]) +
                 " x " + std::to_string(shape[2]) + ", more than the file can hold");
    }
    header_.stored = stored_type(path_, data);
    const bool planes = header_.stored == PixelType::i32 && is_coded_as_planes(data);
    header_.quantised = header_.schema == quantised_schema || (header_.schema > 2 && planes);
    if (header_.quantised) {
      if (!planes) {
        refuse(path_, std::string(layout::snapshots) + " is not int32 coded as planes");
      }
      header_.stored = PixelType::f32;
      return;
    }
    if (header_.stored == PixelType::f32 && !has_float_filters(data)) {
      refuse(path_, std::string(layout::snapshots) + " has not the filters of float snapshots");
    }
  }

  void read_masks() {
    const Hid masks = io::open_object(file_, layout::masks);
    checked(path_, layout::masks, [&] {
      from_text(io::read_text_attribute(masks, "kind"), header_.mask_kind);
      if (header_.mask_kind == MaskKind::staggered && header_.schema < exposure_schema) {
        throw InputError("schema 1 and 2 know no staggered masks");
      }
      header_.mask_seed = read_number<std::uint64_t>(masks, "seed");
      header_.ratio = read_number<std::int64_t>(masks, "ratio");
      header_.mask_hash = io::read_text_attribute(masks, "hash");
      require_mask_shape({header_.ratio, header_.height, header_.width});
      read_ratios(masks);
    });
  }

  /// Rising, up to that of the masks that the hash is of; one where groups do not choose.
  void read_ratios(hid_t masks) {
    header_.ratios = {header_.ratio};
    if (header_.schema < exposure_schema) return;
    header_.ratios.clear();
    for (const std::int64_t ratio : read_numbers<std::int64_t>(masks, "ratios")) {
      if (ratio <= (header_.ratios.empty() ? 0 : header_.ratios.back())) {
        throw InputError("attribute 'ratios' does not rise");
      }
      header_.ratios.push_back(ratio);
    }
    if (header_.ratios.empty() || header_.ratios.back() != header_.ratio) {
      throw InputError("attribute 'ratios' does not end with 'ratio'");
    }
    if (header_.ratios.size() > 1 && header_.mask_kind == MaskKind::given) {
      throw InputError("given masks have one ratio");
    }
  }

  void read_hashes() {
    container_.hashes =
        open_rows(path_, file_, layout::hashes, io::hdf5_type(PixelType::u8), sizeof(Digest));
    const std::vector<Index> shape = io::shape_of(container_.hashes);
    const auto digest_bytes = static_cast<Index>(sizeof(Digest));
    if (shape.size() != 2 || shape[1] != digest_bytes ||
        shape[0] < first_snapshots(header_.groups).back()) {
      refuse(path_,
             std::string(layout::hashes) + " has not one hash of 16 bytes for each snapshot");
    }
  }

  /// Rows of what was lost, by rising frame.
  void read_losses() {
    if (!io::has_object(file_, layout::losses)) return;
    const Hid rows =
        open_rows(path_, file_, layout::losses, io::hdf5_type_of<std::int64_t>(), sizeof(Loss));
    const std::vector<Index> shape = io::shape_of(rows);
    if (shape.size() != 2 || shape[1] != 2) throw InputError("has not two columns");
    header_.losses.resize(static_cast<std::size_t>(shape[0]));
    if (shape[0] > 0) {
      io::read_rows(rows, H5T_NATIVE_INT64, 0, shape[0], header_.losses.data());
    }
    Index last = 0;
    for (const Loss& loss : header_.losses) {
      if (loss.frame < last || loss.lost < 1) throw InputError("tells of losses that cannot be");
      last = loss.frame;
    }
    if (header_.complete) return;
    std::erase_if(header_.losses, [&](const Loss& loss) { return loss.frame >= header_.frames; });
  }

  void read_recorded() {
    const Hid recorded = io::open_object(file_, layout::recorded);
    header_.recorded = require_pixel_type(io::read_text_attribute(recorded, "dtype"));
    const auto frames = read_number<std::int64_t>(recorded, "frames");
    if (header_.complete && frames != header_.frames) {
      throw InputError("attribute 'frames' is " + std::to_string(frames) +
                       ", but the groups hold " + std::to_string(header_.frames));
    }
    header_.info = read_info(recorded);
    if (io::has_attribute(recorded, "trailing_bytes")) {
      header_.trailing_bytes = read_number<std::int64_t>(recorded, "trailing_bytes");
    }
  }

  void read_noise() {
    const Hid noise = io::open_object(file_, layout::noise);
    if (!io::has_attribute(noise, "gain")) return read_last_noise();
    if (io::has_attribute(noise, "kept_dose")) {
      header_.kept_dose = positive_number(noise, "kept_dose", true);
    }
    const NoiseModel model{positive_number(noise, "gain", true),
                           positive_number(noise, "read_variance", true),
                           positive_number(noise, "change", true)};
    if (model.gain > 0.0 || model.read_variance > 0.0) header_.noise = model;
  }

  /// Of a container that is not complete: the noise as it was after the last group.
  void read_last_noise() {
    if (!io::has_object(file_, layout::noise_by_group) || header_.groups.empty()) return;
    constexpr Index columns = 4;
    const Hid rows = open_rows(path_,
                               file_,
                               layout::noise_by_group,
                               io::hdf5_type(PixelType::f64),
                               columns * static_cast<Index>(sizeof(double)));
    const std::vector<Index> shape = io::shape_of(rows);
    const auto groups = static_cast<Index>(header_.groups.size());
    if (shape.size() != 2 || shape[1] != columns || shape[0] < groups) {
      throw InputError("by_group has not four numbers for each group");
    }
    std::array<double, columns> last{};
    io::read_rows(rows, H5T_NATIVE_DOUBLE, groups - 1, 1, last.data());
    const bool sound = std::all_of(last.begin(), last.end(), [](double value) {
      return std::isfinite(value) && value >= 0.0;
    });
    if (!sound) throw InputError("by_group holds a number that is not possible");
    if (header_.quantised) header_.kept_dose = last[3];
    if (last[0] > 0.0 || last[1] > 0.0) header_.noise = NoiseModel{last[0], last[1], last[2]};
  }

  void read_provenance() {
    const Json json = Json::parse(io::read_text_dataset(file_, layout::provenance), nullptr, false);
    if (json.is_discarded()) throw InputError("is not JSON");
    header_.provenance = provenance_from_json(json);
  }

  const Path& path_;
  const Hid& file_;
  OpenContainer& container_;
  ContainerHeader& header_;
};

}  // namespace

void refuse(const Path& path, std::string what) {
  const auto breaks_line = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  std::replace_if(what.begin(), what.end(), breaks_line, '?');
  throw InputError(path.string() + ": " + what);
}

void require_container_name(const Path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (ending.empty() || ending == ".h5" || ending == ".hdf5") return;
  std::string movies;
  for (const io::MovieFormat& format : io::movie_formats()) {
    movies += " " + std::string(format.endings);
  }
  for (const io::WriterFormat& format : io::writer_formats()) {
    movies += " " + std::string(format.endings);
  }
  if ((movies + " ").find(" " + ending + " ") == std::string::npos) return;
  refuse(path,
         "a container is an HDF5 file and must not have the ending of a movie (" + ending +
             "); name it .h5");
}

bool is_container(const Path& path) {
  constexpr std::size_t head_bytes = 4096;
  std::error_code absent;
  return std::filesystem::is_regular_file(path, absent) &&
         io::is_hdf5_container(io::InputFile(path).head(head_bytes));
}

OpenContainer open_container(const Path& path) {
  std::array<std::byte, 8> head{};
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "cannot be opened; check the path");
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  if (!io::is_hdf5(head)) {
    refuse(path,
           "is not a kinema container (not an HDF5 file); make one with `kinema codec encode`");
  }
  io::probe_hdf5(path);  // from here on the HDF5 library may be trusted not to crash
  OpenContainer container;
  container.file = io::open_hdf5(path, io::Hdf5Access::read);
  HeaderReader(path, container).read();
  return container;
}

}  // namespace kinema::codec
