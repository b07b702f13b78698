// make_seeds CORPUS [SAMPLES]: files to begin fuzzing with, in CORPUS/<format>/: a tiny movie of
// every format and pixel type that kinema writes, JPEG images and EER movies as the tests make
// them, packed chunks of HDF5 and coded planes, and the samples of up to 1 MB of each format.
#include "kinema/base/error.h"
#include "kinema/codec/plane_coder.h"
#include "kinema/codec/plane_events.h"
#include "kinema/io/formats.h"
#include "kinema/io/movie_writer.h"

#include "../io/eer_test_files.h"
#include "../io/jpeg_test_files.h"
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <lz4.h>
#include <string>
#include <vector>
#include <zlib.h>

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

void write_jpegs(const fs::path& folder) {
  for (const bool progressive : {false, true}) {
    const std::string kind = progressive ? "-progressive.jpg" : ".jpg";
    io::test_jpeg::write_jpeg(folder / ("grey" + kind),
                              io::test_jpeg::smooth(12, 20, 1),
                              12,
                              20,
                              JCS_GRAYSCALE,
                              progressive);
    io::test_jpeg::write_jpeg(
        folder / ("colour" + kind), io::test_jpeg::smooth(12, 20, 3), 12, 20, JCS_RGB, progressive);
  }
}

void write_eers(const fs::path& folder) {
  using namespace io::test_eer;  // NOLINT(google-build-using-namespace)
  constexpr unsigned height = 24, width = 50;
  int number = 0;
  for (const auto& [compression, code] : {std::pair{65000, io::EerCode{8, 2, 2}},
                                          std::pair{65001, io::EerCode{7, 2, 2}},
                                          std::pair{65002, io::EerCode{5, 2, 2}},
                                          std::pair{65002, io::EerCode{9, 2, 4}}}) {
    for (const bool big_tiff : {false, true}) {
      EerFile file{height, width, compression, code};
      file.big_tiff = big_tiff;
      file.metadata = "<metadata><item name=\"exposureTime\" unit=\"s\">2.0</item></metadata>";
      for (const Frame& frame : random_frames(3, height * width)) {
        file.streams.push_back(encode(frame, height * width, code));
      }
      io::test_movies::write_bytes(folder / (std::to_string(number++) + ".eer"), file.bytes());
    }
  }
}

/// The same numbers plain, deflated, and in LZ4's blocks, as chunks that say so.
void write_chunks(const fs::path& folder) {
  fs::create_directories(folder);
  const std::string plain(256, '\7'), shape = {'\1', '\1', '\0', '\0'};
  std::string deflated(512, '\0'), lz4(512, '\0');
  uLongf deflated_size = deflated.size();
  compress(reinterpret_cast<Bytef*>(deflated.data()),
           &deflated_size,
           reinterpret_cast<const Bytef*>(plain.data()),
           plain.size());
  deflated.resize(deflated_size);
  const int lz4_size = LZ4_compress_default(plain.data(), lz4.data(), 256, 512);
  lz4.resize(static_cast<std::size_t>(lz4_size));
  const std::string sizes = {
      0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, static_cast<char>(lz4_size)};
  const auto keep_chunk = [&](const char* name, char id, char packing, const std::string& bytes) {
    const std::string filters = {1, id, 1, 32, packing};
    io::test_movies::write_bytes(folder / name, filters + shape + bytes);
  };
  keep_chunk("deflate", 0, 0, deflated);
  keep_chunk("shuffle", 1, 0, plain);
  keep_chunk("lz4", 2, 0, sizes + lz4);
  keep_chunk("bitshuffle", 3, 0, plain);
  keep_chunk("bitshuffle_lz4", 3, 1, sizes + lz4);
}

/// Planes of noise of several sizes, and of rare counts as planes and as events.
void write_planes(const fs::path& folder) {
  fs::create_directories(folder);
  constexpr Index height = 66, width = 130;
  const auto write = [&](const std::string& name, const std::vector<std::byte>& packed) {
    std::string bytes = {static_cast<char>(height - 1), static_cast<char>(width - 1), 0};
    for (const std::byte byte : packed) bytes += static_cast<char>(byte);
    io::test_movies::write_bytes(folder / name, bytes);
  };
  std::uint64_t state = 1;
  for (const unsigned size : {1U, 6U, 300U, 70000U}) {
    std::vector<std::int32_t> values;
    for (Index i = 0; i < height * width; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const auto random = static_cast<unsigned>(state >> 40);
      values.push_back(static_cast<std::int32_t>(size == 1 ? random % 50 == 0 : random % size));
    }
    write(std::to_string(size), codec::pack_plane({values.data(), {height, width}}));
    if (size > 1) continue;
    const std::vector<std::uint8_t> counts(values.begin(), values.end());
    const auto* frame = reinterpret_cast<const std::byte*>(counts.data());
    write("events", *codec::pack_events(PixelType::u8, frame, height, width));
  }
}

}  // namespace
}  // namespace kinema::fuzz

int main(int count, char** arguments) {
  if (count < 2) return std::fputs("make_seeds CORPUS [SAMPLES]\n", stderr), 2;
  const fs::path corpus = arguments[1], made = corpus / "made";
  kinema::fuzz::write_tiny_movies(made);
  kinema::fuzz::write_jpegs(made);
  kinema::fuzz::write_eers(made);
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
  kinema::fuzz::write_chunks(corpus / "hdf5 chunk");
  kinema::fuzz::write_planes(corpus / "coded plane");
  fs::remove_all(made);
  return 0;
}
