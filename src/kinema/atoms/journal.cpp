#include "kinema/atoms/journal.h"

#include "kinema/base/hash.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace kinema::atoms {
namespace {

constexpr std::uint64_t length_bytes = 8, head_bytes = length_bytes + sizeof(Digest);

std::array<std::byte, length_bytes> bytes_of(std::uint64_t length) {
  std::array<std::byte, length_bytes> bytes{};
  for (std::size_t i = 0; i < length_bytes; ++i) bytes[i] = std::byte(length >> (8 * i) & 0xff);
  return bytes;
}

/// The record at `offset`, which moves behind it; none where it is torn, or the file ends.
std::optional<Json> next_record(const io::InputFile& file, std::uint64_t& offset) {
  if (file.size() - offset < head_bytes) return std::nullopt;
  std::array<std::byte, head_bytes> head{};
  file.read_at(offset, head);
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= std::uint64_t(head[i]) << (8 * i);
  if (length > file.size() - offset - head_bytes) return std::nullopt;
  std::vector<std::byte> content(length);
  file.read_at(offset + head_bytes, content);
  const Digest digest = digest_of(content);
  if (!std::ranges::equal(std::as_bytes(std::span(digest)), std::span(head).subspan(length_bytes)))
    return std::nullopt;
  offset += head_bytes + length;
  const auto* const first = reinterpret_cast<const std::uint8_t*>(content.data());
  Json json = Json::from_cbor(first, first + length, true, false);
  return json.is_discarded() ? std::nullopt : std::optional<Json>(std::move(json));
}

}  // namespace

Journal::Journal(const std::filesystem::path& path, const Json& job, bool resume) : path_(path) {
  const bool goes_on = resume && is_left(path);
  lock_.emplace(io::PartialFile::partial_path(path));
  if (goes_on) {
    take_up(job);
  } else {
    file_.emplace(io::PartialFile::create(path, 0));
    append(job);
  }
}

bool Journal::is_left(const std::filesystem::path& path) {
  return std::filesystem::exists(io::PartialFile::partial_path(path));
}

void Journal::take_up(const Json& job) {
  const std::filesystem::path partial = io::PartialFile::partial_path(path_);
  const io::InputFile file(partial);
  const auto first = next_record(file, written_);
  if (!first || *first != job) {
    throw InputError(partial.string() +
                     ": was begun with other options, other files or another version; give the "
                     "same command, or leave --resume away to begin anew");
  }
  while (auto record = next_record(file, written_)) {
    found_.insert_or_assign((*record)["step"].get<std::string>(), std::move((*record)["gave"]));
  }
  std::filesystem::resize_file(partial, written_);
  file_.emplace(io::PartialFile::reopen(path_));
}

void Journal::append(const Json& record) {
  const std::vector<std::uint8_t> content = Json::to_cbor(record);
  const auto bytes = std::as_bytes(std::span(content));
  std::vector<std::byte> whole;
  const auto length = bytes_of(content.size());
  const Digest digest = digest_of(bytes);
  const auto hash = std::as_bytes(std::span(digest));
  whole.insert(whole.end(), length.begin(), length.end());
  whole.insert(whole.end(), hash.begin(), hash.end());
  whole.insert(whole.end(), bytes.begin(), bytes.end());
  file_->write_at(written_, whole);
  written_ += whole.size();
}

const Json* Journal::find(const std::string& step) const {
  const auto place = found_.find(step);
  return place == found_.end() ? nullptr : &place->second;
}

void Journal::keep(const std::string& step, Json gave) {
  if (!file_) return;
  const std::lock_guard lock(mutex_);
  append({{"step", step}, {"gave", std::move(gave)}});
  file_->keep(true);
  lock_->sync_now_and_then();
}

void Journal::close() {
  if (file_) file_->keep(false);
  file_.reset();
  lock_.reset();
}

}  // namespace kinema::atoms
