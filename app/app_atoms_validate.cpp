// atoms validate: whether each frame of a trajectory could be a crystal, by molecular dynamics.
#include "kinema/atoms/validate.h"
#include "kinema/base/hash.h"
#include "kinema/base/parallel.h"
#include "kinema/base/rng.h"
#include "kinema/data/frame_range.h"
#include "kinema/io/atom_files.h"

#include <fmt/format.h>

#include "app_atoms.h"
#include "verdict_log.h"

namespace kinema::app {
namespace {

struct ValidateVerbOptions : atoms::ValidateOptions {
  FrameRange frames;
  bool resume = false;

  static void fields(auto& self, auto&& visit) {
    atoms::ValidateOptions::fields(self, visit);
    visit("frames", self.frames, "frames a:b of the file to judge, half-open, from 0");
    visit("resume", self.resume, "go on where an interrupted run of the same command stopped");
  }
};

/// What must be the same for a run to go on with.
Json job_of(const Provenance& provenance) {
  Json options = provenance.options;
  options.erase("resume");
  return {{"options", options}, {"inputs", provenance.inputs}, {"seed", provenance.seed}};
}

/// The frames of the file that are asked for, as many at once as there are threads.
class Batches {
 public:
  Batches(const std::string& path, const FrameRange& range, Index done)
      : reader_(io::open_atoms(path)), range_(range), first_(range.first + done) {}

  struct Frame {
    Index place = 0, number = 0;  // in the file, and in the movie
    AtomicModel atoms;
  };

  /// Up to `most` frames; none at the end, or behind a frame that cannot be read: see complaint().
  std::vector<Frame> next(Index most) {
    std::vector<Frame> frames;
    while (static_cast<Index>(frames.size()) < most && (!range_.last || place_ < *range_.last)) {
      auto frame = read();
      if (!frame) break;
      if (place_ >= first_) {
        frames.push_back({place_, frame->number.value_or(place_), std::move(frame->atoms)});
      }
      ++place_;
    }
    return frames;
  }
  const std::string& complaint() const { return complaint_; }

 private:
  std::optional<io::AtomFrame> read() {
    if (!complaint_.empty()) return std::nullopt;
    try {
      return reader_->next();
    } catch (const InputError& error) {
      complaint_ = error.what();
      return std::nullopt;
    }
  }

  std::unique_ptr<io::AtomReader> reader_;
  FrameRange range_;
  Index first_ = 0, place_ = 0;
  std::string complaint_;
};

void judge_all(Batches& batches,
               const ValidateVerbOptions& options,
               const Session& session,
               VerdictLog& log) {
  const Index at_once = threads();
  std::vector<std::unique_ptr<md::Engine>> engines(static_cast<std::size_t>(at_once));
  const Index total =
      options.frames.last ? std::max<Index>(0, *options.frames.last - options.frames.first) : 0;
  session.progress.begin("validate", total, "frames");
  session.progress.advance(static_cast<Index>(log.verdicts().size()));
  while (true) {
    session.progress.check();
    const std::vector<Batches::Frame> frames = batches.next(at_once);
    if (frames.empty()) break;
    std::vector<atoms::FrameVerdict> verdicts(frames.size());
    parallel_for(static_cast<Index>(frames.size()), [&](Index i) {
      const auto slot = static_cast<std::size_t>(i);
      if (!engines[slot]) engines[slot] = std::make_unique<md::Engine>();
      engines[slot]->watch(&session.progress);
      const Batches::Frame& frame = frames[slot];
      Rng rng = Rng(session.globals.seed).stream(static_cast<std::uint64_t>(frame.place));
      verdicts[slot] = judge(engines[slot], frame.atoms, frame.number, options, rng.bits());
    });
    for (const atoms::FrameVerdict& verdict : verdicts) log.add(verdict);
    session.progress.advance(static_cast<Index>(frames.size()));
  }
  session.progress.end();
}

/// Frames of the kind `verdict`, each in a line: the first few of them.
std::vector<std::string> lines_of(const std::vector<atoms::FrameVerdict>& verdicts,
                                  const std::string& kind) {
  constexpr std::size_t most = 10;
  std::vector<std::string> lines;
  std::size_t count = 0;
  for (const atoms::FrameVerdict& verdict : verdicts) {
    if (verdict.verdict != kind || ++count > most) continue;
    lines.push_back(
        fmt::format("frame {}: {}: {}", verdict.frame, kind, fmt::join(verdict.reasons, "; ")));
  }
  if (count > most) lines.push_back(fmt::format("{} more frames are {}", count - most, kind));
  return lines;
}

Outcome validate_atoms(const Arguments& arguments,
                       const ValidateVerbOptions& options,
                       const Session& session) {
  const std::string in = arguments.at("TRAJECTORY"), out = arguments.at("OUT");
  session.require_writable(out);
  if (!(options.md_time.value >= 0.0)) throw InputError("option 'md_time': lasts 0 ps or longer");
  md::lammps_info();  // says what is missing before anything is begun
  Provenance provenance = session.provenance(options_json(options));
  provenance.inputs[in] = hash_file(in);

  VerdictLog log(out, job_of(provenance), options.resume);
  Batches batches(in, options.frames, static_cast<Index>(log.verdicts().size()));
  judge_all(batches, options, session, log);
  if (log.verdicts().empty()) {
    throw InputError(batches.complaint().empty() ? in + ": holds no frame that was asked for"
                                                 : batches.complaint());
  }
  log.close(to_json(provenance));

  Outcome outcome{
      {{"input", in}, {"output", out}, {"summary", summary_of(log.verdicts())}}, "", {}};
  const Json& summary = outcome.json["summary"];
  outcome.text = fmt::format(
      "{}: {} frames: {} sound, {} unsound, {} failed\n"
      "  relaxation releases {:.4f} eV per atom, an atom inside moves {:.2f} A at most (medians)\n",
      out,
      summary["frames"].get<Index>(),
      summary["sound"].get<Index>(),
      summary["unsound"].get<Index>(),
      summary["failed"].get<Index>(),
      summary["released_ev_median"].get<double>(),
      summary["local_max_a_median"].get<double>());
  for (const std::string& line : lines_of(log.verdicts(), "unsound")) {
    outcome.text += "  " + line + "\n";
  }
  outcome.complaints = lines_of(log.verdicts(), "failed");
  if (!batches.complaint().empty()) outcome.complaints.push_back(batches.complaint());
  return outcome;
}

}  // namespace

Verb atoms_validate_verb() {
  return make_verb<ValidateVerbOptions>(
      "atoms validate",
      "whether each frame's atoms could be a crystal: relaxed, then run at 300 K",
      {{"TRAJECTORY", "extended XYZ, XYZ, or a dump of LAMMPS"}},
      "the verdicts to write: .csv, a row a frame, or .json",
      validate_atoms);
}

}  // namespace kinema::app
