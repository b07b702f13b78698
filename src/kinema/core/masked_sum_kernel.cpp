// The encoder's inner loop, one masked add per incoming pixel, compiled once for each kernel family
// (KINEMA_SIMD_NAME).
//
// A strip of pixels is summed over a block of frames in registers, its partial sums wait in the
// first- or second-level cache, then comes the next block of frames: so no more streams of memory
// are open at a time than the processor can prefetch, and the sum is written once.
#include "kinema/core/masked_sum.h"

#include <cstdint>
#include <type_traits>

// On x86 the compiler's flags say which family this is; on ARM all that there is has NEON.
#if defined(KINEMA_USE_NEON)
#include "kinema/core/vector_neon.h"
#elif defined(__AVX512BW__)
#include "kinema/core/vector_avx512.h"
#elif defined(__AVX2__)
#include "kinema/core/vector_avx2.h"
#endif
#if defined(KINEMA_USE_NEON) || defined(__AVX2__)
#define KINEMA_HAS_VECTORS
#endif

namespace kinema::core::KINEMA_SIMD_NAME {
namespace {

using Index = std::int64_t;
using Byte = unsigned char;

constexpr Index least(Index a, Index b) {
  return a < b ? a : b;
}

/// The plain form, and the reference of every other: pixels [first_x, width) of row y.
template <class Pixel, class Sum>
void plain_row(const kinema_sum_task& task, Index y, Index first_x) {
  const auto* frames = static_cast<const Pixel*>(task.frames);
  auto* sum = static_cast<Sum*>(task.sum);
  for (Index x = first_x; x < task.width; ++x) {
    Sum total = 0;
    for (Index b = 0; b < task.count; ++b) {
      const kinema_mask& mask = task.masks[b];
      const std::uint64_t word = mask.bits[y * task.words_per_row + x / 64] ^ mask.turned;
      if (((word >> (x % 64)) & 1U) == 0) continue;
      total = static_cast<Sum>(total +
                               static_cast<Sum>(frames[(b * task.height + y) * task.width + x]));
    }
    sum[y * task.width + x] = total;
  }
}

template <class Pixel, class Sum>
void plain_rows(const kinema_sum_task& task) {
  for (Index y = task.first_row; y < task.last_row; ++y) plain_row<Pixel, Sum>(task, y, 0);
}

#if defined(KINEMA_HAS_VECTORS)

constexpr Index frames_per_block = 5;
constexpr Index longest_strip = 512;  // words whose sums wait in the scratch memory
static_assert(longest_strip * 64 * 4 <= KINEMA_SCRATCH_BYTES);

/// Integer pixels of half a sum's width. Two pixels share a lane of a vector v = even + odd * 2^k;
/// summing v (modulo the lane) and odd apart needs no unpacking until the very end.
template <class Pixel>
struct IntegerSum {
  using Sum = std::conditional_t<sizeof(Pixel) == 1, std::uint16_t, std::int32_t>;
  static constexpr int bytes = sizeof(Pixel);
  static constexpr int half_bits = 8 * bytes;
  static constexpr bool is_signed = std::is_signed_v<Pixel>;
  static constexpr int partials = 2;  // vectors of partial sums per vector of pixels

  static void start(Vector* sums) { sums[0] = sums[1] = zero(); }
  static void take(Vector* sums, Vector v) {
    const Vector odd = odd_half<half_bits, is_signed>(v);
    if constexpr (is_signed) {
      sums[0] = add<2 * bytes>(sums[0], odd_half<half_bits, true>(shifted_up<half_bits>(v)));
    } else {
      sums[0] = add<2 * bytes>(sums[0], v);
    }
    sums[1] = add<2 * bytes>(sums[1], odd);
  }
  static void finish(const Vector* sums, Vector* out) {
    const Vector even =
        is_signed ? sums[0] : minus<half_bits>(sums[0], shifted_up<half_bits>(sums[1]));
    interleave<half_bits>(even, sums[1], out[0], out[1]);
  }
};

struct FloatSum {
  using Sum = float;
  static constexpr int bytes = 4;
  static constexpr int partials = 1;

  static void start(Vector* sums) { sums[0] = zero(); }
  static void take(Vector* sums, Vector v) { sums[0] = add_float(sums[0], v); }
  static void finish(const Vector* sums, Vector* out) { out[0] = sums[0]; }
};

/// A run of whole 64-pixel words, contiguous in every frame, mask and sum.
struct Run {
  const Byte* frames;
  Index frame_bytes;         // from one frame to the next
  const kinema_mask* masks;  // of each frame
  Index first_word;          // of a mask
  Index count;               // frames
  Index words;
};

template <class Kind>
constexpr int vectors_per_word = 64 * Kind::bytes / vector_bytes;

/// Adds frames [b, b + block) of words [w, w + U) to their partial sums.
template <class Kind, int U>
void add_block(const Run& run, Index w, Index b, Index block, Vector* partial, bool first) {
  constexpr int per_word = vectors_per_word<Kind>;
  constexpr int pixels = vector_bytes / Kind::bytes;
  Vector sums[U * per_word][Kind::partials];
  for (int v = 0; v < U * per_word; ++v) {
    if (first)
      Kind::start(sums[v]);
    else
      for (int i = 0; i < Kind::partials; ++i) sums[v][i] = partial[v * Kind::partials + i];
  }
  const Byte* frame = run.frames + b * run.frame_bytes + w * 64 * Kind::bytes;
  for (Index i = 0; i < block; ++i, frame += run.frame_bytes) {
    const std::uint64_t* mask = run.masks[b + i].bits + run.first_word + w;
    const std::uint64_t turned = run.masks[b + i].turned;
    for (int u = 0; u < U; ++u) {
      const std::uint64_t bits = mask[u] ^ turned;
      for (int v = 0; v < per_word; ++v) {
        const Byte* at = frame + (u * per_word + v) * vector_bytes;
        Kind::take(sums[u * per_word + v], masked<Kind::bytes>(at, bits >> (v * pixels % 64)));
      }
    }
  }
  for (int v = 0; v < U * per_word; ++v) {
    for (int i = 0; i < Kind::partials; ++i) partial[v * Kind::partials + i] = sums[v][i];
  }
}

template <class Kind>
void sum_run(const Run& run, typename Kind::Sum* out, Vector* partial, Index strip) {
  constexpr int per_word = vectors_per_word<Kind> * Kind::partials;
  for (Index w0 = 0; w0 < run.words; w0 += strip) {
    const Index words = least(strip, run.words - w0);
    for (Index b = 0; b < run.count; b += frames_per_block) {
      const Index block = least(frames_per_block, run.count - b);
      Index w = 0;
      for (; w + words_at_once <= words; w += words_at_once) {
        add_block<Kind, words_at_once>(run, w0 + w, b, block, partial + w * per_word, b == 0);
      }
      for (; w < words; ++w) {
        add_block<Kind, 1>(run, w0 + w, b, block, partial + w * per_word, b == 0);
      }
    }
    auto* at = reinterpret_cast<Byte*>(out + w0 * 64);
    for (Index v = 0; v < words * vectors_per_word<Kind>; ++v) {
      Vector finished[Kind::partials];
      Kind::finish(partial + v * Kind::partials, finished);
      for (int i = 0; i < Kind::partials; ++i, at += vector_bytes) store(at, finished[i]);
    }
  }
}

/// Rows whose width is a multiple of 64 form one run; others are one run a row and a plain rest.
template <class Kind, class Pixel>
void vector_rows(const kinema_sum_task& task) {
  const Index row_bytes = task.width * static_cast<Index>(sizeof(Pixel));
  const Index frame_bytes = task.height * row_bytes;
  // The longer a strip, the better memory streams; frames that may lie in the cache want shorter
  // ones.
  const Index strip =
      frame_bytes * task.count > (Index{16} << 20) ? longest_strip : longest_strip / 2;
  auto* partial = static_cast<Vector*>(task.scratch);
  auto* sum = static_cast<typename Kind::Sum*>(task.sum);
  const auto run_at = [&](Index y, Index words) {
    return Run{static_cast<const Byte*>(task.frames) + y * row_bytes,
               frame_bytes,
               task.masks,
               y * task.words_per_row,
               task.count,
               words};
  };
  if (task.width % 64 == 0) {
    const Index words = (task.last_row - task.first_row) * task.words_per_row;
    sum_run<Kind>(run_at(task.first_row, words), sum + task.first_row * task.width, partial, strip);
    return;
  }
  for (Index y = task.first_row; y < task.last_row; ++y) {
    sum_run<Kind>(run_at(y, task.width / 64), sum + y * task.width, partial, strip);
    plain_row<Pixel, typename Kind::Sum>(task, y, task.width / 64 * 64);
  }
}

#endif

}  // namespace

bool masked_sum(int pixels, int sum, const kinema_sum_task& task) {
#if defined(KINEMA_HAS_VECTORS)
  if (pixels == KINEMA_U8 && sum == KINEMA_U16) {
    vector_rows<IntegerSum<std::uint8_t>, std::uint8_t>(task);
    return true;
  }
  switch (pixels) {
    case KINEMA_U16:
      vector_rows<IntegerSum<std::uint16_t>, std::uint16_t>(task);
      return true;
    case KINEMA_I16:
      vector_rows<IntegerSum<std::int16_t>, std::int16_t>(task);
      return true;
    case KINEMA_F32:
      vector_rows<FloatSum, float>(task);
      return true;
    default:
      break;
  }
#endif
  switch (pixels) {
    case KINEMA_U8:
      if (sum == KINEMA_U16)
        plain_rows<std::uint8_t, std::uint16_t>(task);
      else
        plain_rows<std::uint8_t, std::int32_t>(task);
      return true;
    case KINEMA_I8:
      plain_rows<std::int8_t, std::int32_t>(task);
      return true;
    case KINEMA_U16:
      plain_rows<std::uint16_t, std::int32_t>(task);
      return true;
    case KINEMA_I16:
      plain_rows<std::int16_t, std::int32_t>(task);
      return true;
    case KINEMA_F32:
      plain_rows<float, float>(task);
      return true;
    default:
      return false;
  }
}

}  // namespace kinema::core::KINEMA_SIMD_NAME
