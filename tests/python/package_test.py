"""Truths of the package kinema: what goes in and out of it, what it refuses, what its stubs say."""

import ast
import importlib.util
import inspect
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import unittest

if importlib.util.find_spec("kinema") is None:
    print("skipped: the package was not built")
    sys.exit(77)

import h5py
import numpy as np

import kinema
from kinema import _core, codec

READERS = pathlib.Path(__file__).parents[2] / "docs/formats"


def program(*words):
    """Runs the program and returns its --json."""
    said = subprocess.run(["kinema", *map(str, words), "--json", "--progress", "none"],
                          check=True, capture_output=True, text=True)
    return json.loads(said.stdout)


def random_movie(shape=(23, 40, 70), dtype=np.uint8, seed=1):
    return np.random.default_rng(seed).integers(0, 200, shape).astype(dtype)


def plain_reader():
    """docs/formats/read_container.py, which takes the read_plane.py beside it."""
    if str(READERS) not in sys.path:
        sys.path.append(str(READERS))
    return importlib.import_module("read_container")


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Memory(WithFolder):
    def test_results_are_views_that_keep_their_memory(self):
        recorded, clean = kinema.simulate.nanocrystals(frames=3, height=32, width=48)
        for array in (recorded, clean, codec.masks(8, 9)):
            self.assertFalse(array.flags.owndata)
            self.assertEqual(type(array.base).__name__, "PyCapsule")
            self.assertTrue(array.flags.c_contiguous and array.flags.writeable)
        before = recorded.copy()
        view = recorded[1:]
        del recorded
        np.testing.assert_array_equal(view, before[1:])

    def test_snapshots_are_one_memory_and_not_to_be_written(self):
        measurement = codec.encode(random_movie())
        first, second = measurement.snapshots, measurement.snapshots
        self.assertTrue(np.shares_memory(first, second))
        self.assertEqual(first.ctypes.data, second.ctypes.data)
        with self.assertRaises(ValueError):
            first[0, 0, 0] = 1
        del measurement
        self.assertEqual(first.shape, (3, 40, 70))

    def test_contiguous_movies_are_read_where_they_lie(self):
        for dtype in ("u1", "i1", "u2", "i2", "f2", "f4"):
            movie = random_movie((20, 256, 256), "u1").astype(dtype)
            holders = sys.getrefcount(movie)
            codec.encode(movie[:2])
            tracemalloc.start()
            codec.encode(movie)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            self.assertLess(peak, movie.nbytes // 8, dtype)
            self.assertEqual(sys.getrefcount(movie), holders, dtype)

    def test_other_layouts_give_the_same(self):
        movie = random_movie(dtype="u2")
        expected = codec.encode(movie).snapshots
        fortran, swapped = np.asfortranarray(movie), movie.astype(">u2")
        for other in (fortran, swapped, np.repeat(movie, 2, axis=2)[..., ::2], movie.tolist()):
            if isinstance(other, list):
                other = np.array(other, np.uint16)
            np.testing.assert_array_equal(codec.encode(other).snapshots, expected)
        np.testing.assert_array_equal(codec.encode(movie > 9).snapshots,
                                      codec.encode((movie > 9).astype(np.uint8)).snapshots)


class Simulated(unittest.TestCase):
    def test_every_scene_has_its_truth(self):
        for scene in kinema.simulate.__all__:
            make = getattr(kinema.simulate, scene)
            options = {"frames": 4, "height": 64, "width": 96, "dose": "6 e/px", "seed": 2}
            recorded, truth = make(**options)
            self.assertEqual((recorded.shape, recorded.dtype), ((4, 64, 96), np.uint8), scene)
            self.assertEqual((truth.shape, truth.dtype), ((4, 64, 96), np.float32), scene)
            self.assertAlmostEqual(truth[0].mean() / recorded[0].mean(), 1.0, delta=0.03)
            np.testing.assert_array_equal(recorded, make(**options)[0], scene)


class Codec(WithFolder):
    def test_open_shutter_keeps_every_count(self):
        for dtype in ("u1", "i2", "f4"):
            movie = random_movie(dtype=dtype)
            measurement = codec.encode(movie, masks="open", ratio=10, quantise="none")
            groups = [movie[0:10], movie[10:20], movie[20:23]]
            expected = np.stack([group.astype(np.float64).sum(axis=0) for group in groups])
            np.testing.assert_array_equal(measurement.snapshots, expected)
            self.assertEqual(measurement.recorded_dtype, np.dtype(dtype))

    def test_staggered_snapshots_sum_to_all_that_was_recorded(self):
        movie = random_movie(dtype="u1")
        for ratio in (5, "auto"):
            measurement = codec.encode(movie, masks="staggered", ratio=ratio, quantise="none")
            sums = np.sum(measurement.snapshots, axis=0, dtype=np.int64)
            np.testing.assert_array_equal(sums, movie.sum(axis=0, dtype=np.int64))
            decoded = codec.decode(measurement, decoder="mean")
            self.assertEqual(decoded.shape, movie.shape)
        self.assertLessEqual(set(measurement.groups["ratio"]), {4, 8, 16, 32})
        chosen = codec.encode(movie, masks="auto").mask_kind
        self.assertIn(chosen, ("balanced", "staggered"))

    def test_snapshots_are_masked_sums(self):
        movie = random_movie(dtype="u2")
        measurement = codec.encode(movie, ratio=5, masks="bernoulli", seed=7, quantise="none")
        masks = measurement.masks
        np.testing.assert_array_equal(masks, codec.masks(40, 70, kind="bernoulli", ratio=5, seed=7))
        self.assertEqual((masks.dtype, masks.shape), (np.uint8, (5, 40, 70)))
        for group, snapshot in zip(measurement.groups, measurement.snapshots):
            first, count = group["first"], group["frames"]
            expected = (masks[:count].astype(np.uint32) * movie[first:first + count]).sum(axis=0)
            np.testing.assert_array_equal(snapshot, expected)
        self.assertEqual(measurement.groups["frames"].tolist(), [5, 5, 5, 5, 3])
        self.assertEqual((len(measurement), measurement.frames), (5, 23))

    def test_program_and_package_write_the_same(self):
        movie = random_movie(dtype="u2")
        path = self.folder / "movie.npy"
        np.save(path, movie)
        program("codec", "encode", path, "-o", self.folder / "program.h5", "--ratio", 4, "--seed", 3)
        theirs = codec.read(self.folder / "program.h5")
        for ours in (codec.encode(movie, ratio=4, seed=3),
                     codec.encode(path, ratio=4, seed=3, out=self.folder / "package.h5"),
                     codec.write(self.folder / "later.h5", codec.encode(movie, ratio=4, seed=3))):
            self.assertEqual(ours.snapshots.tobytes(), theirs.snapshots.tobytes())
            self.assertEqual(ours.dtype, theirs.dtype)
            self.assertEqual(ours.mask_hash, theirs.mask_hash)
            self.assertEqual(ours.noise, theirs.noise)
            np.testing.assert_array_equal(ours.groups, theirs.groups)
        self.assertEqual(codec.read(self.folder / "later.h5").provenance["command"],
                         "kinema.codec.encode")
        program("codec", "decode", self.folder / "program.h5", "-o", self.folder / "program.npy")
        np.testing.assert_array_equal(np.load(self.folder / "program.npy"), codec.decode(theirs))

    def test_containers_open_without_us(self):
        path = self.folder / "coded.h5"
        measurement = codec.encode(random_movie(), out=path, pixel_size="0.2 A", quantise="none")
        snapshots, masks = measurement.snapshots, measurement.masks
        with h5py.File(path) as file:
            entry = file["entry"]
            np.testing.assert_array_equal(entry["measurement/snapshots"], snapshots)
            for name in entry["groups"].dtype.names:
                np.testing.assert_array_equal(entry["groups"][name], measurement.groups[name])
            self.assertEqual(entry["masks"].attrs["hash"], measurement.mask_hash)
        self.assertEqual(measurement.pixel_size, (0.2, 0.2))
        with plain_reader().Container(path) as container:
            np.testing.assert_array_equal(container.masks(), masks)
            for s, snapshot in enumerate(snapshots):
                np.testing.assert_array_equal(container.snapshot(s), snapshot)

    def test_planes_are_read_without_us(self):
        rng = np.random.default_rng(4)
        shot_noise = rng.poisson(20 + np.arange(70), (23, 40, 70))
        movies = {"whole": (3 * shot_noise).astype(np.int16) - 90,
                  "float": (1.7 * shot_noise + rng.normal(size=(23, 40, 70))).astype(np.float32),
                  "few electrons": rng.poisson(0.02, (23, 40, 70)).astype(np.uint8)}
        for name, movie in movies.items():
            path = self.folder / f"{name}.h5"
            measurement = codec.encode(movie, ratio=5, out=path)
            snapshots = measurement.snapshots
            with plain_reader().Container(path) as container:
                fields = list(container.groups.dtype.names)
                self.assertEqual(container.groups.tolist(), measurement.groups[fields].tolist())
                self.assertEqual((container.schema, len(container)), (2, len(snapshots)))
                for s, snapshot in enumerate(snapshots):
                    np.testing.assert_allclose(container.snapshot(s), snapshot, rtol=1e-6)

    def test_decoding_from_memory_and_from_file(self):
        recorded, clean = kinema.simulate.nanocrystals(frames=20, height=64, width=64, seed=5)
        measurement = codec.encode(recorded, out=self.folder / "coded.h5")
        frames, report = codec.decode(measurement, return_report=True)
        self.assertEqual((frames.dtype, frames.shape), (np.float32, (20, 64, 64)))
        self.assertEqual(len(report["groups"]), 2)
        part = codec.decode(str(self.folder / "coded.h5"), frames=slice(7, 13))
        np.testing.assert_array_equal(part, frames[7:13])
        movie = codec.decode(measurement, out=self.folder / "decoded.mrc")
        self.assertIsInstance(movie, kinema.Movie)
        np.testing.assert_array_equal(np.asarray(movie), frames)
        mean = codec.decode(measurement, decoder="mean")
        open_frames = np.maximum(1, measurement.masks.sum(axis=0))
        np.testing.assert_allclose(mean[3], measurement.snapshots[0] / open_frames, rtol=1e-6)

    def test_masks_and_measurements_from_elsewhere(self):
        movie = random_movie((12, 16, 20))
        masks = np.random.default_rng(2).random((6, 16, 20)) < 0.5
        encoded = codec.encode(movie, masks=masks)
        self.assertEqual((encoded.ratio, encoded.mask_kind), (6, "given"))
        np.testing.assert_array_equal(encoded.masks, masks)
        np.save(self.folder / "masks.npy", masks)
        wrapped = codec.wrap(encoded.snapshots, self.folder / "masks.npy", frames=11,
                             pixel_size="1 nm", out=self.folder / "wrapped.h5")
        np.testing.assert_array_equal(wrapped.snapshots, encoded.snapshots)
        self.assertEqual((wrapped.frames, wrapped.pixel_size), (11, (10.0, 10.0)))

    def test_judgement_equals_the_program(self):
        names = {name: self.folder / f"{name}.npy" for name in ("recorded", "clean", "decoded")}
        kinema.simulate.nanocrystals(frames=10, height=64, width=64, out=names["recorded"],
                                     truth=names["clean"])
        measurement = codec.encode(names["recorded"], ratio=5, out=self.folder / "coded.h5")
        codec.decode(measurement, decoder="mean", out=names["decoded"])
        theirs = program("codec", "evaluate", names["decoded"], "--reference", names["clean"],
                         "--raw", names["recorded"])
        self.assertEqual(codec.evaluate(names["decoded"], names["clean"], raw=names["recorded"]),
                         theirs)
        arrays = {name: np.load(path) for name, path in names.items()}
        ours = codec.evaluate(arrays["decoded"], reference=arrays["clean"], raw=arrays["recorded"],
                              ratio=5)
        self.assertEqual(ours, theirs)
        page = codec.report(measurement, names["decoded"], self.folder / "report.html",
                            raw=names["recorded"], reference=names["clean"])
        self.assertIn("<html", page.read_text(encoding="utf-8")[:200])


class Movies(WithFolder):
    def test_restored_movies_are_those_of_the_program(self):
        movie = random_movie((4, 40, 48))
        np.save(self.folder / "movie.npy", movie)
        program("restore", self.folder / "movie.npy", "-o", self.folder / "program.npy", "--drift",
                "--average", 2)
        frames, survey = kinema.restore(movie, drift=True, average=2, return_survey=True)
        np.testing.assert_array_equal(frames, np.load(self.folder / "program.npy"))
        self.assertEqual(len(survey["drift"]), 4)
        out = kinema.restore(self.folder / "movie.npy", denoise="none", dark=np.ones((40, 48)),
                             defects=False, out=self.folder / "out.mrc")
        np.testing.assert_allclose(np.asarray(out), movie - 1.0)
        with self.assertRaises(kinema.InputError):
            kinema.restore(movie, flat=np.ones((3, 3)))

    def test_written_movies_are_read_again(self):
        for dtype, ending in (("u1", "tif"), ("u2", "mrc"), ("i2", "npy"), ("f2", "npy"), ("f4", "mrc")):
            movie = random_movie(dtype=dtype)
            path = self.folder / f"{dtype}.{ending}"
            file = kinema.write(path, movie, pixel_size="0.25 A")
            self.assertEqual((file.shape, file.dtype, len(file)), (movie.shape, movie.dtype, 23))
            self.assertAlmostEqual(file.pixel_size[0], 0.25, places=6)
            np.testing.assert_array_equal(kinema.read(path), movie)
            for index in (0, -1, slice(2, 9), slice(9, 2, -3), slice(5, 5), (slice(1, 4), 3),
                          (7, slice(None), slice(4, 8)), ()):
                np.testing.assert_array_equal(file[index], movie[index])
            with self.assertRaises(IndexError):
                file[23]
        self.assertEqual(kinema.info(path), program("info", path))

    def test_parts_of_movies(self):
        movie = random_movie()
        path = self.folder / "movie.npy"
        np.save(path, movie)
        part = kinema.read(path, frames="3:9", crop=(2, 4, 20, 30), bin=2)
        expected = movie[3:9, 2:22, 4:34].reshape(6, 10, 2, 15, 2).sum(axis=(2, 4))
        np.testing.assert_array_equal(part, expected)
        converted = kinema.convert(path, self.folder / "part.tif", frames=slice(3, 9),
                                   crop="2,4,20,30", bin=2)
        np.testing.assert_array_equal(converted[:], expected)
        pictures = kinema.convert(path, self.folder / "p.png", frames="0:3")
        np.testing.assert_array_equal(pictures[:], movie[:3])
        with self.assertRaisesRegex(kinema.InputError, "p_00000.png: exists"):
            kinema.write(self.folder / "p.png", movie)
        self.assertIn("mrc", [row["name"] for row in kinema.formats()])


    def test_colours_and_waves_are_numpy_arrays(self):
        colour = np.random.default_rng(3).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
        file = kinema.write(self.folder / "colour.npy", colour)
        self.assertEqual((file.shape, file.ndim, file.dtype), ((2, 5, 6, 3), 4, np.uint8))
        np.testing.assert_array_equal(file[:], colour)
        np.testing.assert_array_equal(file[1, 2], colour[1, 2])
        np.testing.assert_array_equal(kinema.read(file.path, part="green"), colour[..., 1])
        weights = np.array([0.2126, 0.7152, 0.0722])
        np.testing.assert_array_equal(kinema.read(file.path, part="luminance"),
                                      np.floor(colour @ weights + 0.5))
        wave = (np.arange(12) - 5j).reshape(1, 3, 4).astype(np.complex64)
        file = kinema.write(self.folder / "wave.npy", wave)
        np.testing.assert_array_equal(np.asarray(file), wave)
        np.testing.assert_array_equal(kinema.read(file.path, part="imaginary"), wave.imag)
        np.testing.assert_allclose(kinema.read(file.path, part="phase"), np.angle(wave), rtol=1e-6)
        with self.assertRaisesRegex(kinema.InputError, "convert --part"):
            codec.encode(colour)

    def test_facts_are_those_of_the_program(self):
        path = self.folder / "movie.mrc"
        kinema.write(path, random_movie(), pixel_size="0.25 A")
        movie = kinema.open(path, frame_time="40 ms")
        self.assertEqual((movie.frame_time, movie.voltage, movie.date), (0.04, None, None))
        self.assertEqual(movie.sources["frame_time"], "user")
        self.assertEqual(movie.sources["pixel_size"], "header")
        self.assertIsInstance(movie.metadata(), dict)
        self.assertEqual(kinema.info(path, all=True), program("info", path, "--all"))
        codec.encode(random_movie(), out=self.folder / "coded.h5")
        for words in ([self.folder], [path, self.folder / "coded.h5"]):
            self.assertEqual(kinema.info(words), program("info", *words))
        self.assertEqual(kinema.info(self.folder / "coded.h5")["snapshots"], 3)

    def test_files_are_judged(self):
        path = self.folder / "movie.mrc"
        kinema.write(path, random_movie())
        self.assertEqual(kinema.validate(path), program("validate", path))
        path.write_bytes(path.read_bytes()[:-100])
        self.assertTrue(kinema.validate(path)["fatal"])
        with self.assertRaises(kinema.InputError):
            kinema.validate(self.folder / "absent.mrc")

    def test_the_machine_is_examined(self):
        found = kinema.doctor()
        self.assertEqual(found["version"], kinema.__version__)
        self.assertIn("simd", found["cpu"])


class Refusals(WithFolder):
    def test_unknown_keywords_name_the_nearest(self):
        measurement = codec.encode(random_movie())
        with self.assertRaises(kinema.InputError) as caught:
            codec.decode(measurement, iteration=3)
        self.assertEqual(str(caught.exception),
                         "unknown option 'iteration'; did you mean 'iterations'?")
        with self.assertRaisesRegex(kinema.InputError, "did you mean 'progress'"):
            codec.decode(measurement, progres=True)

    def test_wrong_input_is_a_value_error(self):
        self.assertTrue(issubclass(kinema.InputError, ValueError))
        self.assertTrue(issubclass(kinema.FileError, kinema.InputError))
        movie = random_movie()
        broken = self.folder / "broken.npy"
        np.save(broken, movie)
        broken.write_bytes(broken.read_bytes()[:-100])
        for wrong in (lambda: codec.encode(movie, ratio="many"),
                      lambda: codec.encode(movie, pixel_size=0.2),
                      lambda: codec.encode(movie, masks=np.zeros((3, 4, 5))),
                      lambda: codec.encode(movie, masks="checkers"),
                      lambda: codec.encode(movie.astype(np.int64)),
                      lambda: codec.encode(movie.astype(np.complex64)),
                      lambda: codec.encode(movie[None]),
                      lambda: codec.encode(movie[:0]),
                      lambda: codec.read(broken),
                      lambda: kinema.open(broken),
                      lambda: kinema.write(broken, movie)):
            with self.assertRaises(ValueError) as caught:
                wrong()
            self.assertIsInstance(caught.exception, kinema.InputError)

    def test_a_system_that_refuses_is_an_os_error(self):
        with self.assertRaises(OSError):
            kinema.write(self.folder / "absent/movie.npy", random_movie())

    def test_wrong_calls_are_type_errors(self):
        for wrong in (lambda: codec.encode(),
                      lambda: codec.encode(random_movie(), 10),
                      lambda: codec.encode(random_movie(), movie=random_movie()),
                      lambda: codec.encode(random_movie(), progress=3),
                      lambda: codec.decode(random_movie())):
            with self.assertRaises(TypeError):
                wrong()


class Work(WithFolder):
    def test_progress_is_told(self):
        told = []
        codec.encode(random_movie(), progress=lambda *news: told.append(news))
        self.assertEqual(told[-1][1], told[-1][2])
        self.assertIsInstance(told[-1][0], str)

    def test_what_progress_raises_stops_the_work(self):
        class Enough(Exception):
            pass

        def stop(*_):
            raise Enough

        with self.assertRaises(Enough):
            codec.encode(random_movie(), progress=stop)

    def test_an_interrupt_stops_the_work_and_other_threads_run(self):
        measurement = codec.encode(random_movie((100, 128, 128)), ratio=2)
        ticks = []
        ticking = threading.Event()

        def tick():
            while not ticking.wait(0.02):
                ticks.append(time.monotonic())

        ticker = threading.Thread(target=tick)
        ticker.start()
        timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        start = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            codec.decode(measurement, iterations=4000)
        took = time.monotonic() - start
        ticking.set()
        ticker.join()
        self.assertLess(took, 30)
        self.assertGreater(len(ticks), 5)

    def test_notes_become_warnings(self):
        path = self.folder / "coded.h5"
        codec.encode(random_movie(), out=path)
        with h5py.File(path, "r+") as file:
            file["entry"].attrs["complete"] = np.int64(0)
        self.assertFalse(codec.read(path).complete)
        with self.assertWarnsRegex(UserWarning, "not complete"):
            codec.decode(path, decoder="mean")


class Stubs(unittest.TestCase):
    package = pathlib.Path(kinema.__file__).parent

    def functions(self, module):
        """Functions of a stub by name: all their definitions, overloads too."""
        tree = ast.parse((self.package / f"{module}.pyi").read_text(encoding="utf-8"))
        found = {}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(node)
        return tree, found

    def test_every_verb_says_its_keywords(self):
        self.assertTrue((self.package / "py.typed").exists())
        for module in ("io", "codec", "simulate"):
            runtime = getattr(kinema, module)
            _, stubs = self.functions(module)
            public = {n for n in runtime.__all__ if not inspect.isclass(getattr(runtime, n))}
            self.assertEqual(set(stubs), public)
            for name, definitions in stubs.items():
                signature = inspect.signature(getattr(runtime, name))
                for definition in definitions:
                    arguments = definition.args
                    self.assertEqual([a.arg for a in arguments.args + arguments.kwonlyargs],
                                     list(signature.parameters))
                defaults = [ast.literal_eval(d) if d else inspect.Parameter.empty
                            for d in definitions[0].args.kw_defaults]
                told = [p.default for p in signature.parameters.values()
                        if p.kind is inspect.Parameter.KEYWORD_ONLY]
                self.assertEqual(defaults, told, name)

    def test_every_verb_has_a_summary_and_takes_its_defaults(self):
        for verb in _core.verbs():
            function = getattr(sys.modules[verb["module"]], verb["name"])
            self.assertIn(verb["summary"], function.__doc__)
            self.assertEqual(function.__module__, verb["module"])
            for parameter in verb["parameters"]:
                self.assertTrue(parameter["help"], parameter["name"])
        movie = random_movie()
        defaults = {name: p.default for name, p in inspect.signature(codec.encode).parameters.items()
                    if p.kind is inspect.Parameter.KEYWORD_ONLY}
        np.testing.assert_array_equal(codec.encode(movie, **defaults).snapshots,
                                      codec.encode(movie).snapshots)

    def test_classes_have_the_members_that_stubs_say(self):
        for module, name in (("codec", "Measurement"), ("io", "Movie")):
            tree, _ = self.functions(module)
            cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
            said = {n.name for n in cls.body if not n.name.startswith("_")}
            runtime = {n for n in dir(getattr(getattr(kinema, module), name)) if not n.startswith("_")}
            self.assertEqual(said, runtime)


if __name__ == "__main__":
    unittest.main()
