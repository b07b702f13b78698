// What `kinema view` shows: movies and containers, as panes that a page asks for frames of.
#pragma once

#include "kinema/base/options.h"
#include "kinema/io/read_options.h"
#include "kinema/report/pyramid.h"

#include "verb.h"
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace kinema::app {

/// One pane: numbered images of one size.
class ViewPane {
 public:
  virtual ~ViewPane() = default;
  /// For the page: name, height, width, images, whether pixels are whole numbers, and image_starts
  /// where an image stands for several frames.
  virtual Json description() = 0;
  virtual Index images() = 0;
  /// Level 0 of an image, by one thread at a time.
  virtual report::LevelImage image(Index number) = 0;

  std::mutex busy;  // held while an image is made
};

/// A file that is shown: its panes, and what runs over their frames.
class ViewFile {
 public:
  virtual ~ViewFile() = default;
  virtual Index frames() = 0;
  /// Whether more frames may come.
  virtual bool grows() { return false; }
  virtual const MovieInfo& info() const = 0;
  /// What there is to say of the file, for people.
  virtual Json facts() const = 0;
  virtual std::string name() const = 0;
  virtual std::pair<Index, Index> frame_size() const = 0;  // height, width
  const std::vector<std::unique_ptr<ViewPane>>& panes() const { return panes_; }

 protected:
  std::vector<std::unique_ptr<ViewPane>> panes_;
};

/// Opens a movie, or a container, complete or growing. Throws InputError for what is neither.
std::unique_ptr<ViewFile> open_view(const std::string& path,
                                    const io::ReadOptions& options,
                                    const Session& session);

}  // namespace kinema::app
