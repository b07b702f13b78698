"""Files of a few bytes that declare 100 GB are refused at once: in 64 MB and a second."""

import json
import os
import struct
import subprocess
import zlib

import h5py

from kinema_cli import kinema, refused, run_tests

MOST_MEGABYTES, MOST_SECONDS = 64, 1.0
MANY = 100_000
robustness = os.path.join(os.path.dirname(kinema), "tests", "robustness")


def write(name, *parts):
    with open(name, "wb") as file:
        file.writelines(parts)
    return name


def mrc(mode):
    header = bytearray(1024)
    for at in (0, 28):
        struct.pack_into("<3i", header, at, MANY, MANY, 10)
    struct.pack_into("<i", header, 12, mode)
    struct.pack_into("<3i", header, 64, 1, 2, 3)
    header[208:216] = b"MAP DD\0\0"
    return write(f"mode{mode}.mrc", header, bytes(4096))


def npy():
    text = f"{{'descr': '<u2', 'fortran_order': False, 'shape': (5, {MANY}, {MANY}), }}"
    text = text.ljust(117) + "\n"
    return write("a.npy", b"\x93NUMPY\x01\x00", struct.pack("<H", len(text)), text.encode())


def tiff(name, compression, big):
    tags = [(256, 4, MANY), (257, 4, MANY), (258, 3, 16), (259, 3, compression), (262, 3, 1),
            (273, 4, 8), (277, 3, 1), (278, 4, MANY), (279, 4, 0xFFFFFFF0)]
    if big:
        out = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) + struct.pack("<Q", len(tags))
        out += b"".join(struct.pack("<HHQQ", tag, kind, 1, value) for tag, kind, value in tags)
    else:
        out = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(tags))
        out += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return write(name, out, bytes(4096))


def dm_tag(name, kind, *info, data=b""):
    encoded = b"".join(struct.pack(">i", number) for number in (kind, *info))
    return (struct.pack(">BH", 21, len(name)) + name + b"%%%%"
            + struct.pack(">i", 1 + len(info)) + encoded + data)


def dm_group(name, *tags):
    return (struct.pack(">BH", 20, len(name)) + name + struct.pack(">BBi", 1, 0, len(tags))
            + b"".join(tags))


def dm3():
    """An image whose array of 10^10 numbers is declared and not there."""
    def size(value):
        return dm_tag(b"", 5, data=struct.pack("<I", value))

    image = dm_group(b"ImageData", dm_tag(b"DataType", 5, data=struct.pack("<I", 10)),
                     dm_group(b"Dimensions", size(MANY), size(MANY), size(10)),
                     dm_tag(b"Data", 20, 4, 2_000_000_000, data=bytes(64)))
    body = struct.pack(">BBi", 1, 0, 1) + dm_group(b"ImageList", dm_group(b"", image))
    return write("a.dm3", struct.pack(">3i", 3, len(body), 1), body, bytes(8))


def ser(elements):
    header = struct.pack("<3H", 0x4949, 0x0197, 0x0210)
    header += struct.pack("<6I", 0x4122, 0x4152, elements, elements, 30, 0)
    element = struct.pack("<ddiddiHII", 0, 1e-9, 0, 0, 1e-9, 0, 7, MANY, MANY)
    offsets = struct.pack("<2I", 38, 38)
    return write(f"a{elements}.ser", header, offsets, element, bytes(4096))


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return write("a.png", b"\x89PNG\r\n\x1a\n",
                 chunk(b"IHDR", struct.pack(">2I5B", 1_000_000, MANY, 8, 0, 0, 0, 0)),
                 chunk(b"IDAT", zlib.compress(bytes(1000))), chunk(b"IEND", b""))


def hdf5(name, chunks):
    with h5py.File(name, "w") as file:
        file.create_dataset("data", shape=(5, MANY, MANY), dtype="<u2", chunks=chunks)
    return name


def test_what_declares_100_gb_is_refused_at_once():
    files = [*[mrc(mode) for mode in (0, 1, 2, 3, 4, 6, 12, 101)], npy(),
             tiff("a.tif", 1, False), tiff("lzw.tif", 5, False), tiff("deflate.tif", 8, True),
             dm3(), ser(1), ser(4_000_000_000), png(),
             hdf5("chunks.h5", (1, 1000, 1000)), hdf5("run.h5", None)]
    told = subprocess.run([robustness, "--truncations", "0", "--flips", "0", "--megabytes",
                           str(MOST_MEGABYTES), "--seconds", str(MOST_SECONDS), *files],
                          capture_output=True, check=False, text=True, timeout=120)
    results = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(results) == len(files), told.stderr
    for result in results:
        assert result["refused"] == 1 and not result["findings"], result
    worst = max(result["worst_megabytes"] for result in results)
    print(f"{len(files)} files refused, {worst:.0f} MB at most")
    for name in ("mode2.mrc", "run.h5"):
        refused("convert", name, "out.npy", says=name)
        assert not os.path.exists("out.npy") and not os.path.exists("out.npy.partial"), name


run_tests(globals())
