/* Every family of kernels that this processor runs gives the bits of the plain one. Prints a digest
 * of masks, sums and steps, which is the same on every machine: tests/check/neon.sh compares them. */
#include "kinema/core/kinema_encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t digest = 14695981039346656037u; /* FNV-1a */
static int failures = 0;

static void add(const void *bytes, size_t count) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < count; ++i) digest = (digest ^ at[i]) * 1099511628211u;
}

static uint32_t next_random(void) {
  static uint32_t random = 2463534242u;
  random ^= random << 13, random ^= random >> 17, random ^= random << 5;
  return random;
}

/* Frames of whole numbers; of floats, numbers with few digits. */
static void fill(int type, void *frames, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t random = next_random();
    switch (kinema_bytes_of(type)) {
      case 1:
        ((uint8_t *)frames)[i] = (uint8_t)random;
        break;
      case 2:
        ((uint16_t *)frames)[i] = (uint16_t)random;
        break;
      default:
        ((float *)frames)[i] = (float)(int32_t)(random % 65536u) * 0.37f;
        break;
    }
  }
}

static void compare(int type, int64_t count, int64_t height, int64_t width, uint64_t turned) {
  const size_t pixels = (size_t)(height * width), words = (size_t)kinema_words_per_row(width);
  const int sum = kinema_sum_type(type, count);
  const size_t sum_bytes = pixels * kinema_bytes_of(sum);
  void *frames = malloc(pixels * (size_t)count * kinema_bytes_of(type));
  uint64_t *bits = malloc((size_t)count * (size_t)height * words * 8);
  kinema_mask *masks = malloc((size_t)count * sizeof *masks);
  unsigned char *plain = malloc(sum_bytes), *fast = malloc(sum_bytes);
  static unsigned char room[KINEMA_SCRATCH_BYTES + 64]; /* aligned to 64 below */
  void *scratch = room + (64 - (uintptr_t)room % 64);
  fill(type, frames, pixels * (size_t)count);
  failures += kinema_draw_masks(KINEMA_BERNOULLI, 8, count, height, width, 0, height, bits);
  for (int64_t b = 0; b < count; ++b) {
    masks[b].bits = bits + b * height * (int64_t)words;
    masks[b].turned = b % 2 ? turned : 0;
  }
  for (int family = KINEMA_SCALAR; family <= KINEMA_NEON; ++family) {
    if (!kinema_runs(family)) continue;
    unsigned char *out = family == KINEMA_SCALAR ? plain : fast;
    memset(out, 0x5a, sum_bytes);
    const kinema_sum_task task = {frames, count, height, width, masks, (int64_t)words,
                                  0,      height, out,   scratch};
    if (kinema_masked_sum(family, type, sum, &task) || memcmp(out, plain, sum_bytes)) {
      printf("family %d differs: type %d, %d frames of %d x %d\n", family, type, (int)count,
             (int)height, (int)width);
      ++failures;
    }
  }
  add(plain, sum_bytes);
  free(frames), free(bits), free(masks), free(plain), free(fast);
}

static void check_masks_and_steps(void) {
  enum { B = 11, Y = 5, X = 130, WORDS = 3 };
  static uint64_t bits[B * Y * WORDS];
  static uint16_t open[Y * X];
  static int32_t sums[Y * X], numbers[Y * X];
  const int kinds[] = {KINEMA_BERNOULLI, KINEMA_BALANCED, KINEMA_STAGGERED, KINEMA_OPEN};
  for (int k = 0; k < 4; ++k) {
    failures += kinema_draw_masks(kinds[k], 77, B, Y, X, 0, Y, bits);
    add(bits, sizeof bits);
    memset(open, 0, sizeof open);
    for (int i = 0; i < B * Y * X; ++i) {
      const int b = i / (Y * X), y = i / X % Y, x = i % X;
      open[i % (Y * X)] += (uint16_t)(bits[(b * Y + y) * WORDS + x / 64] >> (x % 64) & 1);
    }
    for (int i = 0; i < Y * X; ++i) sums[i] = (int32_t)(next_random() % 5000u);
    kinema_steps steps;
    uint16_t fewest = open[0], most = open[0];
    for (int i = 0; i < Y * X; ++i) {
      fewest = open[i] < fewest ? open[i] : fewest;
      most = open[i] > most ? open[i] : most;
    }
    kinema_plan_steps(&steps, 1.0, 2.5, 30.0, 1, fewest, most);
    failures += kinema_quantise(&steps, KINEMA_I32, sums, open, Y * X, numbers);
    add(numbers, sizeof numbers);
    for (int i = 0; i < 200; ++i) {
      const double middle = kinema_step_middle(&steps, numbers[i]);
      add(&middle, sizeof middle);
    }
  }
}

int main(void) {
  const int types[] = {KINEMA_U8, KINEMA_I8, KINEMA_U16, KINEMA_I16, KINEMA_F32};
  const int sizes[][2] = {{3, 64}, {5, 256}, {4, 100}, {2, 513}, {7, 1}, {70, 1024}};
  const int counts[] = {1, 3, 10, 30, 257, 299};
  for (int t = 0; t < 5; ++t) {
    for (int s = 0; s < 6; ++s) {
      for (int c = 0; c < (s < 5 ? 6 : 3); ++c) {
        compare(types[t], counts[c], sizes[s][0], sizes[s][1], c % 2 ? ~(uint64_t)0 : 0);
      }
    }
  }
  check_masks_and_steps();
  printf("digest %016llx\n", (unsigned long long)digest);
  return failures != 0;
}
