// Looking in again and again; decoded frames wait in a file of their own until their number is
// known.
#include "follow.h"

#include "kinema/codec/container.h"
#include "kinema/io/movie_writer.h"

#include <fmt/format.h>

#include "growing.h"
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace kinema::app {
namespace {

using Path = std::filesystem::path;

constexpr auto glance = std::chrono::milliseconds(200);
constexpr Index copied_bytes = Index{4} << 20;

/// Frames one after the other in `<out>.following`, removed at the end.
class Spool {
 public:
  explicit Spool(const std::string& out)
      : path_(out + ".following"),
        file_(path_, std::ios::binary | std::ios::in | std::ios::out | std::ios::trunc) {
    if (!file_) throw IoError(path_, "cannot be written");
  }
  ~Spool() {
    file_.close();
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void add(std::span<const float> frames) {
    file_.write(reinterpret_cast<const char*>(frames.data()),
                static_cast<std::streamsize>(frames.size_bytes()));
    if (!file_.flush()) throw IoError(path_, "cannot be written; is the disk full?");
  }

  /// All frames in order, a few at a time.
  void copy_to(io::MovieWriter& writer, const FrameFormat& format, Index frames) {
    file_.seekg(0);
    const Index together = std::max<Index>(1, copied_bytes / format.bytes());
    std::vector<std::byte> bytes(static_cast<std::size_t>(together * format.bytes()));
    for (Index first = 0; first < frames; first += together) {
      const Index count = std::min(together, frames - first);
      const auto size = static_cast<std::size_t>(count * format.bytes());
      file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
      if (!file_) throw IoError(path_, "cannot be read again");
      writer.write(first, std::span(bytes).first(size));
    }
  }

 private:
  Path path_;
  std::fstream file_;
};

void require_followable(const std::string& in, const Session& session) {
  if (session.comm.size() > 1) {
    throw InputError(in + ": --follow works in one process; start it without mpirun");
  }
}

}  // namespace

Json decode_growing(const std::string& in,
                    const std::string& out,
                    const codec::DecodeOptions& options,
                    const Json& settings,
                    const Session& session) {
  require_followable(in, session);
  GrowingContainer growing(in);
  Spool spool(out);
  Json reports = Json::array();
  Index done = 0;
  for (;;) {
    session.progress.check();
    bool abandoned = false;
    const auto container = growing.look(abandoned);
    const codec::ContainerHeader& header = container->header();
    const auto groups = static_cast<Index>(header.groups.size());
    if (done < groups) {
      codec::decode(
          codec::coded_movie(*container),
          options,
          done,
          groups,
          [&](Index, const codec::GroupReport& report, ArrayView<const float, 3> frames) {
            spool.add(frames.flat());
            reports.push_back(codec::to_json(report));
          },
          session.progress,
          session.memory());
      done = groups;
    } else if (header.complete || abandoned) {
      if (groups == 0) throw InputError(in + ": holds no snapshot; nothing to decode");
      if (abandoned) {
        session.progress.note(in +
                              ": is not complete, and nobody writes it; what is there is kept");
      }
      const FrameFormat format{PixelType::f32, header.height, header.width};
      const Json side = codec::decoded_provenance(header, session.provenance(settings));
      const auto writer = io::MovieWriter::create(out, format, header.frames, header.info, side);
      spool.copy_to(*writer, format, header.frames);
      writer->close();
      return reports;
    } else {
      std::this_thread::sleep_for(glance);
    }
  }
}

}  // namespace kinema::app
