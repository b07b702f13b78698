// Hashes against those of Python's hashlib, in tests/data/blake2b.txt.
#include "kinema/base/hash.h"

#include "kinema/base/error.h"

#include <gtest/gtest.h>

#include "test_data.h"
#include <fstream>
#include <vector>

namespace kinema {
namespace {

/// Bytes i * 7 % 251, as the file of answers was made from.
std::vector<std::byte> pattern(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7 % 251);
  return bytes;
}

TEST(Hash, AgreesWithPython) {
  std::ifstream answers(test::test_file("blake2b.txt"));
  std::size_t count = 0, lines = 0;
  for (std::string hex; answers >> count >> hex; ++lines) {
    EXPECT_EQ(hex_of(digest_of(pattern(count))), hex) << count << " bytes";
  }
  EXPECT_EQ(lines, 8U);
}

TEST(Hash, DoesNotDependOnHowTheBytesArrive) {
  const std::vector<std::byte> bytes = pattern(1000);
  Hasher pieces;
  for (std::size_t at = 0; at < bytes.size(); at += 37) {
    pieces.add(bytes.data() + at, std::min<std::size_t>(37, bytes.size() - at));
  }
  EXPECT_EQ(pieces.digest(), digest_of(bytes));
}

TEST(Hash, OfAFileIsThatOfItsBytes) {
  const test::TempFolder folder;
  const std::vector<std::byte> bytes = pattern((std::size_t{1} << 20) + 3);
  std::ofstream(folder / "file", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  EXPECT_EQ(hash_file(folder / "file"), hex_of(digest_of(bytes)));
  EXPECT_THROW(hash_file(folder / "absent"), IoError);
}

}  // namespace
}  // namespace kinema
