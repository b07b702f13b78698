// Walking the chain of directories, once and in time that grows with their number.
#include "kinema/io/tiff_pages.h"

#include <algorithm>
#include <unordered_set>

namespace kinema::io {
namespace {

constexpr std::size_t most_directories = std::size_t{1} << 20;
constexpr Index most_frames = Index{1} << 21;
constexpr std::size_t most_formats = 256;  // sizes and types in one file

/// Reduced images, and masks of transparency.
bool is_thumbnail(const TiffDirectory& directory) {
  constexpr std::uint64_t reduced = 1, mask = 4, old_reduced = 2;
  return (directory.number(TiffTag::subfile_type, 0) & (reduced | mask)) != 0 ||
         directory.number(TiffTag::old_subfile_type, 0) == old_reduced;
}

std::int32_t index_of(const TiffFormat& format, TiffPages& pages, const TiffDirectory& directory) {
  auto& formats = pages.formats;
  const auto found = std::find(formats.begin(), formats.end(), format);
  if (found == formats.end() && formats.size() == most_formats) {
    throw FileError(directory.file().path(),
                    directory.place(),
                    directory.name() + ": images of more than " + std::to_string(most_formats) +
                        " different sizes and types lie in this file");
  }
  const auto index = static_cast<std::int32_t>(found - formats.begin());
  if (found == formats.end()) formats.push_back(format);
  return index;
}

TiffPage read_page(const TiffDirectory& directory, TiffPages& pages) {
  TiffPage page{directory.place()};
  if (is_thumbnail(directory)) {
    ++pages.thumbnails;
    return page;
  }
  const TiffImage image = read_tiff_image(directory);
  if (!image.refusal.empty()) {
    if (pages.unread++ == 0) pages.refusal = directory.name() + ": " + image.refusal;
    return page;
  }
  pages.frames += image.frames();
  if (pages.frames > most_frames) {
    throw FileError(directory.file().path(),
                    directory.place(),
                    directory.name() + ": the file declares more than 2^21 frames");
  }
  page.format = index_of({image.format, image.frames()}, pages, directory);
  page.pixels = plain_place(image).value_or(TiffPage::must_decode);
  return page;
}

}  // namespace

void add_frames(const TiffPage& directory,
                const TiffFormat& format,
                std::vector<TiffPage>& frames) {
  for (Index sample = 0; sample < format.frames; ++sample) {
    frames.push_back(directory);
    frames.back().sample = static_cast<std::uint16_t>(sample);
  }
}

TiffPages scan_tiff_pages(const InputFile& file, const TiffHeader& header) {
  TiffPages pages;
  std::unordered_set<std::uint64_t> seen;
  for (std::uint64_t place = header.first_directory; place != 0;) {
    const auto index = static_cast<Index>(pages.pages.size());
    if (pages.pages.size() == most_directories) {
      throw FileError(file.path(), place, "the file has more than 2^20 directories");
    }
    if (!seen.insert(place).second) {
      throw FileError(file.path(),
                      place,
                      "the chain of directories runs in a circle; the first " +
                          std::to_string(index) + " are whole");
    }
    const TiffDirectory directory(file, header, place, index);
    pages.pages.push_back(read_page(directory, pages));
    place = directory.next();
  }
  if (pages.formats.empty()) {
    throw FileError(
        file.path(),
        header.first_directory,
        pages.refusal.empty() ? "the file has no image but reduced ones" : pages.refusal);
  }
  return pages;
}

}  // namespace kinema::io
