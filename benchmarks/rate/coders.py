"""The coders that run against each other: FFmpeg's and the packaged tools, and kinema's own planes.

A codec codes `Frames` at a quality and gives back what a reader of its files would see. Qualities
are listed from coarse to fine; between two of them `between` finds one."""
import contextlib
import dataclasses
import os
import resource
import shutil
import subprocess
import typing

import numpy as np

import common
import pixels

QUIET = ("-hide_banner", "-loglevel", "error", "-nostdin", "-y")


class Meter:
    """CPU seconds of this process and of its children, and the largest child."""

    def __init__(self):
        self.cpu_seconds, self.peak_bytes = 0.0, 0

    def run(self, *command):
        done = common.run(*command, env={**os.environ, "SVT_LOG": "1"})
        self.cpu_seconds += done.cpu_seconds
        self.peak_bytes = max(self.peak_bytes, done.peak_bytes)
        return done

    @contextlib.contextmanager
    def own_work(self):
        """For what a script does itself with numpy; its memory is not counted."""
        start = resource.getrusage(resource.RUSAGE_SELF)
        yield
        end = resource.getrusage(resource.RUSAGE_SELF)
        self.cpu_seconds += end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime


@dataclasses.dataclass
class Codec:
    qualities: tuple  # from coarse to fine
    encode: typing.Callable  # (Frames, quality, Meter) -> files
    decode: typing.Callable  # (Frames, quality, files) -> movie (T, Y, X) in the unit of Frames
    needs: tuple = ()  # programs, and encoders of FFmpeg
    whole: bool = False  # qualities are whole numbers
    listed: bool = False  # there are no qualities but those

    def between(self, coarse, fine):
        """A quality in the middle, or None where there is none."""
        if self.listed:
            return None
        if self.whole:
            middle = (coarse + fine) // 2
            return None if middle in (coarse, fine) else middle
        return (coarse * fine) ** 0.5

    def missing(self):
        """What this machine lacks for it."""
        return missing(self.needs)


def missing(needs):
    """Those of the named programs and encoders of FFmpeg that this machine lacks."""
    return [need for need in needs if not (shutil.which(need) or need in ffmpeg_encoders())]


def ffmpeg_encoders():
    if not shutil.which("ffmpeg"):
        return set()
    if not hasattr(ffmpeg_encoders, "names"):
        told = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, check=True)
        lines = told.stdout.decode().split("------\n", 1)[1].splitlines()
        ffmpeg_encoders.names = {line.split()[1] for line in lines}
    return ffmpeg_encoders.names


# ---- video -----------------------------------------------------------------------------------------

def video(encoder, ending, qualities, quality_words, more=(), decoding=()):
    def encode(frames, quality, meter):
        out = frames.folder / f"video.{ending}"
        _, height, width = frames.shape
        meter.run("ffmpeg", *QUIET, "-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s",
                  f"{width}x{height}", "-r", 25, "-i", frames.yuv(), "-c:v", encoder, *more,
                  *quality_words(quality), out)
        return [out]

    def decode(frames, _quality, files):
        count, height, width = frames.shape
        told = common.run("ffmpeg", *QUIET, *decoding, "-i", files[0], "-f", "rawvideo", "-pix_fmt",
                          "yuv420p10le", "-")
        levels = np.frombuffer(told.output, "<u2").reshape(count, -1)[:, :height * width]
        return frames.restored(levels.reshape(frames.shape), 10)

    return Codec(qualities, encode, decode, ("ffmpeg", encoder), whole=True)


def x264(preset="medium"):
    return video("libx264", "h264", (44, 38, 34, 31, 28), lambda q: ("-crf", q),
                 ("-preset", preset, "-x264-params", "threads=1"))


def x265(before=""):
    """`before`: a filter of FFmpeg in front of the encoder."""
    filters = ("-vf", before) if before else ()
    return video("libx265", "hevc", (45, 40, 36, 33, 30), lambda q: ("-crf", q),
                 (*filters, "-preset", "fast", "-x265-params",
                  "log-level=0:pools=none:frame-threads=1"))


def svt_av1(more="", decoding=()):
    return video("libsvtav1", "ivf", (63, 57, 52, 48, 44), lambda q: ("-crf", q),
                 ("-preset", 10, "-svtav1-params", f"lp=1{more}"), decoding)


# ---- still pictures --------------------------------------------------------------------------------

def pictures_of(frames, data):
    tall, top = pixels.read_pgm(data)
    return frames.restored(tall.reshape(frames.shape), int(top).bit_length())


def jpeg():
    def encode(frames, quality, meter):
        out = frames.folder / "tall.jpg"
        meter.run("cjpeg", "-grayscale", "-optimize", "-progressive", "-quality", quality, "-outfile",
                  out, frames.tall(8))
        return [out]

    def decode(frames, _quality, files):
        return pictures_of(frames, common.run("djpeg", "-grayscale", "-pnm", files[0]).output)

    return Codec((2, 5, 9, 15, 25, 45), encode, decode, ("cjpeg", "djpeg"), whole=True)


def jpeg_2000():
    def encode(frames, quality, meter):
        _, height, width = frames.shape
        out = frames.folder / "all.j2k"
        meter.run("ffmpeg", *QUIET, "-f", "rawvideo", "-pix_fmt", "gray16le", "-s", f"{width}x{height}",
                  "-i", frames.raw16(), "-threads", 1, "-c:v", "libopenjpeg", "-compression_level",
                  f"{quality:.2f}", "-f", "image2pipe", out)
        return [out]

    def decode(frames, _quality, files):
        told = common.run("ffmpeg", *QUIET, "-f", "j2k_pipe", "-i", files[0], "-f", "rawvideo", "-pix_fmt",
                          "gray16le", "-")
        return frames.restored(np.frombuffer(told.output, "<u2").reshape(frames.shape), 16)

    return Codec((180.0, 60.6, 30.3, 15.1), encode, decode,
                 ("ffmpeg", "libopenjpeg"))


def jpeg_xl():
    def encode(frames, quality, meter):
        out = frames.folder / "tall.jxl"
        meter.run("cjxl", frames.tall(16), out, "-d", f"{quality:.3f}", "-e", 5, "--num_threads=0",
                  "--quiet")
        return [out]

    def decode(frames, _quality, files):
        back = frames.folder / "back.pgm"
        common.run("djxl", files[0], back, "--num_threads=0", "--quiet")
        return pictures_of(frames, back.read_bytes())

    return Codec((25.0, 15.0, 9.0, 5.6, 3.5), encode, decode, ("cjxl", "djxl"))


# ---- lossless, of the movie as recorded --------------------------------------------------------------

def zstd_bytes(frames, level, meter):
    raw, out = frames.folder / "raw.bin", frames.folder / "raw.zst"
    raw.write_bytes(frames.movie.tobytes())
    meter.run("zstd", "-q", "-f", f"-{level}", "-T1", raw, "-o", out)
    return out.stat().st_size


def bitshuffle_bytes(frames, meter):
    import h5py
    import hdf5plugin
    out = frames.folder / "shuffled.h5"
    with meter.own_work(), h5py.File(out, "w") as file:
        file.create_dataset("movie", data=frames.movie, chunks=(1, *frames.shape[1:]),
                            **hdf5plugin.Bitshuffle(nelems=0, cname="lz4"))
    return out.stat().st_size


def ffv1_bytes(frames, meter):
    _, height, width = frames.shape
    raw, out = frames.folder / "raw.bin", frames.folder / "raw.mkv"
    raw.write_bytes(frames.movie.tobytes())
    meter.run("ffmpeg", *QUIET, "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-i", raw,
              "-threads", 1, "-c:v", "ffv1", "-level", 3, "-coder", "range_tab", "-context", 1, out)
    return out.stat().st_size


def jpeg_xl_lossless_bytes(frames, meter):
    out, tall = frames.folder / "lossless.jxl", frames.folder / "lossless.pgm"
    count, height, width = frames.shape
    tall.write_bytes(f"P5\n{width} {count * height}\n255\n".encode() + frames.movie.tobytes())
    meter.run("cjxl", tall, out, "-d", 0, "-e", 3, "--num_threads=0", "--quiet")
    return out.stat().st_size


LOSSLESS = {"zstd": (("zstd",), lambda frames, meter: zstd_bytes(frames, 3, meter)),
            "bitshuffle-LZ4": ((), bitshuffle_bytes),
            "JPEG XL lossless": (("cjxl",), jpeg_xl_lossless_bytes),
            "FFV1": (("ffmpeg", "ffv1"), ffv1_bytes)}
