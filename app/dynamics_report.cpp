#include "dynamics_report.h"

#include "kinema/io/volume.h"

#include "dynamics_output.h"
#include <algorithm>
#include <iterator>

namespace kinema::app {
namespace {

/// Columns z1, z2, ... of latent.csv; none without the file.
Array<double, 2> latents_in(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "latent.csv";
  if (!std::filesystem::exists(path)) return {};
  const CsvTable table = read_csv(path);
  std::vector<std::size_t> columns;
  for (std::size_t c = 1; c < table.columns.size(); c += 2) columns.push_back(c);
  Array<double, 2> latents(
      {static_cast<Index>(table.rows.size()), static_cast<Index>(columns.size())});
  for (std::size_t t = 0; t < table.rows.size(); ++t) {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      latents(static_cast<Index>(t), static_cast<Index>(k)) = table.rows[t][columns[k]];
    }
  }
  return latents;
}

std::vector<double> coordinates_in(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "coordinates.csv";
  std::vector<double> coordinate;
  if (!std::filesystem::exists(path)) return coordinate;
  for (const auto& row : read_csv(path).rows) coordinate.push_back(row.at(1));
  return coordinate;
}

}  // namespace

dynamics::EvaluateInput evaluation_of(const std::filesystem::path& folder,
                                      const std::filesystem::path& truth) {
  dynamics::EvaluateInput input;
  std::ranges::set_intersection(
      frames_in(folder), frames_in(truth), std::back_inserter(input.frames));
  const auto reader = [frames = input.frames](const std::filesystem::path& from) {
    return [frames, from](std::size_t i) {
      return io::read_volume(from / "volumes" / volume_name(frames[i]));
    };
  };
  input.found = reader(folder);
  input.truth = reader(truth);
  input.latents = latents_in(folder);
  input.coordinate = coordinates_in(truth);
  return input;
}

std::optional<dynamics::Truth> truth_of(const std::filesystem::path& folder,
                                        const std::filesystem::path& truth,
                                        const std::vector<Index>& frames) {
  const std::vector<Index> known = frames_in(truth);
  if (!std::ranges::includes(known, frames) || frames.size() < 2) return std::nullopt;
  const auto volume = [truth](Index frame) {
    return io::read_volume(truth / "volumes" / volume_name(frame));
  };
  return dynamics::Truth{
      dynamics::evaluate(evaluation_of(folder, truth)), volume, coordinates_in(truth)};
}

}  // namespace kinema::app
