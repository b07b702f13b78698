// Writing a container group by group, such that whatever is killed leaves what it had committed.
#include "kinema/codec/bit_pack.h"
#include "kinema/codec/container.h"
#include "kinema/codec/container_header.h"
#include "kinema/codec/container_layout.h"
#include "kinema/codec/container_objects.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/plane_snapshot.h"
#include "kinema/io/writer_lock.h"

#include <algorithm>
#include <array>
#include <limits>

namespace kinema::codec {

using io::Hid;

namespace {

/// An unfinished container goes on only with what it was begun with.
void require_same_job(const std::filesystem::path& partial,
                      const ContainerHeader& header,
                      const ContainerPlan& plan) {
  const char* differs = nullptr;
  if (header.recorded != plan.recorded.type || header.height != plan.recorded.height ||
      header.width != plan.recorded.width) {
    differs = "the movie's frames";
  } else if (header.quantised != plan.stored.quantised || header.mask_hash != hash_of(plan.masks)) {
    differs = "the masks or the steps";
  } else if (header.provenance.options != plan.provenance.options ||
             header.provenance.inputs != plan.provenance.inputs) {
    differs = "the options or the movie's hash";
  }
  if (differs == nullptr) return;
  refuse(partial,
         std::string("was begun with something else (") + differs +
             "); give the same command, or encode anew without --resume");
}

void rename_to(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code failure;
  std::filesystem::rename(from, to, failure);
  if (failure) throw IoError(to, "cannot be renamed from " + from.string());
}

}  // namespace

struct ContainerWriter::State {
  std::filesystem::path path, partial;
  FrameFormat recorded;
  StoredAs stored;
  int schema;
  std::unique_ptr<io::WriterLock> lock = nullptr;
  ContainerObjects objects = {};
  std::optional<PlaneSnapshots> planes = std::nullopt;  // where quantised or audited
  Index groups = 0, snapshots = 0, frames = 0, audited = 0, losses = 0, lost = 0;
  std::array<double, 4> noise{};  // the last row of the noise; kept_dose as the mean so far

  State(const std::filesystem::path& out, const ContainerPlan& plan)
      : path(out),
        partial(out.string() + ".partial"),
        recorded(plan.recorded),
        stored(plan.stored),
        schema(plan.schema()) {
    if (stored.quantised || stored.audited) {
      planes.emplace(plan.masks, !is_float(plan.recorded.type));
    }
  }

  /// A new file: under a third name until all its objects are there, so that a partial file is
  /// always one that can be read and gone on with.
  void begin(const ContainerPlan& plan) {
    const std::filesystem::path starting = path.string() + ".starting";
    if (std::filesystem::exists(partial)) const io::WriterLock refused_if_it_is_written(partial);
    lock = std::make_unique<io::WriterLock>(starting);
    create_objects(starting, plan);
    rename_to(starting, partial);
    objects = open_objects(partial, plan, {}, 0);
  }

  /// Goes on after the last committed group.
  void take_over(const ContainerPlan& plan) {
    lock = std::make_unique<io::WriterLock>(partial);
    const ContainerHeader header = ContainerReader(partial).header();
    require_same_job(partial, header, plan);
    audited = static_cast<Index>(header.audited.size());
    objects = open_objects(partial, plan, header.groups, audited);
    groups = static_cast<Index>(header.groups.size());
    snapshots = first_snapshots(header.groups).back();
    frames = header.frames;
    const NoiseModel model = header.noise.value_or(NoiseModel{});
    noise = {model.gain, model.read_variance, model.change, header.kept_dose.value_or(1.0)};
  }

  static void write_row(const Hid& dataset, std::vector<Index> shape, hid_t type, const void* row) {
    io::resize_dataset(dataset, shape);
    io::write_rows(dataset, type, shape[0] - 1, 1, row);
    io::flush_dataset(dataset);
  }

  Digest write_coded(std::span<const std::byte> bytes) {
    io::write_chunk(objects.snapshots, std::vector<Index>{snapshots, 0, 0}, bytes);
    return digest_of(bytes);
  }

  /// Writes an exact sum and returns the hash of the bytes that are in the file.
  Digest write_sum(const std::byte* sum) {
    const auto pixels = static_cast<std::size_t>(recorded.pixels());
    if (stored.sums == PixelType::u16) {
      return write_coded(
          pack<std::uint16_t>({reinterpret_cast<const std::uint16_t*>(sum), pixels}));
    }
    if (stored.sums == PixelType::i32) {
      return write_coded(pack<std::int32_t>({reinterpret_cast<const std::int32_t*>(sum), pixels}));
    }
    io::write_rows(objects.snapshots, io::hdf5_type(stored.sums), snapshots, 1, sum);
    io::flush_dataset(objects.snapshots);
    return digest_of(io::read_chunk(objects.snapshots, std::vector<Index>{snapshots, 0, 0}).bytes);
  }

  /// A frame as recorded: coded as those of lossless groups are.
  void write_audited(const RecordedFrame& frame) {
    const CodedGroup coded =
        planes->code({{frame.frame, 1, 1, GroupMode::lossless}, frame.type, frame.pixels, {}});
    append_audited(objects.audit, audited++, recorded, frame.frame, coded.planes[0]);
  }

  /// All snapshots of a group. A group whose sums do not go into steps loses its step. Returns the
  /// share of the dose that is kept.
  double write_snapshots(Snapshot& snapshot) {
    CodedGroup coded;
    if (stored.quantised) {
      coded = planes->code(snapshot);
      snapshot.group = coded.group;
    }
    const Group& group = snapshot.group;
    for (Index k = 0; k < group.buckets; ++k, ++snapshots) {
      const Index next = snapshots + 1;
      io::resize_dataset(objects.snapshots,
                         std::vector<Index>{next, recorded.height, recorded.width});
      const Index plane_bytes = recorded.pixels() * bytes_of(snapshot.type);
      const Digest hash = stored.quantised ? write_coded(coded.planes[static_cast<std::size_t>(k)])
                                           : write_sum(snapshot.sum + k * plane_bytes);
      io::flush_dataset(objects.snapshots);
      const std::int64_t first = group.first + first_frame_of(group, k);
      write_row(objects.first_frames, {next}, H5T_NATIVE_INT64, &first);
      write_row(objects.hashes, {next, 16}, H5T_NATIVE_UINT8, hash.data());
    }
    return coded.kept_dose;
  }

  /// The group's row, last of all: with it the group is committed.
  void commit(const Group& group) {
    const layout::GroupRow row{group.first,
                               group.frames,
                               group.buckets,
                               snapshots - group.buckets,
                               static_cast<std::uint8_t>(group.mode),
                               group.step,
                               group.gain,
                               group.read_variance,
                               group.ratio};
    write_row(objects.groups, {groups + 1}, layout::group_row_type(schema), &row);
    ++groups;
    frames += group.frames;
    lock->sync_now_and_then();
  }

  void write_losses(std::span<const Loss> given) {
    for (const Loss& loss : given) {
      const std::array<std::int64_t, 2> row{loss.frame, loss.lost};
      write_row(objects.losses, {++losses, 2}, H5T_NATIVE_INT64, row.data());
      lost += loss.lost;
    }
  }

  /// What may be written only once no reader can look in any more.
  void finish(Index trailing_bytes) {
    const bool live = objects.losses.is_open();
    objects = {};
    Hid file = io::open_hdf5(partial, io::Hdf5Access::modify);
    io::write_attribute(io::open_object(file, layout::recorded), "frames", std::int64_t{frames});
    if (live) {
      const Hid movie = io::open_object(file, layout::recorded);
      io::write_attribute(movie, "lost_frames", std::int64_t{lost});
      io::write_attribute(movie, "trailing_bytes", std::int64_t{trailing_bytes});
    }
    const Hid noise_group = io::open_object(file, layout::noise);
    if (groups > 0) {
      io::write_attribute(noise_group, "gain", noise[0]);
      io::write_attribute(noise_group, "read_variance", noise[1]);
      io::write_attribute(noise_group, "change", noise[2]);
      if (stored.quantised) io::write_attribute(noise_group, "kept_dose", noise[3]);
    }
    io::write_attribute(io::open_object(file, layout::entry), "complete", std::int64_t{1});
    io::flush_hdf5(file);
  }
};

StoredAs stored_as(const Coding& coding, PixelType recorded, const MaskSet& masks) {
  return {sum_type(recorded, masks), !coding.is_exact(), coding.audit > 0};
}

ContainerWriter::ContainerWriter(const std::filesystem::path& path,
                                 const FrameFormat& format,
                                 const StoredAs& stored,
                                 const MaskSet& masks,
                                 const MovieInfo& info,
                                 const Provenance& provenance,
                                 bool resume) {
  require_container_name(path);
  require_mask_shape(masks.masks.shape());
  const Index most_pixels = std::numeric_limits<std::uint32_t>::max() / bytes_of(stored.sums);
  if (format.pixels() > most_pixels) {
    throw InputError(path.string() + ": snapshots of " + std::to_string(format.height) + " x " +
                     std::to_string(format.width) +
                     " pixels do not fit a container, which holds 4 GiB each; crop the movie");
  }
  const ContainerPlan plan{format, stored, masks, info, provenance};
  state_ = std::make_unique<State>(path, plan);
  if (resume && std::filesystem::exists(state_->partial)) {
    state_->take_over(plan);
  } else {
    state_->begin(plan);
  }
}

ContainerWriter::~ContainerWriter() = default;
ContainerWriter::ContainerWriter(ContainerWriter&&) noexcept = default;
ContainerWriter& ContainerWriter::operator=(ContainerWriter&&) noexcept = default;

void ContainerWriter::append(const Snapshot& given) {
  State& s = *state_;
  Snapshot snapshot = given;
  const bool kept = snapshot.group.mode == GroupMode::lossless;
  if (kept ? !s.stored.quantised : snapshot.type != s.stored.sums) {
    throw std::logic_error("a container of " + to_text(s.stored.sums) + " is given a snapshot of " +
                           to_text(snapshot.type));
  }
  const double kept_dose = s.write_snapshots(snapshot);
  if (snapshot.audited && s.stored.audited) s.write_audited(*snapshot.audited);
  const auto before = static_cast<double>(s.groups);
  s.noise = {snapshot.noise.gain,
             snapshot.noise.read_variance,
             snapshot.noise.change,
             (s.noise[3] * before + kept_dose) / (before + 1.0)};
  s.write_losses(snapshot.losses);
  s.write_row(s.objects.noise, {s.groups + 1, 4}, H5T_NATIVE_DOUBLE, s.noise.data());
  s.commit(snapshot.group);
}

Index ContainerWriter::frames() const {
  return state_->frames;
}

void ContainerWriter::close(const FeedEnd& end) {
  State& s = *state_;
  if (end.lost > 0) s.write_losses(std::array{Loss{s.frames, end.lost}});
  s.finish(end.trailing_bytes);
  s.lock->sync();
  rename_to(s.partial, s.path);
}

void write_measurement(const std::filesystem::path& path,
                       const Measurement& measurement,
                       const Provenance& provenance) {
  require_consistent(measurement);
  const Shape<3> shape = shape_of(measurement.snapshots);
  const PixelType stored = std::visit(
      [](const auto& array) {
        return pixel_type_of<std::remove_cvref_t<decltype(*array.data())>>();
      },
      measurement.snapshots);
  const bool quantised =
      std::any_of(measurement.groups.begin(), measurement.groups.end(), [](const Group& group) {
        return group.step > 0.0 || group.mode == GroupMode::lossless;
      });
  ContainerWriter writer(path,
                         {measurement.recorded, shape[1], shape[2]},
                         {stored, quantised, !measurement.audited.empty()},
                         measurement.masks,
                         measurement.info,
                         provenance);
  Index s = 0;
  auto audited = measurement.audited.begin();
  for (const Group& group : measurement.groups) {
    std::optional<RecordedFrame> frame;
    if (audited != measurement.audited.end() && audited->frame < group.first + group.frames) {
      const auto* pixels = reinterpret_cast<const std::byte*>(audited->pixels.data());
      frame = {audited->frame, PixelType::f32, pixels};
      ++audited;
    }
    std::visit(
        [&](const auto& array) {
          writer.append({group,
                         stored,
                         reinterpret_cast<const std::byte*>(array[s].data()),
                         measurement.noise.value_or(NoiseModel{}),
                         {},
                         frame});
        },
        measurement.snapshots);
    s += group.buckets;
  }
  writer.close();
}

}  // namespace kinema::codec
