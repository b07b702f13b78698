// What `info` tells: of a movie file or a container, and of many of them.
#pragma once

#include "kinema/codec/container.h"
#include "kinema/io/read_options.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kinema::codec {

struct InfoOptions : io::ReadOptions {
  bool all = false;

  static void fields(auto& self, auto&& visit) {
    visit("all", self.all, "the whole tree of metadata too, in the file's own words");
    io::ReadOptions::fields(self, visit);
  }
};

struct FileInfo {
  std::string path;
  std::string error;   // why it cannot be read; all below is empty then
  std::string format;  // as `formats` lists them, or "kinema container"
  std::uintmax_t bytes = 0;
  FrameFormat pixels;
  Index frames = 0;
  MovieInfo info;
  std::optional<ContainerHeader> container;  // of containers alone
  Json metadata;                             // null unless all was asked for
};

/// A movie, or a container by its first bytes. Throws what opening it throws.
FileInfo file_info(const std::filesystem::path& path, const InfoOptions& options);
Json to_json(const FileInfo& file);

/// Many files: those in folders, those that patterns name, and files by name.
struct FileTable {
  std::vector<FileInfo> movies;  // folders and patterns that are one movie: images, a file a frame
  std::vector<FileInfo> files;   // one by one; folders within folders only where they are movies
};

/// Whether `words` are told of as a table: anything but the name of one file.
bool means_many(const std::vector<std::string>& words);
FileTable file_table(const std::vector<std::string>& words, const InfoOptions& options);
/// {"movies": [...], "files": [...]}; a file that cannot be read has "error".
Json to_json(const FileTable& table);

}  // namespace kinema::codec
