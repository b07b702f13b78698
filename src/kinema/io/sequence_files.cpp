// Folders and patterns as lists of files in natural order.
#include "kinema/io/sequence_files.h"

#include "kinema/base/error.h"
#include "kinema/io/formats.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <glob.h>
#include <map>
#include <set>
#include <sstream>

namespace kinema::io {
namespace {

using Path = std::filesystem::path;

constexpr const char* left_out_endings[] = {".partial", ".json", ".txt", ".emi", ".log", ".csv"};
constexpr std::size_t most_named = 5;  // files or numbers in one note

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

char lower(char character) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
}

std::string lower(std::string text) {
  for (char& character : text) character = lower(character);
  return text;
}

/// The digits at the start of `text`, taken off it.
std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

/// -1, 0 or 1 as the numbers that the digits write compare, however long they are.
int compare_numbers(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : (b < a ? 1 : 0);
}

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
  const std::string name = lower(file.filename().string());
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
  const auto name_of = [](const Path& file) { return lower(file.filename().string()); };
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
    formats.push_back(is_left_out(file) ? "" : format_named(lower(file.filename().string())));
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
  const std::string name = lower(folder.filename().string());
  for (const std::string_view unit : {"hour_", "minute_", "second_"}) {
    if (name.size() > unit.size() && name.starts_with(unit) &&
        std::all_of(
            name.begin() + static_cast<std::ptrdiff_t>(unit.size()), name.end(), is_digit)) {
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

/// A place of a pattern where printf writes a number: its start, and the first behind it.
std::optional<std::pair<std::size_t, std::size_t>> find_number(const std::string& text,
                                                               std::size_t from = 0) {
  for (std::size_t at = text.find('%', from); at != std::string::npos;
       at = text.find('%', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end < text.size() && (text[end] == 'd' || text[end] == 'i' || text[end] == 'u')) {
      return std::pair{at, end + 1};
    }
  }
  return std::nullopt;
}

/// Whether `name` is what printf makes of `pattern` for some numbers; where the pattern gives no
/// width, zeros before them do not matter.
bool is_printed(std::string_view pattern, std::string_view name) {
  while (true) {
    const auto number = find_number(std::string(pattern));
    if (!number) return pattern == name;
    if (name.substr(0, number->first) != pattern.substr(0, number->first)) return false;
    name.remove_prefix(number->first);
    const std::string_view digits = take_digits(name);
    const std::string width(pattern.substr(number->first + 1, number->second - number->first - 2));
    const std::size_t least = std::strtoul(width.c_str(), nullptr, 10);
    if (digits.empty() || digits.size() < least) return false;
    if (least > 0 && digits.size() > least && digits.front() == '0') return false;
    pattern.remove_prefix(number->second);
  }
}

std::string glob_of(const std::string& pattern) {
  std::string out;
  std::size_t at = 0;
  while (const auto number = find_number(pattern, at)) {
    out += pattern.substr(at, number->first - at) + "[0-9]*";
    at = number->second;
  }
  return out + pattern.substr(at);
}

std::vector<Path> list_pattern(const Path& path) {
  const std::string pattern = path.string();
  const bool printed = find_number(pattern).has_value();
  glob_t matches{};
  const int failed = glob(glob_of(pattern).c_str(), GLOB_NOSORT, nullptr, &matches);
  std::vector<Path> files;
  for (std::size_t i = 0; failed == 0 && i < matches.gl_pathc; ++i) {
    const Path file = matches.gl_pathv[i];
    std::error_code ignored;
    const bool wanted = !printed || pattern.find_first_of("*?[") != std::string::npos ||
                        is_printed(pattern, file.string());
    if (wanted && std::filesystem::is_regular_file(file, ignored)) files.push_back(file);
  }
  globfree(&matches);
  return files;
}

/// Runs of digits of a name, and what is left without them.
struct Numbered {
  std::string rest;
  std::vector<std::string> numbers;
};

Numbered numbered(std::string_view name) {
  Numbered out;
  while (!name.empty()) {
    if (is_digit(name.front())) {
      out.numbers.emplace_back(take_digits(name));
      out.rest += '#';
    } else {
      out.rest += name.front();
      name.remove_prefix(1);
    }
  }
  return out;
}

/// The numbers of files that are alike in all but one number; empty where they are not, or where
/// that number does not fit.
std::vector<std::uint64_t> numbers_of_run(const std::vector<Path>& files) {
  const Numbered first = numbered(files.front().filename().string());
  const Numbered last = numbered(files.back().filename().string());
  if (first.rest != last.rest) return {};
  std::optional<std::size_t> place;
  for (std::size_t i = 0; i < first.numbers.size(); ++i) {
    if (first.numbers[i] == last.numbers[i]) continue;
    if (place) return {};
    place = i;
  }
  if (!place) return {};
  std::vector<std::uint64_t> numbers;
  for (const Path& file : files) {
    Numbered one = numbered(file.filename().string());
    if (one.rest != first.rest || one.numbers[*place].size() > 18) return {};
    numbers.push_back(std::stoull(one.numbers[*place]));
    one.numbers[*place] = first.numbers[*place];
    if (one.numbers != first.numbers) return {};
  }
  return numbers;
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
      const std::string name = lower(folder.filename().string());
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

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const int order = compare_numbers(take_digits(a), take_digits(b));
      if (order != 0) return order < 0;
      continue;
    }
    const char left = lower(a.front()), right = lower(b.front());
    if (left != right) {
      return static_cast<unsigned char>(left) < static_cast<unsigned char>(right);
    }
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;
}

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
    found.files = list_pattern(path);
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
