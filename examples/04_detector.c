/* A detector's software, in C99: hands frames to an encoder that runs beside it, through a ring in
 * shared memory.
 *
 *   kinema codec encode shm:camera -o coded.h5 &
 *   04_detector camera 60 8 200          frames, slots of the ring, frames a second (0: at once)
 *
 * Compiled with:  cc -std=c99 04_detector.c $(pkg-config --cflags --libs kinema_encoder) */
#define _POSIX_C_SOURCE 199309L
#include <kinema_encoder.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEIGHT = 48, WIDTH = 80 };

/* Pixel i of frame t; a camera would write its own. */
static void expose(uint16_t *pixels, int t) {
  uint32_t random = 2463534242u + (uint32_t)t;
  for (int i = 0; i < HEIGHT * WIDTH; ++i) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    pixels[i] = (uint16_t)(100 + random % 16);
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return fprintf(stderr, "usage: 04_detector NAME FRAMES SLOTS RATE\n"), 2;
  const int frames = atoi(argv[2]), rate = atoi(argv[4]);
  kinema_ring ring;
  const int refused =
      kinema_ring_create(&ring, argv[1], KINEMA_U16, HEIGHT, WIDTH, atoi(argv[3]));
  if (refused) return fprintf(stderr, "%s: %s\n", argv[1], strerror(refused)), 1;
  for (int t = 0; t < frames; ++t) {
    uint16_t *slot = kinema_ring_slot(&ring); /* in place: no copy */
    if (slot != NULL) {
      expose(slot, t);
      kinema_ring_publish(&ring);
    } else {
      kinema_ring_lose(&ring, 1); /* the encoder tells it */
    }
    if (rate > 0) nanosleep(&(struct timespec){rate == 1, rate == 1 ? 0 : 1000000000L / rate}, NULL);
  }
  return kinema_ring_end(&ring, 30.0) == 0 ? 0 : 1;
}
