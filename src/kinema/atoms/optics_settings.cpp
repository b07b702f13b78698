#include "kinema/atoms/optics_settings.h"

#include <algorithm>
#include <numbers>

namespace kinema::atoms {

OpticsVector to_vector(const Optics& optics) {
  OpticsVector values{};
  const imaging::Coefficients coefficients = imaging::coefficients(optics);
  std::copy(coefficients.begin(), coefficients.end(), values.begin());
  values[imaging::coefficient_count] = optics.focal_spread_rms();
  values[imaging::coefficient_count + 1] = optics.blur.value;
  return values;
}

Optics with_vector(const Optics& optics, const OpticsVector& values) {
  imaging::Coefficients coefficients{};
  std::copy_n(values.begin(), imaging::coefficient_count, coefficients.begin());
  Optics changed = imaging::with_coefficients(optics, coefficients);
  changed.focal_spread.value =
      std::max(0.0, values[imaging::coefficient_count]) * std::numbers::sqrt2;
  changed.blur.value = std::max(0.0, values[imaging::coefficient_count + 1]);
  return changed;
}

Optics OpticsSettings::optics() const {
  const auto require = [](bool given, const char* name, const char* example) {
    if (!given) {
      throw InputError(std::string("the optics say nothing of the ") + name + ": add  " + example);
    }
  };
  require(voltage.has_value(), "voltage", "voltage = \"80 kV\"");
  require(defocus.has_value(), "defocus", "defocus = \"-36 A\"");
  require(focal_spread.has_value(), "focal spread", "focal_spread = \"8.5 A\"");
  Optics optics;
  optics.voltage = *voltage;
  optics.defocus = *defocus;
  optics.cs = cs;
  optics.c12 = {c12.value, c12_angle.value};
  optics.c21 = {c21.value, c21_angle.value};
  optics.c23 = {c23.value, c23_angle.value};
  optics.focal_spread = *focal_spread;
  optics.blur = blur;
  optics.convergence = convergence.value;
  optics.aperture = aperture.value;
  return optics;
}

OpticsVector OpticsSettings::sigmas() const {
  if (!estimate) return {};
  return {defocus_sigma.value,
          cs_sigma.value,
          c12_sigma.value,
          c12_sigma.value,
          c21_sigma.value,
          c21_sigma.value,
          c23_sigma.value,
          c23_sigma.value,
          focal_spread_sigma.value / std::numbers::sqrt2,
          blur_sigma.value};
}

OpticsSettings read_optics(const std::string& path) {
  OpticsSettings settings;
  try {
    set_options(settings, read_config(path));
    settings.optics();
  } catch (const InputError& error) {
    const std::string text = error.what();
    throw InputError(text.find(path) == std::string::npos ? path + ": " + text : text);
  }
  return settings;
}

}  // namespace kinema::atoms
