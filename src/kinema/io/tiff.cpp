// A TIFF file's series as a movie: plain frames are read in place, all others are decoded.
#include "kinema/io/tiff.h"

#include "kinema/base/parallel.h"
#include "kinema/io/raw_source.h"
#include "kinema/io/tiff_decode.h"
#include "kinema/io/tiff_imagej.h"
#include "kinema/io/tiff_makers.h"
#include "kinema/io/tiff_ome.h"
#include "kinema/io/tiff_series.h"
#include "kinema/io/tiff_tifffile.h"

#include <algorithm>
#include <cstring>

namespace kinema::io {
namespace {

constexpr std::size_t most_description = std::size_t{16} << 20;  // of OME's

class TiffSource : public MovieSource {
 public:
  TiffSource(std::vector<TiffFile> files, TiffSeries series, Index frames, MovieInfo info)
      : files_(std::move(files)),
        format_(series.format.frame),
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
    const TiffFile& file = file_of(pages_[0]);
    const TiffDirectory directory(file.file, file.header, pages_[0].directory, 0);
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

  const TiffFile& file_of(const TiffPage& page) const { return files_[page.file]; }

  /// The page of frame t, with the place of its pixels; the longest stacks have one directory for
  /// all frames.
  TiffPage page_of(Index t) const {
    if (pages_.size() > 1) return pages_[static_cast<std::size_t>(t)];
    TiffPage page = pages_[0];
    page.pixels += static_cast<std::uint64_t>(t * format_.bytes());
    return page;
  }

  /// One read for every run of frames that lie one behind the other.
  void read_plain(Index first, Index count, std::span<std::byte> out) {
    const auto frame_bytes = static_cast<std::uint64_t>(format_.bytes());
    for (Index t = 0; t < count;) {
      const TiffPage begin = page_of(first + t);
      const auto follows = [&](Index run) {
        const TiffPage page = page_of(first + t + run);
        return page.file == begin.file &&
               page.pixels == begin.pixels + static_cast<std::uint64_t>(run) * frame_bytes;
      };
      Index run = 1;
      while (t + run < count && follows(run)) ++run;
      const auto bytes = static_cast<std::size_t>(run * format_.bytes());
      const auto frames = out.subspan(static_cast<std::size_t>(t * format_.bytes()), bytes);
      const TiffFile& file = file_of(begin);
      file.file.read_at(begin.pixels, frames);
      if (file.header.order != std::endian::native) {
        swap_bytes(frames, bytes_of_number(format_.type));
      }
      t += run;
    }
  }

  void decode(Index frame, std::span<std::byte> out, bool alone) const {
    const TiffPage& page = pages_[static_cast<std::size_t>(frame)];
    const auto& [file, header] = file_of(page);
    TiffImage image = read_tiff_image(TiffDirectory(file, header, page.directory, frame));
    if (image.format != format_ || !image.refusal.empty() || page.sample >= image.frames()) {
      throw FileError(file.path(), page.directory, "the file was changed while it was read");
    }
    image.sample = page.sample;
    const std::string name = "frame " + std::to_string(frame);
    if (alone)
      decode_tiff_image(file, header, image, out, name);
    else
      decode_tiff_band(file, header, image, 0, image.pieces_down(), out, name);
  }

  std::string first_description() const {
    const auto& [file, header] = files_[0];
    return TiffDirectory(file, header, header.first_directory, 0)
        .text(TiffTag::description, most_description);
  }

  std::vector<TiffFile> files_;
  FrameFormat format_;
  Index frames_;
  std::vector<TiffPage> pages_;  // one for each frame, or one for all
  bool plain_;
  MovieInfo info_;
};

/// ImageJ and tifffile write long stacks as one directory before all frames: how many those are.
Index frames_of(const InputFile& file, const TiffSeries& series, const std::string& description) {
  const auto frames = static_cast<Index>(series.pages.size());
  if (frames != 1 || series.pages[0].pixels == TiffPage::must_decode) return frames;
  const FrameFormat& format = series.format.frame;
  const Index images =
      std::max(ImageJDescription(description).count("images", 1),
               frames_of_tifffile(tifffile_axes(description, format.height, format.width)));
  if (images <= 1) return frames;
  require_whole_frames(file, series.pages[0].pixels, format, images);
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
  if (image.apart) {
    info.notes.push_back("every pixel has " + std::to_string(image.samples) +
                         " samples; each of them is a frame");
  } else if (image.samples > 1 && is_grey(image.format.type)) {
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

/// The axes where no maker told them: tifffile's, or the samples of every pixel.
void set_shape(const std::string& description,
               const TiffSeries& series,
               Index frames,
               MovieInfo& info) {
  const auto& [type, height, width] = series.format.frame;
  if (!info.axes.empty()) return;
  std::vector<Axis> axes = tifffile_axes(description, height, width);
  if (!axes.empty() && frames_of_tifffile(axes) == frames) {
    info.axes = std::move(axes);
  } else if (series.format.frames > 1) {
    info.axes = {{"image", frames / series.format.frames, 0.0, 0.0, ""},
                 {"sample", series.format.frames, 0.0, 0.0, ""},
                 {"y", height, 0.0, 0.0, ""},
                 {"x", width, 0.0, 0.0, ""}};
  }
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
  std::vector<TiffFile> files;
  files.push_back({InputFile(path), {}});
  files[0].header = read_tiff_header(files[0].file);
  const TiffPages pages = scan_tiff_pages(files[0].file, files[0].header);
  const std::string description =
      TiffDirectory(files[0].file, files[0].header, files[0].header.first_directory, 0)
          .text(TiffTag::description, most_description);

  std::vector<std::string> notes;
  std::vector<TiffSeries> all;
  if (is_ome_xml(description)) all = series_of_ome(description, pages, files, notes);
  if (all.empty()) all = series_by_format(pages);
  const std::size_t chosen = choose_series(all, options.dataset, path);

  MovieInfo info = all[chosen].info;
  info.notes.insert(info.notes.end(), notes.begin(), notes.end());
  if (!options.dataset.empty()) info.dataset = options.dataset;
  note_series(all, chosen, info);
  note_pages(pages, info);
  TiffSeries series = std::move(all[chosen]);
  const auto& [file, header] = files[series.pages[0].file];
  const TiffDirectory directory(file, header, series.pages[0].directory, 0);
  note_meaning(directory, info);
  const Index frames = frames_of(file, series, description);
  const FrameFormat& frame = series.format.frame;
  read_tiff_facts(directory, frames, frame.height, frame.width, info);
  set_shape(description, series, frames, info);
  return std::make_unique<TiffSource>(std::move(files), std::move(series), frames, std::move(info));
}

}  // namespace kinema::io
