// A video file opened for its packets: through one file descriptor, by few demuxers, and by no
// protocol, so that nothing in the file can make it open another one.
#pragma once

#include "kinema/io/video_module/libav.h"

#include <filesystem>

namespace kinema::io::video {

class Demuxer {
 public:
  /// Throws InputError where the file is none of the containers that are read, or is broken.
  explicit Demuxer(std::string path);
  Demuxer(const Demuxer&) = delete;
  Demuxer& operator=(const Demuxer&) = delete;
  ~Demuxer();

  AVFormatContext& context() const { return *context_; }
  /// From now on only the packets of this stream are read.
  void choose(int stream);
  /// The next packet of the chosen stream; false at the end of the file. What libav says of a place
  /// that it cannot read is the end too, and kept in `trouble`.
  bool next(AVPacket& packet);
  /// Back to the first packet.
  void rewind();
  /// To a packet at or before `timestamp`, as well as the container can; false where it cannot.
  bool seek(std::int64_t timestamp);
  const std::string& trouble() const { return trouble_; }

 private:
  void open();
  void close();

  std::string path_;
  int file_ = -1;
  int stream_ = -1;
  std::int64_t at_ = 0, size_ = 0;
  AVFormatContext* context_ = nullptr;
  std::string trouble_;

  static int read_bytes(void* self, std::uint8_t* out, int count);
  static std::int64_t move_to(void* self, std::int64_t offset, int whence);
};

}  // namespace kinema::io::video
