#include "view_movie.h"

#include "kinema/data/movie_source.h"
#include "kinema/io/formats.h"

#include <fmt/format.h>

#include "view_container.h"
#include <filesystem>

namespace kinema::app {
namespace {

class MoviePane : public ViewPane {
 public:
  MoviePane(std::string name, std::unique_ptr<MovieSource> movie)
      : name_(std::move(name)), movie_(std::move(movie)), frames_(*movie_->frames()) {}

  const MovieSource& movie() const { return *movie_; }

  Json description() override {
    const FrameFormat format = movie_->format();
    return {{"name", name_},
            {"group", "frames"},
            {"height", format.height},
            {"width", format.width},
            {"whole", !is_float(format.type)},
            {"images", frames_}};
  }

  Index images() override { return frames_; }

  report::LevelImage image(Index number) override {
    const FrameFormat format = movie_->format();
    std::vector<std::byte> pixels(static_cast<std::size_t>(format.bytes()));
    movie_->read(number, 1, pixels);
    return report::whole_image(format.type, format.height, format.width, std::move(pixels));
  }

 private:
  std::string name_;
  std::unique_ptr<MovieSource> movie_;
  Index frames_;
};

class MovieFile : public ViewFile {
 public:
  MovieFile(const std::string& path, std::unique_ptr<MovieSource> movie)
      : name_(std::filesystem::path(path).filename().string()), source_(movie.get()) {
    panes_.push_back(std::make_unique<MoviePane>(name_, std::move(movie)));
  }

  Index frames() override { return *source_->frames(); }
  const MovieInfo& info() const override { return source_->info(); }
  Json facts() const override {
    return describe(source_->format(), *source_->frames(), source_->info());
  }
  std::string name() const override { return name_; }
  std::pair<Index, Index> frame_size() const override {
    return {source_->format().height, source_->format().width};
  }

 private:
  std::string name_;
  const MovieSource* source_;  // of the pane
};

std::unique_ptr<MovieSource> open_shown(const std::string& path, const io::ReadOptions& options) {
  auto movie = io::open_movie(path, options);
  if (!is_grey(movie->format().type)) {
    throw InputError(
        fmt::format("{}: pixels of type {} are no grey levels; `kinema convert --part` "
                    "makes them so",
                    path,
                    to_text(movie->format().type)));
  }
  if (!movie->frames()) throw InputError(path + ": still grows; only containers are followed");
  return movie;
}

}  // namespace

std::unique_ptr<ViewFile> open_view(const std::string& path,
                                    const io::ReadOptions& options,
                                    const Session& session) {
  if (is_viewed_container(path)) return open_container_view(path, session);
  return std::make_unique<MovieFile>(path, open_shown(path, options));
}

}  // namespace kinema::app
