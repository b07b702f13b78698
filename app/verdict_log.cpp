// The log of verdicts, and its end.
#include "verdict_log.h"

#include "kinema/base/error.h"
#include "kinema/io/line_reader.h"

#include <algorithm>
#include <span>

namespace kinema::app {
namespace {

double median(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

bool ends_as_table(const std::filesystem::path& path) {
  if (path.extension() == ".csv") return true;
  if (path.extension() == ".json") return false;
  throw InputError(path.string() + ": verdicts are written as .csv or .json");
}

}  // namespace

VerdictLog::VerdictLog(const std::filesystem::path& path, const Json& job, bool resume)
    : path_(path), is_table_(ends_as_table(path)) {
  if (resume && std::filesystem::exists(io::PartialFile::partial_path(path))) {
    take_up(job);
  } else {
    file_.emplace(io::PartialFile::create(path, 0));
    append(job.dump());
  }
}

void VerdictLog::take_up(const Json& job) {
  const std::filesystem::path partial = io::PartialFile::partial_path(path_);
  {
    const io::InputFile file(partial);
    io::LineReader lines(file);
    const auto first = lines.next();
    if (!first || Json::parse(*first, nullptr, false) != job) {
      throw InputError(partial.string() +
                       ": was begun with other options or another file; remove it, or leave "
                       "--resume away to begin anew");
    }
    while (true) {
      written_ = file.size() - lines.remaining();  // behind the last whole verdict
      const auto line = lines.next();
      if (!line) break;
      const Json json = Json::parse(*line, nullptr, false);
      if (json.is_discarded()) break;  // torn by a crash
      verdicts_.push_back(atoms::verdict_from_json(json));
    }
  }
  std::filesystem::resize_file(partial, written_);
  file_.emplace(io::PartialFile::reopen(path_));
}

void VerdictLog::append(const std::string& line) {
  const std::string text = line + "\n";
  file_->write_at(written_, std::as_bytes(std::span(text)));
  written_ += text.size();
}

void VerdictLog::add(const atoms::FrameVerdict& verdict) {
  append(atoms::to_json(verdict).dump());
  file_->keep(true);
  verdicts_.push_back(verdict);
}

void VerdictLog::close(const Json& provenance) {
  file_.reset();
  if (is_table_) {
    std::string table = atoms::csv_head();
    for (const atoms::FrameVerdict& verdict : verdicts_) table += atoms::csv_row(verdict);
    io::write_text_file(path_, table);
    io::write_text_file(path_.string() + ".json", Json{{"provenance", provenance}}.dump(2) + "\n");
    return;
  }
  Json frames = Json::array();
  for (const atoms::FrameVerdict& verdict : verdicts_) frames.push_back(atoms::to_json(verdict));
  const Json whole{
      {"summary", summary_of(verdicts_)}, {"frames", frames}, {"provenance", provenance}};
  io::write_text_file(path_, whole.dump(2) + "\n");
}

Json summary_of(const std::vector<atoms::FrameVerdict>& verdicts) {
  std::map<std::string, Index> counts;
  std::vector<double> released, local;
  for (const atoms::FrameVerdict& verdict : verdicts) {
    ++counts[verdict.verdict];
    if (verdict.verdict == "failed") continue;
    released.push_back(verdict.released);
    local.push_back(verdict.local_max);
  }
  return {{"frames", verdicts.size()},
          {"sound", counts["sound"]},
          {"unsound", counts["unsound"]},
          {"failed", counts["failed"]},
          {"released_ev_median", median(released)},
          {"local_max_a_median", median(local)}};
}

}  // namespace kinema::app
