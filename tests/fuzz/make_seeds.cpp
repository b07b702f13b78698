// make_seeds CORPUS [SAMPLES]: files to begin fuzzing with, in CORPUS/<format>/: a tiny movie of
// every format and pixel type that kinema writes, and the samples of up to 1 MB of each format.
#include "kinema/base/error.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace kinema::fuzz {
namespace {

void keep(const fs::path& file, const std::string& format, const fs::path& corpus) {
  fs::create_directories(corpus / format);
  fs::copy_file(file, corpus / format / file.filename(), fs::copy_options::overwrite_existing);
}

/// The first format that recognises the file; packed files and folders have none.
void sort_in(const fs::path& file, const fs::path& corpus) {
  if (fs::file_size(file) > (1 << 20)) return;
  std::vector<char> head(4096);
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), static_cast<long>(head.size()));
  head.resize(static_cast<std::size_t>(stream.gcount()));
  for (const io::MovieFormat& format : io::movie_formats()) {
    if (!format.recognises(std::as_bytes(std::span(head)))) continue;
    if (format.confirms != nullptr && !format.confirms(io::InputFile(file))) continue;
    if (!format.isolated) keep(file, format.name, corpus);
    return;
  }
}

void write_tiny_movies(const fs::path& folder) {
  fs::create_directories(folder);
  for (const char* ending : {".mrc", ".tif", ".npy", ".ome.tif", ".png"}) {
    for (const PixelTypeName& type : pixel_type_names) {
      const FrameFormat format{type.type, 3, 5};
      std::vector<std::byte> pixels(static_cast<std::size_t>(2 * format.bytes()));
      for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i);
      try {
        const auto writer = io::MovieWriter::create(
            folder / (std::string(type.text) + ending), format, 2, {}, Json());
        writer->write(0, pixels);
        writer->close();
      } catch (const InputError&) {  // the format cannot hold this type
      }
    }
  }
}

}  // namespace
}  // namespace kinema::fuzz

int main(int count, char** arguments) {
  if (count < 2) return std::fputs("make_seeds CORPUS [SAMPLES]\n", stderr), 2;
  const fs::path corpus = arguments[1], made = corpus / "made";
  kinema::fuzz::write_tiny_movies(made);
  std::vector<fs::path> folders = {made};
  if (count > 2 && fs::exists(arguments[2])) folders.emplace_back(arguments[2]);
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) kinema::fuzz::sort_in(entry.path(), corpus);
    }
  }
  for (const kinema::io::MovieFormat& format : kinema::io::movie_formats()) {
    if (!format.isolated) fs::create_directories(corpus / format.name);  // some have no sample
  }
  fs::remove_all(made);
  return 0;
}
