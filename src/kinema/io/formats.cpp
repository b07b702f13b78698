// Recognising formats, and pixel sizes from users and side-cars.
#include "kinema/io/formats.h"

#include "kinema/io/dm.h"
#include "kinema/io/eer.h"
#include "kinema/io/file.h"
#include "kinema/io/hdf5.h"
#include "kinema/io/hdf5_movie.h"
#include "kinema/io/informed_source.h"
#include "kinema/io/jpeg.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/mrc.h"
#include "kinema/io/npy.h"
#include "kinema/io/png.h"
#include "kinema/io/reader_process.h"
#include "kinema/io/sequence.h"
#include "kinema/io/sequence_files.h"
#include "kinema/io/ser.h"
#include "kinema/io/tiff.h"
#include "kinema/io/tvips.h"
#include "kinema/io/video.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string_view>

namespace kinema::io {
namespace {

constexpr std::size_t head_bytes = 4096;
constexpr std::uint64_t most_sidecar_bytes = 16 << 20;

constexpr MovieFormat formats[] = {
    {"npy", ".npy", "bool, integers, floats, complex, colour", false, is_npy, open_npy},
    {"eer", ".eer", "sums of electrons", false, is_eer, open_eer, is_eer_file},
    {"tiff",
     ".tif .tiff",
     "1-64 bit, float16-64, complex, 8-bit RGB(A)",
     false,
     is_tiff,
     open_tiff},
    {"dm", ".dm3 .dm4", "integers, floats, complex, colour", false, is_dm, open_dm},
    {"ser", ".ser", "integers, floats, complex", false, is_ser, open_ser},
    {"emi", ".emi", "as its .ser", false, is_emi, open_emi},
    {"hdf5",
     ".h5 .hdf5 .nxs .emd .hspy",
     "integers, float16-64, complex, rgb",
     true,
     is_hdf5,
     open_hdf5},
    {"png", ".png", "grey of 1-16 bits, rgb8, rgba8", false, is_png, open_png},
    {"jpeg", ".jpg .jpeg", "grey of 8 bits, rgb8", false, is_jpeg, open_jpeg},
    {"tvips", ".tvips", "uint8, uint16", false, is_tvips, open_tvips},
    {"packed mrc", ".mrc.gz .map.bz2 .mrc.zst", "as mrc", false, is_packed_mrc, open_packed_mrc},
    {"mrc",
     ".mrc .mrcs .map .st .ali .rec",
     "modes 0, 1, 2, 3, 4, 6, 12, 16, 101",
     false,
     is_mrc,
     open_mrc},
    {"avi", ".avi", "uint8, uint16, colour", true, is_avi, open_video},
    {"mp4", ".mp4 .mov .m4v", "uint8, uint16, colour", true, is_mp4, open_video},
    {"matroska", ".mkv .webm", "uint8, uint16, colour", true, is_matroska, open_video},
    {"mpegts", ".ts .m2ts", "uint8, uint16, colour", true, is_mpegts, open_video},
};

bool starts_with(std::span<const std::byte> head, std::string_view mark) {
  return head.size() >= mark.size() && std::memcmp(head.data(), mark.data(), mark.size()) == 0;
}

/// HDF5 after a user block that is longer than the head; blocks are powers of two.
bool is_hdf5_further_on(const InputFile& file) {
  std::array<std::byte, 8> bytes{};
  for (std::uint64_t at = head_bytes; at + bytes.size() <= file.size(); at *= 2) {
    file.read_at(at, bytes);
    if (is_hdf5(bytes)) return true;
  }
  return false;
}

const MovieFormat& find_format(const std::filesystem::path& path) {
  const InputFile file(path);
  if (file.size() == 0) throw FileError(path, 0, "the file is empty");
  const std::vector<std::byte> head = file.head(head_bytes);
  std::string known;
  for (const MovieFormat& format : formats) {
    if (format.recognises(head) && (format.confirms == nullptr || format.confirms(file))) {
      return format;
    }
    known += (known.empty() ? "" : ", ") + std::string(format.name);
  }
  if (is_hdf5_further_on(file)) {
    return *std::find_if(std::begin(formats), std::end(formats), [](const MovieFormat& format) {
      return format.recognises == is_hdf5;
    });
  }
  if (starts_with(head, "PK\x03\x04")) {
    throw InputError(path.string() +
                     ": is a zip archive (as numpy's .npz are); unpack it and give what comes out");
  }
  if (path.extension() == ".tvips") {
    throw InputError(path.string() +
                     ": has no TVIPS header; where it continues a movie, give that one's first "
                     "file, NAME_000.tvips");
  }
  throw InputError(path.string() + ": no known movie format (" + known +
                   "), judged by its first bytes; see `kinema formats`");
}

/// Positive numbers under `key`, one or several; none where anything else stands there.
std::vector<double> numbers_of(const Json& json, const char* key) {
  const Json value = json.value(key, Json());
  std::vector<double> numbers;
  for (const Json& item : value.is_array() ? value : Json::array({value})) {
    if (!item.is_number() || item <= 0.0) return {};
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

/// A fact that the file itself does not give, from the side-car.
template <class T>
void take(const Json& json, const char* key, Fact<T>& fact) {
  if (fact) return;
  if constexpr (std::is_same_v<T, std::string>) {
    const Json value = json.value(key, Json());
    if (value.is_string()) fact = {value.get<std::string>(), "side-car"};
  } else {
    const std::vector<double> value = numbers_of(json, key);
    if (value.size() == 1) fact = {T{value[0]}, "side-car"};
  }
}

/// What the side-car says of a movie of just this format and length; nothing where it is absent,
/// broken or of another movie.
void read_sidecar(const std::filesystem::path& path,
                  const FrameFormat& format,
                  Index frames,
                  MovieInfo& info) {
  const std::filesystem::path sidecar = sidecar_path(path);
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(sidecar, absent);
  if (absent || bytes > most_sidecar_bytes) return;
  std::ifstream file(sidecar);
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  const Json wanted = {{"frames", frames},
                       {"height", format.height},
                       {"width", format.width},
                       {"dtype", to_text(format.type)}};
  if (!json.is_object()) return;
  for (const auto& [key, value] : wanted.items()) {
    if (!json.contains(key) || json[key] != value) return;
  }
  std::vector<double> size = numbers_of(json, "pixel_size_angstrom");
  if (size.size() == 1) size.push_back(size[0]);
  if (!info.pixel_size && size.size() == 2) {
    info.pixel_size = {PixelSize{{size[0]}, {size[1]}}, "side-car"};
  }
  take(json, "frame_time_seconds", info.frame_time);
  take(json, "voltage_kv", info.voltage);
  take(json, "dose_electrons_per_pixel", info.dose);
  take(json, "detector", info.detector);
  take(json, "date", info.date);
}

std::unique_ptr<MovieSource> open_file(const std::filesystem::path& path,
                                       const ReadOptions& options) {
  const MovieFormat& format = find_format(path);
  auto source =
      format.isolated ? open_in_reader(path, options, format.name) : format.open(path, options);
  if (!options.dataset.empty() && source->info().dataset.empty()) {
    throw InputError(path.string() + ": --dataset " + options.dataset +
                     ": the file holds one image, which has no name; leave --dataset away");
  }
  return source;
}

/// Colour alone in a file is a photograph or a figure, which lies about among the data.
void refuse_picture(const std::filesystem::path& path, const MovieSource& source) {
  const MovieFormat& format = find_format(path);
  if ((format.open != open_png && format.open != open_jpeg) || !is_colour(source.format().type)) {
    return;
  }
  throw InputError(
      path.string() +
      ": is a picture in colour, not a recording; where it is one frame of a movie all "
      "the same, give its folder or a pattern such as '*" +
      path.extension().string() + "'");
}

std::unique_ptr<MovieSource> with_more_known(std::unique_ptr<MovieSource> source,
                                             const std::filesystem::path& path,
                                             const ReadOptions& options) {
  MovieInfo info = source->info();
  if (source->frames()) read_sidecar(path, source->format(), *source->frames(), info);
  apply_user(options, info);
  return std::make_unique<InformedSource>(std::move(source), std::move(info));
}

}  // namespace

std::span<const MovieFormat> movie_formats() {
  return formats;
}

std::string movie_format(const std::filesystem::path& path) {
  return is_sequence(path) ? sequence_format(path) : find_format(path).name;
}

std::unique_ptr<MovieSource> open_movie_here(const std::filesystem::path& path,
                                             const ReadOptions& options) {
  return find_format(path).open(path, options);
}

std::unique_ptr<MovieSource> open_part(const std::filesystem::path& path,
                                       const ReadOptions& options) {
  return with_more_known(open_file(path, options), path, options);
}

std::unique_ptr<MovieSource> open_movie(const std::filesystem::path& path,
                                        const ReadOptions& options) {
  if (is_sequence(path)) return with_more_known(open_sequence(path, options), path, options);
  std::unique_ptr<MovieSource> source = open_file(path, options);
  refuse_picture(path, *source);
  return with_more_known(std::move(source), path, options);
}

}  // namespace kinema::io
