// The table of HDF5's flavours, and the choice of an image.
#include "kinema/io/hdf5_movie.h"

#include "kinema/io/hdf5_flavours.h"
#include "kinema/io/hdf5_links.h"
#include "kinema/io/hdf5_storage.h"

#include <algorithm>

namespace kinema::io {
namespace {

constexpr std::size_t most_listed = 200;

/// Most specific first; the last is for every file.
constexpr Hdf5Flavour flavours[] = {
    {is_velox, velox_images, describe_velox},
    {nullptr, hspy_images, describe_hspy},
    {nullptr, ncem_images, describe_ncem},
    {is_dectris, dectris_images, describe_dectris},
    {nullptr, nexus_images, describe_nexus},
    {is_novena, plain_images, describe_novena},
    {nullptr, plain_images, describe_plain},
};

struct Recognised {
  const Hdf5Flavour* flavour;
  std::vector<Hdf5Image> images;
};

Recognised recognised(hid_t file) {
  Recognised found{};
  for (const Hdf5Flavour& flavour : flavours) {
    if (flavour.recognises != nullptr && !flavour.recognises(file)) continue;
    found = {&flavour, flavour.images(file)};
    if (flavour.recognises != nullptr || !found.images.empty()) break;
  }
  return found;
}

Index elements(const Hdf5Image& image) {
  Index count = 1;
  for (const Index extent : image.shape) count *= extent;
  for (const FramePart& part : image.parts) count += part.frames;
  return count;
}

std::string listed(const std::vector<Hdf5Image>& images) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(images.size(), 12); ++i) {
    text += (i == 0 ? "" : ", ") + images[i].name;
  }
  return text + (images.size() > 12 ? ", ..." : "");
}

const Hdf5Image& largest(const std::vector<Hdf5Image>& images) {
  const auto rank = [](const Hdf5Image& image) {
    return std::tuple(image.preferred, image.shape.size() > 2, elements(image));
  };
  return *std::max_element(images.begin(), images.end(), [&](const auto& a, const auto& b) {
    return rank(a) < rank(b);
  });
}

std::string without_slash(const std::string& path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

/// Why there is no image: a link that leads nowhere, or what the largest dataset is instead.
std::string why_none(hid_t file) {
  std::string reason;
  Index most = -1;
  std::string broken = visit_objects(file, [&](const std::string& path, hid_t object) {
    if (!is_dataset(object)) return;
    Index count = 1;
    for (const Index extent : extents_of(object).value_or(std::vector<Index>{0})) count *= extent;
    if (count <= most) return;
    most = count;
    reason = "'" + path + "' " + why_no_image(object);
  });
  if (const std::string own = hdf5_path(file).string() + ": "; broken.starts_with(own)) {
    broken.erase(0, own.size());
  }
  if (!broken.empty()) return "; " + broken;
  return reason.empty() ? "" : "; " + reason;
}

/// A movie may have been meant that lies behind a link that leads nowhere.
void note_broken_link(hid_t file, MovieInfo& info) {
  const std::string broken = visit_objects(file, [](const std::string&, hid_t) {});
  if (!broken.empty()) info.notes.push_back("a link of the file leads nowhere: " + broken);
}

Hdf5Image chosen(hid_t file, const std::vector<Hdf5Image>& images, const std::string& wanted) {
  const std::string path = hdf5_path(file).string();
  if (wanted.empty()) {
    if (!images.empty()) return largest(images);
    throw InputError(path + ": holds no dataset of pixels with two or more axes" + why_none(file));
  }
  for (const Hdf5Image& image : images) {
    if (image.name == wanted || image.path == without_slash(wanted)) return image;
  }
  const FoundObject found = follow_path(file, without_slash(wanted));
  std::string reason = found.reason;
  if (found.object.is_open() && is_dataset(found.object)) {
    if (auto image = image_at(without_slash(wanted), found.object)) return *image;
    reason = path + ": '" + wanted + "' is no image: it " + why_no_image(found.object);
  } else if (found.object.is_open()) {
    reason = path + ": '" + wanted + "' is no image: it is a group";
  }
  throw InputError(reason + "; --dataset takes " +
                   (images.empty() ? "the path of a dataset" : listed(images)));
}

void note_missing_chunks(hid_t dataset, MovieInfo& info) {
  if (!is_chunked(dataset)) return;
  const ChunkCount chunks = count_chunks(dataset);
  if (chunks.written >= chunks.whole) return;
  info.notes.push_back(std::to_string(chunks.whole - chunks.written) + " of " +
                       std::to_string(chunks.whole) +
                       " chunks were never written and read as the fill value");
}

void refuse_container(hid_t file) {
  if (!has_attribute(require_object(file, "/"), "kinema_schema")) return;
  throw InputError(hdf5_path(file).string() +
                   ": is a container of coded measurements, not a movie; `kinema codec decode` "
                   "makes it one");
}

}  // namespace

std::unique_ptr<MovieSource> open_hdf5(const std::filesystem::path& path,
                                       const ReadOptions& options) {
  Hid file = open_hdf5(path, Hdf5Access::read);
  refuse_container(file);
  const auto [flavour, images] = recognised(file);
  Hdf5Image image = chosen(file, images, options.dataset);
  MovieInfo info;
  info.dataset = image.name;
  for (std::size_t i = 0; i < std::min(images.size(), most_listed) && images.size() > 1; ++i) {
    info.datasets.push_back(images[i].name);
  }
  if (image.parts.empty()) {
    const FrameDataset dataset(
        require_object(file, image.path), image.axes, path.string() + ": '" + image.path + "'");
    image.parts = {{path, image.path, dataset.frames()}};
    note_missing_chunks(require_object(file, image.path), info);
  }
  flavour->describe(file, image, info);
  if (flavour->recognises == nullptr && options.dataset.empty()) note_broken_link(file, info);
  return std::make_unique<Hdf5Source>(
      std::move(file), std::move(image.parts), image.axes, std::move(info));
}

}  // namespace kinema::io
