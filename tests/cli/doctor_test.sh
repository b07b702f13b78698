#!/usr/bin/env bash
# The doctor tells of every part, and a missing part is a mend and no failure. $1 is the program.
set -euo pipefail
kinema=$1

"$kinema" doctor --json >found.json
python3 - <<'PYTHON'
import json
found = json.load(open("found.json"))
for part in ("version", "cpu", "memory", "blas", "torch", "mpi", "hdf5", "mends"):
    assert part in found, f"doctor --json has no {part}"
assert found["cpu"]["simd"] in ("scalar", "avx2", "avx512")
assert 0 < found["memory"]["available_bytes"] <= found["memory"]["total_bytes"]
assert found["hdf5"]["version"].startswith("1.")
for mend in found["mends"]:
    assert mend["mend"], f"no mend for {mend['part']}"
PYTHON

# A program that stands alone finds no module and says how to get them.
cp "$kinema" lonely
env -u KINEMA_MODULE_PATH ./lonely doctor --json >lonely.json
python3 - <<'PYTHON'
import json
found = json.load(open("lonely.json"))
assert found["torch"] is None and found["mpi"] is None
mends = {mend["part"]: mend["mend"] for mend in found["mends"]}
assert "libtorch-dev" in mends["torch"] and "libopenmpi-dev" in mends["mpi"]
PYTHON
echo "the doctor tells of every part"
