// The writer's side of the ring in shared memory.
#include "kinema/core/kinema_encoder.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(sizeof(kinema_ring_header) == 192);
static_assert(offsetof(kinema_ring_header, written) == 64);
static_assert(offsetof(kinema_ring_header, taken) == 128);
static_assert(sizeof(kinema_ring_slot_header) == 64);

namespace {

constexpr std::uint64_t line = 64, page = 4096;
constexpr std::int64_t longest_edge = 1 << 20, most_slots = 1 << 20;

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// The system's name of a ring, "/NAME"; false where NAME is none.
bool system_name(const char* name, char (&out)[128]) {
  const std::size_t length = std::strlen(name);
  if (length < 1 || length > sizeof out - 2) return false;
  for (const char* c = name; *c != 0; ++c) {
    const bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
    if (!letter && !(*c >= '0' && *c <= '9') && *c != '-' && *c != '_' && *c != '.') return false;
  }
  out[0] = '/';
  std::memcpy(out + 1, name, length + 1);
  return true;
}

std::uint64_t taken(const kinema_ring* ring) {
  return __atomic_load_n(&ring->header->taken, __ATOMIC_ACQUIRE);
}

kinema_ring_slot_header* slot_at(const kinema_ring* ring, std::uint64_t frame) {
  auto* slots = reinterpret_cast<unsigned char*>(ring->header) + ring->header->header_bytes;
  return reinterpret_cast<kinema_ring_slot_header*>(slots + frame % ring->header->slots *
                                                                ring->header->slot_bytes);
}

/// The header of a ring in memory that is all zero; the magic last, for readers may look in.
void fill_header(kinema_ring_header* header,
                 int pixels,
                 std::int64_t height,
                 std::int64_t width,
                 std::int64_t slots,
                 std::uint64_t slot_bytes) {
  header->version = KINEMA_RING_VERSION;
  header->header_bytes = page;
  header->pixels = static_cast<std::uint32_t>(pixels);
  header->slots = static_cast<std::uint32_t>(slots);
  header->height = height;
  header->width = width;
  header->slot_bytes = slot_bytes;
  __atomic_thread_fence(__ATOMIC_RELEASE);
  std::memcpy(header->magic, "KINEMARB", sizeof header->magic);
}

}  // namespace

int kinema_ring_create(
    kinema_ring* ring, const char* name, int pixels, int64_t height, int64_t width, int64_t slots) {
  std::memset(ring, 0, sizeof *ring);
  const std::size_t pixel_bytes = kinema_bytes_of(pixels);
  if (!system_name(name, ring->name) || kinema_sum_type(pixels, 1) == 0 || height < 1 ||
      width < 1 || height > longest_edge || width > longest_edge || slots < 1 ||
      slots > most_slots) {
    return EINVAL;
  }
  ring->frame_bytes =
      static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(width) * pixel_bytes;
  const std::uint64_t slot_bytes = line + (ring->frame_bytes + line - 1) / line * line;
  ring->bytes = page + slot_bytes * static_cast<std::uint64_t>(slots);
  const int file = shm_open(ring->name, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0) return errno;
  int failure = posix_fallocate(file, 0, static_cast<off_t>(ring->bytes));
  void* memory = MAP_FAILED;
  if (failure == 0) {
    memory = mmap(nullptr, ring->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) failure = errno;
  }
  close(file);
  if (failure != 0) {
    shm_unlink(ring->name);
    return failure;
  }
  ring->header = static_cast<kinema_ring_header*>(memory);
  fill_header(ring->header, pixels, height, width, slots, slot_bytes);
  return 0;
}

int kinema_ring_remove(const char* name) {
  char path[128];
  if (!system_name(name, path)) return EINVAL;
  return shm_unlink(path) == 0 ? 0 : errno;
}

void* kinema_ring_slot(kinema_ring* ring) {
  const std::uint64_t written = ring->header->written;
  if (written - taken(ring) >= ring->header->slots) return nullptr;
  return slot_at(ring, written) + 1;
}

void kinema_ring_publish(kinema_ring* ring) {
  const std::uint64_t written = ring->header->written;
  kinema_ring_slot_header* slot = slot_at(ring, written);
  slot->number = written + ring->header->lost;
  slot->time_ns = now_ns();
  __atomic_store_n(&ring->header->written, written + 1, __ATOMIC_RELEASE);
}

void kinema_ring_lose(kinema_ring* ring, uint64_t frames) {
  __atomic_fetch_add(&ring->header->lost, frames, __ATOMIC_RELEASE);
}

int kinema_ring_write(kinema_ring* ring, const void* frame) {
  void* slot = kinema_ring_slot(ring);
  if (slot == nullptr) {
    kinema_ring_lose(ring, 1);
    return 1;
  }
  std::memcpy(slot, frame, ring->frame_bytes);
  kinema_ring_publish(ring);
  return 0;
}

uint64_t kinema_ring_end(kinema_ring* ring, double seconds) {
  __atomic_store_n(&ring->header->ended, 1, __ATOMIC_RELEASE);
  const std::uint64_t begin = now_ns(), written = ring->header->written;
  const timespec moment{0, 1000000};
  while (taken(ring) < written && static_cast<double>(now_ns() - begin) * 1e-9 < seconds) {
    nanosleep(&moment, nullptr);
  }
  const std::uint64_t left = written - taken(ring);
  if (left == 0) shm_unlink(ring->name);
  munmap(ring->header, ring->bytes);
  ring->header = nullptr;
  return left;
}
