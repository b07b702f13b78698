// BLAKE2b with a 16-byte digest: Python's hashlib.blake2b(data, digest_size=16).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace kinema {

using Digest = std::array<std::uint8_t, 16>;

class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void add(const void* data, std::size_t bytes);
  Digest digest();    // once, at the end
  std::string hex();  // once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest digest_of(std::span<const std::byte> data);
std::string hex_of(const Digest& digest);

/// Hash of a whole file, hex. Throws IoError where it cannot be read.
std::string hash_file(const std::filesystem::path& path);

}  // namespace kinema
