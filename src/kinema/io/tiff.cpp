// A TIFF file's series as a movie: plain frames are read in place, all others are decoded.
#include "kinema/io/tiff.h"

#include "kinema/base/parallel.h"
#include "kinema/io/raw_source.h"
#include "kinema/io/tiff_decode.h"
#include "kinema/io/tiff_imagej.h"
#include "kinema/io/tiff_makers.h"
#include "kinema/io/tiff_ome.h"
#include "kinema/io/tiff_series.h"

#include <algorithm>
#include <cstring>

namespace kinema::io {
namespace {

constexpr std::size_t most_description = std::size_t{16} << 20;  // of OME's

class TiffSource : public MovieSource {
 public:
  TiffSource(InputFile file, TiffHeader header, TiffSeries series, Index frames, MovieInfo info)
      : file_(std::move(file)),
        header_(header),
        format_(series.format),
        frames_(frames),
        pages_(std::move(series.pages)),
        plain_(
            std::all_of(pages_.begin(),
                        pages_.end(),
                        [](const TiffPage& page) { return page.pixels != TiffPage::must_decode; })),
        info_(std::move(info)) {}

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    if (plain_)
      read_plain(first, count, out);
    else if (count >= threads())
      parallel_for(count, [&](Index t) { decode(first + t, frame_of(out, t), /*alone=*/false); });
    else
      for (Index t = 0; t < count; ++t) decode(first + t, frame_of(out, t), /*alone=*/true);
  }

  Json metadata() const override {
    const TiffDirectory directory(file_, header_, pages_[0].directory, 0);
    Json json = tiff_metadata(directory);
    const std::string description = first_description();
    if (is_ome_xml(description)) json["OME"] = ome_metadata(description);
    return json;
  }

 private:
  std::span<std::byte> frame_of(std::span<std::byte> out, Index t) const {
    const auto bytes = static_cast<std::size_t>(format_.bytes());
    return out.subspan(static_cast<std::size_t>(t) * bytes, bytes);
  }

  /// Where frame t lies; ImageJ's longest stacks have one directory for all frames.
  std::uint64_t place(Index t) const {
    if (pages_.size() > 1) return pages_[static_cast<std::size_t>(t)].pixels;
    return pages_[0].pixels + static_cast<std::uint64_t>(t * format_.bytes());
  }

  /// One read for every run of frames that lie one behind the other.
  void read_plain(Index first, Index count, std::span<std::byte> out) {
    const auto frame_bytes = static_cast<std::uint64_t>(format_.bytes());
    for (Index t = 0; t < count;) {
      const std::uint64_t begin = place(first + t);
      Index run = 1;
      while (t + run < count &&
             place(first + t + run) == begin + static_cast<std::uint64_t>(run) * frame_bytes) {
        ++run;
      }
      const auto bytes = static_cast<std::size_t>(run * format_.bytes());
      file_.read_at(begin, out.subspan(static_cast<std::size_t>(t * format_.bytes()), bytes));
      t += run;
    }
    if (header_.order != std::endian::native) swap_bytes(out, bytes_of_number(format_.type));
  }

  void decode(Index frame, std::span<std::byte> out, bool alone) const {
    const std::uint64_t place = pages_[static_cast<std::size_t>(frame)].directory;
    const TiffImage image = read_tiff_image(TiffDirectory(file_, header_, place, frame));
    if (image.format != format_ || !image.refusal.empty()) {
      throw FileError(file_.path(), place, "the file was changed while it was read");
    }
    const std::string name = "frame " + std::to_string(frame);
    if (alone)
      decode_tiff_image(file_, header_, image, out, name);
    else
      decode_tiff_band(file_, header_, image, 0, image.pieces_down(), out, name);
  }

  std::string first_description() const {
    return TiffDirectory(file_, header_, header_.first_directory, 0)
        .text(TiffTag::description, most_description);
  }

  InputFile file_;
  TiffHeader header_;
  FrameFormat format_;
  Index frames_;
  std::vector<TiffPage> pages_;  // one for each frame, or one for all
  bool plain_;
  MovieInfo info_;
};

/// ImageJ writes stacks beyond 4 GiB as one directory before all frames: how many those are.
Index frames_of(const InputFile& file, const TiffSeries& series, const ImageJDescription& imagej) {
  const auto frames = static_cast<Index>(series.pages.size());
  const Index images = imagej.count("images", 1);
  if (frames != 1 || images <= 1 || series.pages[0].pixels == TiffPage::must_decode) return frames;
  require_whole_frames(file, series.pages[0].pixels, series.format, images);
  return images;
}

void note_pages(const TiffPages& pages, MovieInfo& info) {
  if (pages.thumbnails > 0) info.notes.emplace_back("reduced images (thumbnails) are left out");
  if (pages.unread > 0) {
    info.notes.push_back(std::to_string(pages.unread) +
                         " images that cannot be read are left out; " + pages.refusal);
  }
}

/// What the first directory of the movie says of how its numbers are meant.
void note_meaning(const TiffDirectory& directory, MovieInfo& info) {
  const TiffImage image = read_tiff_image(directory);
  if (image.photometric == 0 && is_grey(image.format.type)) {
    info.notes.emplace_back("the file shows 0 as white; numbers are kept as they are");
  } else if (image.photometric == 3) {
    info.notes.emplace_back("the file has a colour table, which is ignored");
  }
  if (image.samples > 1 && is_grey(image.format.type)) {
    info.notes.emplace_back("samples beside the grey level (transparency) are left out");
  }
  const std::uint64_t orientation = directory.number(TiffTag::orientation, 1);
  if (orientation != 1) {
    info.notes.push_back("the file asks to be shown turned or mirrored (orientation " +
                         std::to_string(orientation) + "); rows are kept as they are stored");
  }
}

void note_series(const std::vector<TiffSeries>& all, std::size_t chosen, MovieInfo& info) {
  if (all.size() < 2) return;
  info.dataset = all[chosen].name;
  for (const TiffSeries& series : all) info.datasets.push_back(series.name);
  info.notes.push_back("the file holds " + std::to_string(all.size()) +
                       " series of images; this one is '" + info.dataset + "' with " +
                       std::to_string(all[chosen].pages.size()) +
                       " frames, the others are chosen by --dataset");
}

}  // namespace

bool is_tiff(std::span<const std::byte> head) {
  constexpr unsigned char marks[][4] = {
      {'I', 'I', 42, 0}, {'M', 'M', 0, 42}, {'I', 'I', 43, 0}, {'M', 'M', 0, 43}};
  return head.size() >= 8 && std::any_of(std::begin(marks), std::end(marks), [&](const auto& mark) {
           return std::memcmp(head.data(), mark, sizeof mark) == 0;
         });
}

std::unique_ptr<MovieSource> open_tiff(const std::filesystem::path& path,
                                       const ReadOptions& options) {
  InputFile file(path);
  const TiffHeader header = read_tiff_header(file);
  const TiffPages pages = scan_tiff_pages(file, header);
  const TiffDirectory first(file, header, header.first_directory, 0);
  const std::string description = first.text(TiffTag::description, most_description);

  std::vector<std::string> notes;
  std::vector<TiffSeries> all;
  if (is_ome_xml(description))
    all = series_of_ome(description, pages, path.filename().string(), notes);
  if (all.empty()) all = series_by_format(pages);
  const std::size_t chosen = choose_series(all, options.dataset, path);

  MovieInfo info = all[chosen].info;
  info.notes.insert(info.notes.end(), notes.begin(), notes.end());
  note_series(all, chosen, info);
  note_pages(pages, info);
  TiffSeries series = std::move(all[chosen]);
  const TiffDirectory directory(file, header, series.pages[0].directory, 0);
  note_meaning(directory, info);
  const Index frames = frames_of(file, series, ImageJDescription(description));
  read_tiff_facts(directory, frames, series.format.height, series.format.width, info);
  return std::make_unique<TiffSource>(
      std::move(file), header, std::move(series), frames, std::move(info));
}

}  // namespace kinema::io
