// What crosses the wall between kinema and its video module (libkinema_video.so), which alone links
// FFmpeg: a table of plain C functions, texts of JSON, and pixels. io/video.h stands on kinema's
// side of it.
#pragma once

#include <cstdint>

namespace kinema::io {

struct VideoReader;
struct VideoWriter;

enum class VideoFailure : std::int32_t { input, system, bug };

/// Why a function returned null or false. The text names no file: the caller does.
struct VideoError {
  VideoFailure failure = VideoFailure::bug;
  char text[1024] = {};
};

/// A function that fails returns null or false and fills the error. Texts stay valid as long as
/// what they were asked of.
struct VideoModule {
  std::int32_t version;

  /// {"version": "5.1.9", "h264_encoder": "libx264"}; the encoder is null where there is none.
  const char* (*about)();

  /// `request`: {"dataset": "stream 1" or "", "threads": 4}.
  VideoReader* (*open_reader)(const char* path, const char* request, VideoError* error);
  /// dtype, height, width, frames, frame_time (s, null unless regular), dataset, datasets, notes,
  /// kinema (what a file of ours says of itself, or null), metadata (the file's own words).
  const char* (*describe)(const VideoReader* reader);
  /// Frames [first, first + count) in order of presentation, one after another.
  bool (*read)(
      VideoReader* reader, std::int64_t first, std::int64_t count, void* out, VideoError* error);
  void (*close_reader)(VideoReader* reader);

  /// `request`: {"container": "mp4", "codec": "h264" or "ffv1", "dtype", "height", "width", "fps",
  /// "comment", "threads"}; `path` is written over.
  VideoWriter* (*open_writer)(const char* path, const char* request, VideoError* error);
  /// One frame, rows without gaps.
  bool (*write)(VideoWriter* writer, const void* pixels, VideoError* error);
  /// Flushes the encoder and completes the file.
  bool (*finish)(VideoWriter* writer, VideoError* error);
  void (*close_writer)(VideoWriter* writer);
};

/// Both sides agree on this; raised whenever the table or a request changes.
inline constexpr std::int32_t video_module_version = 1;

}  // namespace kinema::io

extern "C" const kinema::io::VideoModule* kinema_video_module();
