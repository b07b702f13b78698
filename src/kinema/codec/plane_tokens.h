// The quick coder of planes: pixels become tokens by vectors of columns, and tokens become words.
// It gives the bytes of the plain coder.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/cpu.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace kinema::codec::plane {

/// As pack_plane. Nothing where there are no kernels for `simd`, where pixels were open for
/// different times, or where numbers are so large that eighths of them do not fit 32 bits.
std::optional<std::vector<std::byte>> pack_tokens(ArrayView<const std::int32_t, 2> values,
                                                  const std::uint16_t* open,
                                                  Simd simd);

}  // namespace kinema::codec::plane
