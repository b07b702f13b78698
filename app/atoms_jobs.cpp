#include "atoms_jobs.h"

#include "kinema/codec/file_info.h"
#include "kinema/io/file.h"
#include "kinema/io/file_list.h"
#include "kinema/io/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <span>

namespace kinema::app {
namespace {

namespace fs = std::filesystem;

bool is_movie_file(const std::string& path) {
  try {
    io::movie_format(path);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

/// Movies in a folder, or those that a pattern names.
std::vector<std::string> movies_among(const std::string& word, const io::ReadOptions& options) {
  codec::InfoOptions read;
  static_cast<io::ReadOptions&>(read) = options;
  const codec::FileTable table = codec::file_table({word}, read);
  std::vector<std::string> movies;
  for (const codec::FileInfo& movie : table.movies) movies.push_back(movie.path);
  if (!movies.empty()) return movies;
  for (const codec::FileInfo& file : table.files) {
    if (!file.container && is_movie_file(file.path)) movies.push_back(file.path);
  }
  if (movies.empty()) throw InputError(word + ": holds no movie that kinema reads");
  return movies;
}

std::string stem_of(const std::string& movie) {
  fs::path path(movie);
  if (path.filename().empty()) path = path.parent_path();  // "run_3/" is run_3
  return fs::is_directory(path) ? path.filename().string() : path.stem().string();
}

/// {name, movie, state, error} and, of a movie that is done, its figures.
Json row_of(const MovieJob& job) {
  Json row{{"name", job.name}, {"movie", job.movie}, {"state", "waiting"}, {"error", job.error}};
  if (!job.error.empty()) row["state"] = "failed";
  if (!job.done) return row;
  row["state"] = "done";
  std::ifstream file(job.folder / "summary.json");
  const Json summary = Json::parse(file);
  for (const char* figure : {"frames",
                             "atoms",
                             "chi_squared",
                             "z_rms_angstrom",
                             "z_sigma_angstrom",
                             "sound_frames",
                             "seconds"}) {
    row[figure] = summary.value(figure, Json());
  }
  const Json failed = summary.value("failed_frames", Json::array());
  row["failed_frames"] = failed.size();
  if (!failed.empty()) {
    row["error"] = fmt::format("{} frames failed, the first of them {}: {}",
                               failed.size(),
                               failed[0].value("frame", Index{}),
                               failed[0].value("reason", ""));
  }
  return row;
}

std::string quoted(std::string text) {
  std::replace(text.begin(), text.end(), '"', '\'');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return '"' + text + '"';
}

std::string number(const Json& row, const char* figure, const char* format = "{}") {
  const Json value = row.value(figure, Json());
  if (value.is_number_float()) return fmt::format(fmt::runtime(format), value.get<double>());
  return value.is_number() ? value.dump() : "";
}

std::string table_of(const std::vector<MovieJob>& jobs) {
  std::string text =
      "name,state,frames,failed_frames,atoms,chi_squared,z_rms_A,z_sigma_A,sound_frames,seconds,"
      "movie,error\n";
  for (const MovieJob& job : jobs) {
    const Json row = row_of(job);
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n",
                        quoted(job.name),
                        row["state"].get<std::string>(),
                        number(row, "frames"),
                        number(row, "failed_frames"),
                        number(row, "atoms"),
                        number(row, "chi_squared", "{:.5f}"),
                        number(row, "z_rms_angstrom", "{:.4f}"),
                        number(row, "z_sigma_angstrom", "{:.4f}"),
                        number(row, "sound_frames"),
                        number(row, "seconds", "{:.2f}"),
                        quoted(job.movie),
                        quoted(row["error"].get<std::string>()));
  }
  return text;
}

/// How each movie went on its rank is told to root.
void gather(std::vector<MovieJob>& jobs, const Comm& comm) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto owner = static_cast<int>(i % ranks);
    if (owner == 0) continue;
    std::uint64_t length = jobs[i].error.size();
    if (comm.rank() == owner) {
      comm.send(std::as_bytes(std::span(&length, 1)), 0);
      comm.send(std::as_bytes(std::span(jobs[i].error)), 0);
    } else if (comm.is_root()) {
      comm.receive(std::as_writable_bytes(std::span(&length, 1)), owner);
      jobs[i].error.resize(length);
      comm.receive(std::as_writable_bytes(std::span(jobs[i].error)), owner);
      jobs[i].done = length == 0;
    }
  }
}

}  // namespace

MoviePlan plan_movies(const std::vector<std::string>& words,
                      const fs::path& out,
                      const io::ReadOptions& options) {
  std::vector<std::string> movies;
  bool many = words.size() > 1;
  for (const std::string& word : words) {
    if (!codec::means_many({word})) {
      movies.push_back(word);
      continue;
    }
    const std::vector<std::string> found = movies_among(word, options);
    many = many || found != std::vector<std::string>{word};
    movies.insert(movies.end(), found.begin(), found.end());
  }
  std::map<std::string, int> sharing;
  for (const std::string& movie : movies) ++sharing[stem_of(movie)];
  MoviePlan plan{{}, many};
  std::map<std::string, std::string> taken;
  for (const std::string& movie : movies) {
    const std::string stem = stem_of(movie);
    const std::string name = sharing[stem] == 1 ? stem : fs::path(movie).filename().string();
    const auto [place, fresh] = taken.try_emplace(name, movie);
    if (!fresh) {
      throw InputError(movie + " and " + place->second + " would both be written to " +
                       (out / name).string() + "; rename one, or run them apart");
    }
    plan.jobs.push_back({movie, name, many ? out / name : out, false, {}});
  }
  return plan;
}

Outcome run_jobs(std::vector<MovieJob> jobs,
                 const fs::path& out,
                 const Session& session,
                 const std::function<void(const MovieJob&)>& work) {
  const Comm& comm = session.comm;
  const auto ranks = static_cast<std::size_t>(comm.size());
  const auto write_table = [&] {
    if (comm.is_root()) io::write_text_file(out / "jobs.csv", table_of(jobs));
  };
  write_table();
  comm.barrier();  // nobody writes results before all have looked whether there are some
  for (std::size_t i = static_cast<std::size_t>(comm.rank()); i < jobs.size(); i += ranks) {
    session.progress.check();
    session.progress.note(fmt::format("{} ({} of {})", jobs[i].name, i + 1, jobs.size()));
    try {
      work(jobs[i]);
      jobs[i].done = true;
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      jobs[i].error = error.what();
    }
    write_table();
  }
  gather(jobs, comm);
  if (!comm.is_root()) return {};
  write_table();

  Outcome outcome{{{"movies", Json::array()}, {"output", out.string()}}, "", {}};
  Index failed = 0;
  for (const MovieJob& job : jobs) {
    Json row = row_of(job);
    failed += job.error.empty() ? 0 : 1;
    if (const auto error = row["error"].get<std::string>(); !error.empty()) {
      outcome.complaints.push_back(job.name + ": " + error);
    }
    if (job.error.empty()) {
      outcome.text += fmt::format("{}: {} atoms in {} frames, standard error of z {} A, {} s\n",
                                  job.name,
                                  number(row, "atoms"),
                                  number(row, "frames"),
                                  number(row, "z_sigma_angstrom", "{:.2f}"),
                                  number(row, "seconds", "{:.1f}"));
    }
    outcome.json["movies"].push_back(std::move(row));
  }
  outcome.json["failed"] = failed;
  outcome.text += fmt::format(
      "{}: {} of {} movies\n", out.string(), static_cast<Index>(jobs.size()) - failed, jobs.size());
  if (failed > 0) {
    outcome.complaints.push_back(fmt::format("{} of {} movies failed", failed, jobs.size()));
  }
  return outcome;
}

}  // namespace kinema::app
