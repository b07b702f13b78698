#!/usr/bin/env bash
# Every sample, cut at 64 places and with 1,000 single bits turned: data or a clear refusal, in
# 2 s and 512 MB. Skipped, saying so, where the samples are absent.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
samples=${KINEMA_TEST_DATA:-../shared/data}/formats
if [ ! -d "$samples" ]; then
  echo "sample data absent: $samples"
  exit 0
fi
cmake --preset release >build/release-configure.log
ninja -C build/release robustness kinema
find "$samples" -type f ! -name '*.json' ! -path '*/chemfiles/*' ! -path '*/meta/*' -print0 |
  xargs -0 -n 4 -P "$(nproc)" build/release/tests/robustness >build/robustness.jsonl
wc -l <build/robustness.jsonl | xargs printf '%s files, no finding: build/robustness.jsonl\n'
