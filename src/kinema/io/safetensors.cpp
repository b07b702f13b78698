// The header and what follows it.
#include "kinema/io/safetensors.h"

#include "kinema/base/array.h"
#include "kinema/io/file.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstring>

namespace kinema::io {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::uint64_t most_header = 100'000'000;  // the format's own bound

std::uint64_t count_of(const std::vector<std::int64_t>& shape) {
  Index count = 1;
  for (const std::int64_t extent : shape) count = checked_product(count, extent);
  return static_cast<std::uint64_t>(count);
}

Json header_of(const TensorFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t at = 0;
  for (const NamedTensor& tensor : file.tensors) {
    const std::uint64_t end = at + tensor.values.size() * sizeof(float);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  return header;
}

/// One entry of the header, with its numbers from the part of the file that begins at `data`.
NamedTensor read_tensor(const InputFile& file,
                        const std::string& name,
                        const Json& entry,
                        std::uint64_t data) {
  const auto refuse = [&](const std::string& what) {
    throw InputError(file.path().string() + ": tensor '" + name + "': " + what);
  };
  NamedTensor tensor{.name = name, .shape = {}, .values = {}};
  std::array<std::uint64_t, 2> span{};
  std::string type;
  try {
    type = entry.at("dtype").get<std::string>();
    tensor.shape = entry.at("shape").get<std::vector<std::int64_t>>();
    span = entry.at("data_offsets").get<std::array<std::uint64_t, 2>>();
  } catch (const nlohmann::json::exception&) {
    refuse("the header lacks its dtype, shape or data_offsets");
  }
  if (type != "F32") refuse("is of type " + type + "; only F32 is read");
  const std::uint64_t bytes = file.size() - data, count = count_of(tensor.shape);
  if (span[0] > span[1] || span[1] > bytes || count != (span[1] - span[0]) / sizeof(float) ||
      (span[1] - span[0]) % sizeof(float) != 0) {
    refuse("its shape and its place in the file disagree");
  }
  tensor.values.resize(count);
  file.read_at(data + span[0], std::as_writable_bytes(std::span(tensor.values)));
  return tensor;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const TensorFile& file) {
  std::string header = header_of(file).dump();
  header.resize((header.size() + 7) / 8 * 8, ' ');  // so that the numbers are aligned
  const std::uint64_t length = header.size();
  std::uint64_t at = sizeof length + length, total = at;
  for (const NamedTensor& tensor : file.tensors) total += tensor.values.size() * sizeof(float);
  PartialFile out = PartialFile::create(path, total);
  out.write_at(0, std::as_bytes(std::span(&length, 1)));
  out.write_at(sizeof length, std::as_bytes(std::span(header)));
  for (const NamedTensor& tensor : file.tensors) {
    out.write_at(at, std::as_bytes(std::span(tensor.values)));
    at += tensor.values.size() * sizeof(float);
  }
  out.commit();
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const InputFile file(path);
  std::uint64_t length = 0;
  file.read_at(0, std::as_writable_bytes(std::span(&length, 1)));
  if (length > most_header || sizeof length + length > file.size()) {
    throw FileError(path, 0, "no safetensors file: the header would end beyond the file");
  }
  std::string text(length, '\0');
  file.read_at(sizeof length, std::as_writable_bytes(std::span(text)));
  const Json header = Json::parse(text, nullptr, false);
  if (!header.is_object()) {
    throw FileError(path, sizeof length, "no safetensors file: the header is no JSON object");
  }
  TensorFile out;
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") {
      out.tensors.push_back(read_tensor(file, name, entry, sizeof length + length));
      continue;
    }
    for (const auto& [key, value] : entry.items()) {
      if (value.is_string()) out.metadata[key] = value.get<std::string>();
    }
  }
  return out;
}

}  // namespace kinema::io
