// Tensors come back as they were; files that are none, or are cut off, are refused by name.
#include "kinema/io/safetensors.h"

#include "kinema/base/error.h"

#include "test_data.h"
#include <fstream>
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

TensorFile sample() {
  return {.tensors = {{"weights", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"one", {}, {7}}, {"none", {0}, {}}},
          .metadata = {{"format", "test"}}};
}

std::string refusal(const std::filesystem::path& path) {
  try {
    read_safetensors(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// A file with this header and so many bytes of zeros.
void write_raw(const std::filesystem::path& path, const std::string& header, std::size_t data) {
  std::ofstream file(path, std::ios::binary);
  const std::uint64_t length = header.size();
  file.write(reinterpret_cast<const char*>(&length), sizeof length);
  file << header << std::string(data, '\0');
}

TEST(Safetensors, ComeBackAsTheyWere) {
  const test::TempFolder folder;
  write_safetensors(folder / "a.safetensors", sample());
  const TensorFile back = read_safetensors(folder / "a.safetensors"), was = sample();
  EXPECT_EQ(back.metadata, was.metadata);
  ASSERT_EQ(back.tensors.size(), was.tensors.size());
  for (std::size_t i = 0; i < was.tensors.size(); ++i) {
    EXPECT_EQ(back.tensors[i].name, was.tensors[i].name);
    EXPECT_EQ(back.tensors[i].shape, was.tensors[i].shape);
    EXPECT_EQ(back.tensors[i].values, was.tensors[i].values);
  }
}

TEST(Safetensors, NumbersBeginAtAMultipleOfEight) {
  const test::TempFolder folder;
  write_safetensors(folder / "a.safetensors", sample());
  std::ifstream file(folder / "a.safetensors", std::ios::binary);
  std::uint64_t length = 0;
  file.read(reinterpret_cast<char*>(&length), sizeof length);
  EXPECT_EQ(length % 8, 0U);
}

TEST(Safetensors, WhatIsWrongIsSaid) {
  const test::TempFolder folder;
  const std::filesystem::path path = folder / "bad.safetensors";
  const std::string tensor = R"("shape":[2],"data_offsets":[0,8]}})";
  write_raw(path, R"({"w":{"dtype":"F16",)" + tensor, 8);
  EXPECT_THAT(refusal(path), testing::HasSubstr("'w': is of type F16"));
  write_raw(path, R"({"w":{"dtype":"F32",)" + tensor, 4);
  EXPECT_THAT(refusal(path), testing::HasSubstr("'w': its shape and its place"));
  write_raw(path, R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8);
  EXPECT_THAT(refusal(path), testing::HasSubstr("'w': its shape and its place"));
  write_raw(path, R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8);
  EXPECT_THAT(refusal(path), testing::HasSubstr("does not fit"));
  write_raw(path, R"({"w":[]})", 8);
  EXPECT_THAT(refusal(path), testing::HasSubstr("'w': the header lacks"));
  write_raw(path, "[1]", 8);
  EXPECT_THAT(refusal(path), testing::HasSubstr("no JSON object"));
  std::ofstream(path, std::ios::binary) << "PK\x03\x04 a zip of pickles";
  EXPECT_THAT(refusal(path), testing::HasSubstr("no safetensors file"));
  std::ofstream(path, std::ios::binary) << "abc";
  EXPECT_THAT(refusal(path), testing::HasSubstr("bad.safetensors"));
}

}  // namespace
}  // namespace kinema::io
