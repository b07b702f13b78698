// Snapshots in steps of their own noise. What a step takes from the electrons is small and known:
// the variance grows from sigma^2 to sigma^2 + step^2 / 12, as if 1 / (1 + step^2 / (12 sigma^2))
// of the dose had been recorded.
//
// Pixels that were open for n frames are brought to the mean exposure first, z = y n_mean / n.
// Steps follow the noise of z, sigma(z)^2 = gain z + n_mean read_variance, so that dark and bright
// pixels lose alike; of whole numbers no step is smaller than one, and where it is one nothing is
// lost.
#pragma once

#include "kinema/codec/mask_bank.h"
#include "kinema/core/kinema_encoder.h"
#include "kinema/data/measurement.h"
#include "kinema/data/pixel_type.h"

#include <string>
#include <string_view>
#include <vector>

namespace kinema::codec {

/// What `--quantise` says: "noise" (steps of the noise), "noise/2" and the like, "none", or a step
/// in recorded units.
struct Quantise {
  double step = 1.0;  // 0: none
  bool noise = true;  // in units of the noise
  friend bool operator==(const Quantise&, const Quantise&) = default;
};
std::string to_text(const Quantise& quantise);
void from_text(std::string_view text, Quantise& quantise);

/// The group with its step, and with the noise that this refers to. Where no noise was seen nothing
/// is quantised.
Group with_step(Group group, const Quantise& quantise, const NoiseModel& noise);

/// Noise of a recorded pixel after its snapshot was quantised.
NoiseModel noise_after(const NoiseModel& noise, const Group& group, double open);

/// Steps of one group's snapshots.
class Quantiser {
 public:
  /// `whole` says that recorded pixels are whole numbers.
  Quantiser(const Group& group, const OpenCounts& open, bool whole);

  /// Numbers of the steps that the sums (of u16, i32 or f32) fall into, on all threads; false where
  /// one is beyond 30 bits.
  bool steps(PixelType type, const std::byte* sums, std::vector<std::int32_t>& steps) const;
  /// The sums back: the middle of each step.
  void sums(std::span<const std::int32_t> steps, float* sums) const;
  /// Share of the dose that is left, averaged over pixels.
  double kept_dose(std::span<const std::int32_t> steps) const;

 private:
  template <class T>
  bool find_steps(const T* sums, std::int32_t* steps) const;
  double kept_share(std::int32_t step) const;

  kinema_steps steps_{};
  OpenCounts open_;
};

}  // namespace kinema::codec
