// zlib, libbz2 and libzstd as streams over a file.
#include "kinema/io/unpacker.h"

#include "kinema/base/error.h"

#include <algorithm>
#include <bzlib.h>
#include <new>
#include <zlib.h>
#include <zstd.h>

namespace kinema::io {
namespace {

constexpr std::size_t block_bytes = 256 << 10;
constexpr std::size_t mark_bytes = 16;  // by which the next stream is known
constexpr int most_window_log = 27;     // 128 MiB: what zstd's own program accepts

constexpr char cut_text[] = "the packed file ends here, before the data in it do; copy it again";
constexpr char damaged_text[] = "the packed data are damaged; copy the file again";

/// What all of them share: `step` unpacks some bytes and tells whether a stream of them ended.
/// After it another may follow; anything else there is no part of the data.
class StreamUnpacker : public Unpacker {
 public:
  StreamUnpacker(const std::filesystem::path& path, Packing packing)
      : input_(path), packing_(packing) {}

  std::size_t next(std::span<std::byte> out) override {
    const std::size_t wanted = out.size();
    while (!out.empty() && !at_end_) {
      const std::span<const std::byte> ahead = input_.ahead();
      if (ahead.empty() && between_) break;
      if (between_ && streams_ > 0 && packing_of(ahead) != packing_) break;
      if (between_ && streams_ > 0) restart();
      const Step step = unpack(ahead, out);
      input_.consume(step.taken);
      out = out.subspan(step.made);
      between_ = step.ended;
      if (step.ended) ++streams_;
      if (step.taken + step.made == 0 && !step.ended) {
        input_.fail(ahead.empty() ? cut_text : damaged_text);
      }
    }
    if (!out.empty()) at_end_ = true;
    return wanted - out.size();
  }

 protected:
  struct Step {
    std::size_t taken = 0, made = 0;
    bool ended = false;
  };
  virtual Step unpack(std::span<const std::byte> packed, std::span<std::byte> out) = 0;
  /// Prepares for the next stream.
  virtual void restart() = 0;
  [[noreturn]] void fail() const { input_.fail(damaged_text); }

 private:
  PackedInput input_;
  Packing packing_;
  bool between_ = true;  // no stream has begun that has not ended
  bool at_end_ = false;
  std::uint64_t streams_ = 0;
};

class GzipUnpacker : public StreamUnpacker {
 public:
  explicit GzipUnpacker(const std::filesystem::path& path) : StreamUnpacker(path, Packing::gzip) {
    constexpr int gzip_window = 15 + 16;  // with gzip's header, not zlib's
    if (inflateInit2(&stream_, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;
  ~GzipUnpacker() override { inflateEnd(&stream_); }

 private:
  Step unpack(std::span<const std::byte> packed, std::span<std::byte> out) override {
    const auto capacity = static_cast<uInt>(std::min<std::size_t>(out.size(), 1U << 30));
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = capacity;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) fail();
    return {packed.size() - stream_.avail_in, capacity - stream_.avail_out, status == Z_STREAM_END};
  }
  void restart() override { inflateReset(&stream_); }

  z_stream stream_{};
};

class Bzip2Unpacker : public StreamUnpacker {
 public:
  explicit Bzip2Unpacker(const std::filesystem::path& path) : StreamUnpacker(path, Packing::bzip2) {
    begin();
  }
  Bzip2Unpacker(const Bzip2Unpacker&) = delete;
  Bzip2Unpacker& operator=(const Bzip2Unpacker&) = delete;
  ~Bzip2Unpacker() override { BZ2_bzDecompressEnd(&stream_); }

 private:
  Step unpack(std::span<const std::byte> packed, std::span<std::byte> out) override {
    const auto capacity = static_cast<unsigned>(std::min<std::size_t>(out.size(), 1U << 30));
    stream_.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(packed.data()));
    stream_.avail_in = static_cast<unsigned>(packed.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = capacity;
    const int status = BZ2_bzDecompress(&stream_);
    if (status != BZ_OK && status != BZ_STREAM_END) fail();
    return {
        packed.size() - stream_.avail_in, capacity - stream_.avail_out, status == BZ_STREAM_END};
  }
  void restart() override {
    BZ2_bzDecompressEnd(&stream_);
    begin();
  }
  void begin() {
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, /*verbosity=*/0, /*small=*/0) != BZ_OK) {
      throw std::bad_alloc();
    }
  }

  bz_stream stream_{};
};

class ZstdUnpacker : public StreamUnpacker {
 public:
  explicit ZstdUnpacker(const std::filesystem::path& path)
      : StreamUnpacker(path, Packing::zstd), context_(ZSTD_createDStream(), ZSTD_freeDStream) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, most_window_log);
  }

 private:
  Step unpack(std::span<const std::byte> packed, std::span<std::byte> out) override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer made{out.data(), out.size(), 0};
    const std::size_t status = ZSTD_decompressStream(context_.get(), &made, &in);
    if (ZSTD_isError(status) != 0U) fail();
    return {in.pos, made.pos, status == 0};
  }
  void restart() override { ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only); }

  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> context_;
};

}  // namespace

PackedInput::PackedInput(const std::filesystem::path& path) : file_(path) {}

std::span<const std::byte> PackedInput::ahead() {
  if (block_.size() - begin_ < mark_bytes && next_ < file_.size()) {
    block_.erase(block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
    const std::size_t left = block_.size();
    block_.resize(left + static_cast<std::size_t>(
                             std::min<std::uint64_t>(block_bytes, file_.size() - next_)));
    file_.read_at(next_, std::span(block_).subspan(left));
    next_ += block_.size() - left;
  }
  return std::span<const std::byte>(block_).subspan(begin_);
}

void PackedInput::fail(const std::string& what) const {
  throw FileError(file_.path(), next_ - (block_.size() - begin_), what);
}

std::unique_ptr<Unpacker> make_unpacker(const std::filesystem::path& path, Packing packing) {
  switch (packing) {
    case Packing::gzip:
      return std::make_unique<GzipUnpacker>(path);
    case Packing::bzip2:
      return std::make_unique<Bzip2Unpacker>(path);
    case Packing::zstd:
      return std::make_unique<ZstdUnpacker>(path);
  }
  throw std::logic_error("unknown packing");
}

}  // namespace kinema::io
