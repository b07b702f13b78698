// Light on what is seen.
//
// Sky light comes from everywhere and is kept off by what stands around: how much, eight looks at
// the depths nearby tell (McGuire et al., "The Alchemy screen-space ambient obscurance algorithm",
// 2011); the samples of a pixel look in different directions. A lamp stands at the upper left.
#include "kinema/base/parallel.h"
#include "kinema/report/sight.h"

#include <algorithm>
#include <array>
#include <numbers>

namespace kinema::report {
namespace {

constexpr View3 lamp{-0.40F, 0.62F, 0.675F};  // where it stands, length 1
constexpr int looks = 8;

/// Light that a screen's level stands for (sRGB), by level.
const std::array<float, 256>& light_of_level() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> light{};
    for (std::size_t i = 0; i < light.size(); ++i) {
      const double level = static_cast<double>(i) / 255.0;
      light[i] = static_cast<float>(level <= 0.04045 ? level / 12.92
                                                     : std::pow((level + 0.055) / 1.055, 2.4));
    }
    return light;
  }();
  return table;
}

/// The level of an amount of light.
std::uint8_t level_of_light(float light) {
  static const std::array<std::uint8_t, 4096> table = [] {
    std::array<std::uint8_t, 4096> levels{};
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const double root = static_cast<double>(i) / 4095.0, amount = root * root;
      const double level =
          amount <= 0.0031308 ? 12.92 * amount : 1.055 * std::pow(amount, 1.0 / 2.4) - 0.055;
      levels[i] = static_cast<std::uint8_t>(level * 255.0 + 0.5);
    }
    return levels;
  }();
  return table[static_cast<std::size_t>(std::sqrt(std::clamp(light, 0.0F, 1.0F)) * 4095.0F + 0.5F)];
}

/// Where the looks of one sample go: a spiral, turned from sample to sample of a 4 x 4 block.
struct Spiral {
  std::array<std::array<float, 2>, looks> steps;  // within the unit circle
};
const std::array<Spiral, 16>& spirals() {
  static const std::array<Spiral, 16> table = [] {
    constexpr int order[16] = {0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5};
    std::array<Spiral, 16> all{};
    for (std::size_t i = 0; i < 16; ++i) {
      for (int k = 0; k < looks; ++k) {
        const double share = (k + (order[i] + 0.5) / 16.0) / looks;
        const double angle = 2.0 * std::numbers::pi * (2.4 * k + order[i] / 16.0);
        const double radius = std::max(0.06, share);
        all[i].steps[static_cast<std::size_t>(k)] = {static_cast<float>(radius * std::cos(angle)),
                                                     static_cast<float>(radius * std::sin(angle))};
      }
    }
    return all;
  }();
  return table;
}

/// The share of the sky that a sample sees, 0 to 1.
float sky_share(
    const Sight& sight, Index row, Index column, View3 place, View3 normal, float reach) {
  const float pixels =
      reach * sight.rays.scale / std::max(1.0F - sight.rays.nearness * place.z, 0.05F);
  const Spiral& spiral = spirals()[static_cast<std::size_t>((row & 3) * 4 + (column & 3))];
  const float over_reach2 = 1.0F / (reach * reach);
  float hidden = 0.0F;
  for (const auto& [dx, dy] : spiral.steps) {
    const auto x = static_cast<Index>(static_cast<float>(column) + 0.5F + dx * pixels);
    const auto y = static_cast<Index>(static_cast<float>(row) + 0.5F + dy * pixels);
    if (x < 0 || y < 0 || x >= sight.rays.width || y >= sight.rays.height) continue;
    const float z = sight.depth(y, x);
    if (z == nothing_seen) continue;
    const View3 to = sight.rays.place(y, x, z) - place;
    const float distance2 = dot(to, to), high = dot(to, normal);
    const float near = 1.0F - distance2 * over_reach2;
    if (near <= 0.0F || high <= 0.02F * reach) continue;
    hidden += near * high / std::sqrt(distance2 + 1e-6F * reach * reach);
  }
  return std::max(0.0F, 1.0F - 4.0F * hidden / looks);
}

float to_the_32nd(float x) {
  for (int i = 0; i < 5; ++i) x *= x;
  return x;
}

/// Whether what a sample sees ends near it, with something far behind or nothing.
bool at_an_edge(const Sight& sight, Index row, Index column, Index step, float drop) {
  const float z = sight.depth(row, column) - drop;
  const Index up = std::max<Index>(row - step, 0), left = std::max<Index>(column - step, 0);
  const Index down = std::min(row + step, sight.rays.height - 1);
  const Index right = std::min(column + step, sight.rays.width - 1);
  return sight.depth(up, column) < z || sight.depth(down, column) < z ||
         sight.depth(row, left) < z || sight.depth(row, right) < z;
}

/// Light of one sample by colour, added to `light`.
class Shader {
 public:
  Shader(const Sight& sight, const Look& look)
      : sight_(sight), look_(look), step_(std::max<Index>(1, sight.rays.height / 720)) {
    reach_ = look.occlusion_reach > 0.0
                 ? static_cast<float>(look.occlusion_reach)
                 : static_cast<float>(sight.rays.height) / sight.rays.scale / 8.0F;
    for (const float z : sight.depth.flat()) {
      if (z == nothing_seen) continue;
      nearest_ = std::max(nearest_, z);
      farthest_ = std::min(farthest_, z);
    }
  }

  void add(Index row, Index column, std::array<float, 3>& light) const {
    const float z = sight_.depth(row, column);
    if (z == nothing_seen) {
      for (float& part : light) part += 1.0F;
      return;
    }
    const View3 normal = sight_.normal(row, column);
    const View3 place = sight_.rays.place(row, column, z);
    float sky = 1.0F;
    if (look_.occlusion > 0.0) {
      const float seen = sky_share(sight_, row, column, place, normal, reach_);
      sky = 1.0F - static_cast<float>(look_.occlusion) * (1.0F - seen);
    }
    const float facing = std::max(0.0F, 0.15F + 0.85F * dot(normal, lamp));
    const float above = 0.85F + 0.15F * normal.y;
    const float lit = (0.40F * above + 0.80F * facing) * (0.12F + 0.88F * sky);
    // Half-way between lamp and viewer.
    constexpr View3 half{-0.2186F, 0.3388F, 0.9151F};
    const float gleam = 0.10F * to_the_32nd(std::max(0.0F, dot(normal, half))) * sky;
    const bool edge = look_.edges > 0.0 && at_an_edge(sight_, row, column, step_, 0.25F * reach_);
    const float kept = edge ? 1.0F - static_cast<float>(look_.edges) : 1.0F;
    const float haze =
        static_cast<float>(look_.haze) * (nearest_ - z) / std::max(nearest_ - farthest_, 1e-6F);
    const Sight::Skin& skin = sight_.skin(row, column);
    const std::array<std::uint8_t, 3> levels{skin.red, skin.green, skin.blue};
    for (std::size_t c = 0; c < 3; ++c) {
      const float shown = std::min(1.0F, light_of_level()[levels[c]] * lit * kept + gleam);
      light[c] += shown + haze * (1.0F - shown);
    }
  }

 private:
  const Sight& sight_;
  Look look_;
  Index step_ = 1;
  float reach_ = 1.0F, nearest_ = nothing_seen, farthest_ = -nothing_seen;
};

}  // namespace

Picture render(const Scene& scene, const Camera& camera, const Look& look) {
  const Sight sight = look_at(scene, camera, look.samples);
  const Shader shader(sight, look);
  Picture picture = Picture::uninitialised({camera.height, camera.width, 3});
  const Index samples = look.samples;
  const float share = 1.0F / static_cast<float>(samples * samples);
  parallel_for(camera.height, [&](Index y) {
    for (Index x = 0; x < camera.width; ++x) {
      std::array<float, 3> light{};
      for (Index i = 0; i < samples * samples; ++i) {
        shader.add(y * samples + i / samples, x * samples + i % samples, light);
      }
      for (Index c = 0; c < 3; ++c) {
        picture(y, x, c) = level_of_light(light[static_cast<std::size_t>(c)] * share);
      }
    }
  });
  return picture;
}

}  // namespace kinema::report
