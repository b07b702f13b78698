// The content of packed files: a start that is kept, and blocks unpacked ahead of the reader.
#include "kinema/io/packed_file.h"

#include "kinema/base/error.h"
#include "kinema/io/unpacker.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

namespace kinema::io {
namespace {

constexpr std::size_t kept_bytes = std::size_t{8} << 20;
constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t most_blocks_ahead = 8;
constexpr std::uint64_t most_ratio = 1000, ratio_free_bytes = std::uint64_t{64} << 20;

bool starts_with(std::span<const std::byte> head, std::string_view mark) {
  return head.size() >= mark.size() && std::memcmp(head.data(), mark.data(), mark.size()) == 0;
}

/// A thread that unpacks up to eight blocks ahead of whoever takes them.
class BlocksAhead {
 public:
  explicit BlocksAhead(std::unique_ptr<Unpacker> unpacker)
      : unpacker_(std::move(unpacker)), worker_([this] { work(); }) {}
  BlocksAhead(const BlocksAhead&) = delete;
  BlocksAhead& operator=(const BlocksAhead&) = delete;
  ~BlocksAhead() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    worker_.join();
  }

  /// The next block; a short one is the last. Throws what the unpacker threw.
  std::vector<std::byte> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !blocks_.empty() || failure_ || ended_; });
    if (blocks_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return {};
    }
    std::vector<std::byte> block = std::move(blocks_.front());
    blocks_.pop_front();
    changed_.notify_all();
    return block;
  }

 private:
  void work() {
    try {
      while (unpack_one()) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
    changed_.notify_all();
  }

  /// False at the end of the content, or when nobody wants more.
  bool unpack_one() {
    std::vector<std::byte> block(block_bytes);
    block.resize(unpacker_->next(block));
    const bool is_last = block.size() < block_bytes;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || blocks_.size() < most_blocks_ahead; });
    blocks_.push_back(std::move(block));
    ended_ = is_last;
    changed_.notify_all();
    return !is_last && !stopping_;
  }

  std::unique_ptr<Unpacker> unpacker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<std::byte>> blocks_;
  std::exception_ptr failure_;
  bool ended_ = false, stopping_ = false;
  std::thread worker_;  // last: it uses all of the above
};

class PackedContent : public FileContent {
 public:
  PackedContent(const std::filesystem::path& path, Packing packing)
      : path_(path), packing_(packing), kept_(kept_bytes) {
    const std::uint64_t packed = InputFile(path).size();
    size_ = std::max(packed, packed * most_ratio) + ratio_free_bytes;
    unpacker_ = make_unpacker(path_, packing_);
    kept_.resize(unpacker_->next(kept_));
    if (kept_.size() < kept_bytes) set_size(kept_.size());
  }

  std::uint64_t size() const override { return size_; }
  bool size_is_exact() const override { return exact_; }

  void read_at(std::uint64_t offset, std::span<std::byte> out) override {
    while (!out.empty()) {
      const std::span<const std::byte> at_hand = bytes_from(offset);
      if (at_hand.empty()) {
        throw FileError(path_,
                        offset,
                        "the packed content ends " + std::to_string(out.size()) + " bytes early");
      }
      const std::size_t count = std::min(out.size(), at_hand.size());
      std::memcpy(out.data(), at_hand.data(), count);
      out = out.subspan(count);
      offset += count;
    }
  }

  bool reaches(std::uint64_t bytes) override {
    if (bytes > size_ || exact_ || bytes == 0) return bytes <= size_;
    return !bytes_from(bytes - 1).empty();
  }

 private:
  /// Bytes at hand from `offset` on, unpacked as far as needed; none beyond the end.
  std::span<const std::byte> bytes_from(std::uint64_t offset) {
    if (offset < kept_.size()) return std::span(kept_).subspan(static_cast<std::size_t>(offset));
    if (offset >= size_) return {};
    if (offset < block_at_ || ahead_ == nullptr) start_ahead();
    while (offset >= block_at_ + block_.size()) {
      block_at_ += block_.size();
      block_.clear();
      block_ = ahead_->take();
      if (block_.size() < block_bytes) set_size(block_at_ + block_.size());
      if (offset >= size_) return {};
    }
    return std::span<const std::byte>(block_).subspan(static_cast<std::size_t>(offset - block_at_));
  }

  /// Sets the thread going at the end of what is kept.
  void start_ahead() {
    ahead_.reset();
    if (unpacker_ == nullptr) {
      unpacker_ = make_unpacker(path_, packing_);
      std::vector<std::byte> passed(block_bytes);
      for (std::size_t i = 0; i < kept_bytes / block_bytes; ++i) unpacker_->next(passed);
    }
    ahead_ = std::make_unique<BlocksAhead>(std::move(unpacker_));
    block_.clear();
    block_at_ = kept_.size();
  }

  void set_size(std::uint64_t size) {
    size_ = size;
    exact_ = true;
  }

  std::filesystem::path path_;
  Packing packing_;
  std::uint64_t size_ = 0;
  bool exact_ = false;
  std::vector<std::byte> kept_;         // the start of the content
  std::unique_ptr<Unpacker> unpacker_;  // stands at the end of what is kept, until it is used
  std::unique_ptr<BlocksAhead> ahead_;
  std::vector<std::byte> block_;  // the last one taken, and its place in the content
  std::uint64_t block_at_ = 0;
};

}  // namespace

std::optional<Packing> packing_of(std::span<const std::byte> head) {
  if (starts_with(head, "\x1f\x8b\x08")) return Packing::gzip;
  if (starts_with(head, "\x28\xb5\x2f\xfd")) return Packing::zstd;
  const bool is_bzip2 = starts_with(head, "BZh") && head.size() >= 10 &&
                        head[3] >= std::byte{'1'} && head[3] <= std::byte{'9'} &&
                        (starts_with(head.subspan(4), "\x31\x41\x59\x26\x53\x59") ||
                         starts_with(head.subspan(4), "\x17\x72\x45\x38\x50\x90"));
  return is_bzip2 ? std::optional(Packing::bzip2) : std::nullopt;
}

InputFile unpacked(const std::filesystem::path& path) {
  const std::vector<std::byte> head = InputFile(path).head(16);
  const std::optional<Packing> packing = packing_of(head);
  if (!packing) throw FileError(path, 0, "is not packed by gzip, bzip2 or zstd");
  return {path, std::make_shared<PackedContent>(path, *packing)};
}

}  // namespace kinema::io
