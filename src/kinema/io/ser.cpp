// Frames from the elements of a series: each is read where it lies and turned upside up.
#include "kinema/io/ser.h"

#include "kinema/base/error.h"
#include "kinema/base/units.h"
#include "kinema/io/date_text.h"
#include "kinema/io/raw_source.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace kinema::io {
namespace {

constexpr std::size_t most_checked = 4096;  // elements looked at on opening
constexpr double longest_span = 20.0;       // seconds; then whole-second tags tell a mean interval

/// The frames of a series: an image each, or a row of a scan of spectra each.
struct SerFrames {
  SerElement element;             // the first
  Index count = 0, elements = 1;  // elements per frame
  FrameFormat format;
};

class SerSource : public MovieSource {
 public:
  SerSource(InputFile file, SerSeries series, const SerFrames& frames, MovieInfo info, Json emi)
      : file_(std::move(file)),
        series_(std::move(series)),
        frames_(frames),
        info_(std::move(info)),
        emi_(std::move(emi)) {}

  FrameFormat format() const override { return frames_.format; }
  std::optional<Index> frames() const override { return frames_.count; }
  const MovieInfo& info() const override { return info_; }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    const auto bytes = static_cast<std::size_t>(frames_.element.bytes());
    for (Index i = 0; i < count * frames_.elements; ++i) {
      const auto number = static_cast<std::size_t>(first * frames_.elements + i);
      const SerElement element = read_element(file_, series_, number);
      if (!element.same_shape(frames_.element)) {
        throw FileError(file_.path(),
                        element.offset,
                        "element " + std::to_string(number) +
                            " has another size or type than the "
                            "first");
      }
      file_.read_at(element.offset, out.subspan(static_cast<std::size_t>(i) * bytes, bytes));
    }
    if (std::endian::native == std::endian::big) swap_bytes(out, bytes_of_number(format().type));
    if (series_.images) turn_rows(out);
  }

  Json metadata() const override {
    Json json = {{"series", to_json(series_)}};
    const SerElement& element = frames_.element;
    json["first element"] = {{"OriginX", element.origin_x},
                             {"StepX", element.step_x},
                             {"OriginY", element.origin_y},
                             {"StepY", element.step_y},
                             {"DataType", to_text(element.type)},
                             {"ArraySizeX", element.width},
                             {"ArraySizeY", element.height}};
    if (!emi_.is_null()) json["ObjectInfo"] = emi_;
    return json;
  }

 private:
  /// The first row in the file is the lowest of the image.
  void turn_rows(std::span<std::byte> frames) const {
    const auto row = static_cast<std::size_t>(format().width * bytes_of(format().type));
    const auto height = static_cast<std::size_t>(format().height);
    for (std::size_t frame = 0; frame + row * height <= frames.size(); frame += row * height) {
      for (std::size_t y = 0; y < height / 2; ++y) {
        std::byte* upper = frames.data() + frame + y * row;
        std::byte* lower = frames.data() + frame + (height - 1 - y) * row;
        std::swap_ranges(upper, upper + row, lower);
      }
    }
  }

  InputFile file_;
  SerSeries series_;
  SerFrames frames_;
  MovieInfo info_;
  Json emi_;
};

/// How the elements make frames. Throws InputError where they do not.
SerFrames frames_of(const InputFile& file, const SerSeries& series) {
  SerFrames frames;
  frames.element = read_element(file, series, 0);
  const SerElement& first = frames.element;
  for (std::size_t i = 1; i < std::min<std::size_t>(series.valid, most_checked); ++i) {
    if (!read_element(file, series, i).same_shape(first)) {
      throw InputError(file.path().string() +
                       ": the series holds elements of several sizes or "
                       "types (element " +
                       std::to_string(i) +
                       " differs from the first), which are no frames of one movie; export them "
                       "from TIA one by one");
    }
  }
  read_element(file, series, series.valid - 1);
  frames.count = series.valid;
  frames.format = {first.type, first.height, first.width};
  if (series.images) return frames;
  const bool scan = series.dimensions.size() == 2 && series.dimensions[0].size > 1 &&
                    series.dimensions[1].size > 1 && series.valid / series.dimensions[0].size > 0;
  if (!scan) {
    throw InputError(file.path().string() + ": the series holds " + std::to_string(series.valid) +
                     (series.valid == 1 ? " spectrum" : " spectra") + " of " +
                     std::to_string(first.width) +
                     " channels, which are no movie; only scans of two dimensions are read");
  }
  frames.elements = series.dimensions[0].size;
  frames.count = series.valid / frames.elements;  // whole rows of the scan
  frames.format.height = frames.elements;
  return frames;
}

/// Metres, or 1/m where no image could have such pixels.
std::string unit_of(double step) {
  return std::abs(step) > 1.0 ? "1/m" : "m";
}

std::vector<Axis> axes_of(const SerSeries& series, const SerFrames& frames) {
  std::vector<Axis> axes;
  for (std::size_t i = series.dimensions.size(); i-- > 0;) {
    const SerDimension& from = series.dimensions[i];
    std::string name = from.description.empty() ? "series" : from.description;
    axes.push_back({std::move(name), from.size, from.step, from.origin, from.unit});
  }
  const SerElement& element = frames.element;
  const std::string unit_x = unit_of(element.step_x);
  if (!series.images) {
    axes.resize(2);
    axes[0].size = frames.count;
    axes.push_back({"energy", element.width, element.step_x, element.origin_x, "eV"});
    return axes;
  }
  Index product = 1;
  for (const Axis& axis : axes) {
    product = axis.size <= frames.count && product <= frames.count ? product * axis.size : 0;
  }
  if (product != frames.count) {  // some were not recorded: one axis of those that were
    if (axes.size() != 1) axes.assign(1, Axis{"series", 0, 0.0, 0.0, ""});
    axes[0].size = frames.count;
  }
  const double top = element.origin_y + element.step_y * static_cast<double>(element.height - 1);
  axes.push_back({"y", element.height, -element.step_y, top, unit_of(element.step_y)});
  axes.push_back({"x", element.width, element.step_x, element.origin_x, unit_x});
  return axes;
}

/// Frame time and date from the tags, which tell whole seconds.
void set_times(const InputFile& file, const SerSeries& series, MovieInfo& info) {
  const auto first = element_time(file, series, 0);
  if (!first) return;
  if (const auto date = iso_date_from_seconds(*first)) info.date = {*date, "header"};
  const std::size_t count = series.valid;
  const auto last = element_time(file, series, count - 1);
  if (!series.images || count < 3 || !last || *last <= *first || info.frame_time) return;
  const double mean = (*last - *first) / static_cast<double>(count - 1);
  double furthest = 0.0;  // from a regular series
  for (std::size_t i = 1; i + 1 < count; i += 1 + count / most_checked) {
    const auto time = element_time(file, series, i);
    if (!time) return;
    furthest = std::max(furthest, std::abs(*time - *first - mean * static_cast<double>(i)));
  }
  if (furthest > 1.0 || (furthest > 0.0 && *last - *first < longest_span)) return;
  info.frame_time = {Time{mean}, "header"};
  info.notes.emplace_back("the frame time is the mean of time stamps in whole seconds");
}

MovieInfo info_of(const InputFile& file, const SerSeries& series, const SerFrames& frames) {
  MovieInfo info;
  set_axes(info, axes_of(series, frames), "header");
  if (info.axes.size() > 3) info.frame_time = {};
  if (series.images && info.axes.back().unit == "1/m") {
    info.notes.emplace_back(
        "pixels that would be over a metre wide are those of a diffraction pattern, in 1/m");
  }
  if (series.valid < series.total) {
    info.notes.push_back(std::to_string(series.valid) + " of " + std::to_string(series.total) +
                         " elements were recorded; the rest are empty and left out");
  }
  if (!series.images) {
    info.notes.emplace_back(
        "a scan of spectra: every frame is one row of the scan, a spectrum in "
        "each of its rows");
  }
  set_times(file, series, info);
  return info;
}

/// For X_2.ser the file X.emi, and the object that belongs to the series.
std::optional<EmiObject> object_beside(const std::filesystem::path& path,
                                       std::vector<std::string>& notes) {
  const std::string stem = path.stem().string();
  const std::size_t mark = stem.find_last_of('_');
  if (mark == std::string::npos || mark == 0 || mark + 1 == stem.size() || stem.size() - mark > 9 ||
      stem.find_first_not_of("0123456789", mark + 1) != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t number = std::stoul(stem.substr(mark + 1));
  for (const char* ending : {".emi", ".EMI"}) {
    const std::filesystem::path beside = path.parent_path() / (stem.substr(0, mark) + ending);
    std::error_code absent;
    if (!std::filesystem::is_regular_file(beside, absent)) continue;
    try {
      std::vector<EmiObject> objects = read_emi(beside);
      if (number >= 1 && number <= objects.size()) return std::move(objects[number - 1]);
      if (objects.size() == 1) return std::move(objects[0]);
    } catch (const std::runtime_error& problem) {
      notes.push_back("the .emi file beside the series is left aside: " +
                      std::string(problem.what()));
    }
  }
  return std::nullopt;
}

}  // namespace

std::unique_ptr<MovieSource> open_series(const std::filesystem::path& path,
                                         const std::optional<EmiObject>& object,
                                         const std::string& source,
                                         std::vector<std::string> notes) {
  InputFile file(path);
  SerSeries series = read_series(file);
  const SerFrames frames = frames_of(file, series);
  MovieInfo info = info_of(file, series, frames);
  info.dataset = path.stem().string();
  info.notes.insert(info.notes.end(), notes.begin(), notes.end());
  if (object) add_facts(*object, frames.count, source, info);
  return std::make_unique<SerSource>(
      std::move(file), std::move(series), frames, std::move(info), object ? object->tree : Json());
}

std::unique_ptr<MovieSource> open_ser(const std::filesystem::path& path, const ReadOptions&) {
  std::vector<std::string> notes;
  const std::optional<EmiObject> object = object_beside(path, notes);
  return open_series(path, object, "side-car", std::move(notes));
}

}  // namespace kinema::io
