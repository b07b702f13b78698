/* The core of kinema's encoder, for a detector's own computer: masks, masked sums, steps, and a
 * ring in shared memory through which frames reach `kinema codec encode shm:NAME`.
 *
 * C99, no dependency but the C library (with libm). Nothing here allocates but kinema_quantise (a
 * table) and kinema_ring_create (shared memory); nothing prints, locks or keeps state; every
 * function may be called from any thread. The program itself runs this code: what comes out is the
 * same to the bit. Functions that can fail return 0 where all went well.
 *
 * Of B frames x_b (Y, X) and B masks m_b one snapshot is made,  y = sum_b m_b * x_b,  and kept in
 * steps of its own noise; docs/formats/container.md says the rest. */
#ifndef KINEMA_ENCODER_H
#define KINEMA_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- types ---------------------------------------------------------------------------------- */

/* Types of pixels and of sums, in this machine's byte order. */
enum {
  KINEMA_U8 = 1,
  KINEMA_I8 = 2,
  KINEMA_U16 = 3,
  KINEMA_I16 = 4,
  KINEMA_I32 = 5, /* sums alone */
  KINEMA_F32 = 6
};

/* Bytes of a pixel or a sum; 0 for a type that there is not. */
size_t kinema_bytes_of(int type);

/* The narrowest type that holds every sum of `frames` pixels (up to 32768) of type `pixels`; 0 for
 * a type that is not summed. */
int kinema_sum_type(int pixels, int64_t frames);

/* ---- masks ---------------------------------------------------------------------------------- */

enum {
  KINEMA_BERNOULLI = 1, /* every pixel of every mask is open with probability 1/2 */
  KINEMA_BALANCED = 2,  /* every pixel is open in half of the masks */
  KINEMA_STAGGERED = 3, /* mask i is open where i >= p, with a p, 0 to B - 1, of each pixel's own */
  KINEMA_OPEN = 4       /* all is open */
};

/* 64-bit words of a row: bit x % 64 of word x / 64 is pixel x, bits beyond X are 0. */
int64_t kinema_words_per_row(int64_t width);

/* Draws rows [first_row, last_row) of `ratio` masks into words (B, Y, words_per_row), of which
 * these rows are zeroed first. Depends on (kind, seed, ratio, row, pixel) alone, so that rows may
 * be drawn by any number of threads. */
int kinema_draw_masks(int kind,
                      uint64_t seed,
                      int64_t ratio,
                      int64_t height,
                      int64_t width,
                      int64_t first_row,
                      int64_t last_row,
                      uint64_t* words);

/* ---- sums ----------------------------------------------------------------------------------- */

/* Families of kernels, each of which gives the same bits. */
enum {
  KINEMA_BEST = 0, /* the best that this processor runs */
  KINEMA_SCALAR = 1,
  KINEMA_AVX2 = 2,
  KINEMA_AVX512 = 3,
  KINEMA_NEON = 4
};

/* Whether this processor runs a family and this library has it. */
int kinema_runs(int family);

/* Bits (Y, words_per_row) of one frame's mask; `turned`, all ones or 0, turns them over. */
typedef struct kinema_mask {
  const uint64_t* bits;
  uint64_t turned;
} kinema_mask;

enum { KINEMA_SCRATCH_BYTES = 512 * 64 * 4 };

/* Rows [first_row, last_row) of the sum over `count` masked frames: of one thread. */
typedef struct kinema_sum_task {
  const void* frames; /* (count, Y, X) */
  int64_t count, height, width;
  const kinema_mask* masks; /* (count) */
  int64_t words_per_row;
  int64_t first_row, last_row;
  void* sum;     /* (Y, X), the whole snapshot */
  void* scratch; /* KINEMA_SCRATCH_BYTES, aligned to 64, of this thread alone */
} kinema_sum_task;

/* sum(y, x) = sum_b m_b(y, x) * x_b(y, x), added in the order of the frames. Fails for a family
 * that does not run here, and for types that kinema_sum_type does not pair. */
int kinema_masked_sum(int family, int pixels, int sum, const kinema_sum_task* task);

/* ---- steps ---------------------------------------------------------------------------------- */

/* How wide the steps of a snapshot are: `step` times the noise of a pixel of that brightness. */
typedef struct kinema_steps {
  double step, gain, variance; /* of a pixel at the mean exposure */
  double least;                /* width of a step */
  double bend;                 /* below this steps are `least` wide */
  double exposure;             /* frames in which a pixel is open, midway between fewest and most */
  int in_noise, whole, uniform;
} kinema_steps;

/* Steps for pixels whose variance is gain * mean + read_variance (both 0: `step` is in recorded
 * units). `fewest` and `most` are the frames in which a pixel is open; `whole`: pixels are
 * integers. */
void kinema_plan_steps(kinema_steps* steps,
                       double step,
                       double gain,
                       double read_variance,
                       int whole,
                       uint16_t fewest,
                       uint16_t most);

/* Numbers of the steps that sums of a type (KINEMA_U16, _I32, _F32) fall into; `open` (Y, X) counts
 * the frames in which each pixel is open. Fails where a number is beyond 30 bits. */
int kinema_quantise(const kinema_steps* steps,
                    int sum,
                    const void* sums,
                    const uint16_t* open,
                    int64_t pixels,
                    int32_t* numbers);

/* The middle of a step, at the mean exposure: the sum is that times open / exposure. */
double kinema_step_middle(const kinema_steps* steps, int32_t number);

/* Where step number `number` begins, counted in whole and half steps, and the width of one at z. */
double kinema_step_edge(const kinema_steps* steps, double number);
double kinema_step_width(const kinema_steps* steps, double z);
double kinema_step_variance(const kinema_steps* steps, double z);

/* ---- a ring in shared memory ---------------------------------------------------------------- */

/* The ring's first bytes; docs/formats/ring.md describes them. One process writes, one reads. */
typedef struct kinema_ring_header {
  char magic[8]; /* "KINEMARB" */
  uint32_t version, header_bytes;
  uint32_t pixels, slots;
  int64_t height, width;
  uint64_t slot_bytes; /* from one slot to the next */
  unsigned char unused_48[16];
  uint64_t written; /* frames published; by the writer, with release order */
  uint64_t lost;    /* frames that found no slot; by the writer */
  uint64_t ended;   /* not 0: no more frames come; by the writer, with release order */
  unsigned char unused_88[40];
  uint64_t taken; /* frames of which the slots are free again; by the reader, with release order */
  unsigned char unused_136[56];
} kinema_ring_header;

/* In front of each slot's pixels. */
typedef struct kinema_ring_slot_header {
  uint64_t number;  /* of the frame, those that were lost counted, from 0 */
  uint64_t time_ns; /* CLOCK_MONOTONIC when it was complete */
  unsigned char unused_16[48];
} kinema_ring_slot_header;

enum { KINEMA_RING_VERSION = 1 };

/* The writer's side. */
typedef struct kinema_ring {
  kinema_ring_header* header;
  uint64_t bytes, frame_bytes;
  char name[128];
} kinema_ring;

/* Makes the ring NAME (letters, digits, '-', '_', '.') of `slots` frames of (height, width) pixels.
 * Returns an errno: EEXIST where there is one, which kinema_ring_remove takes away; EINVAL where an
 * argument is not possible. */
int kinema_ring_create(
    kinema_ring* ring, const char* name, int pixels, int64_t height, int64_t width, int64_t slots);
int kinema_ring_remove(const char* name);

/* Where the next frame is to be written, in place; NULL while the ring is full. */
void* kinema_ring_slot(kinema_ring* ring);
/* The frame is complete. */
void kinema_ring_publish(kinema_ring* ring);
/* So many frames are lost, which the encoder then tells. */
void kinema_ring_lose(kinema_ring* ring, uint64_t frames);
/* Copies a frame into the ring; where it is full, counts it as lost and returns 1. */
int kinema_ring_write(kinema_ring* ring, const void* frame);

/* Says that no more frames come, waits up to `seconds` until all are taken, and closes. The ring is
 * removed where all were taken; returns the number of frames that were not. */
uint64_t kinema_ring_end(kinema_ring* ring, double seconds);

#ifdef __cplusplus
}
#endif

#endif
