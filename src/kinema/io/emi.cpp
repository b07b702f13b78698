// An .emi file holds no series itself: those lie beside it as X_1.ser, X_2.ser, ...
#include "kinema/base/error.h"
#include "kinema/io/informed_source.h"
#include "kinema/io/ser.h"

#include <algorithm>
#include <array>

namespace kinema::io {
namespace {

struct NumberedFile {
  std::size_t number;
  std::filesystem::path path;
};

/// The series beside X.emi, by their numbers.
std::vector<NumberedFile> series_beside(const std::filesystem::path& path) {
  const std::string start = path.stem().string() + "_";
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::vector<NumberedFile> found;
  std::error_code refused;
  for (const auto& entry : std::filesystem::directory_iterator(folder, refused)) {
    const std::string stem = entry.path().stem().string();
    const std::string ending = entry.path().extension().string();
    if ((ending != ".ser" && ending != ".SER") || stem.compare(0, start.size(), start) != 0) {
      continue;
    }
    const std::string digits = stem.substr(start.size());
    if (digits.empty() || digits.size() > 8 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    found.push_back({std::stoul(digits), path.parent_path() / entry.path().filename()});
  }
  std::sort(found.begin(), found.end(), [](const NumberedFile& a, const NumberedFile& b) {
    return a.number < b.number;
  });
  return found;
}

}  // namespace

bool is_emi(std::span<const std::byte> head) {
  constexpr std::array<int, 8> mark = {0x4A, 0x4B, 0x00, 0x02, 0, 0, 0, 0};
  if (head.size() < mark.size()) return false;
  for (std::size_t i = 0; i < mark.size(); ++i) {
    if (std::to_integer<int>(head[i]) != mark[i]) return false;
  }
  return true;
}

std::unique_ptr<MovieSource> open_emi(const std::filesystem::path& path,
                                      const ReadOptions& options) {
  const std::vector<NumberedFile> series = series_beside(path);
  const std::string first = path.stem().string() + "_1.ser";
  if (series.empty()) {
    throw InputError(path.string() + ": an .emi file only describes series, and there is no " +
                     first + " beside it; put both into one folder");
  }
  std::vector<std::string> names;
  std::string known;
  for (const NumberedFile& one : series) {
    names.push_back(one.path.stem().string());
    if (known.size() < 1000) known += (known.empty() ? "'" : ", '") + names.back() + "'";
  }
  const auto wanted = options.dataset.empty()
                          ? names.begin()
                          : std::find(names.begin(), names.end(), options.dataset);
  if (wanted == names.end()) {
    throw InputError(path.string() + ": has no series '" + options.dataset + "'; there are " +
                     known);
  }
  const NumberedFile& chosen = series[static_cast<std::size_t>(wanted - names.begin())];
  std::vector<EmiObject> objects = read_emi(path);
  std::optional<EmiObject> object;
  if (chosen.number >= 1 && chosen.number <= objects.size()) {
    object = std::move(objects[chosen.number - 1]);
  } else if (objects.size() == 1) {
    object = std::move(objects[0]);
  }
  std::vector<std::string> notes;
  if (!object) notes.emplace_back("the .emi file says nothing of this series that could be read");
  auto source = open_series(chosen.path, object, "header", std::move(notes));
  if (names.size() == 1) return source;
  MovieInfo info = source->info();
  info.datasets = std::move(names);
  return std::make_unique<InformedSource>(std::move(source), std::move(info));
}

}  // namespace kinema::io
