// What is asked of a restoration.
#pragma once

#include "kinema/base/options.h"
#include "kinema/restore/average.h"

#include <cstdint>
#include <optional>
#include <span>

namespace kinema::restore {

enum class Denoiser : std::uint8_t { none, bm3d, ksvd };

inline constexpr EnumName<Denoiser> denoiser_names[] = {
    {Denoiser::none, "none"}, {Denoiser::bm3d, "bm3d"}, {Denoiser::ksvd, "ksvd"}};
constexpr std::span<const EnumName<Denoiser>> enum_names(Denoiser) {
  return denoiser_names;
}

struct RestoreOptions {
  bool self_flat = false;
  bool gain_reference = false;
  bool defects = true;
  double defect_threshold = 12.0;
  bool drift = false;
  double drift_cutoff = 0.25;
  int drift_most = 0;
  Index average = 1;
  Window window = Window::block;
  Denoiser denoise = Denoiser::bm3d;
  std::optional<int> neighbours = {};
  double strength = 1.0;
  std::optional<double> gain = {}, read_noise = {};
  double offset = 0.0;

  static void fields(auto& self, auto&& visit) {
    visit("self_flat", self.self_flat, "take the movie's own mean for its flat: what rests, goes");
    visit("gain_reference",
          self.gain_reference,
          "the flat is a gain reference, one over it: frames are multiplied by it");
    visit("defects", self.defects, "find dead, hot and noisy pixels, and fill them");
    visit("defect_threshold",
          self.defect_threshold,
          "how far beyond its neighbours a pixel is bad, in what neighbours differ by");
    visit("drift", self.drift, "take rigid drift out");
    visit("drift_cutoff", self.drift_cutoff, "largest frequency that drift is seen at, cycles/px");
    visit("drift_most", self.drift_most, "largest step of the drift in pixels; 0: a quarter frame");
    visit("average", self.average, "frames averaged into one; 0: all of them");
    visit("window", self.window, "averages follow each other, or slide by one frame");
    visit("denoise", self.denoise, "what takes the noise away");
    visit("neighbours",
          self.neighbours,
          "frames before and after that bm3d looks into; auto: 2, none of sliding averages");
    visit("strength", self.strength, "times the noise that there is: more is smoother");
    visit("gain", self.gain, "recorded units per electron, with read_noise; auto: as measured");
    visit("read_noise", self.read_noise, "read noise in recorded units; auto: as measured");
    visit("offset", self.offset, "recorded value of no electrons, where gain is given");
  }
};

/// Frames that come out of `frames`; InputError where that is none or an option makes no sense.
Index restored_frames(Index frames, const RestoreOptions& options);

/// Frames that go into each average of a movie of `frames` frames.
Index frames_averaged(Index frames, const RestoreOptions& options);

/// Neighbouring frames that bm3d looks into; InputError where they share their noise.
int neighbours_of(const RestoreOptions& options);

}  // namespace kinema::restore
