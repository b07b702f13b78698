// convert: one movie into another file, or many into a folder.
#include "kinema/io/convert.h"
#include "kinema/io/file_list.h"
#include "kinema/io/movie_writer.h"

#include <fmt/format.h>

#include "facts_text.h"
#include "verb.h"
#include <algorithm>
#include <filesystem>
#include <set>

namespace kinema::app {
namespace {

using Path = std::filesystem::path;

struct ConvertVerbOptions : io::ConvertOptions {
  std::string to;

  static void fields(auto& self, auto&& visit) {
    visit("to",
          self.to,
          "ending of what many movies become, e.g. tif; they go into the folder OUT, or beside "
          "their originals");
    io::ConvertOptions::fields(self, visit);
  }
};

/// One movie to convert.
struct Job {
  std::string in, out;
};

struct Plan {
  std::vector<Job> jobs;
  bool many = false;  // asked for as a batch: its failures are told and the rest goes on
};

bool is_folder(const std::string& word) {
  std::error_code absent;
  return word.ends_with("/") || std::filesystem::is_directory(word, absent);
}

/// Makes the folder, but not the folders above it.
void make_folder(const std::string& folder) {
  std::error_code failure;
  const Path path(folder);
  std::filesystem::create_directory(path.filename().empty() ? path.parent_path() : path, failure);
  if (!std::filesystem::is_directory(folder)) {
    throw InputError(folder + ": there is no such folder and it cannot be made" +
                     (failure ? ": " + failure.message() : ""));
  }
}

/// Patterns give way to the files that they name; anything else stays what it is.
std::vector<std::string> named_files(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    if (!io::is_pattern(word)) {
      files.push_back(word);
      continue;
    }
    for (const Path& path : io::matching_paths(word)) files.push_back(path.string());
  }
  return files;
}

/// Many movies: into `folder`, or beside their originals where it is empty.
Plan plan_of_many(const std::vector<std::string>& words, const std::string& folder, Path ending) {
  if (ending.string().front() != '.') ending = "." + ending.string();
  io::writer_format("movie" + ending.string());  // refuses what kinema does not write
  Plan plan{{}, true};
  for (const std::string& in : named_files(words)) {
    Path from(in);
    if (from.filename().empty()) from = from.parent_path();  // "run_3/" is run_3
    const Path stem = std::filesystem::is_directory(from) ? from.filename() : from.stem();
    const Path place = folder.empty() ? from.parent_path() : Path(folder);
    plan.jobs.push_back({in, (place / (stem.string() + ending.string())).string()});
  }
  if (!folder.empty()) make_folder(folder);
  return plan;
}

/// kinema convert IN OUT, IN -o OUT, or many with --to.
Plan plan_of(const Arguments& arguments, const std::string& to) {
  std::vector<std::string> words = arguments.all("IN");
  std::string out = arguments.at("OUT");
  const bool may_take_last = out.empty() && words.size() > 1;
  if (may_take_last &&
      (to.empty() ? words.size() == 2 || is_folder(words.back()) : is_folder(words.back()))) {
    out = words.back();
    words.pop_back();
  }
  if (!to.empty()) return plan_of_many(words, out, to);
  const bool is_one = words.size() == 1;
  if (out.empty() && !is_one) {
    throw InputError(fmt::format(
        "convert: {} movies are named; say with --to ENDING what they shall become, or name one "
        "movie and the one to write",
        words.size()));
  }
  if (out.empty()) {
    throw InputError(
        "convert: name the movie to write (kinema convert IN OUT, or -o OUT), or the format that "
        "many become (--to tif)");
  }
  const bool is_zarr = Path(out).extension() == ".zarr";  // a movie that is a folder
  if (!is_one || (is_folder(out) && !is_zarr)) {
    throw InputError("convert: " + out + (is_folder(out) ? " is a folder" : " is one file") +
                     "; say with --to ENDING what " + (is_one ? "the movie" : "the movies") +
                     " shall become" + (is_folder(out) ? "" : " and name a folder"));
  }
  return {{{words[0], out}}, false};
}

Outcome convert_one(const Job& job, const ConvertVerbOptions& options, const Session& session) {
  io::writer_format(job.out);  // refuses what kinema does not write
  for (const Path& place : io::places_of_output(job.out)) session.require_writable(place.string());
  const io::Converted done = io::convert(job.in,
                                         job.out,
                                         options,
                                         session.memory(),
                                         to_json(session.provenance(options_json(options))),
                                         session.progress);
  const double speed = done.bytes_read / 1e6 / std::max(done.seconds, 1e-9);
  const std::string path = done.path.string();
  Outcome outcome{
      {{"input", job.in}, {"movie", path}, {"format", io::writer_format(path)}}, "", {}};
  outcome.json.update(describe(done.format, done.frames, done.info));
  outcome.json["seconds"] = done.seconds;
  outcome.json["megabytes_per_second"] = speed;
  outcome.text = path + ":\n" + movie_text(done.format, done.frames, done.info) +
                 fmt::format("  {:.2f} s, {:.0f} MB/s of pixels read\n", done.seconds, speed);
  return outcome;
}

Outcome convert_many(const Plan& plan, const ConvertVerbOptions& options, const Session& session) {
  Outcome all{{{"movies", Json::array()}}, "", {}};
  std::set<std::string> written;
  for (const Job& job : plan.jobs) {
    std::string error;
    try {
      if (!written.insert(job.out).second) {
        throw InputError(job.in + ": " + job.out + " was just written from another movie");
      }
      Outcome one = convert_one(job, options, session);
      const auto frames = one.json["frames"].get<Index>();
      all.text += fmt::format("{} -> {}: {} frame{}, {:.0f} MB/s\n",
                              job.in,
                              one.json["movie"].get<std::string>(),
                              frames,
                              frames == 1 ? "" : "s",
                              one.json["megabytes_per_second"].get<double>());
      all.json["movies"].push_back(std::move(one.json));
      continue;
    } catch (const InputError& failure) {
      error = failure.what();
    } catch (const IoError& failure) {
      error = failure.what();
    }
    all.complaints.push_back(error);
    all.json["movies"].push_back({{"input", job.in}, {"error", error}});
  }
  const std::size_t failed = all.complaints.size();
  if (failed > 0) {
    all.complaints.push_back(
        fmt::format("{} of {} movies were not converted", failed, plan.jobs.size()));
  }
  all.json["failed"] = failed;
  return all;
}

Outcome convert(const Arguments& arguments,
                const ConvertVerbOptions& options,
                const Session& session) {
  const Plan plan = plan_of(arguments, options.to);
  return plan.many ? convert_many(plan, options, session)
                   : convert_one(plan.jobs[0], options, session);
}

}  // namespace

std::vector<Verb> convert_verbs() {
  return {make_verb<ConvertVerbOptions>(
      "convert",
      "write movies, or parts of them, in another format; the pixel type is kept",
      {{"IN", "the movie to read, and then the one to write; or many, with --to", true, true}},
      "the movie to write, whose ending says the format; with --to a folder",
      convert)};
}

}  // namespace kinema::app
