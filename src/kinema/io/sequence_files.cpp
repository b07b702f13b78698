// Which of the files in a folder, or like a pattern, are the movie.
#include "kinema/io/sequence_files.h"

#include "kinema/base/error.h"
#include "kinema/io/file_names.h"
#include "kinema/io/formats.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <sstream>

namespace kinema::io {
namespace {

using Path = std::filesystem::path;

constexpr const char* left_out_endings[] = {".partial", ".json", ".txt", ".emi", ".log", ".csv"};
constexpr std::size_t most_named = 5;  // files or numbers in one note

/// Format of kinema's that a file's name belongs to; empty where none.
std::string format_named(const std::string& name) {
  std::string found;
  std::size_t longest = 0;
  for (const MovieFormat& format : movie_formats()) {
    std::istringstream endings(format.endings);
    for (std::string ending; endings >> ending;) {
      if (ending.size() > longest && name.size() > ending.size() && name.ends_with(ending)) {
        found = format.name;
        longest = ending.size();
      }
    }
  }
  return found;
}

bool is_picture(const std::string& format) {
  return format == "png" || format == "jpeg";
}

bool is_left_out(const Path& file) {
  const std::string name = lower_case(file.filename().string());
  return name.starts_with('.') ||
         std::any_of(std::begin(left_out_endings),
                     std::end(left_out_endings),
                     [&](const char* ending) { return name.ends_with(ending); });
}

std::string names_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i) {
    text += (i > 0 ? ", " : "") + names[i];
  }
  return text + (names.size() > most_named ? ", ..." : "");
}

/// The format that most files have; of equally many, one that is no picture. Throws InputError
/// where that does not decide.
std::string prevailing_format(const Path& path, const std::map<std::string, std::size_t>& counts) {
  std::vector<std::string> most;
  for (const bool pictures : {false, true}) {
    for (const auto& [format, count] : counts) {
      if (is_picture(format) != pictures) continue;
      const std::size_t best = most.empty() ? 0 : counts.at(most.front());
      if (count > best) most.clear();
      if (count > best || (count == best && is_picture(most.front()) == pictures)) {
        most.push_back(format);
      }
    }
  }
  if (most.size() > 1) {
    throw InputError(path.string() + ": holds as many files of " + most[0] + " as of " + most[1] +
                     "; say which by a pattern, such as '*.tif'");
  }
  return most.empty() ? "" : most.front();
}

/// Files that are parts of another one beside them and are read with it: the later files of a TVIPS
/// series, the data of a DECTRIS master.
void leave_out_parts(SequenceFiles& found) {
  const auto name_of = [](const Path& file) { return lower_case(file.filename().string()); };
  const bool has_master =
      std::any_of(found.files.begin(), found.files.end(), [&](const Path& file) {
        return name_of(file).ends_with("_master.h5");
      });
  const auto is_part = [&](const Path& file) {
    const std::string name = name_of(file);
    if (name.ends_with(".h5")) return has_master && !name.ends_with("_master.h5");
    if (!name.ends_with(".tvips") || name.size() < 10 || name.ends_with("_000.tvips")) return false;
    const std::string first = file.string().substr(0, file.string().size() - 9) + "000.tvips";
    return name[name.size() - 10] == '_' &&
           std::find(found.files.begin(), found.files.end(), Path(first)) != found.files.end();
  };
  const auto parts = std::stable_partition(
      found.files.begin(), found.files.end(), [&](const Path& file) { return !is_part(file); });
  const auto count = found.files.end() - parts;
  if (count > 0) {
    found.notes.push_back(std::to_string(count) + (count == 1 ? " file is" : " files are") +
                          " read as part of another, such as " + parts->filename().string());
  }
  found.files.erase(parts, found.files.end());
}

/// Leaves files of one format, and says what else there was. Where no name tells a format, a
/// pattern's files stay as they are.
void keep_one_format(const Path& path, bool is_pattern, SequenceFiles& found) {
  std::map<std::string, std::size_t> counts;
  std::vector<std::string> formats;
  for (const Path& file : found.files) {
    formats.push_back(is_left_out(file) ? "" : format_named(lower_case(file.filename().string())));
    if (!formats.back().empty()) ++counts[formats.back()];
  }
  const std::string kept = prevailing_format(path, counts);
  std::vector<Path> files;
  std::vector<std::string> others;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    const bool taken =
        kept.empty() ? is_pattern && !is_left_out(found.files[i]) : formats[i] == kept;
    if (taken)
      files.push_back(std::move(found.files[i]));
    else if (!found.files[i].filename().string().starts_with('.'))
      others.push_back(found.files[i].filename().string());
  }
  found.files = std::move(files);
  if (others.empty() || found.files.empty()) return;
  std::sort(others.begin(), others.end(), natural_less);
  found.notes.push_back(std::to_string(others.size()) +
                        (others.size() == 1 ? " other file is" : " other files are") +
                        " left out: " + names_of(others));
}

/// A folder of in-situ recordings: "Hour_00", "Minute_07", "Second_59".
bool is_time_folder(const Path& folder) {
  const std::string name = lower_case(folder.filename().string());
  for (const std::string_view unit : {"hour_", "minute_", "second_"}) {
    if (name.size() > unit.size() && name.starts_with(unit) &&
        name.find_first_not_of("0123456789", unit.size()) == std::string::npos) {
      return true;
    }
  }
  return false;
}

/// Regular files below `folder`: its own, or those of its folders of hours, minutes and seconds.
void list_folder(const Path& folder, int depth, std::vector<Path>& files) {
  std::vector<Path> own, times;
  std::error_code failed, ignored;
  std::filesystem::directory_iterator entry(folder, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    if (entry->is_directory(ignored) && is_time_folder(entry->path())) {
      times.push_back(entry->path());
    }
    if (entry->is_regular_file(ignored)) own.push_back(entry->path());
  }
  if (failed) throw IoError(folder, "cannot be listed: " + failed.message());
  if (times.empty() || depth >= 3) files.insert(files.end(), own.begin(), own.end());
  if (depth >= 3) return;
  for (const Path& time : times) list_folder(time, depth + 1, files);
}

/// A run counts in steps of its smallest gap; larger gaps are told.
void note_missing(SequenceFiles& found) {
  if (found.files.size() < 3) return;
  const std::vector<std::uint64_t> numbers = numbers_of_run(found.files);
  if (numbers.empty()) return;
  std::uint64_t step = UINT64_MAX, missing = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] <= numbers[i - 1]) return;
    step = std::min(step, numbers[i] - numbers[i - 1]);
  }
  std::vector<std::string> names;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    const std::uint64_t gap = (numbers[i] - numbers[i - 1] - 1) / step;
    missing += gap;
    for (std::uint64_t j = 1; j <= gap && names.size() <= most_named; ++j) {
      names.push_back(std::to_string(numbers[i - 1] + j * step));
    }
  }
  if (missing == 0) return;
  found.notes.push_back(std::to_string(missing) + (missing == 1 ? " number is" : " numbers are") +
                        " missing between the first file's and the last's: " + names_of(names));
}

/// Where each second's folder but the first and the last holds as many files as every other and
/// no second is missing, that is the number of files a second.
std::optional<double> frame_time_of(const std::vector<Path>& files) {
  std::vector<std::pair<std::uint64_t, std::size_t>> seconds;  // since the first hour, and files
  for (const Path& file : files) {
    std::uint64_t second = 0;
    Path folder = file.parent_path();
    for (const auto& [unit, size] :
         {std::pair{"second_", 1U}, std::pair{"minute_", 60U}, std::pair{"hour_", 3600U}}) {
      const std::string name = lower_case(folder.filename().string());
      if (!name.starts_with(unit) || !is_time_folder(folder) || name.size() > 16) return {};
      second += size * std::stoull(name.substr(std::strlen(unit)));
      folder = folder.parent_path();
    }
    if (!seconds.empty() && seconds.back().first == second)
      ++seconds.back().second;
    else
      seconds.emplace_back(second, 1);
  }
  if (seconds.size() < 3) return {};
  for (std::size_t i = 1; i < seconds.size(); ++i) {
    if (seconds[i].first != seconds[i - 1].first + 1) return {};
    if (i + 1 < seconds.size() && seconds[i].second != seconds[1].second) return {};
  }
  return 1.0 / static_cast<double>(seconds[1].second);
}

}  // namespace

bool is_sequence(const Path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) return true;
  if (std::filesystem::exists(status)) return false;
  return path.string().find_first_of("*?[") != std::string::npos ||
         find_number(path.string()).has_value();
}

SequenceFiles find_sequence_files(const Path& path) {
  const bool is_pattern = !std::filesystem::is_directory(path);
  SequenceFiles found;
  if (is_pattern)
    found.files = files_like(path);
  else
    list_folder(path, 0, found.files);
  if (is_pattern && found.files.empty()) {
    throw InputError(path.string() +
                     ": there is no such file, and no file's name is like this pattern");
  }
  keep_one_format(path, is_pattern, found);
  leave_out_parts(found);
  if (found.files.empty() && std::filesystem::exists(path / ".zgroup")) {
    throw InputError(path.string() + ": is a Zarr folder, which kinema writes but does not read");
  }
  if (found.files.empty()) {
    throw InputError(path.string() +
                     ": holds no image files that kinema reads; see `kinema formats`");
  }
  std::sort(found.files.begin(), found.files.end(), [](const Path& a, const Path& b) {
    return natural_less(a.native(), b.native());
  });
  note_missing(found);
  if (const auto seconds = frame_time_of(found.files)) found.frame_time = seconds;
  return found;
}

}  // namespace kinema::io
