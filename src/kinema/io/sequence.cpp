// Many files behind one MovieSource: few are open at a time, runs of files are read by all threads.
#include "kinema/io/sequence.h"

#include "kinema/base/parallel.h"
#include "kinema/io/formats.h"
#include "kinema/io/sequence_files.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <list>

namespace kinema::io {
namespace {

using Path = std::filesystem::path;

constexpr std::size_t most_open = 8;

std::string text_of(const FrameFormat& format, const std::string& name) {
  return std::to_string(format.height) + " x " + std::to_string(format.width) + " " +
         to_text(format.type) + " (" + name + ")";
}

/// What the user says of the whole movie is not said of each file.
ReadOptions for_files(ReadOptions options) {
  options.pixel_size.reset();
  options.frame_time.reset();
  return options;
}

bool is_isolated(const std::string& name) {
  const auto formats = movie_formats();
  return std::any_of(formats.begin(), formats.end(), [&](const MovieFormat& format) {
    return format.name == name && format.isolated;
  });
}

std::uint64_t size_of(const Path& file) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(file, failed);
  if (failed) throw IoError(file, "cannot be examined: " + failed.message());
  return size;
}

/// The wanted frames of one file.
struct Piece {
  std::size_t file = 0;
  Index first = 0, count = 0;
  std::span<std::byte> out;
};

class SequenceSource : public MovieSource {
 public:
  SequenceSource(SequenceFiles found, const ReadOptions& options)
      : files_(std::move(found.files)),
        options_(for_files(options)),
        name_(movie_format(files_.front())),
        parallel_(!is_isolated(name_)) {
    const std::shared_ptr<MovieSource> first = open_part(files_.front(), options_);
    format_ = first->format();
    info_ = first->info();
    metadata_ = first->metadata();
    open_.push_front({0, first});
    count_frames(first->frames().value());
    describe_all(found);
  }

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return ends_.back(); }
  const MovieInfo& info() const override { return info_; }
  nlohmann::ordered_json metadata() const override { return metadata_; }

  void read(Index first, Index count, std::span<std::byte> out) override {
    require_frames(*this, first, count);
    const std::vector<Piece> pieces = pieces_of(first, count, out);
    if (pieces.size() < 2 || !parallel_) {
      for (const Piece& piece : pieces) read_piece(*opened(piece.file), piece);
      return;
    }
    parallel_for(static_cast<Index>(pieces.size()), [&](Index i) {
      const Piece& piece = pieces[static_cast<std::size_t>(i)];
      read_piece(*open_file(piece.file), piece);
    });
  }

 private:
  struct Open {
    std::size_t file;
    std::shared_ptr<MovieSource> source;
  };

  Index begin_of(std::size_t file) const { return file == 0 ? 0 : ends_[file - 1]; }

  /// Files of the first one's size hold as many frames, which is checked when they are read;
  /// pictures hold one always; the others are opened.
  void count_frames(Index frames_of_first) {
    const bool one_each = name_ == "png" || name_ == "jpeg";
    const std::uint64_t size = size_of(files_.front());
    ends_ = {frames_of_first};
    for (std::size_t file = 1; file < files_.size(); ++file) {
      Index frames = frames_of_first;
      if (!one_each && size_of(files_[file]) != size) {
        const auto source = open_part(files_[file], options_);
        require_like_first(file, *source);
        frames = source->frames().value();
      }
      ends_.push_back(ends_.back() + frames);
    }
  }

  void describe_all(const SequenceFiles& found) {
    info_.notes.insert(info_.notes.begin(),
                       std::to_string(files_.size()) + " " + name_ +
                           (files_.size() == 1 ? " file: " : " files, the first is ") +
                           files_.front().filename().string());
    info_.notes.insert(info_.notes.end(), found.notes.begin(), found.notes.end());
    if (found.frame_time && !info_.frame_time && ends_.front() == 1) {
      info_.frame_time = {Time{*found.frame_time}, "folder names"};
    }
    if (info_.axes.size() >= 2 && ends_.back() != ends_.front()) {
      info_.axes.erase(info_.axes.begin(), info_.axes.end() - 2);
      Axis axis;
      axis.name = "frame";
      axis.size = ends_.back();
      if (info_.frame_time) {
        axis.step = info_.frame_time->value;
        axis.unit = "s";
      }
      info_.axes.insert(info_.axes.begin(), axis);
    }
    metadata_["sequence"] = {{"files", files_.size()},
                             {"first", files_.front().string()},
                             {"last", files_.back().string()}};
  }

  std::vector<Piece> pieces_of(Index first, Index count, std::span<std::byte> out) const {
    std::vector<Piece> pieces;
    auto file = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), first) -
                                         ends_.begin());
    for (; count > 0; ++file) {
      const Index taken = std::min(count, ends_[file] - first);
      const auto bytes = static_cast<std::size_t>(taken * format_.bytes());
      pieces.push_back({file, first - begin_of(file), taken, out.first(bytes)});
      out = out.subspan(bytes);
      first += taken;
      count -= taken;
    }
    return pieces;
  }

  void require_like_first(std::size_t file, const MovieSource& source) const {
    const std::string name = movie_format(files_[file]);
    if (source.format() == format_ && name == name_) return;
    throw InputError(files_[file].string() + ": is " + text_of(source.format(), name) +
                     ", but the first file of the sequence, " + files_.front().filename().string() +
                     ", is " + text_of(format_, name_) +
                     "; frames of a movie must be alike: move it away, or give a pattern");
  }

  std::shared_ptr<MovieSource> open_file(std::size_t file) const {
    std::shared_ptr<MovieSource> source = open_part(files_[file], options_);
    require_like_first(file, *source);
    const Index frames = source->frames().value(), expected = ends_[file] - begin_of(file);
    if (frames != expected) {
      throw InputError(files_[file].string() + ": holds " + std::to_string(frames) +
                       " frames where files of this size held " + std::to_string(expected) +
                       "; join the files by their own program first");
    }
    return source;
  }

  /// The file's source, kept open with those used last.
  std::shared_ptr<MovieSource> opened(std::size_t file) {
    const auto known = std::find_if(
        open_.begin(), open_.end(), [&](const Open& open) { return open.file == file; });
    if (known != open_.end()) {
      open_.splice(open_.begin(), open_, known);
    } else {
      open_.push_front({file, open_file(file)});
      if (open_.size() > most_open) open_.pop_back();
    }
    return open_.front().source;
  }

  static void read_piece(MovieSource& source, const Piece& piece) {
    source.read(piece.first, piece.count, piece.out);
  }

  std::vector<Path> files_;
  ReadOptions options_;
  std::string name_;
  bool parallel_;
  FrameFormat format_;
  std::vector<Index> ends_;  // of each file: the first frame behind it
  std::list<Open> open_;     // the last used first
  MovieInfo info_;
  nlohmann::ordered_json metadata_;
};

}  // namespace

std::unique_ptr<MovieSource> open_sequence(const Path& path, const ReadOptions& options) {
  return std::make_unique<SequenceSource>(find_sequence_files(path), options);
}

std::string sequence_format(const Path& path) {
  return "sequence of " + movie_format(find_sequence_files(path).files.front());
}

}  // namespace kinema::io
