// Chunks of one frame each, compressed by all threads as the frames come (zarr version 2, OME-NGFF
// 0.4).
#include "kinema/io/zarr_writer.h"

#include "kinema/base/parallel.h"
#include "kinema/data/version.h"
#include "kinema/io/file.h"
#include "kinema/io/file_set.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>
#include <zstd.h>

namespace kinema::io {
namespace {

constexpr Index chunk_edge = 1024;
constexpr Index smallest_level = 256;
constexpr int compression_level = 1;

static_assert(std::endian::native == std::endian::little, "chunks are written as they lie");

/// numpy's short name of the numbers, little-endian.
std::string dtype_of(PixelType type) {
  const char kind = is_float(type) ? 'f' : to_text(type).starts_with("uint") ? 'u' : 'i';
  const Index bytes = bytes_of(type);
  return std::string(bytes == 1 ? "|" : "<") + kind + std::to_string(bytes);
}

/// One size of the pyramid.
struct Level {
  Index height = 0, width = 0;
  Index chunk_height() const { return std::min(height, chunk_edge); }
  Index chunk_width() const { return std::min(width, chunk_edge); }
  Index rows() const { return (height + chunk_edge - 1) / chunk_edge; }  // of chunks
  Index columns() const { return (width + chunk_edge - 1) / chunk_edge; }
};

/// Halved until the longer edge is below 256 pixels; odd edges are rounded up.
std::vector<Level> levels_of(const FrameFormat& format) {
  std::vector<Level> levels = {{format.height, format.width}};
  while (std::max(levels.back().height, levels.back().width) >= smallest_level) {
    levels.push_back({(levels.back().height + 1) / 2, (levels.back().width + 1) / 2});
  }
  return levels;
}

/// Means of 2 x 2 pixels, of those that are there at the edges; integers rounded, halves up.
template <class T>
void halve(const T* in, const Level& from, const Level& to, T* out) {
  for (Index y = 0; y < to.height; ++y) {
    const Index rows = std::min<Index>(2, from.height - 2 * y);
    for (Index x = 0; x < to.width; ++x) {
      const Index columns = std::min<Index>(2, from.width - 2 * x);
      double sum = 0.0;
      for (Index j = 0; j < rows; ++j) {
        const T* pixels = in + (2 * y + j) * from.width + 2 * x;
        for (Index i = 0; i < columns; ++i) sum += static_cast<double>(pixels[i]);
      }
      const double mean = sum / static_cast<double>(rows * columns);
      *out++ = static_cast<T>(std::is_integral_v<T> ? std::floor(mean + 0.5) : mean);
    }
  }
}

Json array_json(const Level& level, Index frames, PixelType type) {
  return {{"zarr_format", 2},
          {"shape", {frames, level.height, level.width}},
          {"chunks", {1, level.chunk_height(), level.chunk_width()}},
          {"dtype", dtype_of(type)},
          {"compressor", {{"id", "zstd"}, {"level", compression_level}}},
          {"fill_value", 0},
          {"order", "C"},
          {"filters", nullptr},
          {"dimension_separator", "/"}};
}

/// Scale of a level, and the way from the middle of the first pixel of level 0 to that of its own.
Json transformations_of(const MovieInfo& info, std::size_t level) {
  const double time = info.frame_time ? info.frame_time->value : 1.0;
  const PixelSize pixel = info.pixel_size.value_or(PixelSize{{1.0}, {1.0}});
  const double factor = std::exp2(static_cast<double>(level)), shift = (factor - 1.0) / 2.0;
  Json json = {
      {{"type", "scale"}, {"scale", {time, pixel.y.value * factor, pixel.x.value * factor}}}};
  if (level > 0) {
    json.push_back({{"type", "translation"},
                    {"translation", {0.0, pixel.y.value * shift, pixel.x.value * shift}}});
  }
  return json;
}

Json axes_of(const MovieInfo& info) {
  Json time = {{"name", "t"}, {"type", "time"}};
  Json y = {{"name", "y"}, {"type", "space"}}, x = {{"name", "x"}, {"type", "space"}};
  if (info.frame_time) time["unit"] = "second";
  if (info.pixel_size) y["unit"] = x["unit"] = "angstrom";
  return {time, y, x};
}

/// How viewers show it; null where nobody knows black and white.
Json omero_of(const WriteRequest& request, const std::string& name) {
  std::optional<Contrast> contrast = request.options.contrast;
  if (!contrast && request.format.type == PixelType::u8) contrast = Contrast{};
  if (!contrast) return nullptr;
  const Json window = {{"min", contrast->black},
                       {"max", contrast->white},
                       {"start", contrast->black},
                       {"end", contrast->white}};
  const Json channel = {{"label", name},
                        {"color", "FFFFFF"},
                        {"active", true},
                        {"coefficient", 1.0},
                        {"family", "linear"},
                        {"inverted", false},
                        {"window", window}};
  return {{"id", 1},
          {"name", name},
          {"version", "0.4"},
          {"channels", {channel}},
          {"rdefs", {{"defaultT", 0}, {"defaultZ", 0}, {"model", "greyscale"}}}};
}

Json attributes_of(const WriteRequest& request, std::size_t levels) {
  const std::string name = request.path.stem().stem().string();
  Json datasets = Json::array();
  for (std::size_t level = 0; level < levels; ++level) {
    datasets.push_back({{"path", std::to_string(level)},
                        {"coordinateTransformations", transformations_of(request.info, level)}});
  }
  const Json multiscale = {{"version", "0.4"},
                           {"name", name},
                           {"axes", axes_of(request.info)},
                           {"datasets", datasets},
                           {"type", "mean"},
                           {"metadata", {{"method", "means of 2 x 2 pixels"}}}};
  Json json = {{"multiscales", {multiscale}}};
  if (const Json omero = omero_of(request, name); !omero.is_null()) json["omero"] = omero;
  json["_creator"] = {{"name", "kinema"}, {"version", KINEMA_VERSION}};
  return json;
}

void write_json(const std::filesystem::path& path, const Json& json) {
  const std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  write_new_file(path, std::as_bytes(std::span(text)));
}

class ZarrWriter : public MovieWriter {
 public:
  explicit ZarrWriter(const WriteRequest& request)
      : path_(request.path),
        partial_(PartialFile::partial_path(path_)),
        format_(request.format),
        levels_(levels_of(format_)),
        written_(static_cast<std::size_t>(request.frames), false) {
    if (std::filesystem::exists(path_)) {
      throw InputError(path_.string() +
                       ": exists, and a folder is not overwritten; remove it, or "
                       "choose another name");
    }
    if (std::filesystem::exists(partial_ / ".zgroup")) remove_partial();
    make_folders(partial_);
    write_json(partial_ / ".zgroup", {{"zarr_format", 2}});
    write_json(partial_ / ".zattrs", attributes_of(request, levels_.size()));
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      make_folders(partial_ / std::to_string(level));
      write_json(partial_ / std::to_string(level) / ".zarray",
                 array_json(levels_[level], request.frames, format_.type));
    }
  }
  ZarrWriter(const ZarrWriter&) = delete;
  ZarrWriter& operator=(const ZarrWriter&) = delete;
  ~ZarrWriter() override {
    if (!keep_ && !closed_) remove_partial();
  }

  void write(Index first, std::span<const std::byte> frames) override {
    const auto frame_bytes = static_cast<std::size_t>(format_.bytes());
    const auto count = static_cast<Index>(frames.size() / frame_bytes);
    if (frames.size() % frame_bytes != 0 || first < 0 ||
        first + count > static_cast<Index>(written_.size())) {
      throw std::logic_error("MovieWriter: frames outside the movie, or not whole");
    }
    std::vector<std::byte> here, next;  // the frames at two levels
    for (std::size_t level = 0; level < levels_.size(); ++level) {
      write_level(level, first, count, level == 0 ? frames.data() : here.data());
      if (level + 1 == levels_.size()) break;
      next = halved(level, count, level == 0 ? frames.data() : here.data());
      here.swap(next);
    }
    std::fill_n(written_.begin() + first, count, true);
  }

  void close() override {
    if (std::find(written_.begin(), written_.end(), false) != written_.end()) {
      throw std::logic_error("MovieWriter: closed before every frame was written");
    }
    sync_file_system(partial_);
    rename_to(partial_, path_);
    closed_ = true;
  }

  void keep_partial(bool keep) override { keep_ = keep; }

 private:
  void remove_partial() const {
    std::error_code ignored;
    std::filesystem::remove_all(partial_, ignored);
  }

  std::vector<std::byte> halved(std::size_t level, Index count, const std::byte* frames) const {
    const Level &from = levels_[level], &to = levels_[level + 1];
    const Index each = bytes_of(format_.type);
    const Index from_bytes = from.height * from.width * each,
                to_bytes = to.height * to.width * each;
    std::vector<std::byte> out(static_cast<std::size_t>(count * to_bytes));
    parallel_for(count, [&](Index t) {
      with_pixel_type(format_.type, [&](auto zero) {
        using T = decltype(zero);
        halve(reinterpret_cast<const T*>(frames + t * from_bytes),
              from,
              to,
              reinterpret_cast<T*>(out.data() + t * to_bytes));
      });
    });
    return out;
  }

  void write_level(std::size_t level, Index first, Index count, const std::byte* frames) const {
    const Level& size = levels_[level];
    const Index chunks = size.rows() * size.columns();
    const Index frame_bytes = size.height * size.width * bytes_of(format_.type);
    for (Index t = 0; t < count; ++t) {
      for (Index row = 0; row < size.rows(); ++row) {
        make_folders(folder_of(level, first + t, row));
      }
    }
    parallel_for(count * chunks, [&](Index i) {
      const Index t = i / chunks, row = i % chunks / size.columns(), column = i % size.columns();
      write_chunk(size,
                  row,
                  column,
                  frames + t * frame_bytes,
                  folder_of(level, first + t, row) / std::to_string(column));
    });
  }

  std::filesystem::path folder_of(std::size_t level, Index frame, Index row) const {
    return partial_ / std::to_string(level) / std::to_string(frame) / std::to_string(row);
  }

  /// Chunks are whole; what lies outside of the frame is 0.
  void write_chunk(const Level& size,
                   Index row,
                   Index column,
                   const std::byte* frame,
                   const std::filesystem::path& path) const {
    const Index each = bytes_of(format_.type), height = size.chunk_height();
    const Index width = size.chunk_width();
    const Index rows = std::min(height, size.height - row * height);
    const Index columns = std::min(width, size.width - column * width);
    std::vector<std::byte> chunk(static_cast<std::size_t>(height * width * each));
    for (Index y = 0; y < rows; ++y) {
      std::memcpy(chunk.data() + y * width * each,
                  frame + ((row * height + y) * size.width + column * width) * each,
                  static_cast<std::size_t>(columns * each));
    }
    std::vector<std::byte> packed(ZSTD_compressBound(chunk.size()));
    const std::size_t bytes =
        ZSTD_compress(packed.data(), packed.size(), chunk.data(), chunk.size(), compression_level);
    if (ZSTD_isError(bytes) != 0) {
      throw std::logic_error(std::string("zstd: ") + ZSTD_getErrorName(bytes));
    }
    write_new_file(path, std::span(packed).first(bytes));
  }

  std::filesystem::path path_, partial_;
  FrameFormat format_;
  std::vector<Level> levels_;
  std::vector<bool> written_;
  bool keep_ = false, closed_ = false;
};

}  // namespace

std::optional<PixelType> zarr_stored_type(PixelType type) {
  if (!is_grey(type)) return std::nullopt;
  return type;
}

std::unique_ptr<MovieWriter> create_zarr(const WriteRequest& request) {
  return std::make_unique<ZarrWriter>(request);
}

}  // namespace kinema::io
