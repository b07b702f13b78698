// malloc and its kin, replaced for this program as the GNU C library's manual provides for: blocks
// of the C library's until guard_heap() is called, then blocks that end where their last page ends.
#include "reader_heap.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void kinema::app::guard_heap() {}
#else

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/mman.h>

extern "C" {
void* __libc_malloc(std::size_t);                 // NOLINT
void* __libc_calloc(std::size_t, std::size_t);    // NOLINT
void* __libc_realloc(void*, std::size_t);         // NOLINT
void* __libc_memalign(std::size_t, std::size_t);  // NOLINT
void __libc_free(void*);                          // NOLINT
}

namespace {

constexpr std::size_t page = 4096, alignment = 16, smallest = 256;
constexpr std::size_t arena_bytes = std::size_t{1} << 30;

char* arena = nullptr;  // address space, handed out once from its begin to its end
std::atomic<std::size_t> spent{0};

std::size_t rounded(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

bool is_guarded(const void* block) {
  const char* place = static_cast<const char*>(block);
  return arena != nullptr && place >= arena && place < arena + arena_bytes;
}

/// The size that was asked for lies in front of the block.
std::size_t& size_of(void* block) {
  return *reinterpret_cast<std::size_t*>(static_cast<char*>(block) - alignment);
}

std::size_t pages_of(std::size_t bytes) {
  return rounded(rounded(bytes, alignment) + alignment, page);
}

/// Zeros; null where the C library shall give the block.
void* guarded_block(std::size_t bytes) {
  if (arena == nullptr || bytes < smallest || bytes > arena_bytes / 4) return nullptr;
  const std::size_t pages = pages_of(bytes), begin = spent.fetch_add(pages + page);
  if (begin > arena_bytes - pages - page) return nullptr;
  if (mprotect(arena + begin, pages, PROT_READ | PROT_WRITE) != 0) return nullptr;
  char* block = arena + begin + pages - rounded(bytes, alignment);
  size_of(block) = bytes;
  return block;
}

void give_back(void* block) {
  const std::size_t pages = pages_of(size_of(block));
  char* end = static_cast<char*>(block) + rounded(size_of(block), alignment);
  mmap(end - pages,
       pages,
       PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
       -1,
       0);
}

}  // namespace

void kinema::app::guard_heap() {
  void* space =
      mmap(nullptr, arena_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space != MAP_FAILED) arena = static_cast<char*>(space);
}

extern "C" {

void* malloc(std::size_t bytes) {
  void* block = guarded_block(bytes);
  return block != nullptr ? block : __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes_each) {
  std::size_t bytes = 0;
  if (!__builtin_mul_overflow(count, bytes_each, &bytes)) {
    if (void* block = guarded_block(bytes)) return block;
  }
  return __libc_calloc(count, bytes_each);
}

void* realloc(void* old, std::size_t bytes) {
  if (!is_guarded(old)) return __libc_realloc(old, bytes);
  void* block = malloc(bytes);
  if (block == nullptr) return nullptr;
  std::memcpy(block, old, std::min(bytes, size_of(old)));
  give_back(old);
  return block;
}

void free(void* block) {
  if (is_guarded(block)) {
    give_back(block);
  } else {
    __libc_free(block);
  }
}

void* memalign(std::size_t unit, std::size_t bytes) {
  return __libc_memalign(unit, bytes);
}

void* aligned_alloc(std::size_t unit, std::size_t bytes) {
  return __libc_memalign(unit, bytes);
}

int posix_memalign(void** block, std::size_t unit, std::size_t bytes) {
  *block = __libc_memalign(unit, bytes);
  return *block != nullptr ? 0 : ENOMEM;
}

}  // extern "C"
#endif
