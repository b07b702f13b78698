#!/usr/bin/env bash
# The doctor tells of every part, and a missing part is a mend and no failure. $1 is the program.
set -euo pipefail
kinema=$1

"$kinema" doctor --json >found.json
python3 - <<'PYTHON'
import json
found = json.load(open("found.json"))
for part in ("version", "cpu", "memory", "blas", "torch", "mpi", "hdf5", "reader", "video", "lammps",
             "mends"):
    assert part in found, f"doctor --json has no {part}"
assert found["cpu"]["simd"] in ("scalar", "avx2", "avx512")
assert 0 < found["memory"]["available_bytes"] <= found["memory"]["total_bytes"]
assert found["hdf5"]["version"].startswith("1.")
assert found["reader"]["program"].endswith("kinema_reader")
for mend in found["mends"]:
    assert mend["mend"], f"no mend for {mend['part']}"
PYTHON

# A program that stands alone finds no module and says how to get them.
mkdir -p far/away
cp "$kinema" far/away/lonely
env -u KINEMA_MODULE_PATH far/away/lonely doctor --json >lonely.json
python3 - <<'PYTHON'
import json
found = json.load(open("lonely.json"))
assert found["torch"] is None and found["mpi"] is None and found["reader"] is None
assert found["video"] is None and found["lammps"] is None
mends = {mend["part"]: mend["mend"] for mend in found["mends"]}
assert "libtorch-dev" in mends["torch"] and "libopenmpi-dev" in mends["mpi"]
assert "libavformat-dev" in mends["video"] and "liblammps-dev" in mends["lammps"]
assert "kinema_reader" in {mend["part"]: mend["problem"] for mend in found["mends"]}["reader"]
PYTHON

# Without the reader program an HDF5 file is refused in one line that says what to do.
python3 - <<'PYTHON'
open("file.h5", "wb").write(b"\x89HDF\r\n\x1a\n" + bytes(5000))
PYTHON
if env -u KINEMA_MODULE_PATH far/away/lonely info file.h5 2>refusal; then exit 1; fi
grep -q "kinema_reader" refusal && grep -q "install" refusal
test "$(wc -l <refusal)" -eq 1
echo "the doctor tells of every part"
