// Which kind of live source a name means, and what its options must say.
#include "kinema/io/live.h"

#include "kinema/io/live_bytes.h"
#include "kinema/io/live_ring.h"

namespace kinema::io {
namespace {

constexpr std::string_view ring_prefix = "shm:";
constexpr Index longest_edge = Index{1} << 20;

std::string told(const std::string& name) {
  return name == "-" ? "standard input" : name;
}

/// What shape and type must say of frames that do not say it themselves.
FrameFormat format_of(const std::string& name, const LiveOptions& options) {
  if (!options.shape || options.type.empty()) {
    throw InputError(
        told(name) +
        ": raw frames say nothing of themselves; give --shape HEIGHTxWIDTH and --type, "
        "e.g. --shape 4096x4096 --type uint16");
  }
  const std::optional<PixelType> type = pixel_type_named(options.type);
  if (!type) {
    throw InputError("option 'type': '" + options.type +
                     "' is no pixel type; give uint8, int8, uint16, int16, float16, float32 or "
                     "float64");
  }
  return {*type, options.shape->height, options.shape->width};
}

}  // namespace

void from_text(std::string_view text, FrameShape& shape) {
  const std::size_t cross = text.find_first_of("xX");
  try {
    if (cross == std::string_view::npos) throw InputError("");
    kinema::from_text(text.substr(0, cross), shape.height);
    kinema::from_text(text.substr(cross + 1), shape.width);
  } catch (const InputError&) {
    throw InputError("'" + std::string(text) + "' is no HEIGHTxWIDTH, e.g. 4096x4096");
  }
  if (shape.height < 1 || shape.width < 1 || shape.height > longest_edge ||
      shape.width > longest_edge) {
    throw InputError("'" + std::string(text) + "' has an edge that is not 1 to " +
                     std::to_string(longest_edge) + " pixels");
  }
}

std::string to_text(const FrameShape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width);
}

bool is_live(const std::string& name, const LiveOptions& options) {
  return name == "-" || name.starts_with(ring_prefix) || options.shape || !options.type.empty() ||
         options.follow || options.frames;
}

std::unique_ptr<LiveFeed> open_live(const std::string& name,
                                    const LiveOptions& options,
                                    const ReadOptions& known,
                                    const Progress& progress) {
  if (options.frames && *options.frames < 1) {
    throw InputError("option 'frames': at least one frame must be taken, not " +
                     std::to_string(*options.frames));
  }
  if (!(options.idle.value >= 0.0)) throw InputError("option 'idle': must not be negative");
  MovieInfo info;
  apply_user(known, info);
  info.notes.push_back("encoded as the frames came from " + told(name) + "; the input has no hash");
  if (name.starts_with(ring_prefix)) {
    if (options.follow) throw InputError(name + ": --follow is for a file that grows");
    return std::make_unique<RingFeed>(name, options, std::move(info), progress);
  }
  const FrameFormat format = format_of(name, options);
  return std::make_unique<ByteFeed>(name, format, options, std::move(info));
}

}  // namespace kinema::io
