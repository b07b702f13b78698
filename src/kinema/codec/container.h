// The compressed movie on disk: an HDF5 file, NeXus NXdata-shaped, that h5py opens with nothing of
// ours. Its layout is described in docs/formats/container.md and versioned by `schema`.
#pragma once

#include "kinema/codec/encode.h"
#include "kinema/data/measurement.h"
#include "kinema/data/provenance.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace kinema::codec {

/// Schema of exact measurements, of quantised ones, and of those whose groups tell how many frames
/// a snapshot of theirs holds: staggered exposures.
inline constexpr int exact_schema = 1, quantised_schema = 2, exposure_schema = 3;

/// All of a container but its snapshots.
struct ContainerHeader {
  int schema = exact_schema;
  bool complete = false;
  Index height = 0, width = 0;
  Index frames = 0;                     // recorded frames in all groups
  PixelType recorded = PixelType::f32;  // of the movie that was encoded
  PixelType stored = PixelType::u16;    // of the snapshots: u16, i32 or f32; f32 if quantised
  bool quantised = false;               // snapshots are coded in steps
  std::optional<double> kept_dose;      // share that the steps leave, averaged over pixels
  std::vector<Group> groups;
  std::vector<Index> audited;  // frames that are kept as recorded beside their groups
  MaskKind mask_kind = MaskKind::balanced;
  std::uint64_t mask_seed = 0;
  Index ratio = 0;            // B of the masks; where groups choose, the most
  std::vector<Index> ratios;  // those that groups choose among; schema 3
  std::string mask_hash;      // of the masks of `ratio`
  std::optional<NoiseModel> noise;
  std::vector<Loss> losses;  // frames that the source lost, where it may lose some
  Index trailing_bytes = 0;  // of a last frame that did not come whole
  MovieInfo info;
  Provenance provenance;
};

/// How the snapshots of a container are stored.
struct StoredAs {
  PixelType sums = PixelType::u16;  // u16, i32 or f32
  bool quantised = false;           // takes groups with a step, and lossless ones
  bool audited = false;             // takes audited frames
  bool live = false;                // keeps which frames a live source lost
};

/// What a container needs for a movie of such pixels.
StoredAs stored_as(const Coding& coding, PixelType recorded, const MaskSet& masks);

/// Writes a container group by group. The file grows under the name PATH.partial and is renamed to
/// PATH by `close`. A group is committed by its row in the table of groups, written after all else,
/// and handed to the system at once, and to the disk at least every second: whatever kills the
/// writer, committed groups stay readable, and readers may look in while it writes. A writer that
/// goes without `close` leaves the partial file, `complete` = 0. A second writer of the same path
/// is an InputError.
class ContainerWriter {
 public:
  /// `recorded` is the movie's own format. With `resume` goes on with PATH.partial, where there is
  /// one; throws InputError where that was begun with another movie or other options.
  ContainerWriter(const std::filesystem::path& path,
                  const FrameFormat& recorded,
                  const StoredAs& stored,
                  const MaskSet& masks,
                  const MovieInfo& info,
                  const Provenance& provenance,
                  bool resume = false);
  ~ContainerWriter();
  ContainerWriter(ContainerWriter&&) noexcept;
  ContainerWriter& operator=(ContainerWriter&&) noexcept;

  /// Appends one snapshot with its group, in the group's steps.
  void append(const Snapshot& snapshot);
  /// Marks the file complete, closes and renames it; `end` is that of a live source.
  void close(const FeedEnd& end = {});
  /// Frames that are committed.
  Index frames() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Throws InputError where the name's ending is that of a movie format (".mrc"): a container under
/// it would mislead. ".h5" is usual.
void require_container_name(const std::filesystem::path& path);

/// Whether the first bytes of a file are those of a container; false for what is no file.
bool is_container(const std::filesystem::path& path);

/// Reads a container, complete or not.
class ContainerReader {
 public:
  /// Throws InputError for a file that is not a container or has a newer schema.
  explicit ContainerReader(const std::filesystem::path& path);
  ~ContainerReader();
  ContainerReader(ContainerReader&&) noexcept;
  ContainerReader& operator=(ContainerReader&&) noexcept;

  const ContainerHeader& header() const;
  Index snapshots() const;
  /// Snapshot s as (Y, X) floats; throws FileError that names the snapshot where its bytes do not
  /// match their hash.
  Array<float, 2> snapshot(Index s) const;
  /// Snapshot s as it is stored, into (Y, X) of header().stored.
  void read_exact(Index s, std::byte* out) const;
  /// Number i of header().audited, (Y, X); throws FileError like `snapshot`.
  AuditedFrame audited(Index i) const;
  /// Draws or reads the masks and checks their hash.
  MaskSet masks() const;
  /// Bytes of the stored snapshots alone, without the file's own structure.
  Index stored_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Frames of a snapshot, "10", or, where groups choose, of those of coded groups, "4 to 32".
std::string ratio_text(const std::vector<Group>& groups, Index ratio);

/// Groups by their frames per snapshot, as JSON.
Json ratios_json(const std::vector<Group>& groups);

/// Frames in lossless groups.
Index lossless_frames(const std::vector<Group>& groups);

/// True sizes on disk against the recorded movie, as JSON: bytes, bits a pixel, compression ratio.
Json rate_json(const ContainerHeader& header, Index container_bytes, Index stored_bytes);

/// A whole container in memory.
Measurement read_measurement(const std::filesystem::path& path);

/// A measurement in memory as a container.
void write_measurement(const std::filesystem::path& path,
                       const Measurement& measurement,
                       const Provenance& provenance);

}  // namespace kinema::codec
