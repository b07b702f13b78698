// Bytes become a file without a name, which a format's own open function reads.
#include "feed.h"

#include "kinema/base/error.h"
#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_events.h"
#include "kinema/io/formats.h"
#include "kinema/io/hdf5_unpack.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace kinema::fuzz {
namespace {

constexpr Index most_frames = 64, most_bytes_read = Index{16} << 20;

/// A file in memory, reached through /proc.
class MemoryFile {
 public:
  explicit MemoryFile(std::span<const std::byte> bytes) : descriptor_(memfd_create("fuzz", 0)) {
    if (descriptor_ < 0 ||
        write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("no file in memory");
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void read_some(MovieSource& source) {
  const Index bytes = source.format().bytes();
  const Index frames = source.frames().value_or(0);
  for (Index t = 0; t < std::min(frames, most_frames) && bytes * (t + 1) <= most_bytes_read; ++t) {
    std::vector<std::byte> frame(static_cast<std::size_t>(bytes));
    source.read(t, 1, frame);
  }
  if (source.metadata().dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).empty()) {
    throw std::logic_error("metadata that is no JSON");
  }
}

/// One chunk of an HDF5 dataset: which filters it says that it has passed, then its bytes.
void unpack_any_chunk(std::span<const std::byte> bytes) {
  const auto next = [&]() -> unsigned {
    if (bytes.empty()) return 0;
    const auto value = std::to_integer<unsigned>(bytes.front());
    bytes = bytes.subspan(1);
    return value;
  };
  std::vector<io::ChunkFilter> filters(next() % 4);
  for (io::ChunkFilter& filter : filters) {
    constexpr int ids[] = {1, 2, 32004, 32008};
    filter.id = ids[next() % 4];
    filter.values = {0, 0, next() % 16 + 1, 8 * next(), next() % 2 * 2};
  }
  const std::size_t element_bytes = next() % 16 + 1;
  const unsigned size = next();
  std::vector<std::byte> out(size << 8 | next());
  const std::uint32_t skipped = next() % 8;
  io::unpack_chunk({{bytes.begin(), bytes.end()}, skipped}, filters, element_bytes, out);
}

/// A coded plane: its height and width, whether exposures differ, then its bytes.
void unpack_any_plane(std::span<const std::byte> bytes) {
  if (bytes.size() < 3) return;
  const auto at = [&](std::size_t i) { return std::to_integer<Index>(bytes[i]); };
  const Index height = at(0) + 1, width = at(1) + 1;
  std::vector<std::int32_t> values(static_cast<std::size_t>(height * width));
  std::vector<std::uint16_t> open(values.size());
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = static_cast<std::uint16_t>(i % 7);
  const ArrayView<std::int32_t, 2> plane(values.data(), {height, width});
  const auto coded = bytes.subspan(3);
  try {
    if (codec::are_events(coded)) return codec::unpack_events(coded, plane);
    codec::unpack_plane(coded, plane, at(2) % 2 == 0 ? nullptr : open.data());
  } catch (const InputError&) {
  }
}

}  // namespace

void feed(std::string_view format, std::span<const std::byte> bytes) {
  if (format == "hdf5 chunk") return unpack_any_chunk(bytes);
  if (format == "coded plane") return unpack_any_plane(bytes);
  for (const io::MovieFormat& known : io::movie_formats()) {
    if (known.name != format) continue;
    const MemoryFile file(bytes);
    try {
      known.recognises(bytes.first(std::min<std::size_t>(bytes.size(), 4096)));
      read_some(*known.open(file.path(), {}));
    } catch (const InputError&) {
    } catch (const IoError&) {
    }
    return;
  }
  throw std::invalid_argument("no format '" + std::string(format) + "'");
}

}  // namespace kinema::fuzz
