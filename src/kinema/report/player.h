// Movies side by side in lockstep: each pane is a movie of its own, packed into the page as levels.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/data/movie.h"
#include "kinema/report/block.h"
#include "kinema/report/cut.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kinema::report {

/// One pane. Images are asked for by number, in ascending order, more than once.
struct Pane {
  std::string name = {}, unit = {};                  // "decoded", "counts"
  std::function<Array<float, 2>(Index)> image = {};  // number -> (Y, X)
  std::vector<Index> image_of_frame = {};            // empty: image t for frame t
  std::string group = {};  // panes of one group show the same quantity and may share a contrast
  bool diverging = false;  // contrast symmetric about zero
  int bits = 8;            // 8 or 16 bits a pixel, or 32: floats
};

struct Player {
  Index frames = 0, height = 0, width = 0;
  std::optional<PixelSize> pixel_size = {};
  std::optional<Time> frame_time = {};
  std::optional<Dose> dose = {};  // electrons per pixel in one frame
  std::vector<Pane> panes = {};   // 1 to 4
  Index budget = 25'000'000;      // bytes of the page that the pixels may take
  Fit fit = Fit::crop;
};

/// What the browser needs: the description, and for each pane its levels (I, Y, X).
struct PackedPlayer {
  Json description;
  std::vector<Block> blocks;
  std::string shown;  // what is shown of the movie and how exactly, in words
};

/// What a frame adds to the dose, {per_frame, unit}, per angstrom^2 where the pixel is known; null
/// where the dose is not.
Json dose_json(const std::optional<Dose>& dose, const std::optional<PixelSize>& pixel);

/// Packs a player within its budget. Throws InputError where the budget holds not even one frame.
PackedPlayer pack(const Player& player, Progress& progress);

}  // namespace kinema::report
