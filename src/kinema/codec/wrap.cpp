// Checking and converting foreign measurements.
#include "kinema/codec/wrap.h"

#include "kinema/codec/masks.h"

#include <cmath>

namespace kinema::codec {
namespace {

std::string size_text(Index height, Index width) {
  return std::to_string(height) + " x " + std::to_string(width);
}

template <class To, class From>
Array<To, 3> converted(const From* pixels, const Shape<3>& shape) {
  auto out = Array<To, 3>::uninitialised(shape);
  for (Index i = 0; i < out.size(); ++i) {
    const auto value = static_cast<double>(pixels[i]);
    out.data()[i] = static_cast<To>(pixels[i]);
    const auto kept = static_cast<double>(out.data()[i]);
    if (!std::isfinite(kept) || (kept != value && sizeof(From) < 8)) {
      throw InputError("measurement " + std::to_string(i / (shape[1] * shape[2])) + " holds " +
                       shortest_text(value) + ", which does not fit; give uint16 or float32");
    }
  }
  return out;
}

}  // namespace

Measurement wrap(PixelType type,
                 const std::byte* pixels,
                 const Shape<3>& shape,
                 const MaskSet& masks,
                 std::optional<Index> frames) {
  const auto [snapshots, height, width] = shape;
  if (height != masks.height() || width != masks.width()) {
    throw InputError("the measurements are " + size_text(height, width) + " and the masks " +
                     size_text(masks.height(), masks.width()) + "; they must be of one size");
  }
  const Index ratio = masks.ratio();
  const Index total = frames.value_or(snapshots * ratio);
  if (snapshots < 1 || total <= (snapshots - 1) * ratio || total > snapshots * ratio) {
    throw InputError(std::to_string(snapshots) + " snapshots of " + std::to_string(ratio) +
                     " frames cannot hold " + std::to_string(total) + " frames");
  }
  Measurement measurement;
  measurement.snapshots = with_pixel_type(type, [&](auto zero) -> Snapshots {
    using T = decltype(zero);
    const T* values = reinterpret_cast<const T*>(pixels);
    if constexpr (std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint16_t>) {
      return converted<std::uint16_t>(values, shape);
    } else if constexpr (std::is_integral_v<T>) {
      return converted<std::int32_t>(values, shape);
    } else {
      return converted<float>(values, shape);
    }
  });
  measurement.masks = masks;
  for (Index s = 0; s < snapshots; ++s) {
    Group group{s * ratio, std::min(ratio, total - s * ratio), 1, GroupMode::coded};
    group.ratio = ratio;
    measurement.groups.push_back(group);
  }
  return measurement;
}

MaskSet masks_from_pixels(PixelType type, const std::byte* pixels, const Shape<3>& shape) {
  auto bits = Array<std::uint8_t, 3>::uninitialised(shape);
  with_pixel_type(type, [&](auto zero) {
    using T = decltype(zero);
    const T* values = reinterpret_cast<const T*>(pixels);
    for (Index i = 0; i < bits.size(); ++i) {
      const auto value = static_cast<double>(values[i]);
      bits.data()[i] = value == 0.0 ? 0 : value == 1.0 ? 1 : 2;
    }
  });
  return masks_from(bits.view());
}

}  // namespace kinema::codec
