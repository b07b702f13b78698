// The reader's side of the ring. What its header says is taken once, held against the size of the
// memory, and not trusted again.
#include "kinema/io/live_ring.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace kinema::io {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::microseconds between_looks{200};
constexpr std::string_view magic = "KINEMARB";
constexpr std::int64_t longest_edge = 1 << 20;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The pixel type of a number of the core; f64 for what is none of a ring.
PixelType pixel_type(std::uint32_t number) {
  switch (number) {
    case KINEMA_U8:
      return PixelType::u8;
    case KINEMA_I8:
      return PixelType::i8;
    case KINEMA_U16:
      return PixelType::u16;
    case KINEMA_I16:
      return PixelType::i16;
    case KINEMA_F32:
      return PixelType::f32;
    default:
      return PixelType::f64;
  }
}

/// When a frame was complete: the writer's clock is ours, unless it says what cannot be.
Clock::time_point arrival_of(std::uint64_t time_ns) {
  const Clock::time_point said{std::chrono::nanoseconds(time_ns)}, now = Clock::now();
  return time_ns > 0 && said <= now ? said : now;
}

}  // namespace

RingFeed::RingFeed(const std::string& name,
                   const LiveOptions& options,
                   MovieInfo info,
                   const Progress& progress)
    : name_(name), options_(options), info_(std::move(info)) {
  open(progress);
  if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw InputError(name_ + ": is read by another process; a ring has one reader");
  }
  read_header();
}

RingFeed::~RingFeed() {
  if (header_ != nullptr) munmap(header_, bytes_);
}

void RingFeed::open(const Progress& progress) {
  const std::string path = "/" + name_.substr(name_.find(':') + 1);
  if (path.size() < 2 || path.find('/', 1) != std::string::npos) {
    throw InputError(name_ + ": a ring is named shm:NAME, without slashes");
  }
  for (const Clock::time_point begin = Clock::now(); !file_.is_open();) {
    progress.check();
    file_ = FileHandle(shm_open(path.c_str(), O_RDWR | O_CLOEXEC, 0));
    if (!file_.is_open() && errno != ENOENT) {
      throw IoError(name_, std::string("cannot be opened: ") + std::strerror(errno));
    }
    struct stat status {};
    if (file_.is_open() && fstat(file_.get(), &status) == 0 &&
        static_cast<std::uint64_t>(status.st_size) >= sizeof(kinema_ring_header)) {
      bytes_ = static_cast<std::uint64_t>(status.st_size);
      return;
    }
    file_ = FileHandle();
    if (seconds_since(begin) >= options_.idle.value) {
      throw InputError(name_ + ": there is no such ring, and none came within --idle");
    }
    std::this_thread::sleep_for(between_looks);
  }
}

void RingFeed::read_header() {
  void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
  if (memory == MAP_FAILED) {
    throw IoError(name_, std::string("cannot be mapped: ") + std::strerror(errno));
  }
  header_ = static_cast<kinema_ring_header*>(memory);
  const auto refuse = [&](const std::string& what) -> void {
    throw InputError(name_ + ": " + what + "; see docs/formats/ring.md");
  };
  for (const Clock::time_point begin = Clock::now();  // the writer puts the magic there last
       std::memcmp(header_->magic, magic.data(), magic.size()) != 0;) {
    if (seconds_since(begin) >= 1.0) refuse("is no ring of frames (its first bytes differ)");
    std::this_thread::sleep_for(between_looks);
  }
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  const kinema_ring_header given = *header_;
  if (given.version != KINEMA_RING_VERSION) {
    refuse("has version " + std::to_string(given.version) + " of the ring, this kinema reads 1");
  }
  format_ = {pixel_type(given.pixels), static_cast<Index>(given.height), given.width};
  if (format_.type == PixelType::f64) {
    refuse("has pixels of type " + std::to_string(given.pixels));
  }
  if (given.height < 1 || given.width < 1 || given.height > longest_edge ||
      given.width > longest_edge) {
    refuse("has frames of " + std::to_string(given.height) + " x " + std::to_string(given.width));
  }
  slots_ = given.slots;
  slot_bytes_ = given.slot_bytes;
  header_bytes_ = given.header_bytes;
  const auto frame_bytes = static_cast<std::uint64_t>(format_.bytes());
  if (slots_ < 1 || header_bytes_ < sizeof(kinema_ring_header) || header_bytes_ > bytes_ ||
      header_bytes_ % 64 != 0 || slot_bytes_ % 64 != 0 || slot_bytes_ > bytes_ ||
      slot_bytes_ < frame_bytes + sizeof(kinema_ring_slot_header) ||
      slots_ > (bytes_ - header_bytes_) / slot_bytes_) {
    refuse("declares slots that do not fit its memory");
  }
  const FrameShape shape{format_.height, format_.width};
  if (options_.shape && *options_.shape != shape) {
    throw InputError(name_ + ": holds frames of " + to_text(shape) + ", not of --shape " +
                     to_text(*options_.shape));
  }
  if (!options_.type.empty() && options_.type != to_text(format_.type)) {
    throw InputError(name_ + ": holds pixels of " + to_text(format_.type) + ", not of --type " +
                     options_.type);
  }
  next_ = header_->taken;
}

std::uint64_t RingFeed::written() const {
  const std::uint64_t written = __atomic_load_n(&header_->written, __ATOMIC_ACQUIRE);
  if (written < next_ || written - next_ > slots_) {
    throw InputError(name_ + ": is damaged: " + std::to_string(written) + " frames written and " +
                     std::to_string(next_) + " taken, with " + std::to_string(slots_) + " slots");
  }
  return written;
}

bool RingFeed::ended() const {
  return __atomic_load_n(&header_->ended, __ATOMIC_ACQUIRE) != 0;
}

const kinema_ring_slot_header* RingFeed::slot(std::uint64_t frame) const {
  const auto* slots = reinterpret_cast<const std::byte*>(header_) + header_bytes_;
  return reinterpret_cast<const kinema_ring_slot_header*>(slots + frame % slots_ * slot_bytes_);
}

void RingFeed::wait_for_first(const Progress& progress) {
  for (const Clock::time_point begin = Clock::now(); written() == next_;) {
    progress.check();
    const bool over = ended() && written() == next_;
    if (over || seconds_since(begin) >= options_.idle.value) {
      throw InputError(name_ + ": no frame came" +
                       (over ? ", and its writer has ended" : " within --idle") +
                       "; check its writer");
    }
    std::this_thread::sleep_for(between_looks);
  }
}

/// Frames that were lost after the last one are told with the end.
void RingFeed::note_end(const char* reason) {
  end_.reason = reason;
  const std::uint64_t all = next_ + __atomic_load_n(&header_->lost, __ATOMIC_ACQUIRE);
  if (all > number_) end_.lost = static_cast<Index>(all - number_);
}

Arrival RingFeed::take(Index most, std::span<std::byte> out, const std::stop_token& stop) {
  if (most == 0 || !end_.reason.empty()) return {};
  if (options_.frames && given_ == *options_.frames) {
    end_.reason = "--frames have come";
    return {};
  }
  for (const Clock::time_point begin = Clock::now(); written() == next_;) {
    if (stop.stop_requested()) return {};
    if (ended() && written() == next_) {
      note_end("its writer has ended");
      return {};
    }
    if (seconds_since(begin) >= options_.idle.value) {
      note_end("nothing came for --idle, and its writer has not said that it ended");
      return {};
    }
    std::this_thread::sleep_for(between_looks);
  }
  const kinema_ring_slot_header* from = slot(next_);
  std::memcpy(out.data(), from + 1, static_cast<std::size_t>(format_.bytes()));
  const std::uint64_t number = from->number;
  Arrival arrival{.frames = 1, .at = arrival_of(from->time_ns)};
  if (number > number_) arrival.lost = static_cast<Index>(number - number_);
  number_ = number + 1;
  ++given_;
  __atomic_store_n(&header_->taken, ++next_, __ATOMIC_RELEASE);
  return arrival;
}

Index RingFeed::waiting() const {
  const std::uint64_t written = __atomic_load_n(&header_->written, __ATOMIC_ACQUIRE);
  const std::uint64_t taken = __atomic_load_n(&header_->taken, __ATOMIC_ACQUIRE);
  return static_cast<Index>(written > taken ? std::min(written - taken, slots_) : 0);
}

}  // namespace kinema::io
