// Many movies as one job: which ones are meant, how they are shared among ranks, and the table of
// how each one went.
#pragma once

#include "kinema/io/read_options.h"

#include "verb.h"
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace kinema::app {

/// One movie and the folder of its results.
struct MovieJob {
  std::string movie, name;
  std::filesystem::path folder;
  bool done = false;
  std::string error;  // why it failed
};

struct MoviePlan {
  std::vector<MovieJob> jobs;
  bool many = false;  // asked for as many: OUT/NAME/ for each of them; else the one's folder is OUT
};

/// The movies that `words` mean: files, folders of movies, patterns; a folder or a pattern of
/// images that are one movie is one. What lies in a folder and is no movie is passed over. NAME is
/// the file's name without its ending, or with it where several would have the same.
MoviePlan plan_movies(const std::vector<std::string>& words,
                      const std::filesystem::path& out,
                      const io::ReadOptions& options);

/// Does work(job) for each of them, shared out where several ranks work together. What a movie
/// fails with is told and the rest goes on. OUT/jobs.csv, written anew behind every movie of the
/// root rank, tells how each one went, by the summary.json in its folder.
Outcome run_jobs(std::vector<MovieJob> jobs,
                 const std::filesystem::path& out,
                 const Session& session,
                 const std::function<void(const MovieJob&)>& work);

}  // namespace kinema::app
