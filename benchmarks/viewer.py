"""The viewer in headless Chromium: time until a long movie's first frame is seen, frames a second of
the player, smoothness of panning, and what the bundles of pages weigh.

The browser is up before the clock starts; it draws without a GPU, on the cores that also serve."""
import gzip
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

from common import FOLDER, machine, save

sys.path.append(str(FOLDER.parent / "tests/cli"))
import browser  # noqa: E402

PLAYER = "document.querySelector('.player').player"
LONG = {"10 GB": 299, "100 GB": 2981}  # frames of 4096 x 4096 uint16
SECONDS = 5  # that are played and panned


def write_mrc(path, frames, edge, mode, data=None):
    """An MRC movie; without data a sparse file of zeros."""
    header = bytearray(1024)
    struct.pack_into("<4i", header, 0, edge, edge, frames, mode)
    struct.pack_into("<3i3f", header, 28, edge, edge, frames, edge * 0.5, edge * 0.5, frames)
    struct.pack_into("<3f", header, 52, 90, 90, 90)
    struct.pack_into("<3i", header, 64, 1, 2, 3)
    header[208:216] = b"MAP " + bytes([0x44, 0x44, 0, 0])
    struct.pack_into("<i", header, 108, 20140)
    with open(path, "wb") as file:
        file.write(header)
        if data is None:
            file.truncate(1024 + frames * edge * edge * {0: 1, 6: 2}[mode])
        else:
            file.write(data)
    return path


class View:
    """`kinema view` of a movie; `started` is when it was called."""

    def __init__(self, build, path):
        self.started = time.monotonic()
        self.process = subprocess.Popen([build / "kinema", "view", path, "--no-browser", "--quiet"],
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.served = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def first_frames(build, folder, page):
    rows = []
    for name, frames in LONG.items():
        path = write_mrc(folder / "long.mrc", frames, 4096, 6)
        with View(build, path) as view:
            page.visit(view.url)
            page.wait(f"{PLAYER} && {PLAYER}.panes[0].shown_tiles().length > 0", 60)
            seen = time.monotonic()
        rows.append({"movie": name, "bytes": os.path.getsize(path),
                     "address_seconds": round(view.served - view.started, 3),
                     "frame_seconds": round(seen - view.started, 3)})
        path.unlink()
    return rows


PLAYED = f"""const done = arguments[arguments.length - 1], p = {PLAYER}; let n = 0; const go = p.go;
    p.go = (place) => {{ ++n; go.call(p, place); }}; p.speed = 60; p.toggle();
    setTimeout(() => {{ p.toggle(); p.go = go; done(n); }}, {SECONDS * 1000});"""
PANNED = f"""const done = arguments[arguments.length - 1], p = {PLAYER}; const start = performance.now();
    const before = p.drawn; let waits = 0;
    const step = (now) => {{
      const t = (now - start) / 1000;
      if (t > {SECONDS}) return done([p.drawn - before, waits]);
      p.set_view({{x: 0.5 + 0.35 * Math.sin(1.3 * t), y: 0.5 + 0.35 * Math.cos(t), zoom: 4}});
      if (!p.ready(0)) ++waits;
      requestAnimationFrame(step); }};
    requestAnimationFrame(step);"""


def asynchronous(page, script):
    page.send("POST", f"{page.session}/timeouts", {"script": 60000})
    return page.send("POST", f"{page.session}/execute/async", {"script": script, "args": []})


def played(build, folder):
    """Frames a second of 2048 x 2048 uint8 noise on canvases of two sizes."""
    frames = 16
    path = write_mrc(folder / "noise.mrc", frames, 2048, 0, os.urandom(frames * 2048 * 2048))
    rows = []
    for edge in (1024, 2048):
        with browser.open_browser(edge + 100, edge + 600) as page, View(build, path) as view:
            page.visit(view.url)
            page.wait(f"{PLAYER} && {PLAYER}.panes[0].shown_tiles().length > 0", 60)
            page.run(f"document.querySelector('.pane').style.maxWidth = '{edge}px'; {PLAYER}.draw()")
            page.wait(f"{PLAYER}.panes[0].canvas.width >= {edge - 8} && {PLAYER}.ready(0)", 60)
            count = asynchronous(page, PLAYED)
            rows.append({"edge": 2048, "canvas": page.run(f"return {PLAYER}.panes[0].canvas.width"),
                         "level": page.run(f"return {PLAYER}.panes[0].shown_tiles()[0].level"),
                         "frames_per_second": round(count / SECONDS, 1)})
    return rows


def panned(build, folder):
    path = write_mrc(folder / "wide.mrc", 1, 4096, 0, os.urandom(4096 * 4096))
    with browser.open_browser(1100, 1300) as page, View(build, path) as view:
        page.visit(view.url)
        page.wait(f"{PLAYER} && {PLAYER}.panes[0].shown_tiles().length > 0", 60)
        drawn, waits = asynchronous(page, PANNED)
        return {"edge": 4096, "drawn_per_second": round(drawn / SECONDS, 1),
                "waited_share": round(waits / max(1, drawn), 3)}


def bundles(build):
    rows = []
    for name in ("flat", "scene"):
        path = build / "web" / f"{name}.js"
        if path.exists():
            text = path.read_bytes()
            rows.append({"bundle": name, "bytes": len(text), "gzip_bytes": len(gzip.compress(text, 9))})
    return rows


def measure(build):
    if why := browser.missing():
        print(f"left out: {why}")
        return
    result = {"machine": machine(), "bundles": bundles(build)}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with browser.open_browser(1100, 1300) as page:
            result["first_frames"] = first_frames(build, folder, page)
        result["played"] = played(build, folder)
        result["panned"] = panned(build, folder)
    save("viewer", result)
