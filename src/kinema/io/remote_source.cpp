// A movie that a reader process reads: its pixels come through shared memory, in pieces, and while
// one piece is copied here the next is read there.
#include "kinema/base/parallel.h"
#include "kinema/io/reader_process.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <sys/mman.h>

namespace kinema::io {
namespace {

constexpr Index usual_piece = Index{2} << 20;   // bytes; small enough to stay in the cache
constexpr Index large_frame = Index{64} << 20;  // from here on memory is worth more than time
constexpr Index working_frames = 4;             // that a library may hold while it reads one

/// The part of the shared memory's mapping that is here.
class SharedMemory {
 public:
  SharedMemory(int descriptor, Index bytes) : bytes_(static_cast<std::size_t>(bytes)) {
    void* place = mmap(nullptr, bytes_, PROT_READ, MAP_SHARED, descriptor, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    begin_ = static_cast<const std::byte*>(place);
  }
  ~SharedMemory() { munmap(const_cast<std::byte*>(begin_), bytes_); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  const std::byte* at(Index place) const { return begin_ + place; }

 private:
  const std::byte* begin_ = nullptr;
  std::size_t bytes_ = 0;
};

class RemoteSource : public MovieSource {
 public:
  RemoteSource(const std::filesystem::path& path,
               const ReadOptions& options,
               const std::string& format,
               const ReaderLimits& limits);

  FrameFormat format() const override { return movie_.format; }
  std::optional<Index> frames() const override { return movie_.frames; }
  const MovieInfo& info() const override { return movie_.info; }
  void read(Index first, Index count, std::span<std::byte> out) override;
  Json metadata() const override;

 private:
  /// Frames that were asked for, and where in the shared memory they are or will be.
  struct Piece {
    Index first = 0, count = 0, place = 0;
    Index end() const { return first + count; }
    bool holds(Index frame) const { return first <= frame && frame < end(); }
  };

  void open_plain(const std::filesystem::path& path, const std::string& doing);
  void map_memory();
  void ask(Index first, Index end);
  void ask_ahead(Index next, Index end);
  Index free_place() const;
  void fetch(Index first, Index end, Index ahead_to);
  void forget() const;
  Index bytes_of(const Piece& piece) const;

  ReaderLimits limits_;
  mutable ReaderProcess process_;
  MovieDescription movie_;
  Index piece_frames_ = 1, places_ = 2;
  std::optional<InputFile> plain_;        // the file, where frames lie in it as they are
  std::unique_ptr<SharedMemory> memory_;  // places_ times piece_frames_ frames
  mutable std::deque<Piece> asked_;       // not yet answered, oldest first
  std::optional<Piece> held_;             // answered
  Index next_frame_ = -1;                 // where a reading that goes on would go on
};

std::string frames_text(Index first, Index end) {
  return "reading frames " + std::to_string(first) + ":" + std::to_string(end);
}

RemoteSource::RemoteSource(const std::filesystem::path& path,
                           const ReadOptions& options,
                           const std::string& format,
                           const ReaderLimits& limits)
    : limits_(limits), process_(path, format, ReaderPurpose::read, limits) {
  const std::string doing = "opening it";
  process_.ask(ReaderMessage::open, json_text(options_json(options)), doing);
  const std::string answer = process_.answer(0, doing);
  try {
    movie_ = description_from(bounded_json(answer));
  } catch (const InputError& error) {
    process_.refuse(error.what(), doing);
  }
  if (movie_.plain_offset && movie_.frames) open_plain(path, doing);
}

/// Frames that lie in the file as they are need no process to read them.
void RemoteSource::open_plain(const std::filesystem::path& path, const std::string& doing) {
  plain_.emplace(path);
  const auto bytes =
      static_cast<std::uint64_t>(checked_product(*movie_.frames, movie_.format.bytes()));
  if (bytes > plain_->size() || *movie_.plain_offset > plain_->size() - bytes) {
    process_.refuse("frames beyond the end of the file", doing);
  }
}

void RemoteSource::map_memory() {
  const Index frame = movie_.format.bytes();
  piece_frames_ = std::max<Index>(1, usual_piece / frame);
  places_ = frame > large_frame ? 1 : 2;
  const Index bytes = places_ * piece_frames_ * frame;
  memory_ = std::make_unique<SharedMemory>(process_.size_memory(bytes), bytes);
  process_.limit_memory(limits_.memory + bytes + working_frames * frame);
  process_.ask(ReaderMessage::map, packed(bytes), "opening it");
  process_.answer(0, "opening it");
}

void RemoteSource::read(Index first, Index count, std::span<std::byte> out) {
  require_frames(*this, first, count);
  if (count == 0) return;
  if (plain_) {
    const Index place = checked_product(first, movie_.format.bytes());
    plain_->read_at(*movie_.plain_offset + static_cast<std::uint64_t>(place), out);
    return;
  }
  if (!memory_) map_memory();
  const Index end = first + count, frame = movie_.format.bytes();
  const Index ahead_to = first == next_frame_ ? movie_.frames.value_or(end) : end;
  next_frame_ = -1;
  for (Index at = first; at < end;) {
    if (!held_ || !held_->holds(at)) fetch(at, end, ahead_to);
    const Index taken = std::min(end, held_->end()) - at;
    std::memcpy(out.data() + (at - first) * frame,
                memory_->at(held_->place + (at - held_->first) * frame),
                static_cast<std::size_t>(taken * frame));
    at += taken;
  }
  const Index next = held_->end();
  if (next == end) held_.reset();
  ask_ahead(next, ahead_to);
  next_frame_ = end;
}

Json RemoteSource::metadata() const {
  forget();
  const std::string doing = "reading its metadata";
  process_.ask(ReaderMessage::metadata, "", doing);
  const std::string answer = process_.answer(0, doing);
  try {
    return bounded_json(answer);
  } catch (const InputError& error) {
    process_.refuse(error.what(), doing);
  }
}

void RemoteSource::ask(Index first, Index end) {
  const Index count = std::min(piece_frames_, end - first);
  const Piece piece{first, count, free_place()};
  process_.ask(ReaderMessage::read,
               packed(ReadRequest{piece.first, piece.count, piece.place}),
               frames_text(first, piece.end()));
  asked_.push_back(piece);
}

/// Asks for frames from `next` on, or from where the last question ends, as long as a place is
/// free.
void RemoteSource::ask_ahead(Index next, Index end) {
  if (!asked_.empty()) next = asked_.back().end();
  for (; next < end; next = asked_.back().end()) {
    if (static_cast<Index>(asked_.size()) + (held_ ? 1 : 0) >= places_) return;
    ask(next, end);
  }
}

/// A byte of the shared memory where no piece begins.
Index RemoteSource::free_place() const {
  const auto taken = [this](Index place) {
    return (held_ && held_->place == place) ||
           std::any_of(asked_.begin(), asked_.end(), [place](const Piece& piece) {
             return piece.place == place;
           });
  };
  Index place = 0;
  while (taken(place)) place += piece_frames_ * movie_.format.bytes();
  return place;
}

/// Makes `held_` a piece that begins with frame `first`. Pieces may reach beyond `end`, the last
/// frame that is wanted now; where such a one fails it is asked for again without the rest.
void RemoteSource::fetch(Index first, Index end, Index ahead_to) {
  held_.reset();
  if (asked_.empty() || asked_.front().first != first) {
    forget();
    ask(first, ahead_to);
  }
  ask_ahead(first, ahead_to);
  const Piece piece = asked_.front();
  asked_.pop_front();
  try {
    process_.answer(bytes_of(piece), frames_text(piece.first, piece.end()));
    held_ = piece;
  } catch (...) {
    forget();
    if (piece.end() <= end) throw;
    fetch(first, end, end);
  }
}

/// Waits for what was asked for ahead, and drops it.
void RemoteSource::forget() const {
  for (; !asked_.empty(); asked_.pop_front()) {
    const Piece& piece = asked_.front();
    try {
      process_.answer(bytes_of(piece), frames_text(piece.first, piece.end()));
    } catch (const InputError&) {  // it is told where these frames are wanted
    } catch (const IoError&) {
    }
  }
}

Index RemoteSource::bytes_of(const Piece& piece) const {
  return piece.count * movie_.format.bytes();
}

/// Address space that an HDF5 file may reasonably make a reader want: libraries and buffers, stacks
/// and heaps of its threads, and what the file's own bytes become.
Index memory_for(const std::filesystem::path& path) {
  constexpr Index most_bytes = Index{1} << 32, fixed = Index{320} << 20, a_thread = Index{80} << 20;
  const auto bytes = static_cast<Index>(
      std::min<std::uint64_t>(InputFile(path).size(), static_cast<std::uint64_t>(most_bytes)));
  return fixed + threads() * a_thread + 16 * bytes;
}

}  // namespace

std::unique_ptr<MovieSource> open_in_reader(const std::filesystem::path& path,
                                            const ReadOptions& options,
                                            const std::string& format,
                                            const ReaderLimits& limits) {
  ReaderLimits bounded = limits;
  if (format == "hdf5") bounded.memory = std::min(limits.memory, memory_for(path));
  return std::make_unique<RemoteSource>(path, options, format, bounded);
}

void probe_hdf5(const std::filesystem::path& path, const ReaderLimits& limits) {
  const std::string doing = "looking through it";
  ReaderProcess process(path, "hdf5", ReaderPurpose::probe, limits);
  process.ask(ReaderMessage::probe, "", doing);
  process.answer(0, doing);
}

}  // namespace kinema::io
