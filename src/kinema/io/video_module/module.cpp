// The table of functions that libkinema_video.so offers. No exception leaves it.
#include "kinema/io/video_module/interface.h"
#include "kinema/io/video_module/reader.h"
#include "kinema/io/video_module/writer.h"

#include <cstdio>

namespace kinema::io {

struct VideoReader : video::Reader {
  using Reader::Reader;
};
struct VideoWriter : video::Writer {
  using Writer::Writer;
};

namespace {

using video::Json;

void say(VideoError* error, VideoFailure failure, const char* text) {
  error->failure = failure;
  std::snprintf(error->text, sizeof error->text, "%s", text);
}

/// Runs `deed`; where it throws, fills the error and returns a null or false of its type.
template <class Deed>
auto guarded(VideoError* error, Deed&& deed) -> decltype(deed()) {
  try {
    return deed();
  } catch (const InputError& refusal) {
    say(error, VideoFailure::input, refusal.what());
  } catch (const video::SystemRefusal& refusal) {
    say(error, VideoFailure::system, refusal.what());
  } catch (const std::bad_alloc&) {
    say(error, VideoFailure::input, "it asks for more memory than there is");
  } catch (const std::exception& failure) {
    say(error, VideoFailure::bug, failure.what());
  }
  return {};
}

const char* about() {
  static const std::string text = [] {
    const char* encoder = video::h264_encoder();
    const Json json = {{"version", av_version_info()},
                       {"h264_encoder", encoder != nullptr ? Json(encoder) : Json()}};
    return json.dump();
  }();
  return text.c_str();
}

VideoReader* open_reader(const char* path, const char* request, VideoError* error) {
  return guarded(error, [&] { return new VideoReader(path, Json::parse(request)); });
}
const char* describe(const VideoReader* reader) {
  return reader->description().c_str();
}
bool read(
    VideoReader* reader, std::int64_t first, std::int64_t count, void* out, VideoError* error) {
  return guarded(error, [&] {
    reader->read(first, count, static_cast<std::byte*>(out));
    return true;
  });
}
void close_reader(VideoReader* reader) {
  delete reader;
}

VideoWriter* open_writer(const char* path, const char* request, VideoError* error) {
  return guarded(error, [&] { return new VideoWriter(path, Json::parse(request)); });
}
bool write(VideoWriter* writer, const void* pixels, VideoError* error) {
  return guarded(error, [&] {
    writer->write(static_cast<const std::uint8_t*>(pixels));
    return true;
  });
}
bool finish(VideoWriter* writer, VideoError* error) {
  return guarded(error, [&] {
    writer->finish();
    return true;
  });
}
void close_writer(VideoWriter* writer) {
  delete writer;
}

constexpr VideoModule table = {video_module_version,
                               about,
                               open_reader,
                               describe,
                               read,
                               close_reader,
                               open_writer,
                               write,
                               finish,
                               close_writer};

}  // namespace
}  // namespace kinema::io

const kinema::io::VideoModule* kinema_video_module() {
  // libav's words go nowhere: what matters comes back as a return value.
  av_log_set_callback([](void*, int, const char*, va_list) {});
  return &kinema::io::table;
}
