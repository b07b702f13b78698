// Finding the image and its pixels.
#include "kinema/io/dm_image.h"

#include "kinema/base/error.h"

#include <algorithm>

namespace kinema::io {
namespace {

constexpr std::size_t most_axes = 8, most_images = 1000;
constexpr std::size_t most_listed = 1000;  // bytes of names in an error
constexpr double largest_extent = 1e12;

struct DmType {
  int code;
  PixelType type;
  DmPacking packing = DmPacking::plain;
};

/// Types of images in DigitalMicrograph's own numbering.
constexpr DmType types[] = {{1, PixelType::i16},
                            {2, PixelType::f32},
                            {3, PixelType::c64},
                            {6, PixelType::u8},
                            {7, PixelType::i32},
                            {8, PixelType::rgba, DmPacking::colour},
                            {9, PixelType::i8},
                            {10, PixelType::u16},
                            {11, PixelType::u32},
                            {12, PixelType::f64},
                            {13, PixelType::c128},
                            {14, PixelType::u8},  // 0 or 1
                            {23, PixelType::rgba, DmPacking::colour},
                            {27, PixelType::c64, DmPacking::half_plane},
                            {28, PixelType::c128, DmPacking::half_plane},
                            {39, PixelType::i64},
                            {40, PixelType::u64}};

std::vector<Index> shape_of(const DmTag& data) {
  std::vector<Index> shape;
  if (const DmTag* dimensions = find_tag(data, {"Dimensions"})) {
    for (const DmTag& tag : dimensions->tags) {
      const double extent = number_of(tag).value_or(0.0);
      if (extent < 1.0 || extent > largest_extent) return {};
      shape.push_back(static_cast<Index>(extent));
    }
  }
  std::reverse(shape.begin(), shape.end());
  return shape;
}

/// Numbers of the images that are thumbnails of others, in order.
std::vector<double> thumbnails_of(const DmTag& root) {
  std::vector<double> numbers;
  if (const DmTag* thumbnails = find_tag(root, {"Thumbnails"})) {
    for (const DmTag& tag : thumbnails->tags) {
      if (const auto number = find_number(tag, {"ImageIndex"})) numbers.push_back(*number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

const DmTag* item_of(const DmTag* list, std::optional<double> number) {
  if (list == nullptr || !number || *number < 0.0) return nullptr;
  const auto index = static_cast<std::size_t>(std::min(*number, largest_extent));
  return index < list->tags.size() ? &list->tags[index] : nullptr;
}

/// The image that the document shows first: document object -> image source -> image.
const DmTag* shown_image(const DmTag& root) {
  const DmTag* objects = find_tag(root, {"DocumentObjectList"});
  const DmTag* sources = find_tag(root, {"ImageSourceList"});
  const DmTag* list = find_tag(root, {"ImageList"});
  if (objects != nullptr) {
    for (const DmTag& object : objects->tags) {
      const DmTag* source = item_of(sources, find_number(object, {"ImageSource"}));
      if (source == nullptr) continue;
      if (const DmTag* image = item_of(list, find_number(*source, {"ImageRef"}))) return image;
    }
  }
  const DmTag* source = item_of(sources, 0.0);
  return source != nullptr ? item_of(list, find_number(*source, {"ImageRef"})) : nullptr;
}

std::string unique_name(std::string name, std::size_t number, const std::vector<DmImage>& images) {
  const bool taken = std::any_of(
      images.begin(), images.end(), [&](const DmImage& image) { return image.name == name; });
  if (name.empty()) return "image " + std::to_string(number);
  return taken ? name + " [" + std::to_string(number) + "]" : name;
}

Index pixels_in(const std::vector<Index>& shape) {
  Index pixels = 1;
  for (const Index extent : shape) pixels = checked_product(pixels, extent);
  return pixels;
}

std::string shape_text(const std::vector<Index>& shape) {
  std::string text;
  for (const Index extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "none" : text;
}

const DmType& type_of(const DmImage& image, const std::filesystem::path& path) {
  const double code = find_number(*image.tag, {"ImageData", "DataType"}).value_or(0.0);
  for (const DmType& type : types) {
    if (type.code == code) return type;
  }
  if (code == 5.0) {
    throw InputError(path.string() + ": image '" + image.name +
                     "' is a Fourier transform in the old packed form (type 5), whose order is "
                     "nowhere described with certainty; save its complex form in "
                     "DigitalMicrograph, or the image it came from");
  }
  throw InputError(path.string() + ": image '" + image.name + "' has pixels of type " +
                   shortest_text(code) + ", which kinema does not know; see docs/formats/dm.md");
}

}  // namespace

std::vector<DmImage> find_images(const DmFile& file) {
  const DmTag* list = find_tag(file.root, {"ImageList"});
  if (list == nullptr) return {};
  const std::vector<double> thumbnails = thumbnails_of(file.root);
  const auto collect = [&](bool all) {
    std::vector<DmImage> images;
    for (std::size_t i = 0; i < list->tags.size() && images.size() < most_images; ++i) {
      const bool thumbnail =
          std::binary_search(thumbnails.begin(), thumbnails.end(), static_cast<double>(i));
      const DmTag& tag = list->tags[i];
      const DmTag* data = find_tag(tag, {"ImageData"});
      const DmTag* array = data != nullptr ? find_tag(*data, {"Data"}) : nullptr;
      if ((thumbnail && !all) || array == nullptr) continue;
      const auto* place = std::get_if<DmArray>(&array->value);
      if (place == nullptr) continue;
      const std::string name = find_text(tag, {"Name"}).value_or("");
      images.push_back({&tag, unique_name(name, i, images), shape_of(*data), *place});
    }
    return images;
  };
  const std::vector<DmImage> images = collect(false);
  return images.empty() ? collect(true) : images;
}

const DmImage& choose_image(const DmFile& file,
                            const std::vector<DmImage>& images,
                            const std::string& dataset,
                            const std::filesystem::path& path) {
  if (images.empty()) throw InputError(path.string() + ": the file's tags hold no image");
  std::string names;
  for (const DmImage& image : images) {
    if (!dataset.empty() && image.name == dataset) return image;
    if (names.size() < most_listed) names += (names.empty() ? "'" : ", '") + image.name + "'";
  }
  if (!dataset.empty()) {
    throw InputError(path.string() + ": has no image '" + dataset + "'; there are " + names);
  }
  const DmTag* shown = shown_image(file.root);
  for (const DmImage& image : images) {
    if (image.tag == shown && image.shape.size() >= 2) return image;
  }
  return *std::max_element(images.begin(), images.end(), [](const DmImage& a, const DmImage& b) {
    const bool spectrum_a = a.shape.size() < 2, spectrum_b = b.shape.size() < 2;
    if (spectrum_a != spectrum_b) return spectrum_a;
    return a.data.bytes() < b.data.bytes();
  });
}

DmPixels pixels_of(const DmImage& image, const std::filesystem::path& path) {
  const std::vector<Index>& shape = image.shape;
  const std::size_t axes = shape.size();
  if (axes == 1) {
    throw InputError(path.string() + ": '" + image.name + "' is a spectrum or a line of " +
                     std::to_string(shape[0]) + " points, not a movie");
  }
  if (axes < 2 || axes > most_axes) {
    throw FileError(
        path,
        image.data.offset,
        "image '" + image.name + "' has no sensible dimensions (" + shape_text(shape) + ")");
  }
  const DmType& type = type_of(image, path);
  DmPixels pixels{type.type, type.packing, {type.type, shape[axes - 2], shape[axes - 1]}, 1};
  pixels.frames = pixels_in({shape.begin(), shape.end() - 2});
  FrameFormat stored = pixels.format;
  if (pixels.packing == DmPacking::half_plane) stored.width = stored.width / 2 + 1;
  const Index needed = checked_product(stored.bytes(), pixels.frames);
  checked_product(pixels.format.bytes(), pixels.frames);
  if (static_cast<std::uint64_t>(needed) > image.data.bytes()) {
    throw FileError(path,
                    image.data.offset,
                    "image '" + image.name + "' of " + shape_text(shape) + " " +
                        to_text(type.type) + " needs " + std::to_string(needed) +
                        " bytes, but its array holds " + std::to_string(image.data.bytes()));
  }
  return pixels;
}

}  // namespace kinema::io
