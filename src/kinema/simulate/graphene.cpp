// The movie: where atoms are at each moment, what lens and camera make of them.
#include "kinema/simulate/graphene.h"

#include "kinema/imaging/detector.h"
#include "kinema/imaging/wave_image.h"
#include "kinema/simulate/graphene_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double vacuum = 6.0;  // angstrom round a flake where the view is fitted
enum Stream : std::uint64_t {
  structure_stream,
  drift_stream,
  detector_stream,
  dead_stream,
  phonon_stream
};

void require(bool holds, const std::string& rule) {
  require_option(holds, "graphene", rule);
}

}  // namespace

GrapheneMovie::GrapheneMovie(const GrapheneOptions& options,
                             const Relax& relax,
                             const Rng& rng,
                             Progress& progress)
    : options_(checked(options)),
      rng_(rng),
      structure_(structure_options(options), relax, rng.stream(structure_stream), progress) {
  Rng drift = rng.stream(drift_stream);
  drift_direction_ = drift.uniform(0.0, 2.0 * pi);
  for (Index t = 0; t < options.frames; ++t) {
    jumps_.push_back(options.vibration.value * normal_pair(drift));
  }
  format_.type = pixel_type(options.dtype);
  fit_view();
  dead_ = imaging::dead_pixels(
      format_.height, format_.width, options.dead_pixels, rng.stream(dead_stream));
  info_.pixel_size = {PixelSize{options.pixel_size, options.pixel_size}, "user"};
  info_.frame_time = {options.frame_time, "user"};
  info_.voltage = {options.voltage, "user"};
  const double area = options.pixel_size.value * options.pixel_size.value;
  info_.dose = {Dose{options.dose.value * area}, "user"};
}

void GrapheneMovie::fit_view() {
  const double pixel = options_.pixel_size.value;
  if (options_.shape != SheetShape::flake) {
    const StructureOptions made = structure_options(options_);
    format_.height = std::lround(made.view.y / pixel);
    format_.width = std::lround(made.view.x / pixel);
    if (options_.shape == SheetShape::sheet) {
      padding_ = static_cast<Index>(std::ceil(margin(options_) / pixel));
    }
    middle_ = 0.5 * made.view;
    return;
  }
  Vec2 reach;  // the farthest atom of any moment from the middle
  for (Index t = 0; t < options_.frames; ++t) {
    const std::vector<bool>& present = structure_.net(t).present;
    for (const Index exposure : {Index{0}, options_.exposures - 1}) {
      const std::vector<Vec3> at = positions(t, exposure);
      for (std::size_t i = 0; i < at.size(); ++i) {
        if (!present[i]) continue;
        reach = {std::max(reach.x, std::abs(at[i][0])), std::max(reach.y, std::abs(at[i][1]))};
      }
    }
  }
  const auto pixels = [&](double half, std::optional<Index> wished, const char* name) {
    const auto fitted = 2 * static_cast<Index>(std::ceil((half + vacuum) / pixel));
    const auto least = static_cast<Index>(std::ceil(2.0 * (half + 2.0) / pixel));
    require(!wished || *wished >= least,
            std::string(name) + " must be " + std::to_string(least) +
                " or more: the flake and its drift do not fit");
    return wished.value_or(fitted);
  };
  format_.width = pixels(reach.x, options_.width, "width");
  format_.height = pixels(reach.y, options_.height, "height");
  middle_ = {0.5 * pixel * static_cast<double>(format_.width - 1),
             0.5 * pixel * static_cast<double>(format_.height - 1)};
}

std::vector<Vec3> GrapheneMovie::positions(Index t, Index exposure) const {
  const double part =
      (static_cast<double>(exposure) + 0.5) / static_cast<double>(options_.exposures);
  std::vector<Vec3> at = structure_.positions(t, part);
  const bool is_flake = options_.shape == SheetShape::flake;
  const Vec2 centre = is_flake ? Vec2{} : middle_;
  const double time = static_cast<double>(t) + part - 0.5 * static_cast<double>(options_.frames);
  const Vec2 moved =
      jumps_[static_cast<std::size_t>(t)] +
      options_.drift.value * time * Vec2{std::cos(drift_direction_), std::sin(drift_direction_)};
  const double c = std::cos(options_.tilt_axis.value), s = std::sin(options_.tilt_axis.value);
  const double ct = std::cos(options_.tilt.value), st = std::sin(options_.tilt.value);
  for (Vec3& p : at) {
    const Vec2 d{p[0] - centre.x, p[1] - centre.y};
    const double along = c * d.x + s * d.y, across = -s * d.x + c * d.y;
    const double turned = across * ct - p[2] * st;
    p[2] = across * st + p[2] * ct;
    p[0] = c * along - s * turned + middle_.x + moved.x;
    p[1] = s * along + c * turned + middle_.y + moved.y;
  }
  return at;
}

Trajectory GrapheneMovie::truth() const {
  const Index frames = options_.frames, atoms = structure_.atoms();
  Trajectory out;
  out.atomic_numbers.assign(static_cast<std::size_t>(atoms), 6);
  out.positions = Array<double, 3>({frames, atoms, 3});
  out.present = Array<std::uint8_t, 2>({frames, atoms});
  out.frame_time = options_.frame_time;
  const double pixel = options_.pixel_size.value;
  const double width = pixel * static_cast<double>(format_.width);
  const double height = pixel * static_cast<double>(format_.height);
  if (options_.shape == SheetShape::periodic) {
    out.cell = Cell{{Vec3{width, 0.0, 0.0}, {0.0, height, 0.0}, {0.0, 0.0, 40.0}},
                    {true, true, false},
                    {0.0, 0.0, -20.0}};
  }
  const auto is_in_view = [&](double x, double y) {
    return options_.shape != SheetShape::sheet || (x > -0.5 * pixel && x < width - 0.5 * pixel &&
                                                   y > -0.5 * pixel && y < height - 0.5 * pixel);
  };
  for (Index t = 0; t < frames; ++t) {
    out.frame_numbers.push_back(t);
    std::vector<Vec3> mean(static_cast<std::size_t>(atoms));
    for (Index e = 0; e < options_.exposures; ++e) {
      const std::vector<Vec3> at = positions(t, e);
      for (std::size_t i = 0; i < at.size(); ++i) {
        for (int axis = 0; axis < 3; ++axis) {
          mean[i][axis] += at[i][axis] / static_cast<double>(options_.exposures);
        }
      }
    }
    for (Index i = 0; i < atoms; ++i) {
      const Vec3& at = mean[static_cast<std::size_t>(i)];
      if (!structure_.net(t).present[static_cast<std::size_t>(i)] || !is_in_view(at[0], at[1])) {
        continue;
      }
      out.present(t, i) = 1;
      for (int axis = 0; axis < 3; ++axis) out.positions(t, i, axis) = at[axis];
    }
  }
  return out;
}

AtomicModel GrapheneMovie::model(Index t, Index exposure) const {
  const std::vector<Vec3> at = positions(t, exposure);
  const std::vector<bool>& present = structure_.net(t).present;
  AtomicModel out;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (!present[i]) continue;
    out.atomic_numbers.push_back(6);
    out.positions.push_back(at[i]);
  }
  return out;
}

Array<float, 2> GrapheneMovie::intensity(const AtomicModel& atoms,
                                         double msd,
                                         double extra_spread) const {
  const double pixel = options_.pixel_size.value, shift = pixel * static_cast<double>(padding_);
  const Index height = format_.height + 2 * padding_, width = format_.width + 2 * padding_;
  const imaging::Field field = imaging::multislice_field(height, width, pixel);
  AtomicModel inside;
  for (const Vec3& at : atoms.positions) {
    const Vec3 moved{at[0] + shift, at[1] + shift, at[2]};
    const bool is_outside = padding_ > 0 && (moved[0] < 0.0 || moved[1] < 0.0 ||
                                             moved[0] > pixel * static_cast<double>(width) ||
                                             moved[1] > pixel * static_cast<double>(height));
    if (is_outside) continue;
    inside.atomic_numbers.push_back(6);
    inside.positions.push_back(moved);
  }
  Optics optics = options_.optics();
  optics.focal_spread.value =
      std::sqrt(std::pow(optics.focal_spread.value, 2) + 2.0 * extra_spread * extra_spread);
  const imaging::Wave wave = imaging::exit_wave(
      inside, {&msd, 1}, field, options_.voltage, {options_.potential, options_.slice.value});
  const Array<float, 2> whole = imaging::image_of(wave, optics, height, width);
  if (padding_ == 0) return whole;
  Array<float, 2> view({format_.height, format_.width});
  for (Index y = 0; y < format_.height; ++y) {
    std::copy_n(&whole(y + padding_, padding_), format_.width, view[y].data());
  }
  return view;
}

Array<float, 2> GrapheneMovie::electrons(Index t) const {
  const double in_plane = options_.thermal_in_plane.value;
  const double out_of_plane = options_.thermal_out_of_plane.value;
  const Index snapshots = std::max<Index>(options_.phonons, 1);
  const double per_pixel =
      options_.dose.value * options_.pixel_size.value * options_.pixel_size.value;
  const auto weight =
      static_cast<float>(per_pixel / static_cast<double>(snapshots * options_.exposures));
  const bool is_blurred = options_.phonons == 0;
  Rng motion = rng_.stream(phonon_stream).stream(static_cast<std::uint64_t>(t));
  Array<float, 2> sum({format_.height, format_.width});
  for (Index e = 0; e < options_.exposures; ++e) {
    const AtomicModel still = model(t, e);
    std::vector<Vec3> away(still.positions.size());
    for (Index snapshot = 0; snapshot < snapshots; ++snapshot) {
      AtomicModel atoms = still;
      for (std::size_t i = 0; i < away.size() && !is_blurred; ++i) {
        if (snapshot % 2 == 0) {
          const Vec2 flat = in_plane * normal_pair(motion);
          away[i] = {flat.x, flat.y, out_of_plane * motion.normal()};
        } else {  // every second one mirrors the one before: what is odd in the motion cancels
          away[i] = {-away[i][0], -away[i][1], -away[i][2]};
        }
        for (int axis = 0; axis < 3; ++axis) atoms.positions[i][axis] += away[i][axis];
      }
      const Array<float, 2> image =
          intensity(atoms, is_blurred ? in_plane * in_plane : 0.0, is_blurred ? out_of_plane : 0.0);
      for (Index i = 0; i < sum.size(); ++i) sum.data()[i] += weight * image.data()[i];
    }
  }
  return sum;
}

void GrapheneMovie::clean(const Array<float, 2>& electrons, std::span<float> out) const {
  const Array<float, 2> mean = imaging::mean_recording(electrons, options_.detector());
  const auto offset = static_cast<float>(options_.offset);
  std::transform(mean.flat().begin(), mean.flat().end(), out.begin(), [&](float value) {
    return value + offset;
  });
}

void GrapheneMovie::record(Index t,
                           const Array<float, 2>& electrons,
                           std::span<std::byte> out) const {
  const Rng rng = rng_.stream(detector_stream).stream(static_cast<std::uint64_t>(t));
  Array<float, 2> recorded = imaging::record(electrons, options_.detector(), rng);
  for (const Index i : dead_) recorded.data()[i] = 0.0F;
  for (float& value : recorded.flat()) value += static_cast<float>(options_.offset);
  round_to_pixels(recorded.flat(), format_.type, out);
}

}  // namespace kinema::simulate
