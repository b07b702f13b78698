// Planes of OME images found among the directories of the file and of those beside it.
#include "kinema/io/tiff_ome.h"

#include "kinema/io/tiff.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <pugixml.hpp>
#include <unordered_map>

namespace kinema::io {
namespace {

constexpr long long most_planes = 1 << 20;
constexpr std::size_t most_items = 10000;
constexpr std::size_t most_item_text = 1 << 16;
constexpr int most_levels = 32;
constexpr std::size_t most_description = std::size_t{16} << 20;
constexpr std::size_t most_files = 256;  // that are open together

/// An image's sizes, and how often each letter of its order steps on.
struct Dimensions {
  std::string order;              // the letters before X and Y, the one that runs fastest first
  long long z = 0, c = 0, t = 0;  // c: channels that have planes of their own

  long long size(char letter) const { return letter == 'Z' ? z : letter == 'C' ? c : t; }
  long long planes() const { return z * c * t; }
  /// Index of a plane in the order; negative where it lies outside.
  long long index(long long at_z, long long at_c, long long at_t) const {
    long long index = 0, stride = 1;
    for (const char letter : order) {
      const long long at = letter == 'Z' ? at_z : letter == 'C' ? at_c : at_t;
      if (at < 0 || at >= size(letter)) return -1;
      index += at * stride;
      stride *= size(letter);
    }
    return index;
  }
};

/// None (no planes) where they make no sense.
Dimensions read_dimensions(const pugi::xml_node& pixels) {
  Dimensions dimensions;
  const std::string order = pixels.attribute("DimensionOrder").as_string("XYZCT");
  if (order.size() == 5 && order.starts_with("XY")) dimensions.order = order.substr(2);
  std::string sorted = dimensions.order;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != "CTZ") return {};
  long long c = pixels.attribute("SizeC").as_llong(1);
  const long long together =
      pixels.child("Channel").attribute("SamplesPerPixel").as_llong(1);  // RGB in one plane
  if (together > 1 && c % together == 0) c /= together;
  dimensions.z = pixels.attribute("SizeZ").as_llong(1);
  dimensions.c = c;
  dimensions.t = pixels.attribute("SizeT").as_llong(1);
  for (const char letter : {'Z', 'C', 'T'}) {
    if (dimensions.size(letter) < 1 || dimensions.size(letter) > most_planes) return {};
  }
  if (dimensions.z * dimensions.c > most_planes || dimensions.planes() > most_planes) return {};
  return dimensions;
}

/// Where a file of that name would lie beside `own`; none where the name leads elsewhere, or there
/// is none.
std::optional<std::filesystem::path> path_beside(const std::filesystem::path& own,
                                                 const std::string& name) {
  std::error_code failed;
  const std::filesystem::path path = own.parent_path() / name;
  const bool is_plain = std::filesystem::path(name).filename() == name;
  return is_plain && std::filesystem::is_regular_file(path, failed) ? std::optional(path)
                                                                    : std::nullopt;
}

/// The description that a file of pixels alone names: a file of XML, or another OME-TIFF with it.
/// Empty where there is none.
std::string description_beside(const std::filesystem::path& own, const std::string& name) {
  const auto path = path_beside(own, name);
  if (!path) return "";
  try {
    const InputFile file(*path);
    if (is_tiff(file.head(8))) {
      const TiffHeader header = read_tiff_header(file);
      return TiffDirectory(file, header, header.first_directory, 0)
          .text(TiffTag::description, most_description);
    }
    const std::vector<std::byte> text = file.head(most_description);
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  } catch (const std::runtime_error&) {
    return "";  // damaged, or not ours to read
  }
}

/// The files that planes may lie in: the one that was opened, and those beside it.
class OmeFiles {
 public:
  OmeFiles(std::vector<TiffFile>& files, const TiffPages& own, std::string own_uuid)
      : files_(files), own_uuid_(std::move(own_uuid)), pages_{own} {
    numbers_[files[0].file.path().filename().string()] = 0;
  }

  const TiffPages& pages(int file) const { return pages_[static_cast<std::size_t>(file)]; }
  /// Of the first file that could not be had, for a note; empty where there is none.
  const std::string& missing() const { return missing_; }

  /// The file that a block of planes lies in, opened where it is a new one; -1 where there is none.
  int find(const pugi::xml_node& block) {
    const pugi::xml_node uuid = block.child("UUID");
    const std::string name = uuid.attribute("FileName").as_string();
    if (!uuid || name.empty() || own_uuid_ == uuid.text().as_string()) return 0;
    const auto [known, is_new] = numbers_.try_emplace(name, -1);
    if (is_new) known->second = open(name);
    return known->second;
  }

 private:
  int open(const std::string& name) {
    const auto path = path_beside(files_[0].file.path(), name);
    std::string problem = "is not beside this file";
    if (files_.size() == most_files) {
      problem = "is one more than the " + std::to_string(most_files) + " that are opened together";
    } else if (path) {
      try {
        InputFile file(*path);
        const TiffHeader header = read_tiff_header(file);
        pages_.push_back(scan_tiff_pages(file, header));
        files_.push_back({std::move(file), header});
        return static_cast<int>(files_.size()) - 1;
      } catch (const std::runtime_error& error) {
        problem = "cannot be read: " + std::string(error.what());
      }
    }
    if (missing_.empty()) missing_ = "'" + name + "' " + problem;
    return -1;
  }

  std::vector<TiffFile>& files_;
  std::string own_uuid_;
  std::vector<TiffPages> pages_;  // of each file
  std::unordered_map<std::string, int> numbers_;
  std::string missing_;
};

/// Which directory of which file holds a plane; -1 where it was not found.
struct PlanePlace {
  int file = 0;
  long long directory = -1;
};

std::vector<PlanePlace> read_planes(const pugi::xml_node& pixels,
                                    const Dimensions& dimensions,
                                    OmeFiles& files,
                                    long long first_directory) {
  std::vector<PlanePlace> planes(static_cast<std::size_t>(dimensions.planes()));
  const auto put = [&](int file, long long plane, long long directory, long long count) {
    for (long long i = 0; i < count && plane + i < dimensions.planes(); ++i) {
      planes[static_cast<std::size_t>(plane + i)] = {file, directory + i};
    }
  };
  const auto blocks = pixels.children("TiffData");
  if (blocks.begin() == blocks.end()) {
    put(0, 0, first_directory, dimensions.planes());
    return planes;
  }
  for (const pugi::xml_node& block : blocks) {
    const int file = files.find(block);
    const long long plane = dimensions.index(block.attribute("FirstZ").as_llong(0),
                                             block.attribute("FirstC").as_llong(0),
                                             block.attribute("FirstT").as_llong(0));
    if (plane < 0 || file < 0) continue;
    const bool all = !block.attribute("IFD") && !block.attribute("PlaneCount");
    const long long count = all ? dimensions.planes() : block.attribute("PlaneCount").as_llong(1);
    put(file, plane, std::max(0LL, block.attribute("IFD").as_llong(0)), count);
  }
  return planes;
}

std::string unit_of(const pugi::xml_node& pixels, const char* attribute, const char* fallback) {
  return pixels.attribute((std::string(attribute) + "Unit").c_str()).as_string(fallback);
}

Axis axis_of(const pugi::xml_node& pixels, char letter, Index size) {
  const auto read = [&](const char* name, const char* attribute, const char* unit) {
    const double step = pixels.attribute(attribute).as_double(0.0);
    const bool known = std::isfinite(step) && step > 0.0;
    return Axis{name, size, known ? step : 0.0, 0.0, known ? unit_of(pixels, attribute, unit) : ""};
  };
  switch (letter) {
    case 'X':
      return read("x", "PhysicalSizeX", "\u00B5m");
    case 'Y':
      return read("y", "PhysicalSizeY", "\u00B5m");
    case 'Z':
      return read("z", "PhysicalSizeZ", "\u00B5m");
    case 'T':
      return read("time", "TimeIncrement", "s");
    default:
      return {"channel", size, 0.0, 0.0, ""};
  }
}

void read_info(const pugi::xml_node& image,
               const Dimensions& dimensions,
               bool whole,
               TiffSeries& series) {
  const pugi::xml_node pixels = image.child("Pixels");
  const auto frames = static_cast<Index>(series.pages.size());
  std::vector<Axis> axes;
  if (!whole) {
    axes.push_back({"plane", frames, 0.0, 0.0, ""});
  } else {
    for (auto letter = dimensions.order.rbegin(); letter != dimensions.order.rend(); ++letter) {
      const long long size = dimensions.size(*letter);
      if (size > 1) axes.push_back(axis_of(pixels, *letter, static_cast<Index>(size)));
    }
  }
  if (whole && series.format.frames > 1) {
    axes.push_back({"sample", series.format.frames, 0.0, 0.0, ""});
  }
  const Axis time = axis_of(pixels, 'T', frames);
  axes.push_back(axis_of(pixels, 'Y', series.format.frame.height));
  axes.push_back(axis_of(pixels, 'X', series.format.frame.width));
  set_axes(series.info, std::move(axes), "header");
  const auto second = seconds_per(time.unit);
  if (second && dimensions.t > 1 && !series.info.frame_time) {
    series.info.frame_time = {Time{time.step * *second}, "header"};
  }
  const std::string date = image.child("AcquisitionDate").text().as_string();
  if (!date.empty()) series.info.date = {date, "header"};
}

/// The planes that were found, all of one format; false where the directories contradict.
bool add_pages(const std::vector<PlanePlace>& planes, const OmeFiles& files, TiffSeries& series) {
  const TiffFormat* format = nullptr;
  for (const PlanePlace& place : planes) {
    if (place.directory < 0) continue;
    const TiffPages& pages = files.pages(place.file);
    if (place.directory >= static_cast<long long>(pages.pages.size())) return false;
    TiffPage page = pages.pages[static_cast<std::size_t>(place.directory)];
    if (page.format < 0) return false;
    const TiffFormat& its = pages.formats[static_cast<std::size_t>(page.format)];
    if (format != nullptr && its != *format) return false;
    format = &its;
    page.file = static_cast<std::uint16_t>(place.file);
    add_frames(page, its, series.pages);
  }
  if (format != nullptr) series.format = *format;
  return true;
}

bool is_repeated(const pugi::xml_node& node) {
  return node.previous_sibling(node.name()) || node.next_sibling(node.name());
}

Json json_of(const pugi::xml_node& node, int level, std::size_t& items) {
  Json json = Json::object();
  for (const pugi::xml_attribute& attribute : node.attributes()) {
    if (++items > most_items) return json;
    json[attribute.name()] = std::string(attribute.value()).substr(0, most_item_text);
  }
  for (const pugi::xml_node& child : node.children()) {
    if (++items > most_items || level == most_levels) return json;
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      json["text"] = std::string(child.value()).substr(0, most_item_text);
    } else if (child.type() == pugi::node_element) {
      Json value = json_of(child, level + 1, items);
      if (is_repeated(child))
        json[child.name()].push_back(std::move(value));
      else
        json[child.name()] = std::move(value);
    }
  }
  return json;
}

std::string unique_name(const pugi::xml_node& image, const std::vector<TiffSeries>& all) {
  std::string name = image.attribute("Name").as_string();
  if (name.empty()) name = image.attribute("ID").as_string("image");
  const bool repeated =
      std::any_of(all.begin(), all.end(), [&](const TiffSeries& one) { return one.name == name; });
  return repeated ? name + " (" + std::to_string(all.size()) + ")" : name;
}

pugi::xml_document parse(const std::string& description) {
  pugi::xml_document document;
  document.load_buffer(description.data(), description.size());
  return document;
}

}  // namespace

bool is_ome_xml(const std::string& description) {
  return description.find("<OME") != std::string::npos &&
         description.find("openmicroscopy.org") != std::string::npos;
}

std::vector<TiffSeries> series_of_ome(const std::string& description,
                                      const TiffPages& pages,
                                      std::vector<TiffFile>& parts,
                                      std::vector<std::string>& notes) {
  pugi::xml_document document = parse(description);
  OmeFiles files(parts, pages, document.child("OME").attribute("UUID").as_string());
  if (const pugi::xml_node binary = document.child("OME").child("BinaryOnly")) {
    const std::string name = binary.attribute("MetadataFile").as_string("not named");
    document = parse(description_beside(parts[0].file.path(), name));
    if (!document.child("OME").child("Image")) {
      notes.push_back("the OME description of these pixels lies in another file, " + name +
                      ", which is not beside this one or holds none");
      return {};
    }
  }
  const pugi::xml_node ome = document.child("OME");
  std::vector<TiffSeries> all;
  long long next_directory = 0;
  for (const pugi::xml_node& image : ome.children("Image")) {
    const pugi::xml_node pixels = image.child("Pixels");
    const Dimensions dimensions = read_dimensions(pixels);
    if (dimensions.planes() == 0 || all.size() > pages.pages.size()) break;
    const std::vector<PlanePlace> planes = read_planes(pixels, dimensions, files, next_directory);
    next_directory += dimensions.planes();
    TiffSeries series;
    series.name = unique_name(image, all);
    const bool sound = add_pages(planes, files, series);
    const auto found =
        static_cast<Index>(series.pages.size()) / std::max<Index>(1, series.format.frames);
    const bool whole = found == static_cast<Index>(planes.size());
    if (!sound || (!whole && files.missing().empty())) {
      notes.emplace_back("the OME description contradicts the file's directories and is left out");
      return {};
    }
    if (series.pages.empty()) continue;
    if (!whole) {
      series.info.notes.push_back("only " + std::to_string(found) + " of the image's " +
                                  std::to_string(planes.size()) + " planes are read; " +
                                  files.missing());
    }
    read_info(image, dimensions, whole, series);
    all.push_back(std::move(series));
  }
  if (all.empty()) notes.emplace_back("the OME description names no image and is left out");
  return all;
}

Json ome_metadata(const std::string& description) {
  std::size_t items = 0;
  return json_of(parse(description).child("OME"), 0, items);
}

}  // namespace kinema::io
