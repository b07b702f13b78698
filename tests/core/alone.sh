#!/usr/bin/env bash
# alone.sh LIBRARY BUILD SOURCE: the core library needs the C library alone, and whoever installed it
# compiles the example in C99 with what pkg-config says.
set -euo pipefail
library=$1 build=$2 source=$3

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE '^lib[cm]\.so|^ld-' || true)
[ -z "$needed" ] || { echo "$library links $needed"; exit 1; }
foreign=$(nm -D --undefined-only "$library" | grep -E ' _Z|__gxx|__cxa_(throw|guard|begin)' || true)
[ -z "$foreign" ] || { echo "$library needs the C++ library: $foreign"; exit 1; }

if ! command -v pkg-config >/dev/null || ! command -v gcc >/dev/null; then
  echo "no pkg-config or gcc"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cmake -DCMAKE_INSTALL_PREFIX="$folder" -P "$build/src/kinema/core/cmake_install.cmake" >"$folder/log"
PKG_CONFIG_PATH=$(dirname "$(find "$folder" -name kinema_encoder.pc)")
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # flags are words
gcc -std=c99 -Wall -Wextra -pedantic -Werror "$source/examples/04_detector.c" -o "$folder/detector" \
  $(pkg-config --cflags --libs --static kinema_encoder) \
  -Wl,-rpath,"$(pkg-config --variable=libdir kinema_encoder)"
"$folder/detector" 2>"$folder/usage" && exit 1
grep -q usage "$folder/usage"
echo "$(basename "$library") stands alone"
