#include "kinema/report/player.h"

#include "kinema/report/levels.h"
#include "kinema/report/pack.h"
#include "kinema/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace kinema::report {

namespace {

/// Frames of the movie that a cut shows.
std::vector<Index> frames_of(const Player& player, const Cut& cut) {
  std::vector<Index> frames;
  for (Index t = 0; t < player.frames; t += cut.frame_step) frames.push_back(t);
  return frames;
}

Index image_of(const Pane& pane, Index frame) {
  return pane.image_of_frame.empty() ? frame : pane.image_of_frame.at(frame);
}

/// Images of a pane that `frames` need, ascending, each once.
std::vector<Index> images_of(const Pane& pane, const std::vector<Index>& frames) {
  std::vector<Index> images;
  for (const Index frame : frames) images.push_back(image_of(pane, frame));
  std::sort(images.begin(), images.end());
  images.erase(std::unique(images.begin(), images.end()), images.end());
  return images;
}

/// Levels of a pane, from up to five of its images.
struct Sampled {
  Levels levels;
  double bytes_a_pixel = 0.0;  // in the page
};

Sampled sample(const Pane& pane, const Cut& cut, const std::vector<Index>& images) {
  std::vector<float> values;
  const Index count = std::min<Index>(5, static_cast<Index>(images.size()));
  for (Index i = 0; i < count; ++i) {
    const Index at = (2 * i + 1) * static_cast<Index>(images.size()) / (2 * count);
    const Array<float, 2> shown = apply(cut, pane.image(images[at]).view());
    values.insert(values.end(), shown.flat().begin(), shown.flat().end());
  }
  const Levels levels = levels_for(values, pane.bits, pane.diverging);
  std::vector<std::byte> bytes;
  append_levels(levels, values, bytes);
  const auto packed = static_cast<double>(deflate(bytes).size());
  return {levels, packed * 4.0 / 3.0 / static_cast<double>(values.size())};
}

double estimated_bytes(const Player& player, const Cut& cut, const std::vector<Sampled>& samples) {
  const std::vector<Index> frames = frames_of(player, cut);
  double bytes = 0.0;
  for (std::size_t p = 0; p < player.panes.size(); ++p) {
    bytes += static_cast<double>(images_of(player.panes[p], frames).size()) *
             static_cast<double>(cut.shown_height() * cut.shown_width()) * samples[p].bytes_a_pixel;
  }
  return bytes;
}

/// One pane's pixels in the page.
struct PackedPane {
  Json description;
  Block levels;
  std::string exactness;
};

PackedPane pack_pane(const Pane& pane,
                     const Cut& cut,
                     const std::vector<Index>& frames,
                     Levels levels,
                     Progress& progress) {
  const std::vector<Index> images = images_of(pane, frames);
  std::vector<std::byte> bytes;
  Index clipped = 0;
  std::map<Index, Index> place_of;
  for (const Index image : images) {
    progress.check();
    place_of[image] = static_cast<Index>(place_of.size());
    clipped += append_levels(levels, apply(cut, pane.image(image).view()).flat(), bytes);
    progress.advance(1);
  }
  Json places = Json::array();
  for (const Index frame : frames) places.push_back(place_of.at(image_of(pane, frame)));
  Json description = {{"name", pane.name},
                      {"unit", pane.unit},
                      {"group", pane.group},
                      {"diverging", pane.diverging},
                      {"offset", levels.offset},
                      {"scale", levels.step},
                      {"clipped_pixels", clipped},
                      {"images", images.size()},
                      {"image_of", std::move(places)}};
  std::string exactness =
      pane.name + (levels.step == 1.0 ? " exact" : " in steps of " + number_text(levels.step, 2));
  if (clipped > 0) {
    exactness += fmt::format(" ({} {} clipped)", clipped, clipped == 1 ? "pixel" : "pixels");
  }
  Block block =
      block_of_bytes(levels.bits == 32   ? "f32"
                     : levels.bits == 16 ? "u16"
                                         : "u8",
                     {static_cast<Index>(images.size()), cut.shown_height(), cut.shown_width()},
                     bytes);
  return {std::move(description), std::move(block), std::move(exactness)};
}

}  // namespace

Json dose_json(const std::optional<Dose>& dose, const std::optional<PixelSize>& pixel) {
  if (!dose) return nullptr;
  if (!pixel) return {{"per_frame", dose->value}, {"unit", "e\u207b/px"}};
  const double area = pixel->x.value * pixel->y.value;
  return {{"per_frame", dose->value / area}, {"unit", "e\u207b/\u00c5\u00b2"}};
}

namespace {

/// The player as `cut` leaves it.
PackedPlayer pack_cut(const Player& player,
                      const Cut& cut,
                      const std::vector<Sampled>& samples,
                      Progress& progress) {
  const std::vector<Index> frames = frames_of(player, cut);
  Index images = 0;
  for (const Pane& pane : player.panes)
    images += static_cast<Index>(images_of(pane, frames).size());
  progress.begin("report", images, "images");
  PackedPlayer packed;
  Json panes = Json::array();
  std::string exactness;
  for (std::size_t p = 0; p < player.panes.size(); ++p) {
    PackedPane pane = pack_pane(player.panes[p], cut, frames, samples[p].levels, progress);
    panes.push_back(std::move(pane.description));
    packed.blocks.push_back(std::move(pane.levels));
    exactness += (exactness.empty() ? "" : ", ") + pane.exactness;
  }
  progress.end();
  const int bits = player.panes.front().bits;
  packed.shown =
      to_text(cut, player.frames, player.height, player.width) + " Pixel values are held as " +
      (bits == 32 ? "32-bit floats." : std::to_string(bits) + "-bit levels: " + exactness + ".");
  const std::optional<PixelSize>& pixel = player.pixel_size;
  packed.description = {
      {"kind", "player"},
      {"shown", packed.shown},
      {"frames", frames},
      {"total_frames", player.frames},
      {"top", cut.top},
      {"left", cut.left},
      {"bin", cut.bin},
      {"height", cut.shown_height()},
      {"width", cut.shown_width()},
      {"pixel_angstrom", pixel ? Json(pixel->x.value * static_cast<double>(cut.bin)) : Json()},
      {"frame_seconds", player.frame_time ? Json(player.frame_time->value) : Json()},
      {"dose", dose_json(player.dose, pixel)},
      {"panes", std::move(panes)}};
  return packed;
}

void require_sound(const Player& player) {
  if (player.panes.empty() || player.panes.size() > 4 || player.frames < 1) {
    throw std::logic_error("a player shows 1 to 4 panes of at least one frame");
  }
}

}  // namespace

PackedPlayer pack(const Player& player, Progress& progress) {
  require_sound(player);
  Cut cut = whole(player.height, player.width);
  const auto shrink = [&] {
    const auto next = smaller(cut, player.fit, player.frames, player.height, player.width);
    if (!next) {
      throw InputError(
          fmt::format("report: {} bytes for the frames do not hold one frame of each "
                      "movie; allow more",
                      player.budget));
    }
    cut = *next;
  };
  const auto sample_all = [&] {
    std::vector<Sampled> samples;
    for (const Pane& pane : player.panes) {
      samples.push_back(sample(pane, cut, images_of(pane, frames_of(player, cut))));
    }
    return samples;
  };
  while (true) {
    // The estimate decides how far to shrink; what was truly packed has the last word.
    std::vector<Sampled> samples = sample_all();
    if (estimated_bytes(player, cut, samples) > static_cast<double>(player.budget)) {
      while (estimated_bytes(player, cut, samples) > static_cast<double>(player.budget)) shrink();
      samples = sample_all();
    }
    PackedPlayer packed = pack_cut(player, cut, samples, progress);
    Index bytes = 0;
    for (const Block& block : packed.blocks) bytes += static_cast<Index>(block.text.size());
    if (bytes <= player.budget) return packed;
    shrink();
  }
}

}  // namespace kinema::report
