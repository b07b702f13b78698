// info, formats: movie files as they are, what a container holds, and what kinema reads and writes.
#include "kinema/codec/file_info.h"
#include "kinema/io/file_list.h"
#include "kinema/io/format_rows.h"

#include <fmt/format.h>

#include "facts_text.h"
#include "text_table.h"
#include "verb.h"
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace kinema::app {
namespace {

using codec::FileInfo;

std::string size_of(const FileInfo& file) {
  return size_text(static_cast<double>(file.bytes));
}

std::string container_text(const FileInfo& file) {
  const codec::ContainerHeader& header = *file.container;
  std::string text = fmt::format("  {} snapshots (B = {}, {} masks) as {}",
                                 first_snapshots(header.groups).back(),
                                 codec::ratio_text(header.groups, header.ratio),
                                 to_text(header.mask_kind),
                                 to_text(header.stored));
  const Json bits = codec::to_json(file)["bits_per_pixel"];
  if (bits.is_number()) text += fmt::format(", {:.3f} bits a pixel", bits.get<double>());
  text += "\n";
  if (header.noise) {
    text += fmt::format("  noise: variance = {:.4g} * mean + {:.4g} (recorded units)\n",
                        header.noise->gain,
                        header.noise->read_variance);
  }
  if (header.kept_dose) {
    text +=
        fmt::format("  steps of the noise keep {:.1f} % of the dose\n", 100.0 * *header.kept_dose);
  }
  if (const Index frames = codec::lossless_frames(header.groups); frames > 0) {
    text += fmt::format("  {} frames lossless\n", frames);
  }
  if (!header.losses.empty()) {
    text += fmt::format("  {} frames were lost before they came, the first before frame {}\n",
                        lost_frames(header.losses),
                        header.losses[0].frame);
  }
  if (header.trailing_bytes > 0) {
    text += fmt::format("  the source ended {} bytes into a frame, which is left away\n",
                        header.trailing_bytes);
  }
  if (!header.audited.empty()) {
    text += fmt::format("  {} frames audited: `codec evaluate` can judge by them\n",
                        header.audited.size());
  }
  return text;
}

std::string file_text(const FileInfo& file) {
  const bool is_complete = !file.container || file.container->complete;
  std::string text = fmt::format(
      "{}: {}, {}{}\n", file.path, file.format, size_of(file), is_complete ? "" : ", not complete");
  text += movie_text(file.pixels, file.frames, file.info);
  if (file.container) text += container_text(file);
  if (!file.metadata.is_null()) text += "metadata:\n" + tree_text(file.metadata, 1);
  return text;
}

/// The first clause of a refusal, without what it lists in parentheses.
std::string in_short(std::string reason) {
  reason.resize(std::min(reason.find("; "), reason.size()));
  const auto open = reason.find(" ("), close = reason.find(')', open);
  if (open != std::string::npos && close != std::string::npos) reason.erase(open, close + 1 - open);
  return reason;
}

/// The row of a file, or of why it has none.
std::vector<std::string> row_of(const FileInfo& file) {
  const std::string name = std::filesystem::path(file.path).filename().string();
  if (!file.error.empty()) return {name, "cannot be read: " + in_short(file.error)};
  return {name,
          file.format,
          fmt::format("{} x {} x {}", file.frames, file.pixels.height, file.pixels.width),
          to_text(file.pixels.type),
          file.info.pixel_size ? readable(*file.info.pixel_size) : "-",
          file.info.frame_time ? readable(*file.info.frame_time) : "-",
          size_of(file)};
}

/// What to say of a folder in which no file lies that could be tried, or of a pattern of folders.
std::string why_no_movie(const std::filesystem::path& folder) {
  constexpr int most_named = 5;
  if (!std::filesystem::is_directory(folder)) return "names folders alone; give one of them";
  if (std::filesystem::exists(folder / ".zgroup")) {
    return "is a Zarr folder, which kinema writes but does not read";
  }
  std::string inner;
  int count = 0;
  for (const std::filesystem::path& path : io::paths_in(folder)) {
    if (!std::filesystem::is_directory(path) || ++count > most_named) continue;
    inner += " " + path.filename().string() + "/";
  }
  if (count > most_named) inner += " ...";
  return inner.empty() ? "holds no files"
                       : "holds no movie itself, but folders; try one of:" + inner;
}

Outcome table_of(const std::vector<std::string>& words, const codec::InfoOptions& options) {
  const codec::FileTable table = codec::file_table(words, options);
  Outcome outcome{to_json(table), "", {}};
  for (const FileInfo& movie : table.movies) {
    outcome.text += fmt::format("as one movie: {} ({}), {} frame{} of {} x {}, {}, {}\n",
                                movie.path,
                                movie.format,
                                movie.frames,
                                movie.frames == 1 ? "" : "s",
                                movie.pixels.height,
                                movie.pixels.width,
                                to_text(movie.pixels.type),
                                size_of(movie));
  }
  std::vector<std::vector<std::string>> rows{
      {"file", "format", "frames x height x width", "pixels", "pixel size", "frame time", "size"}};
  std::size_t readable = table.movies.size();
  for (const FileInfo& file : table.files) {
    rows.push_back(row_of(file));
    readable += file.error.empty() ? 1 : 0;
  }
  if (rows.size() > 1) outcome.text += table_text(rows, terminal_width());
  if (options.all) {
    for (const FileInfo& file : table.files) {
      if (file.error.empty()) outcome.text += "\n" + file_text(file);
    }
  }
  if (rows.size() == 1 && readable == 0) {
    throw InputError(words[0] + ": " + why_no_movie(words[0]));
  }
  if (readable == 0) outcome.complaints = {"none of these files can be read"};
  return outcome;
}

Outcome info(const Arguments& arguments, const codec::InfoOptions& options, const Session&) {
  const std::vector<std::string>& words = arguments.all("FILE");
  if (codec::means_many(words)) return table_of(words, options);
  const FileInfo file = codec::file_info(words[0], options);
  return {to_json(file), file_text(file), {}};
}

/// "uint8, uint16, uint32" as "uint8-32".
std::string in_ranges(const std::string& types) {
  struct Range {
    std::string kind;  // "uint"
    int first = 0, last = 0;
  };
  std::vector<Range> ranges;
  std::istringstream words(types);
  for (std::string word; words >> word;) {
    if (word.ends_with(',')) word.pop_back();
    const std::size_t digits = std::min(word.find_first_of("0123456789"), word.size());
    const std::string kind = word.substr(0, digits);
    const int bits = std::atoi(word.c_str() + digits);
    const auto same = std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) {
      return range.kind == kind && bits == 2 * range.last;
    });
    if (same == ranges.end()) {
      ranges.push_back({kind, bits, bits});
    } else {
      same->last = bits;
    }
  }
  std::string text;
  for (const Range& range : ranges) {
    text += (text.empty() ? "" : ", ") + range.kind + std::to_string(range.first);
    if (range.last != range.first) text += "-" + std::to_string(range.last);
  }
  return text;
}

Outcome formats(const Arguments&, const NoOptions&, const Session&) {
  const std::vector<io::FormatRow> formats = io::format_rows();
  std::vector<std::vector<std::string>> rows{{"format", "endings", "", "pixels"}};
  for (const io::FormatRow& format : formats) {
    const bool is_read = !format.pixels_read.empty();
    if (is_read) rows.push_back({format.name, format.endings, "read", format.pixels_read});
    if (format.pixels_written.empty()) continue;
    rows.push_back({is_read ? "" : format.name,
                    is_read ? "" : format.endings,
                    "written",
                    in_ranges(format.pixels_written)});
  }
  return {
      {{"formats", to_json(formats)}},
      table_text(rows, terminal_width()) +
          "Files are recognised by their bytes; the ending chooses what is written. Folders and "
          "quoted\npatterns of files are movies too.\n",
      {}};
}

}  // namespace

std::vector<Verb> info_verbs() {
  return {
      make_verb<codec::InfoOptions>(
          "info",
          "what a movie file holds, or a table of many",
          {{"FILE", "files; a folder or a quoted pattern gives a table", true, true}},
          "",
          info),
      make_verb<NoOptions>("formats", "movie formats that are read and written", {}, "", formats)};
}

}  // namespace kinema::app
