"""What kinema writes as NeXus, EMD and HyperSpy's HDF5 is what other programs expect there: read
back by h5py, pixel for pixel, with signal, axes and facts. And what h5py writes, packed or spread
over files, kinema reads."""

import os
import sys

from kinema_cli import SKIPPED, refused, run, run_tests, simulate

try:
    import h5py
    import numpy
except ImportError as absent:
    print(f"skipped: {absent}")
    sys.exit(SKIPPED)


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def movie(name="movie.npy"):
    simulate(name, 5, 64, 96, "--seed", 3)
    return numpy.load(name)


def converted(name, *more):
    run("convert", "movie.npy", name, "--force", "--quiet", "--pixel-size", "0.25 A",
        "--frame-time", "20 ms", *more)
    return h5py.File(name)


def test_nexus_leads_from_the_root_to_the_signal():
    pixels = movie()
    with converted("movie.nxs") as file:
        entry = file[text(file.attrs["default"])]
        data = entry[text(entry.attrs["default"])]
        assert text(file.attrs["NX_class"]) == "NXroot"
        assert text(entry.attrs["NX_class"]) == "NXentry"
        assert text(data.attrs["NX_class"]) == "NXdata"
        signal = data[text(data.attrs["signal"])]
        assert signal.dtype == pixels.dtype and numpy.array_equal(signal[...], pixels)
        axes = [text(axis) for axis in data.attrs["axes"]]
        assert axes == ["time", "y", "x"], axes
        for index, axis in enumerate(axes):
            assert data[axis].shape == (pixels.shape[index],)
            assert data.attrs[f"{axis}_indices"] == index
        assert data["x"][1] == 0.25 and text(data["x"].attrs["units"]) == "\u00c5"
        assert data["time"][1] == 0.02 and text(data["time"].attrs["units"]) == "s"
        frame_time = entry["instrument/detector/frame_time"]
        assert frame_time[()] == 0.02 and text(frame_time.attrs["units"]) == "s"


def test_emd_has_an_array_and_its_dims():
    pixels = movie()
    with converted("movie.emd") as file:
        assert (file.attrs["version_major"], file.attrs["version_minor"]) == (0, 2)
        groups = [group for group in file["data"].values()
                  if group.attrs.get("emd_group_type") == 1]
        assert len(groups) == 1
        assert numpy.array_equal(groups[0]["data"][...], pixels)
        names = [text(groups[0][f"dim{n}"].attrs["name"]) for n in (1, 2, 3)]
        units = [text(groups[0][f"dim{n}"].attrs["units"]) for n in (1, 2, 3)]
        assert names == ["time", "y", "x"] and units == ["[s]", "[\u00c5]", "[\u00c5]"]
        assert [len(groups[0][f"dim{n}"]) for n in (1, 2, 3)] == list(pixels.shape)


def test_hspy_has_an_experiment_with_axes():
    pixels = movie()
    with converted("movie.hspy") as file:
        assert text(file.attrs["file_format"]) == "HyperSpy"
        experiment = file["Experiments/movie"]
        assert numpy.array_equal(experiment["data"][...], pixels)
        for index, step in enumerate((0.02, 0.25, 0.25)):
            axis = experiment[f"axis-{index}"].attrs
            assert axis["size"] == pixels.shape[index] and axis["scale"] == step
            for name, flag in (("navigate", index == 0), ("is_binned", False)):
                assert isinstance(axis[name], numpy.bool_) and axis[name] == flag, name


def test_every_pixel_type_comes_back():
    numbers = numpy.arange(2 * 4 * 6).reshape(2, 4, 6)
    for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16"):
        pixels = (numbers * (1 - 2j if dtype.startswith("c") else 1)).astype(dtype)
        for ending in ("nxs", "emd", "hspy"):
            with h5py.File("source.h5", "w") as file:
                file["frames"] = pixels
            run("convert", "source.h5", f"copy.{ending}", "--force", "--quiet")
            run("convert", f"copy.{ending}", "back.npy", "--force", "--quiet")
            back = numpy.load("back.npy")
            assert back.dtype == pixels.dtype and numpy.array_equal(back, pixels), (dtype, ending)


def test_the_facts_come_back():
    movie()
    for name in ("movie.nxs", "movie.emd", "movie.hspy"):
        converted(name).close()
        os.remove(name + ".json")
        told = run("info", name, "--json").json()
        assert told["pixel_size_angstrom"] == 0.25 and told["frame_time_seconds"] == 0.02, told


def test_packed_chunks_are_read_as_h5py_reads_them():
    pixels = movie()
    for chunks in ((1, 64, 96), (2, 20, 30), (5, 64, 96)):
        for filters in ({"compression": "gzip", "shuffle": True}, {"fletcher32": True}, {}):
            with h5py.File("packed.h5", "w") as file:
                file.create_dataset("frames", data=pixels, chunks=chunks, **filters)
            run("convert", "packed.h5", "unpacked.npy", "--force", "--quiet")
            assert numpy.array_equal(numpy.load("unpacked.npy"), pixels), (chunks, filters)


def master(files=2):
    """A DECTRIS master, its frames packed by bitshuffle and LZ4 where that filter is installed."""
    try:
        import hdf5plugin
        packed = dict(hdf5plugin.Bitshuffle())
    except ImportError:
        packed = {"compression": "gzip"}
    frames = numpy.random.default_rng(1).poisson(1, (12, 32, 48)).astype("u4")
    for n in range(1, files + 1):
        with h5py.File(f"run_data_{n:06}.h5", "w") as file:
            file.create_dataset("entry/data/data", data=frames[6 * n - 6:6 * n],
                                chunks=(1, 32, 48), **packed)
    with h5py.File("run_master.h5", "w") as file:
        data = file.create_group("entry/data")
        for n in (1, 2):
            data[f"data_{n:06}"] = h5py.ExternalLink(f"run_data_{n:06}.h5", "entry/data/data")
        detector = file.create_group("entry/instrument/detector")
        detector["frame_time"] = 0.001
        detector["x_pixel_size"] = 75e-6
        detector["detectorSpecific/photon_energy"] = 200000.0
        mask = numpy.zeros((32, 48), "u4")
        mask[3, 4:7] = 1
        detector["detectorSpecific/pixel_mask"] = mask
    return frames


def test_a_dectris_master_leads_to_its_data_files():
    frames = master()
    run("convert", "run_master.h5", "run.npy", "--force", "--quiet")
    assert numpy.array_equal(numpy.load("run.npy"), frames)
    told = run("info", "run_master.h5", "--json").json()
    assert told["voltage_kv"] == 200.0 and told["frame_time_seconds"] == 0.001
    assert told["pixel_size_angstrom"] is None
    assert any("75 um" in note for note in told["notes"])
    assert any("marks 3 pixels" in note for note in told["notes"])

    os.remove("run_data_000002.h5")
    told = run("info", "run_master.h5", "--json").json()
    assert told["frames"] == 6 and any("run_data_000002.h5" in note for note in told["notes"])
    os.rename("run_master.h5", "other_master.h5")
    os.rename("run_data_000001.h5", "other_data_000001.h5")
    assert run("info", "other_master.h5", "--json").json()["frames"] == 6
    os.remove("other_data_000001.h5")
    refused("info", "other_master.h5", says="run_data_000001.h5")


def test_virtual_datasets_stay_in_their_folder():
    frames = master()
    with h5py.File("virtual.h5", "w") as file:
        layout = h5py.VirtualLayout(frames.shape, frames.dtype)
        for n in (1, 2):
            layout[6 * n - 6:6 * n] = h5py.VirtualSource(f"run_data_{n:06}.h5", "entry/data/data",
                                                         (6, 32, 48))
        file.create_virtual_dataset("frames", layout)
    run("convert", "virtual.h5", "virtual.npy", "--force", "--quiet")
    assert numpy.array_equal(numpy.load("virtual.npy"), frames)
    os.makedirs("below", exist_ok=True)
    os.replace("virtual.h5", "below/virtual.h5")
    refused("info", "below/virtual.h5", says="run_data_000001.h5")
    with h5py.File("outside.h5", "w") as file:
        layout = h5py.VirtualLayout((2, 3, 4), "u1")
        layout[...] = h5py.VirtualSource("/etc/passwd", "frames", (2, 3, 4))
        file.create_virtual_dataset("frames", layout)
        file.create_dataset("raw", (2, 3, 4), "u1", external=[("/etc/passwd", 0, 24)])
    refused("info", "outside.h5", "--dataset", "frames", says="outside the file's folder")
    refused("info", "outside.h5", "--dataset", "raw", says="outside the file's folder")


run_tests(globals())
