#!/usr/bin/env bash
# check_links.sh PROGRAM: the program starts without its heavy parts. Nothing that it links, or that
# these link in turn, may be LibTorch, FFmpeg, LAMMPS or MPI.
set -euo pipefail
program=$1
heavy='libtorch|libc10|libcaffe|libav(codec|format|util|filter|device)\b|libswscale|liblammps|libmpi\b|libmpi_cxx'

readelf -d "$program" | grep -q 'NEEDED' || { echo "$program: no dynamic section"; exit 1; }
closure=$(LC_ALL=C ldd "$program" | awk '{print $1}')
if found=$(grep -E "$heavy" <<<"$closure"); then
  echo "$program links what should be a module, loaded on demand:"
  echo "$found"
  exit 1
fi
echo "$program links $(wc -l <<<"$closure") libraries, none of them heavy"
