// The table of formats that are written, and the side-car that goes beside every movie.
#include "kinema/io/movie_writer.h"

#include "kinema/io/file.h"
#include "kinema/io/hdf5_writers.h"
#include "kinema/io/mrc.h"
#include "kinema/io/png_writer.h"
#include "kinema/io/raw_writer.h"
#include "kinema/io/tiff_description.h"
#include "kinema/io/video.h"
#include "kinema/io/writer_formats.h"
#include "kinema/io/zarr_writer.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <limits>
#include <sstream>

namespace kinema::io {
namespace {

constexpr WriterFormat formats[] = {
    {"mrc", ".mrc .mrcs .map .st", mrc_stored_type, "write .tif or .npy", create_mrc, resume_mrc},
    {"tiff", ".tif .tiff", tiff_stored_type, "write .npy", create_tiff, resume_tiff},
    {"ome-tiff",
     ".ome.tif .ome.tiff",
     ome_stored_type,
     "write .tif or .npy",
     create_ome_tiff,
     resume_ome_tiff},
    {"npy", ".npy", npy_stored_type, "", create_npy, resume_npy},
    {"png", ".png", png_stored_type, "write .npy", create_png, nullptr},
    {"ome-zarr", ".ome.zarr .zarr", zarr_stored_type, "write .npy", create_zarr, nullptr, true},
    {"nexus", ".nxs .nexus .h5 .hdf5", hdf5_stored_type, "", create_nexus, nullptr},
    {"emd", ".emd", hdf5_stored_type, "", create_emd, nullptr},
    {"hspy", ".hspy", hdf5_stored_type, "", create_hspy, nullptr},
    {"mp4", ".mp4 .mov", h264_stored_type, "write .tif or .npy", create_h264, nullptr},
    {"ffv1",
     ".mkv .avi",
     ffv1_stored_type,
     "write .tif, .npy or, to look at, .mp4",
     create_ffv1,
     nullptr},
};

/// The format with the longest ending that the file's name has.
const WriterFormat& find_format(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  const WriterFormat* found = nullptr;
  std::size_t longest = 0;
  std::string known;
  for (const WriterFormat& format : formats) {
    known += (known.empty() ? "" : " ") + std::string(format.endings);
    std::istringstream endings(format.endings);
    for (std::string ending; endings >> ending;) {
      if (ending.size() <= longest || name.size() <= ending.size() || !name.ends_with(ending))
        continue;
      found = &format;
      longest = ending.size();
    }
  }
  if (found != nullptr) return *found;
  throw InputError(path.string() + ": the ending '" + path.extension().string() +
                   "' names no format that kinema writes; use one of " + known);
}

void require_frame_sizes(const std::filesystem::path& path,
                         const FrameFormat& format,
                         Index frames) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (frames < 1 || format.height < 1 || format.width < 1 || frames > most ||
      format.height > most || format.width > most) {
    throw InputError(path.string() + ": a movie of " + std::to_string(frames) + " frames of " +
                     std::to_string(format.height) + " x " + std::to_string(format.width) +
                     " pixels cannot be written");
  }
  checked_product(checked_product(format.bytes(), 2), frames);
}

/// A writer that leaves `<path>.json` beside the movie when it is complete.
class WriterWithSidecar : public MovieWriter {
 public:
  WriterWithSidecar(std::unique_ptr<MovieWriter> writer,
                    const WriteRequest& request,
                    const Json& provenance)
      : writer_(std::move(writer)), path_(request.path) {
    sidecar_ = {{"format", writer_format(path_)}};
    sidecar_.update(describe(request.format, request.frames, request.info));
    if (!request.options.metadata.empty()) sidecar_["metadata"] = request.options.metadata;
    sidecar_["provenance"] = provenance;
  }
  void write(Index first, std::span<const std::byte> frames) override {
    writer_->write(first, frames);
  }
  void close() override {
    writer_->close();
    write_text_file(sidecar_path(path_),
                    sidecar_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  void keep_partial(bool keep) override { writer_->keep_partial(keep); }

 private:
  std::unique_ptr<MovieWriter> writer_;
  std::filesystem::path path_;
  Json sidecar_;
};

std::unique_ptr<MovieWriter> with_sidecar(std::unique_ptr<MovieWriter> writer,
                                          const WriteRequest& request,
                                          const Json& provenance) {
  if (writer == nullptr || provenance.is_null()) return writer;
  return std::make_unique<WriterWithSidecar>(std::move(writer), request, provenance);
}

}  // namespace

std::span<const WriterFormat> writer_formats() {
  return formats;
}

std::unique_ptr<MovieWriter> MovieWriter::create(const std::filesystem::path& path,
                                                 const FrameFormat& format,
                                                 Index frames,
                                                 const MovieInfo& info,
                                                 const Json& provenance,
                                                 const WriteOptions& options) {
  require_writable_type(path, format.type);
  require_frame_sizes(path, format, frames);
  const WriteRequest request{movie_path(path, frames), format, frames, info, options};
  return with_sidecar(find_format(path).create(request), request, provenance);
}

std::unique_ptr<MovieWriter> MovieWriter::resume(const std::filesystem::path& path,
                                                 const FrameFormat& format,
                                                 Index frames,
                                                 const MovieInfo& info,
                                                 const Json& provenance,
                                                 const WriteOptions& options) {
  require_writable_type(path, format.type);
  require_frame_sizes(path, format, frames);
  const WriterFormat& writer = find_format(path);
  if (writer.resume == nullptr) return nullptr;
  const WriteRequest request{path, format, frames, info, options};
  return with_sidecar(writer.resume(request), request, provenance);
}

std::filesystem::path movie_path(const std::filesystem::path& path, Index frames) {
  return writer_format(path) == "png" ? png_movie_path(path, frames) : path;
}

std::vector<std::filesystem::path> places_of_output(const std::filesystem::path& path) {
  if (path.extension() != ".png") return {path};
  return {path, png_frame_path(path, 2, 0)};
}

void require_writable_type(const std::filesystem::path& path, PixelType type) {
  const WriterFormat& format = find_format(path);
  if (format.stored_type(type)) return;
  throw InputError(path.string() + ": " + format.name + " files cannot hold " + to_text(type) +
                   " pixels; " + format.mend);
}

bool needs_contrast(const std::filesystem::path& path, PixelType type) {
  if (!is_grey(type) || type == PixelType::u8) return false;
  const WriterFormat& format = find_format(path);
  return format.tells_contrast || format.stored_type(type) == PixelType::u8;
}

PixelType written_type(const std::filesystem::path& path, PixelType type) {
  require_writable_type(path, type);
  return *find_format(path).stored_type(type);
}

std::string writer_format(const std::filesystem::path& path) {
  return find_format(path).name;
}

Json sidecar_provenance(const std::filesystem::path& path) {
  std::ifstream file(sidecar_path(path));
  const Json side = file ? Json::parse(file, nullptr, /*allow_exceptions=*/false) : Json();
  return side.is_object() && side.contains("provenance") ? side["provenance"] : Json();
}

std::filesystem::path sidecar_path(const std::filesystem::path& path) {
  return path.string() + ".json";
}

}  // namespace kinema::io
