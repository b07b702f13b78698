// The user's word over the file's.
#include "kinema/io/read_options.h"

namespace kinema::io {
namespace {

template <class T>
void apply(const std::optional<T>& given, const std::string& name, Fact<T>& fact, MovieInfo& info) {
  if (!given) return;
  if (fact && *fact != *given) {
    info.notes.push_back("the user's " + name + " of " + to_text(*given) + " takes the place of " +
                         to_text(*fact) + " (" + fact.source + ")");
  }
  fact = {*given, "user"};
}

}  // namespace

void apply_user(const ReadOptions& options, MovieInfo& info) {
  apply(options.pixel_size, "pixel size", info.pixel_size, info);
  apply(options.frame_time, "frame time", info.frame_time, info);
}

}  // namespace kinema::io
