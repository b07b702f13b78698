#!/usr/bin/env bash
# neon.sh: the core library built for ARM gives, with its NEON kernels and on an emulated processor,
# the bits that it gives here. Debian packages: g++-aarch64-linux-gnu, qemu-user-static.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
packages=(g++-aarch64-linux-gnu qemu-user-static)
if ! command -v aarch64-linux-gnu-g++ >/dev/null || ! command -v qemu-aarch64-static >/dev/null; then
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || {
    echo "neon.sh: install ${packages[*]}"
    exit 1
  }
  apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "${packages[@]}"
fi

# built FOLDER COMPILER [CMAKE OPTIONS]: the digest of tests/core/families.c.
built() {
  local folder=build/$1 prefix=$2
  shift 2
  cmake -S src/kinema/core -B "$folder" -DCMAKE_C_COMPILER="${prefix}gcc" -DCMAKE_CXX_COMPILER="${prefix}g++" "$@" >/dev/null
  cmake --build "$folder" --target kinema_encoder_static >/dev/null
  "${prefix}gcc" -std=c99 -O1 -static -Isrc tests/core/families.c "$folder/libkinema_encoder.a" -lm -o "$folder/families"
}
built core ""
built core-arm aarch64-linux-gnu- -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
symbols=$(aarch64-linux-gnu-nm -C build/core-arm/libkinema_encoder.a)
[[ $symbols == *neon::masked_sum* ]] || { echo "no NEON kernel was built"; exit 1; }
here=$(build/core/families)
there=$(qemu-aarch64-static build/core-arm/families)
[ "$here" = "$there" ] || { echo "here: $here; on ARM: $there"; exit 1; }
echo "NEON kernels give the same bits: $here"
