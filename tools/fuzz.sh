#!/usr/bin/env bash
# fuzz.sh BUILD MINUTES [FORMAT...]: fuzzes each parser of movie files for MINUTES of CPU time. The
# corpus grows in BUILD/corpus; a finding is kept in BUILD/findings and ends with exit 1.
set -euo pipefail
build=$(readlink -f "$1")
minutes=$2
shift 2
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
fuzzer=$build/tests/fuzz_movie
corpus=$build/corpus
mkdir -p "$corpus" "$build/findings"
ASAN_OPTIONS=detect_leaks=0 "$build/tests/make_seeds" "$corpus" "${KINEMA_TEST_DATA:-../shared/data}/formats"
for folder in tests/fuzz/regressions/*/; do
  name=$(basename "$folder")
  mkdir -p "$corpus/$name"
  cp "$folder"* "$corpus/$name/"
done
formats=("$@")
[ ${#formats[@]} -gt 0 ] || mapfile -t formats < <(ls "$corpus")

# In rounds until the processor has worked for so long: libFuzzer's own limit is one of wall time.
fuzz_one() {
  local name=$1 seconds=$2 spent=0 runs=0
  local log=$build/findings/$name.log TIMEFORMAT='%U %S'
  while [ "$spent" -lt "$seconds" ]; do
    if ! { time ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 nice "$fuzzer" --format="$name" \
      -max_total_time=$((seconds - spent)) -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 \
      -max_len=300000 -len_control=20 -reload=0 -print_final_stats=1 \
      -artifact_prefix="$build/findings/$name-" "$corpus/$name" >"$log" 2>&1; } 2>"$log.time"; then
      printf '%-10s FINDING: %s\n' "$name" "$(grep -E -m1 'ERROR|SUMMARY|terminate|runtime error' "$log" || echo "see $log")"
      return 1
    fi
    spent=$((spent + $(awk '{ printf "%d", $1 + $2 + 1 }' "$log.time")))
    runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$log")))
  done
  printf '%-10s %s s, %s runs, %s in the corpus, no finding\n' "$name" "$spent" "$runs" "$(ls "$corpus/$name" | wc -l)"
}
export -f fuzz_one
export build corpus fuzzer
seconds=$(awk -v m="$minutes" 'BEGIN { printf "%d", m * 60 }')
printf '%s\n' "${formats[@]}" |
  xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$1" "$2"' fuzz {} "$seconds"
