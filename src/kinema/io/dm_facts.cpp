// What the tags of a DM image say of how it was recorded.
#include "kinema/base/units.h"
#include "kinema/io/date_text.h"
#include "kinema/io/dm_image.h"

#include <cmath>

namespace kinema::io {
namespace {

/// FILETIME, 100 ns since 1601-01-01 UTC, as seconds since 1970.
double seconds_of_filetime(double ticks) {
  return ticks * 1e-7 - 11644473600.0;
}

bool starts_with(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

/// x, y, and then what the unit says, or z.
std::string axis_name(std::size_t from_innermost, const std::string& unit) {
  if (unit == "eV" || unit == "keV") return "energy";
  if (from_innermost == 0) return "x";
  if (from_innermost == 1) return "y";
  if (seconds_per(unit)) return "time";
  return from_innermost == 2 ? "z" : "axis " + std::to_string(from_innermost + 1);
}

/// DM's calibrated position is (index - Origin) * Scale.
std::vector<Axis> axes_of(const DmImage& image) {
  const DmTag* calibrations = find_tag(*image.tag, {"ImageData", "Calibrations", "Dimension"});
  std::vector<Axis> axes;
  for (std::size_t i = image.shape.size(); i-- > 0;) {  // i-th from the innermost
    Axis axis;
    axis.size = image.shape[image.shape.size() - 1 - i];
    if (calibrations != nullptr && i < calibrations->tags.size()) {
      const DmTag& tag = calibrations->tags[i];
      axis.step = find_number(tag, {"Scale"}).value_or(0.0);
      axis.origin = -find_number(tag, {"Origin"}).value_or(0.0) * axis.step;
      if (axis.origin == 0.0) axis.origin = 0.0;  // no -0
      axis.unit = find_text(tag, {"Units"}).value_or("");
    }
    axis.name = axis_name(i, axis.unit);
    axes.push_back(axis);
  }
  return axes;
}

/// Seconds of exposure, by whichever tag tells it.
std::optional<double> exposure_of(const DmTag& tags) {
  for (const auto& found :
       {find_number(tags, {"DataBar", "Exposure Time (s)"}),
        find_number(tags, {"Acquisition", "Parameters", "High Level", "Exposure (s)"}),
        find_number(tags, {"Acquisition", "Parameters", "Detector", "exposure (s)"})}) {
    if (found && std::isfinite(*found) && *found > 0.0) return found;
  }
  const auto ns = find_number(tags, {"Acquisition", "Frame", "Sequence", "Exposure Time (ns)"});
  if (ns && std::isfinite(*ns) && *ns > 0.0) return *ns * 1e-9;
  return std::nullopt;
}

void set_times(const DmTag& tags, Index frames, MovieInfo& info) {
  if (info.axes.size() > 3) info.frame_time = {};  // the outermost axis steps over many frames
  if (const auto exposure = exposure_of(tags)) {
    const std::string text = shortest_text(*exposure) + " s";
    if (frames == 1) {
      info.frame_time = {Time{*exposure}, "header"};
      info.notes.push_back("the exposure of " + text +
                           " is taken as the frame time; the time between frames is not told");
    } else {
      info.notes.push_back("the exposure is " + text);
    }
  }
  const auto dwell = find_number(tags, {"DigiScan", "Sample Time"});  // microseconds
  if (dwell && std::isfinite(*dwell) && *dwell > 0.0) {
    info.notes.push_back("scanned with a dwell time of " + shortest_text(*dwell) + " us per pixel");
  }
}

void set_date(const DmTag& tags, MovieInfo& info) {
  std::optional<double> about;
  for (const char* name : {"Acquisition Time (OS)", "System Info"}) {
    if (about) break;
    if (const auto ticks = find_number(tags, {"DataBar", name}); ticks && *ticks > 1.2e17) {
      about = seconds_of_filetime(*ticks);
    }
  }
  const auto epoch =
      find_number(tags, {"Acquisition", "Frame", "Sequence", "Acquisition Start Time (epoch)"});
  if (!about && epoch && *epoch > 0.0) about = *epoch * 1e-3;

  const auto date = find_text(tags, {"DataBar", "Acquisition Date"});
  const auto time = find_text(tags, {"DataBar", "Acquisition Time"}).value_or("");
  if (date) {
    const auto iso = iso_date(*date, time, about);
    info.date = {iso ? *iso : *date + (time.empty() ? "" : " " + time), "header"};
    if (!iso)
      info.notes.push_back("the date '" + *date + "' could be read in two ways, or in none");
  } else if (const auto iso = about ? iso_date_from_seconds(*about) : std::nullopt) {
    info.date = {*iso, "header"};
  }
}

void set_detector(const DmTag& tags, MovieInfo& info) {
  for (const auto& found : {find_text(tags, {"Acquisition", "Device", "Name"}),
                            find_text(tags, {"Acquisition", "Device", "Camera Name"}),
                            find_text(tags, {"DataBar", "Device Name"}),
                            find_text(tags, {"DataBar", "Signal Name"})}) {
    if (found && !info.detector) info.detector = {*found, "header"};
  }
}

void note_intensities(const DmImage& image, MovieInfo& info) {
  const DmTag* brightness = find_tag(*image.tag, {"ImageData", "Calibrations", "Brightness"});
  if (brightness == nullptr) return;
  const double scale = find_number(*brightness, {"Scale"}).value_or(1.0);
  const double origin = find_number(*brightness, {"Origin"}).value_or(0.0);
  const std::string unit = find_text(*brightness, {"Units"}).value_or("");
  if (unit.empty() && scale == 1.0 && origin == 0.0) return;
  info.notes.push_back("intensities are as recorded; the file's calibration is (value - " +
                       shortest_text(origin) + ") * " + shortest_text(scale) +
                       (unit.empty() ? "" : " " + unit));
}

void note_axes(MovieInfo& info) {
  if (info.axes.size() < 3) return;
  const Axis& outermost = info.axes.front();
  if (outermost.name == "energy") {
    info.notes.emplace_back("a spectrum image: every frame is one channel of energy");
  }
  if (info.axes.size() > 3) {
    info.notes.push_back("an array of " + std::to_string(info.axes.size()) +
                         " axes: all but the last two are counted as frames");
  }
  const std::string& unit = info.axes.back().unit;
  if (!starts_with(unit, "1/") && starts_with(outermost.unit, "1/")) {
    info.notes.emplace_back(
        "the outer axes are reciprocal: every frame is the scan as one point "
        "of the detector saw it");
  }
}

}  // namespace

MovieInfo facts_of(const DmImage& image, Index frames) {
  MovieInfo info;
  set_axes(info, axes_of(image), "header");
  note_axes(info);
  note_intensities(image, info);
  const DmTag* tags = find_tag(*image.tag, {"ImageTags"});
  if (tags == nullptr) return info;
  const auto volts = find_number(*tags, {"Microscope Info", "Voltage"});
  if (volts && std::isfinite(*volts) && *volts > 0.0) {
    info.voltage = {Voltage{*volts * 1e-3}, "header"};
  }
  set_times(*tags, frames, info);
  set_detector(*tags, info);
  set_date(*tags, info);
  return info;
}

}  // namespace kinema::io
