#!/usr/bin/env bash
# check_kernels.sh OBJECT...: code compiled for one instruction set shares no inline function with
# the rest, or the linker could give an AVX-512 body to a processor that has none. So a kernel's
# object may define its own entry point and nothing weak.
set -euo pipefail
failed=0
for object in "$@"; do
  weak=$(nm -C --defined-only "$object" | grep -E ' [WV] ' | grep -v 'DW.ref' || true)
  if [ -n "$weak" ]; then
    printf '%s defines what others may share:\n%s\n' "$object" "$weak"
    failed=1
  fi
done
[ "$failed" -eq 0 ] && echo "$# kernel objects stand alone"
exit "$failed"
