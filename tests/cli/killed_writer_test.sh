#!/usr/bin/env bash
# A few of the stops of tests/check/killed_writer.py: what an encoder had committed is there.
set -euo pipefail
python=/usr/bin/python3
[ -x $python ] || python=python3
exec "$python" "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../check/killed_writer.py" "$1" "$PWD" 8
