// From one movie file to another: some of its frames, a rectangle of them, binned, in another
// format. The pixel type is kept; binning sums and widens it, and of complex or coloured pixels one
// part may be taken.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/crop.h"
#include "kinema/data/frame_range.h"
#include "kinema/data/movie_source.h"
#include "kinema/io/movie_writer.h"
#include "kinema/io/part.h"
#include "kinema/io/read_options.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

struct ConvertOptions : ReadOptions {
  ConvertOptions() = default;  // no aggregate: GCC 12 warns of their temporaries without reason

  FrameRange frames;
  std::optional<Crop> crop;
  Index bin = 1;
  Part part = Part::automatic;
  std::optional<Contrast> contrast = {};
  double fps = WriteOptions{}.fps;
  bool scale_bar = WriteOptions{}.scale_bar;

  static void fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "frames a:b to keep, half-open, from 0");
    visit("crop", self.crop, "rectangle y,x,height,width to keep");
    visit("bin", self.bin, "sum squares of n x n pixels; the pixel type widens, the pixel grows");
    visit("part", self.part, "the number to take of complex or coloured pixels; auto keeps all");
    visit("contrast",
          self.contrast,
          "grey levels \"black, white\" of 8-bit pictures and videos; auto finds them, and keeps "
          "uint8 as it is");
    visit("fps", self.fps, "frames a second at which a video plays");
    visit("scale_bar", self.scale_bar, "draw one into H.264 videos where the pixel size is known");
    ReadOptions::fields(self, visit);
  }
};

/// The narrowest type that holds every sum of n x n pixels of `type`: floats, complex pixels and
/// 64-bit integers keep theirs, 32-bit integers become f64. InputError for colours, whose sums are
/// none.
PixelType binned_type(PixelType type, Index n);

/// Largest magnitude of a sum of n x n pixels of an integer type; 0 for others.
double largest_sum(PixelType type, Index n);

/// The part of `source` that the options ask for, as a movie of its own: its part first, then
/// cropped, then binned, with axes to match. A sum beyond 64 bits is an InputError when it is read.
/// Rows and columns that fill no whole bin are left out, with a note. `target`, where given, is the
/// pixel type to deliver instead of the source's or the binned one; it must hold it exactly.
std::unique_ptr<MovieSource> select(std::unique_ptr<MovieSource> source,
                                    const ConvertOptions& options,
                                    std::optional<PixelType> target = std::nullopt);

struct Converted {
  std::filesystem::path path;  // under which the movie is read again
  FrameFormat format;
  Index frames = 0;
  MovieInfo info;
  double seconds = 0.0;
  double bytes_read = 0.0;  // of pixels
};

/// Reads `in` and writes `out` within `memory` bytes. Sums that MRC has no integers for are written
/// as f32 where that is exact, with a note.
Converted convert(const std::filesystem::path& in,
                  const std::filesystem::path& out,
                  const ConvertOptions& options,
                  Index memory,
                  const Json& provenance,
                  Progress& progress);

}  // namespace kinema::io
