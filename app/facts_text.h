// What is known about a movie, in lines for people.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie_source.h"

#include <string>

namespace kinema::app {

/// Size and type of the frames, every fact with its source, the axes, the notes.
std::string movie_text(const FrameFormat& format, Index frames, const MovieInfo& info);

/// A quantity in six digits.
std::string readable(const PixelSize& size);
std::string readable(Time time);

/// A file's size: "2.4 MB".
std::string size_text(double bytes);

/// A tree of metadata as indented lines.
std::string tree_text(const Json& tree, int depth);

}  // namespace kinema::app
