#!/usr/bin/env bash
# An encoder that is killed 200 times, interrupted, or out of space loses nothing that it had committed.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
cmake --preset release >build/release-configure.log
ninja -C build/release kinema kinema_reader
python=/usr/bin/python3
[ -x $python ] || python=python3
exec "$python" tests/check/killed_writer.py build/release/kinema build/killed_writer "${1:-200}"
