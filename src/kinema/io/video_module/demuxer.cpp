// Opening, reading and seeking a container.
#include "kinema/io/video_module/demuxer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kinema::io::video {
namespace {

constexpr int buffer_bytes = 1 << 16;
constexpr std::int64_t most_probed_bytes = 8 << 20;
constexpr std::int64_t most_probed_time = 2 * AV_TIME_BASE;
constexpr int most_streams = 64;
constexpr std::size_t largest_allocation = std::size_t{512} << 20;
constexpr const char* containers = "mov,avi,matroska,mpegts";

/// Formats that name other files (playlists, data references) ask for them here, in vain.
int open_no_other_file(
    AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {  // NOLINT
  return AVERROR(EACCES);
}

}  // namespace

Demuxer::Demuxer(std::string path) : path_(std::move(path)) {
  av_max_alloc(largest_allocation);
  file_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file_ < 0 || fstat(file_, &status) != 0) {
    const std::string reason = std::strerror(errno);
    if (file_ >= 0) ::close(file_);
    throw SystemRefusal("cannot be opened: " + reason);
  }
  size_ = status.st_size;
  try {
    open();
  } catch (...) {
    close();
    ::close(file_);
    throw;
  }
}

Demuxer::~Demuxer() {
  close();
  ::close(file_);
}

void Demuxer::open() {
  at_ = 0;
  context_ = allocated(avformat_alloc_context());
  auto* buffer = static_cast<unsigned char*>(allocated(av_malloc(buffer_bytes)));
  context_->pb = avio_alloc_context(buffer, buffer_bytes, 0, this, read_bytes, nullptr, move_to);
  if (context_->pb == nullptr) {
    av_free(buffer);
    throw std::bad_alloc();
  }
  AVIOContext* bytes = context_->pb;
  context_->flags |= AVFMT_FLAG_CUSTOM_IO;
  context_->io_open = open_no_other_file;
  context_->probesize = most_probed_bytes;
  context_->max_analyze_duration = most_probed_time;
  context_->max_streams = most_streams;
  Dictionary options;
  options.set("format_whitelist", containers);
  options.set("protocol_whitelist", "none");
  int code = avformat_open_input(&context_, nullptr, nullptr, options.get());
  if (code < 0) {  // the context is gone, the bytes are still ours
    av_freep(&bytes->buffer);
    avio_context_free(&bytes);
    throw InputError("the container cannot be read (" + reason_of(code) +
                     "): the file is cut short, damaged, or of a kind that kinema does not read");
  }
  code = avformat_find_stream_info(context_, nullptr);
  if (code < 0) throw InputError("what the file holds cannot be made out: " + reason_of(code));
  if (stream_ >= 0) choose(stream_);
}

void Demuxer::close() {
  if (context_ == nullptr) return;
  AVIOContext* bytes = context_->pb;
  avformat_close_input(&context_);
  av_freep(&bytes->buffer);
  avio_context_free(&bytes);
}

void Demuxer::choose(int stream) {
  stream_ = stream;
  if (stream >= static_cast<int>(context_->nb_streams)) {
    throw InputError("the file's streams change while it is read");
  }
  for (unsigned i = 0; i < context_->nb_streams; ++i) {
    context_->streams[i]->discard =
        static_cast<int>(i) == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

bool Demuxer::next(AVPacket& packet) {
  while (true) {
    const int code = av_read_frame(context_, &packet);
    if (code == AVERROR(EAGAIN)) continue;
    if (code < 0) {
      if (code != AVERROR_EOF) trouble_ = reason_of(code);
      return false;
    }
    if (packet.stream_index == stream_ && packet.size > 0) return true;
    av_packet_unref(&packet);
  }
}

void Demuxer::rewind() {
  close();
  open();
}

bool Demuxer::seek(std::int64_t timestamp) {
  return av_seek_frame(context_, stream_, timestamp, AVSEEK_FLAG_BACKWARD) >= 0;
}

int Demuxer::read_bytes(void* self, std::uint8_t* out, int count) {
  auto& demuxer = *static_cast<Demuxer*>(self);
  ssize_t got = 0;
  do {
    got = pread(demuxer.file_, out, static_cast<std::size_t>(count), demuxer.at_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return AVERROR(errno);
  if (got == 0) return AVERROR_EOF;
  demuxer.at_ += got;
  return static_cast<int>(got);
}

std::int64_t Demuxer::move_to(void* self, std::int64_t offset, int whence) {
  auto& demuxer = *static_cast<Demuxer*>(self);
  if (whence == AVSEEK_SIZE) return demuxer.size_;
  if ((whence & ~AVSEEK_FORCE) == SEEK_CUR) offset += demuxer.at_;
  if ((whence & ~AVSEEK_FORCE) == SEEK_END) offset += demuxer.size_;
  if (offset < 0) return AVERROR(EINVAL);
  demuxer.at_ = offset;
  return offset;
}

}  // namespace kinema::io::video
