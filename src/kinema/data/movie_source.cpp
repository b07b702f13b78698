// Movies as floats from any source, and sources over memory.
#include "kinema/data/movie_source.h"

#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>

namespace kinema {

nlohmann::ordered_json MovieSource::metadata() const {
  return nlohmann::ordered_json::object();
}

nlohmann::ordered_json describe(const FrameFormat& format, Index frames, const MovieInfo& info) {
  nlohmann::ordered_json json = {{"frames", frames},
                                 {"height", format.height},
                                 {"width", format.width},
                                 {"dtype", to_text(format.type)}};
  json.update(to_json(info));
  return json;
}

void floats_from(PixelType type, const std::byte* pixels, Index count, float* out) {
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* in = reinterpret_cast<const T*>(pixels);
    for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(in[i]);
  });
}

Movie to_movie(MovieSource& source, Index first, Index count) {
  if (count < 0) count = source.frames().value() - first;
  require_frames(source, first, count);
  const FrameFormat format = source.format();
  Movie movie{Array<float, 3>::uninitialised({count, format.height, format.width}), source.info()};
  std::vector<std::byte> frame(static_cast<std::size_t>(format.bytes()));
  for (Index t = 0; t < count; ++t) {
    source.read(first + t, 1, frame);
    floats_from(format.type, frame.data(), format.pixels(), movie.frames[t].data());
  }
  return movie;
}

ArraySource::ArraySource(const std::byte* pixels,
                         FrameFormat format,
                         Index frames,
                         MovieInfo info,
                         std::shared_ptr<const void> owner)
    : pixels_(pixels),
      format_(format),
      frames_(frames),
      info_(std::move(info)),
      owner_(std::move(owner)) {}

void ArraySource::read(Index first, Index count, std::span<std::byte> out) {
  require_frames(*this, first, count);
  std::memcpy(out.data(),
              pixels_ + first * format_.bytes(),
              static_cast<std::size_t>(count * format_.bytes()));
}

ArraySource source_of(const Movie& movie) {
  const auto [frames, height, width] = movie.frames.shape();
  return {reinterpret_cast<const std::byte*>(movie.frames.data()),
          {PixelType::f32, height, width},
          frames,
          movie.info};
}

void require_frames(const MovieSource& source, Index first, Index count) {
  const Index available = source.frames().value_or(std::numeric_limits<Index>::max());
  if (first < 0 || count < 0 || first > available || count > available - first) {
    throw InputError(std::to_string(count) + " frames from frame " + std::to_string(first) +
                     " on are asked for, but the movie has " + std::to_string(available) +
                     "; give --frames a:b within 0:" + std::to_string(available));
  }
}

}  // namespace kinema
