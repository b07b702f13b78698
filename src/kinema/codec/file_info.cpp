// Opening whatever is named, and putting what is known about it into one shape.
#include "kinema/codec/file_info.h"

#include "kinema/io/file_list.h"
#include "kinema/io/formats.h"
#include "kinema/io/sequence_files.h"

namespace kinema::codec {
namespace {

using Path = std::filesystem::path;

FileInfo empty_info(const Path& path) {
  FileInfo file;
  file.path = path.string();
  return file;
}

/// What the user knows of the pixel size and the frame time is taken over.
FileInfo container_info(const Path& path, const InfoOptions& options) {
  const ContainerReader container(path);
  const ContainerHeader& header = container.header();
  FileInfo file = empty_info(path);
  file.format = "kinema container";
  file.bytes = std::filesystem::file_size(path);
  file.pixels = {header.recorded, header.height, header.width};
  file.frames = header.frames;
  file.info = header.info;
  io::apply_user(options, file.info);
  file.container = header;
  if (options.all) file.metadata = to_json(header.provenance);
  return file;
}

FileInfo movie_info(const Path& path, const InfoOptions& options) {
  const auto movie = io::open_movie(path, options);
  FileInfo file = empty_info(path);
  file.format = io::movie_format(path);
  file.bytes = io::bytes_of_files(path);
  file.pixels = movie->format();
  file.frames = movie->frames().value();
  file.info = movie->info();
  if (options.all) file.metadata = movie->metadata();
  return file;
}

/// The same with what went wrong as a word in the table.
FileInfo told(const Path& path, const InfoOptions& options) {
  FileInfo file = empty_info(path);
  try {
    return file_info(path, options);
  } catch (const InputError& error) {
    file.error = error.what();
  } catch (const IoError& error) {
    file.error = error.what();
  }
  if (file.error.starts_with(file.path + ": ")) file.error.erase(0, file.path.size() + 2);
  return file;
}

/// Whether a folder or a pattern is one movie: several files of one frame each. Files that merely
/// lie together have many frames, or differ.
bool is_image_sequence(const FileInfo& movie) {
  if (!movie.error.empty() || !io::is_sequence(movie.path)) return false;
  const auto files = static_cast<Index>(io::find_sequence_files(movie.path).files.size());
  return files > 1 && movie.frames == files;
}

Json container_json(const FileInfo& file) {
  const ContainerHeader& header = *file.container;
  const double pixels = static_cast<double>(header.frames) * static_cast<double>(header.height) *
                        static_cast<double>(header.width);
  const double bits = 8.0 * static_cast<double>(file.bytes);
  Json json{{"snapshots", first_snapshots(header.groups).back()},
            {"lossless_frames", lossless_frames(header.groups)},
            {"audited_frames", header.audited.size()},
            {"ratio", header.ratio},
            {"groups_by_ratio", ratios_json(header.groups)},
            {"masks", to_text(header.mask_kind)},
            {"mask_seed", header.mask_seed},
            {"mask_hash", header.mask_hash},
            {"stored_dtype", to_text(header.stored)},
            {"bits_per_pixel", pixels > 0.0 ? Json(bits / pixels) : Json()},
            {"complete", header.complete},
            {"quantised", header.quantised},
            {"kept_dose", nullptr},
            {"noise", nullptr},
            {"schema", header.schema},
            {"provenance", to_json(header.provenance)}};
  if (!header.losses.empty()) json["lost_frames"] = lost_frames(header.losses);
  if (header.trailing_bytes > 0) json["trailing_bytes"] = header.trailing_bytes;
  if (header.noise) json["noise"] = to_json(*header.noise);
  if (header.kept_dose) json["kept_dose"] = *header.kept_dose;
  return json;
}

}  // namespace

FileInfo file_info(const Path& path, const InfoOptions& options) {
  return is_container(path) ? container_info(path, options) : movie_info(path, options);
}

Json to_json(const FileInfo& file) {
  if (!file.error.empty()) return {{"file", file.path}, {"error", file.error}};
  Json json{{"file", file.path}, {"format", file.format}, {"bytes", file.bytes}};
  json.update(describe(file.pixels, file.frames, file.info));
  if (file.container) json.update(container_json(file));
  if (!file.metadata.is_null()) json["metadata"] = file.metadata;
  return json;
}

bool means_many(const std::vector<std::string>& words) {
  std::error_code absent;
  return words.size() != 1 || std::filesystem::is_directory(words[0], absent) ||
         io::is_pattern(words[0]);
}

FileTable file_table(const std::vector<std::string>& words, const InfoOptions& options) {
  FileTable table;
  for (const std::string& word : words) {
    if (!means_many({word})) {
      table.files.push_back(told(word, options));
      continue;
    }
    FileInfo whole = told(word, options);
    if (is_image_sequence(whole)) table.movies.push_back(std::move(whole));
    for (const Path& path : io::is_pattern(word) ? io::matching_paths(word) : io::paths_in(word)) {
      std::error_code gone;
      FileInfo file = told(path, options);
      if (is_image_sequence(file) || !std::filesystem::is_directory(path, gone)) {
        table.files.push_back(std::move(file));
      }
    }
  }
  return table;
}

Json to_json(const FileTable& table) {
  Json json{{"movies", Json::array()}, {"files", Json::array()}};
  for (const FileInfo& movie : table.movies) json["movies"].push_back(to_json(movie));
  for (const FileInfo& file : table.files) json["files"].push_back(to_json(file));
  return json;
}

}  // namespace kinema::codec
