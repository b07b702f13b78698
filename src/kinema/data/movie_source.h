// A movie as recorded, in its own pixel type: long movies are read a few frames at a time.
#pragma once

#include "kinema/base/array.h"
#include "kinema/data/movie.h"
#include "kinema/data/pixel_type.h"

#include <memory>
#include <optional>
#include <span>

namespace kinema {

/// Pixel type and size of every frame.
struct FrameFormat {
  PixelType type = PixelType::u8;
  Index height = 0, width = 0;
  Index pixels() const { return checked_product(height, width); }
  Index bytes() const { return checked_product(pixels(), bytes_of(type)); }
  friend bool operator==(const FrameFormat&, const FrameFormat&) = default;
};

/// Frames are numbered from 0; a source may be read in any order, by one thread at a time.
class MovieSource {
 public:
  virtual ~MovieSource() = default;
  virtual FrameFormat format() const = 0;
  /// Number of frames; none while the movie still grows.
  virtual std::optional<Index> frames() const = 0;
  virtual const MovieInfo& info() const = 0;
  /// Copies frames [first, first + count) as (count, Y, X) of `format().type`, native byte order.
  /// `out` holds exactly count * format().bytes(). Throws FileError where the data end early.
  virtual void read(Index first, Index count, std::span<std::byte> out) = 0;
  /// Byte of the movie's file from which on all frames lie one after another as read() gives them;
  /// none where they are held in any other way.
  virtual std::optional<std::uint64_t> plain_offset() const { return std::nullopt; }
  /// Everything else that the file says, as a tree in its own words; an empty object by default.
  virtual nlohmann::ordered_json metadata() const;
};

/// What a movie is, for people's programs: frames, height, width, dtype, and all of `info`.
nlohmann::ordered_json describe(const FrameFormat& format, Index frames, const MovieInfo& info);

/// Frames [first, first + count) as floats; count < 0 means all that follow.
Movie to_movie(MovieSource& source, Index first = 0, Index count = -1);

/// Converts `count` grey pixels of `type` to float; InputError for complex and colour ones.
void floats_from(PixelType type, const std::byte* pixels, Index count, float* out);

/// A source over pixels in memory (T, Y, X), which are not copied; `owner` is kept alive.
class ArraySource : public MovieSource {
 public:
  ArraySource(const std::byte* pixels,
              FrameFormat format,
              Index frames,
              MovieInfo info = {},
              std::shared_ptr<const void> owner = nullptr);

  FrameFormat format() const override { return format_; }
  std::optional<Index> frames() const override { return frames_; }
  const MovieInfo& info() const override { return info_; }
  void read(Index first, Index count, std::span<std::byte> out) override;

 private:
  const std::byte* pixels_;
  FrameFormat format_;
  Index frames_;
  MovieInfo info_;
  std::shared_ptr<const void> owner_;
};

/// A source over a float movie; `movie` must outlive it.
ArraySource source_of(const Movie& movie);

/// Throws InputError unless [first, first + count) lies within the source's frames.
void require_frames(const MovieSource& source, Index first, Index count);

}  // namespace kinema
