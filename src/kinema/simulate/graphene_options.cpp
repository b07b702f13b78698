// Options of simulated graphene: what is allowed, and what they mean for net, view, lens and
// camera.
#include "kinema/imaging/ctf.h"
#include "kinema/imaging/detector.h"
#include "kinema/simulate/graphene_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kinema::simulate {
namespace {

constexpr double pi = std::numbers::pi;
constexpr double lattice = bond_length * std::numbers::sqrt3;        // edge of the unit cell
constexpr double area_per_atom = 0.5 * lattice * 1.5 * bond_length;  // angstrom^2
constexpr double most_stretched = 0.015;

void require(bool holds, const std::string& rule) {
  require_option(holds, "graphene", rule);
}

/// Throws InputError where the brightest pixels to be expected leave the range of the pixel type.
void require_room(const GrapheneOptions& options) {
  if (options.dtype == Recording::f32) return;
  const double electrons = options.dose.value * options.pixel_size.value * options.pixel_size.value;
  const double brightest = 1.4 * electrons + 6.0 * std::sqrt(electrons);
  const double top =
      options.offset + options.detector().gain * brightest + 6.0 * options.read_noise;
  require(top <= (options.dtype == Recording::u8 ? 255.0 : 65535.0),
          "pixels of up to " + std::to_string(std::lround(top)) + " do not fit into " +
              kinema::to_text(options.dtype) + "; choose a wider dtype or a smaller gain");
}

/// Periods of a periodic sheet along one axis: whole cells in whole pixels.
struct Fit {
  Index pixels;
  int cells;
};

Fit fit_cells(double wished, double cell, double pixel, std::optional<Index> pixels) {
  const double extent = pixels ? static_cast<double>(*pixels) * pixel : wished;
  const int cells = std::max(3, static_cast<int>(std::lround(extent / cell)));
  const Index fitted = pixels ? *pixels : std::lround(cells * cell / pixel);
  const double stretch = static_cast<double>(fitted) * pixel / (cells * cell) - 1.0;
  require(std::abs(stretch) <= most_stretched,
          "bonds would be stretched by " + shortest_text(std::round(1e4 * stretch) / 100.0) +
              " % to repeat with " + std::to_string(fitted) +
              " pixels; leave height and width to auto");
  return {fitted, cells};
}

/// How long a rippled sheet is in projection, flat ones being 1: less by a quarter of the mean
/// square slope. Waves of one slope, of 0.7 to 1.5 times the wavelength, have 1 / 1.263 of the
/// slope that a single one would need for the same rms height.
double projected_length(const RippleOptions& ripples) {
  const double slope = 2.0 * pi * ripples.rms / ripples.wavelength;
  return 1.0 - slope * slope / (4.0 * 1.263);
}

}  // namespace

const GrapheneOptions& checked(const GrapheneOptions& options) {
  require(options.frames >= 1, "frames must be 1 or more");
  require(options.atoms >= 24, "atoms must be 24 or more");
  require(options.waves >= 1, "waves must be 1 or more");
  require(options.exposures >= 1, "exposures must be 1 or more");
  require(options.phonons >= 0, "phonons must be 0 or more");
  require(options.stone_wales >= 0 && options.vacancies >= 0 && options.divacancies >= 0,
          "numbers of defects must be 0 or more");
  require(options.ripple.value >= 0.0 && options.wavelength.value > 0.0,
          "ripple must be 0 or more, wavelength more than 0");
  require(10.0 * options.ripple.value <= options.wavelength.value,
          "a ripple may be as high (rms) as a tenth of its wavelength");
  require(options.pixel_size.value >= 0.02 && options.pixel_size.value <= 0.5,
          "pixel_size must be from 0.02 A to 0.5 A");
  require(options.dose.value > 0.0, "dose must be above 0");
  require(options.focal_spread.value >= 0.0 && options.blur.value >= 0.0,
          "focal_spread and blur must be 0 or more");
  require(options.mtf > 0.0 && options.mtf <= 1.0, "mtf must be above 0 and at most 1");
  require(options.dead_pixels >= 0.0 && options.dead_pixels < 0.5,
          "dead_pixels must be from 0 to below 0.5");
  require(!options.gain || *options.gain > 0.0, "gain must be above 0");
  require(!(options.height || options.width) ||
              (options.height.value_or(32) >= 32 && options.width.value_or(32) >= 32),
          "height and width must be 32 or more");
  if (options.shape == SheetShape::periodic) {
    require(options.tilt.value == 0.0, "a periodic sheet cannot tilt; make a sheet");
    require(!options.rotation, "a periodic sheet keeps its zigzag rows along x; make a sheet");
  }
  require_room(options);
  return options;
}

double margin(const GrapheneOptions& options) {
  const double lambda = imaging::wavelength(options.voltage);
  const double carried = lambda * std::abs(options.defocus.value) +
                         lambda * lambda * lambda * std::abs(options.cs.value);  // at 1 1/angstrom
  return std::clamp(8.0 + carried, 10.0, 40.0);
}

StructureOptions structure_options(const GrapheneOptions& options) {
  const double pixel = options.pixel_size.value;
  const double side = std::sqrt(static_cast<double>(options.atoms) * area_per_atom);
  StructureOptions out;
  out.shape = options.shape;
  out.edge = options.edge;
  out.atoms = options.atoms;
  if (options.rotation) out.rotation = options.rotation->value;
  out.stone_wales = options.stone_wales;
  out.vacancies = options.vacancies;
  out.divacancies = options.divacancies;
  out.events = options.events;
  out.frames = options.frames;
  out.ripples = {
      options.ripple.value, options.waves, options.wavelength.value, options.ripple_speed.value};
  if (options.shape == SheetShape::periodic) {
    const double seen = projected_length(out.ripples);
    const Fit x = fit_cells(side, seen * lattice, pixel, options.width);
    const Fit y = fit_cells(side, seen * 3.0 * bond_length, pixel, options.height);
    out.columns = x.cells;
    out.rows = y.cells;
    out.view = {pixel * static_cast<double>(x.pixels), pixel * static_cast<double>(y.pixels)};
    out.period = Period{out.view.x, out.view.y};
  } else {
    const auto fitted = static_cast<Index>(std::lround(side / pixel));
    out.view = {pixel * static_cast<double>(options.width.value_or(fitted)),
                pixel * static_cast<double>(options.height.value_or(fitted))};
    out.reach = margin(options) + 6.0 * options.vibration.value + 4.0 +
                options.drift.value * static_cast<double>(options.frames);
  }
  return out;
}

Optics GrapheneOptions::optics() const {
  Optics out;
  out.voltage = voltage;
  out.defocus = defocus;
  out.cs = cs;
  out.c12 = {c12.value, c12_angle.value};
  out.c21 = {c21.value, c21_angle.value};
  out.c23 = {c23.value, c23_angle.value};
  out.focal_spread = focal_spread;
  out.blur = blur;
  out.convergence = convergence.value;
  out.aperture = aperture.value;
  return out;
}

kinema::Detector GrapheneOptions::detector() const {
  kinema::Detector out;
  out.counting = camera == Camera::counting;
  out.gain = gain.value_or(out.counting ? 1.0 : 10.0);
  out.read_noise = read_noise;
  if (mtf < 1.0) out.mtf = imaging::gaussian_mtf(mtf);
  return out;
}

Json optics_json(const GrapheneOptions& options) {
  const Json all = options_json(options);
  Json out = Json::object();
  for (const char* name : {"voltage",
                           "defocus",
                           "cs",
                           "focal_spread",
                           "blur",
                           "c12",
                           "c12_angle",
                           "c21",
                           "c21_angle",
                           "c23",
                           "c23_angle",
                           "convergence"}) {
    out[name] = all[name];
  }
  if (options.aperture.value > 0.0) out["aperture"] = all["aperture"];
  out["periodic"] = options.shape == SheetShape::periodic;
  return out;
}

}  // namespace kinema::simulate
