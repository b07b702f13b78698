// codec decode: from a container back to a movie file, resumable group by group.
#include "kinema/base/hash.h"
#include "kinema/codec/decode.h"
#include "kinema/data/frame_range.h"
#include "kinema/io/file.h"
#include "kinema/io/movie_writer.h"

#include <fmt/format.h>

#include "follow.h"
#include "verb.h"
#include <filesystem>
#include <fstream>

namespace kinema::app {
namespace {

struct DecodeVerbOptions : codec::DecodeOptions {
  FrameRange frames;
  bool follow = false;

  static void fields(auto& self, auto&& visit) {
    codec::DecodeOptions::fields(self, visit);
    visit("frames", self.frames, "frames to decode, a:b, half-open");
    visit("follow",
          self.follow,
          "decode a container while it is written: groups as they come, until it is complete");
  }
};

/// What an interrupted decode had finished: written beside the partial movie after every group.
class Journal {
 public:
  /// `key` tells one job from another: the same input and options.
  Journal(const std::string& out, std::string key)
      : path_(out + ".partial.json"), key_(std::move(key)) {
    std::ifstream file(path_);
    const Json json = file ? Json::parse(file, nullptr, false) : Json();
    const bool ours = json.is_object() && json.contains("key") && json["key"] == key_;
    if (ours && json.contains("groups") && json["groups"].is_array()) groups_ = json["groups"];
  }

  bool resumes() const { return !groups_.empty(); }
  Index done() const { return static_cast<Index>(groups_.size()); }
  const Json& groups() const { return groups_; }
  void forget() {
    groups_ = Json::array();
    remove();
  }
  void add(const codec::GroupReport& report) {
    groups_.push_back(codec::to_json(report));
    io::write_text_file(path_, Json{{"key", key_}, {"groups", groups_}}.dump());
  }
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

 private:
  std::filesystem::path path_;
  std::string key_;
  Json groups_ = Json::array();
};

std::string job_key(const std::string& in,
                    const codec::ContainerHeader& header,
                    const Json& options) {
  Hasher hasher;
  const std::string text = std::filesystem::absolute(in).string() + header.mask_hash +
                           header.provenance.created + std::to_string(header.frames) +
                           std::to_string(std::filesystem::file_size(in)) + options.dump() +
                           version();
  hasher.add(text.data(), text.size());
  return hasher.hex();
}

Json decode_to_file(const std::string& in,
                    const std::string& out,
                    const DecodeVerbOptions& options,
                    const Session& session) {
  const codec::ContainerReader container(in);
  const codec::ContainerHeader& header = container.header();
  if (header.groups.empty()) throw InputError(in + ": holds no snapshot; nothing to decode");
  if (!header.complete) session.progress.note(in + ": is not complete; what is there is decoded");
  const codec::CodedMovie coded = codec::coded_movie(container);
  const FrameSpan span = resolve(options.frames, header.frames);
  const auto [first, last] = codec::groups_of(header.groups, span);
  const FrameFormat format{PixelType::f32, header.height, header.width};
  const Json side = codec::decoded_provenance(header, session.provenance(options_json(options)));

  Journal journal(out, job_key(in, header, side["options"]));
  std::unique_ptr<io::MovieWriter> writer;
  Json reports = Json::array();
  const bool is_root = session.comm.is_root();
  if (is_root) {
    if (journal.resumes()) {
      writer = io::MovieWriter::resume(out, format, span.count(), header.info, side);
    }
    if (!writer) {
      journal.forget();
      writer = io::MovieWriter::create(out, format, span.count(), header.info, side);
    }
    writer->keep_partial(journal.resumes());
    if (journal.done() > 0) {
      session.progress.note(
          fmt::format("{}: goes on after {} of {} groups", out, journal.done(), last - first));
    }
    reports = journal.groups();
  }
  std::int64_t done = journal.done();
  session.comm.broadcast(std::as_writable_bytes(std::span(&done, 1)));

  codec::decode(
      coded,
      options,
      first + done,
      last,
      [&](Index s, const codec::GroupReport& report, ArrayView<const float, 3> frames) {
        const Index start = header.groups[static_cast<std::size_t>(s)].first;
        const Index from = std::max(span.first, start);
        const Index to = std::min(span.last, start + frames.shape()[0]);
        writer->write(from - span.first,
                      std::as_bytes(frames.slice(from - start, to - from).flat()));
        journal.add(report);
        writer->keep_partial(true);  // there is something to go on from
        reports.push_back(codec::to_json(report));
      },
      session.progress,
      session.memory(),
      session.comm);
  if (is_root) {
    writer->close();
    journal.remove();
  }
  return reports;
}

Outcome decode_container(const Arguments& arguments,
                         const DecodeVerbOptions& options,
                         const Session& session) {
  const std::string in = arguments.at("MEASUREMENT"), out = arguments.at("OUT");
  session.require_writable(out);
  io::require_writable_type(out, PixelType::f32);
  if (options.follow && options.frames != FrameRange{}) {
    throw InputError(in + ": --follow decodes all frames; leave --frames away");
  }
  const Json reports = options.follow
                           ? decode_growing(in, out, options, options_json(options), session)
                           : decode_to_file(in, out, options, session);
  double residual = 0.0;
  Index noise_aware = 0;
  for (const Json& report : reports) {
    residual += report["residual"].get<double>();
    noise_aware += report["noise_aware"].get<bool>() ? 1 : 0;
  }
  const auto groups = static_cast<Index>(reports.size());
  Outcome outcome;
  outcome.json = {{"output", out}, {"decoder", to_text(options.decoder)}, {"groups", reports}};
  if (groups > 0) {
    outcome.text =
        fmt::format("{}: {} groups decoded by {}", out, groups, to_text(options.decoder));
    if (options.decoder == codec::Decoder::gap_tv) {
      outcome.text += fmt::format(" ({} of them noise-aware), mean residual {:.4f}",
                                  noise_aware,
                                  residual / static_cast<double>(groups));
    }
    outcome.text += "\n";
  }
  return outcome;
}

}  // namespace

std::vector<Verb> decode_verbs() {
  return {
      make_verb<DecodeVerbOptions>("codec decode",
                                   "decode measurements back into a movie",
                                   {{"MEASUREMENT", "a container made by codec encode or wrap"}},
                                   "the movie to write (.mrc, .tif or .npy)",
                                   decode_container)};
}

}  // namespace kinema::app
