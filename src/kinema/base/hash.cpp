// BLAKE2b by libb2.
#include "kinema/base/hash.h"

#include "kinema/base/error.h"

#include <blake2.h>
#include <fstream>
#include <vector>

namespace kinema {

struct Hasher::State {
  blake2b_state blake;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  blake2b_init(&state_->blake, 16);
}
Hasher::~Hasher() = default;

void Hasher::add(const void* data, std::size_t bytes) {
  blake2b_update(&state_->blake, static_cast<const std::uint8_t*>(data), bytes);
}

Digest Hasher::digest() {
  Digest digest{};
  blake2b_final(&state_->blake, digest.data(), digest.size());
  return digest;
}

std::string Hasher::hex() {
  return hex_of(digest());
}

Digest digest_of(std::span<const std::byte> data) {
  Hasher hasher;
  hasher.add(data.data(), data.size());
  return hasher.digest();
}

std::string hex_of(const Digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string hash_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(path, "cannot be read");
  Hasher hasher;
  std::vector<char> block(1 << 20);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    hasher.add(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) throw IoError(path, "cannot be read to its end");
  return hasher.hex();
}

}  // namespace kinema
