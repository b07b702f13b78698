#!/usr/bin/env bash
# Compresses a movie, decodes it, and tells how good the result is. `kinema` must be in the PATH; what
# it makes lies in the working folder.
set -euo pipefail

# A small movie of nanocrystals as a detector would record it, and the same without noise.
kinema simulate nanocrystals --frames 20 --height 128 --width 128 -o movie.mrc --truth clean.mrc
kinema info movie.mrc

# Ten frames become one measurement: y = sum of m_b x_b.
kinema codec encode movie.mrc -o coded.h5 --ratio 10

# The frames again, by GAP-TV and, for comparison, by the mean of each group.
kinema codec decode coded.h5 -o decoded.mrc
kinema codec decode coded.h5 -o mean.mrc --decoder mean

# Against the truth, beside the raw movie and the movie binned in time.
kinema codec evaluate decoded.mrc --reference clean.mrc --raw movie.mrc
kinema codec evaluate mean.mrc --reference clean.mrc --raw movie.mrc
