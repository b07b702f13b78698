/* A camera that waits for nobody: publishes frames at a steady rate, into a ring or a pipe, and counts
 * those that find no room.
 *
 *   camera NAME TYPE HEIGHT WIDTH SLOTS RATE SECONDS    NAME "-": standard output; RATE 0: as they fit
 *   camera memcpy TYPE HEIGHT WIDTH                     GB/s at which one thread copies such frames
 *
 * The ring's slots are filled once, with noise of about 24 electrons a pixel, and published over and
 * over, as if the detector's hardware wrote them: making frames costs no processor time. */
#define _POSIX_C_SOURCE 200112L
#include "kinema_encoder.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int type;
  int64_t height, width;
  size_t bytes; /* of a frame */
} format;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void sleep_until(double moment) {
  const double left = moment - now();
  if (left <= 0.0) return;
  const struct timespec time = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
  nanosleep(&time, NULL);
}

/* Four uniform numbers make a nearly normal one. */
static void expose(const format *of, void *pixels, uint64_t seed) {
  uint64_t random = 88172645463325252u ^ (seed * 0x9E3779B97F4A7C15u);
  double wave[64];
  for (int i = 0; i < 64; ++i) wave[i] = 24.0 + 12.0 * sin(0.0981747704 * i);
  for (int64_t i = 0; i < of->height * of->width; ++i) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    const double sum = (double)(random & 0xFFFF) + (double)(random >> 16 & 0xFFFF) +
                       (double)(random >> 32 & 0xFFFF) + (double)(random >> 48);
    const double mean = wave[(i % of->width + i / of->width) & 63];
    const double value = mean + sqrt(mean) * (sum - 131070.0) / 37837.0;
    const int whole = value > 0.0 ? (int)(value + 0.5) : 0;
    if (of->type == KINEMA_U8) {
      ((uint8_t *)pixels)[i] = (uint8_t)whole;
    } else {
      ((uint16_t *)pixels)[i] = (uint16_t)whole;
    }
  }
}

static int measure_memcpy(const format *of) {
  enum { B = 10, PASSES = 9 };
  const size_t groups = (size_t)(512u << 20) / (of->bytes * B) + 2;
  unsigned char *movie = malloc(groups * B * of->bytes), *group = malloc(B * of->bytes);
  if (movie == NULL || group == NULL) return 1;
  memset(movie, 7, groups * B * of->bytes), memset(group, 1, B * of->bytes);
  double best = 0.0;
  unsigned char *volatile out = group; /* the compiler must not see that nobody reads it */
  for (int pass = 0; pass < PASSES; ++pass) {
    const double begin = now();
    for (size_t g = 0; g < groups; ++g) memcpy(out, movie + g * B * of->bytes, B * of->bytes);
    const double rate = (double)(groups * B * of->bytes) / (now() - begin) * 1e-9;
    if (rate > best) best = rate;
  }
  printf("%.3f\n", best);
  return free(movie), free(group), 0;
}

/* Whether the whole frame went into the pipe. */
static int write_all(const unsigned char *frame, size_t bytes) {
  while (bytes > 0) {
    const ssize_t done = write(STDOUT_FILENO, frame, bytes);
    if (done < 0 && errno != EINTR) return 0;
    if (done > 0) frame += done, bytes -= (size_t)done;
  }
  return 1;
}

/* Frames that are due by now and were neither given nor lost. */
static uint64_t due(double begin, double rate, double seconds, uint64_t gone) {
  const double time = now() - begin;
  if (rate == 0.0) return time < seconds;
  const uint64_t all = (uint64_t)((time < seconds ? time : seconds) * rate);
  return all > gone ? all - gone : 0;
}

static void say(uint64_t given, uint64_t lost, double seconds) {
  fprintf(stderr, "{\"given\": %llu, \"lost\": %llu, \"seconds\": %.6f}\n",
          (unsigned long long)given, (unsigned long long)lost, seconds);
}

static int run_ring(const char *name, const format *of, int slots, double rate, double seconds) {
  kinema_ring ring;
  kinema_ring_remove(name);
  const int refused = kinema_ring_create(&ring, name, of->type, of->height, of->width, slots);
  if (refused) return fprintf(stderr, "%s: %s\n", name, strerror(refused)), 1;
  for (int i = 0; i < slots; ++i) {
    unsigned char *first = (unsigned char *)ring.header + ring.header->header_bytes;
    expose(of, first + (uint64_t)i * ring.header->slot_bytes + 64, (uint64_t)i);
  }
  kinema_ring_publish(&ring); /* the reader waits for a first frame; then the clock starts */
  while (__atomic_load_n(&ring.header->taken, __ATOMIC_ACQUIRE) == 0) sleep_until(now() + 1e-4);
  const double begin = now();
  uint64_t given = 0, lost = 0;
  while (now() - begin < seconds) {
    for (uint64_t frames = due(begin, rate, seconds, given + lost); frames > 0; --frames) {
      if (kinema_ring_slot(&ring) != NULL) {
        kinema_ring_publish(&ring), ++given;
      } else if (rate > 0.0) {
        kinema_ring_lose(&ring, 1), ++lost;
      }
    }
    sleep_until(rate > 0.0 && rate < 2000.0 ? begin + (double)(given + lost + 1) / rate
                                            : now() + 5e-4);
  }
  say(given, lost, now() - begin);
  return kinema_ring_end(&ring, 60.0) == 0 ? 0 : 1;
}

/* A pipe makes its writer wait: frames that are then late by more than `slots` are lost. */
static int run_pipe(const format *of, int slots, double rate, double seconds) {
  enum { DISTINCT = 20 };
  unsigned char *frames = malloc(DISTINCT * of->bytes);
  if (frames == NULL) return 1;
  for (int i = 0; i < DISTINCT; ++i) expose(of, frames + (size_t)i * of->bytes, (uint64_t)i);
  signal(SIGPIPE, SIG_IGN);
  if (!write_all(frames, of->bytes)) return 1;
  const double begin = now();
  uint64_t given = 0, lost = 0;
  while (now() - begin < seconds) {
    const uint64_t waiting = due(begin, rate, seconds, given + lost);
    if (rate > 0.0 && waiting > (uint64_t)slots) lost += waiting - (uint64_t)slots;
    if (waiting > 0) {
      if (!write_all(frames + given % DISTINCT * of->bytes, of->bytes)) return 1;
      ++given;
    } else {
      sleep_until(rate < 2000.0 ? begin + (double)(given + lost + 1) / rate : now() + 5e-4);
    }
  }
  say(given, lost, now() - begin);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 5 && argc != 8) return fprintf(stderr, "usage: see the top of camera.c\n"), 2;
  format of = {strcmp(argv[2], "uint8") == 0 ? KINEMA_U8 : KINEMA_U16, atol(argv[3]), atol(argv[4]), 0};
  of.bytes = (size_t)(of.height * of.width) * kinema_bytes_of(of.type);
  if (argc == 5) return measure_memcpy(&of);
  const int slots = atoi(argv[5]);
  if (strcmp(argv[1], "-") == 0) return run_pipe(&of, slots, atof(argv[6]), atof(argv[7]));
  return run_ring(argv[1], &of, slots, atof(argv[6]), atof(argv[7]));
}
