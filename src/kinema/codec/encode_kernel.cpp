// The masked sum, compiled once for each kernel family (KINEMA_SIMD_NAME).
//
// A strip of pixels is summed over a block of frames in registers, its partial sums wait in the
// first- or second-level cache, then comes the next block of frames: so no more streams of memory
// are open at a time than the processor can prefetch, and the sum is written once.
#include "kinema/codec/encode_kernel.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace kinema::codec::KINEMA_SIMD_NAME {
namespace {

constexpr Index least(Index a, Index b) {
  return a < b ? a : b;
}

/// The plain form, and the reference of every other: pixels [first_x, width) of row y.
template <class Pixel, class Sum>
void plain_row(const EncodeRows& task, Index y, Index first_x) {
  const auto* frames = reinterpret_cast<const Pixel*>(task.frames);
  auto* sum = static_cast<Sum*>(task.sum);
  for (Index x = first_x; x < task.width; ++x) {
    Sum total = 0;
    for (Index b = 0; b < task.count; ++b) {
      const MaskPlane& mask = task.masks[b];
      const std::uint64_t word = mask.bits[y * task.words_per_row + x / 64] ^ mask.turned;
      if (((word >> (x % 64)) & 1U) == 0) continue;
      total = static_cast<Sum>(total +
                               static_cast<Sum>(frames[(b * task.height + y) * task.width + x]));
    }
    sum[y * task.width + x] = total;
  }
}

template <class Pixel, class Sum>
void plain_rows(const EncodeRows& task) {
  for (Index y = task.first_row; y < task.last_row; ++y) plain_row<Pixel, Sum>(task, y, 0);
}

#if defined(__AVX2__)

constexpr Index frames_per_block = 5;
constexpr Index words_at_once = 4;    // 64-pixel words whose sums stay in registers
constexpr Index longest_strip = 512;  // words whose sums wait in the scratch memory
static_assert(longest_strip * 64 * 4 <= encode_scratch_bytes);

// ---- a vector of pixels, masked; sums of its even and odd pixels ------------------------------

#if defined(__AVX512BW__)
using Vector = __m512i;
constexpr int vector_bytes = 64;

inline Vector zero() {
  return _mm512_setzero_si512();
}
inline Vector load(const void* at) {
  return _mm512_loadu_si512(at);
}
inline void store(void* at, Vector v) {
  _mm512_storeu_si512(at, v);
}
template <int bytes>
Vector add(Vector a, Vector b) {
  if constexpr (bytes == 2)
    return _mm512_add_epi16(a, b);
  else
    return _mm512_add_epi32(a, b);
}
inline Vector add_float(Vector a, Vector b) {
  return _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
}
/// Pixels of `bytes` each whose mask bit is set, zero elsewhere. Reads the whole vector: loading
/// and then masking is faster than a masked load of bytes.
template <int bytes>
Vector masked(const void* at, std::uint64_t bits) {
  if constexpr (bytes == 1)
    return _mm512_maskz_mov_epi8(bits, load(at));
  else if constexpr (bytes == 2)
    return _mm512_maskz_mov_epi16(static_cast<__mmask32>(bits), load(at));
  else
    return _mm512_maskz_mov_epi32(static_cast<__mmask16>(bits), load(at));
}
template <int half_bits, bool is_signed>
Vector odd_half(Vector v) {
  if constexpr (half_bits == 8)
    return is_signed ? _mm512_srai_epi16(v, 8) : _mm512_srli_epi16(v, 8);
  else
    return is_signed ? _mm512_srai_epi32(v, 16) : _mm512_srli_epi32(v, 16);
}
template <int half_bits>
Vector shifted_up(Vector v) {
  if constexpr (half_bits == 8)
    return _mm512_slli_epi16(v, 8);
  else
    return _mm512_slli_epi32(v, 16);
}
template <int half_bits>
Vector minus(Vector a, Vector b) {
  if constexpr (half_bits == 8)
    return _mm512_sub_epi16(a, b);
  else
    return _mm512_sub_epi32(a, b);
}
template <int half_bits>
void interleave(Vector even, Vector odd, Vector& first, Vector& second) {
  Vector low, high;
  if constexpr (half_bits == 8) {
    low = _mm512_unpacklo_epi16(even, odd);
    high = _mm512_unpackhi_epi16(even, odd);
  } else {
    low = _mm512_unpacklo_epi32(even, odd);
    high = _mm512_unpackhi_epi32(even, odd);
  }
  first = _mm512_permutex2var_epi64(low, _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0), high);
  second = _mm512_permutex2var_epi64(low, _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4), high);
}
#else
using Vector = __m256i;
constexpr int vector_bytes = 32;

inline Vector zero() {
  return _mm256_setzero_si256();
}
inline Vector load(const void* at) {
  return _mm256_loadu_si256(static_cast<const Vector*>(at));
}
inline void store(void* at, Vector v) {
  _mm256_storeu_si256(static_cast<Vector*>(at), v);
}
template <int bytes>
Vector add(Vector a, Vector b) {
  if constexpr (bytes == 2)
    return _mm256_add_epi16(a, b);
  else
    return _mm256_add_epi32(a, b);
}
inline Vector add_float(Vector a, Vector b) {
  return _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)));
}
/// All-ones lanes where the mask bit is set.
template <int bytes>
Vector lanes_of(std::uint64_t bits) {
  if constexpr (bytes == 1) {
    const Vector spread = _mm256_shuffle_epi8(
        _mm256_set1_epi32(static_cast<int>(bits)),
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303));
    const Vector one_bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201U));
    return _mm256_cmpeq_epi8(_mm256_and_si256(spread, one_bit), one_bit);
  } else if constexpr (bytes == 2) {
    const Vector one_bit = _mm256_setr_epi16(1,
                                             2,
                                             4,
                                             8,
                                             16,
                                             32,
                                             64,
                                             128,
                                             256,
                                             512,
                                             1024,
                                             2048,
                                             4096,
                                             8192,
                                             16384,
                                             static_cast<short>(0x8000));
    const Vector spread = _mm256_set1_epi16(static_cast<short>(bits));
    return _mm256_cmpeq_epi16(_mm256_and_si256(spread, one_bit), one_bit);
  } else {
    const Vector one_bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const Vector spread = _mm256_set1_epi32(static_cast<int>(bits));
    return _mm256_cmpeq_epi32(_mm256_and_si256(spread, one_bit), one_bit);
  }
}
/// Pixels of `bytes` each whose mask bit is set, zero elsewhere. Reads the whole vector.
template <int bytes>
Vector masked(const void* at, std::uint64_t bits) {
  return _mm256_and_si256(load(at), lanes_of<bytes>(bits));
}
template <int half_bits, bool is_signed>
Vector odd_half(Vector v) {
  if constexpr (half_bits == 8)
    return is_signed ? _mm256_srai_epi16(v, 8) : _mm256_srli_epi16(v, 8);
  else
    return is_signed ? _mm256_srai_epi32(v, 16) : _mm256_srli_epi32(v, 16);
}
template <int half_bits>
Vector shifted_up(Vector v) {
  if constexpr (half_bits == 8)
    return _mm256_slli_epi16(v, 8);
  else
    return _mm256_slli_epi32(v, 16);
}
template <int half_bits>
Vector minus(Vector a, Vector b) {
  if constexpr (half_bits == 8)
    return _mm256_sub_epi16(a, b);
  else
    return _mm256_sub_epi32(a, b);
}
template <int half_bits>
void interleave(Vector even, Vector odd, Vector& first, Vector& second) {
  Vector low, high;
  if constexpr (half_bits == 8) {
    low = _mm256_unpacklo_epi16(even, odd);
    high = _mm256_unpackhi_epi16(even, odd);
  } else {
    low = _mm256_unpacklo_epi32(even, odd);
    high = _mm256_unpackhi_epi32(even, odd);
  }
  first = _mm256_permute2x128_si256(low, high, 0x20);
  second = _mm256_permute2x128_si256(low, high, 0x31);
}
#endif

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
  const std::byte* frames;
  Index frame_bytes;       // from one frame to the next
  const MaskPlane* masks;  // of each frame
  Index first_word;        // of a mask
  Index count;             // frames
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
  const std::byte* frame = run.frames + b * run.frame_bytes + w * 64 * Kind::bytes;
  for (Index i = 0; i < block; ++i, frame += run.frame_bytes) {
    const std::uint64_t* mask = run.masks[b + i].bits + run.first_word + w;
    const std::uint64_t turned = run.masks[b + i].turned;
    for (int u = 0; u < U; ++u) {
      const std::uint64_t bits = mask[u] ^ turned;
      for (int v = 0; v < per_word; ++v) {
        const std::byte* at = frame + (u * per_word + v) * vector_bytes;
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
    auto* at = reinterpret_cast<std::byte*>(out + w0 * 64);
    for (Index v = 0; v < words * vectors_per_word<Kind>; ++v) {
      Vector finished[Kind::partials];
      Kind::finish(partial + v * Kind::partials, finished);
      for (int i = 0; i < Kind::partials; ++i, at += vector_bytes) store(at, finished[i]);
    }
  }
}

/// Rows whose width is a multiple of 64 form one run; others are one run a row and a plain rest.
template <class Kind, class Pixel>
void vector_rows(const EncodeRows& task) {
  const Index row_bytes = task.width * static_cast<Index>(sizeof(Pixel));
  const Index frame_bytes = task.height * row_bytes;
  // The longer a strip, the better memory streams; frames that may lie in the cache want shorter
  // ones.
  const Index strip =
      frame_bytes * task.count > (Index{16} << 20) ? longest_strip : longest_strip / 2;
  auto* partial = static_cast<Vector*>(task.scratch);
  auto* sum = static_cast<typename Kind::Sum*>(task.sum);
  const auto run_at = [&](Index y, Index words) {
    return Run{task.frames + y * row_bytes,
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

bool encode_rows(PixelType recorded, PixelType sum, const EncodeRows& task) {
#if defined(__AVX2__)
  if (recorded == PixelType::u8 && sum == PixelType::u16) {
    vector_rows<IntegerSum<std::uint8_t>, std::uint8_t>(task);
    return true;
  }
  switch (recorded) {
    case PixelType::u16:
      vector_rows<IntegerSum<std::uint16_t>, std::uint16_t>(task);
      return true;
    case PixelType::i16:
      vector_rows<IntegerSum<std::int16_t>, std::int16_t>(task);
      return true;
    case PixelType::f32:
      vector_rows<FloatSum, float>(task);
      return true;
    default:
      break;
  }
#endif
  switch (recorded) {
    case PixelType::u8:
      if (sum == PixelType::u16)
        plain_rows<std::uint8_t, std::uint16_t>(task);
      else
        plain_rows<std::uint8_t, std::int32_t>(task);
      return true;
    case PixelType::i8:
      plain_rows<std::int8_t, std::int32_t>(task);
      return true;
    case PixelType::u16:
      plain_rows<std::uint16_t, std::int32_t>(task);
      return true;
    case PixelType::i16:
      plain_rows<std::int16_t, std::int32_t>(task);
      return true;
    case PixelType::f32:
      plain_rows<float, float>(task);
      return true;
    default:
      return false;
  }
}

}  // namespace kinema::codec::KINEMA_SIMD_NAME
