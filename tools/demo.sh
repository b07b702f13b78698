#!/usr/bin/env bash
# demo.sh PROGRAM FOLDER: a simulated in-situ movie of nanocrystals through the codec, a movie of
# graphene to the place of every atom, and their reports.
set -euo pipefail
kinema=$1
out=$2
mkdir -p "$out"

step() { printf '\n$ kinema %s\n' "$*"; "$kinema" "$@" --force; }

step simulate nanocrystals -o "$out/movie.tif" --truth "$out/clean.mrc"
step codec encode "$out/movie.tif" -o "$out/coded.h5" --ratio 10
step codec decode "$out/coded.h5" -o "$out/decoded.mrc"
step codec evaluate "$out/decoded.mrc" --reference "$out/clean.mrc" --raw "$out/movie.tif"
step codec report "$out/coded.h5" "$out/decoded.mrc" --raw "$out/movie.tif" \
  --reference "$out/clean.mrc" -o "$out/report.html"

# A flake of graphene, 8 frames at 8000 electrons per square angstrom, and its atoms in three dimensions.
step simulate graphene -o "$out/graphene.npy" --truth "$out/graphene_truth.extxyz" \
  --optics-out "$out/optics.toml" --frames 8 --atoms 300 --exposures 1
step atoms reconstruct "$out/graphene.npy" --optics "$out/optics.toml" --dose "8000 e/A^2" -o "$out/atoms"
step atoms evaluate "$out/atoms/trajectory.extxyz" --truth "$out/graphene_truth.extxyz"

printf '\nMade in %s:\n' "$out"
line() { printf '  %-24s %8.2f MB  %s\n' "$1" "$(awk "BEGIN {print $(stat -c %s "$out/$1") / 1e6}")" "$2"; }
line movie.tif "the movie as recorded: 60 frames of 384 x 384, 30 electrons a pixel"
line clean.mrc "the same movie without noise: the truth (float)"
line coded.h5 "the compressed movie: one coded measurement for every 10 frames"
line decoded.mrc "the decoded movie (float)"
line report.html "what was lost and what was kept; open it in a browser"
line atoms/trajectory.extxyz "x, y, z and standard errors of every atom of the graphene in every frame"
[ ! -f "$out/atoms/movie.mp4" ] || line atoms/movie.mp4 "the sheet in 3D, coloured by height"
line atoms/report.html "its frames beside what the atoms found look like, and the heights"
