"""How smoothly the 3D views of a page turn, play and move their level, in a headless Chromium that draws
without a graphics card: 3,000 atoms, and the surface of a volume of 128^3."""
import array
import base64
import json
import math
import pathlib
import sys
import tempfile
import time
import zlib

from common import machine, save

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests" / "cli"))
import browser  # noqa: E402

WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
SECONDS = 4
FRAMES = 20

# Counts drawn frames while something changes before each of them.
COUNT = """
const [change, seconds] = [eval(arguments[0]), arguments[1]];
return new Promise((done) => {
  let frames = 0;
  const begin = performance.now();
  const tick = (now) => {
    if (now - begin > 1000 * seconds) return done(frames / seconds);
    change(frames++);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
});"""
TURN = """() => document.querySelector('canvas.scene').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft'}))"""
PLAY = f"""(i) => {{ const seek = document.querySelector('.transport input'); seek.value = i % {FRAMES};
  seek.dispatchEvent(new Event('input')); }}"""
LEVEL = """(i) => { const level = document.querySelector('input[aria-label^=Level]');
  level.value = (0.3 + 0.2 * Math.sin(i / 5)) * level.max; level.dispatchEvent(new Event('input')); }"""


def page(build, part, block):
    """A page of one part with one block of 16-bit numbers, as report/page.cpp writes it."""
    style, script = (ROOT / "web" / "style.css").read_text(), (build / "web" / "scene.js").read_text()
    packed = base64.b64encode(zlib.compress(block.tobytes())).decode()
    return (f'<!doctype html><meta charset="utf-8"><style>{style}</style><button id="save-summary"></button>'
            f'<div data-part="0"></div><script type="application/json" id="parts">{json.dumps([part])}</script>'
            '<script type="application/json" id="summary">{}</script>'
            f'<script type="text/plain" id="numbers">{packed}</script><script type="module">{script}</script>')


def sheet():
    """3,000 atoms of rippling graphene in 20 frames: positions in steps of 0.002 angstrom."""
    across, along = 2.46, 2.46 * math.sqrt(3)
    places = [((i + u) * across, (j + v) * along) for j in range(20) for i in range(38)
              for u, v in ((0, 0), (0.5, 1 / 6), (0.5, 0.5), (0, 2 / 3))][:3000]
    rows = [[x for x, _ in places]] * FRAMES, [[y for _, y in places]] * FRAMES
    heights = [[1 + 0.7 * math.sin(x / 6 + t / 3) * math.cos(y / 7) for x, y in places] for t in range(FRAMES)]
    block = array.array("H")
    for quantity in (*rows, heights):
        before = [0] * len(places)
        for row in quantity:
            levels = [round(value / 0.002) for value in row]
            block.extend((level - last) & 65535 for level, last in zip(levels, before))
            before = levels
    quantities = [{"name": name, "label": name, "unit": "Å", "offset": 0, "step": 0.002, "low": 0.3, "high": 1.7,
                   "diverging": False} for name in "xyz"]
    part = {"kind": "atoms", "atoms": 3000, "atomic_numbers": [6], "frames": list(range(FRAMES)),
            "total_frames": FRAMES, "frame_seconds": None, "cell": None, "bond_reach": 1.85,
            "quantities": quantities, "colour_by": ["z"],
            "blocks": {"values": {"id": "numbers", "type": "u16", "shape": [3, FRAMES, 3000]}}}
    return part, block


def molecule(edge=128):
    """A volume of some blobs."""
    middle = edge / 2
    blobs = [(middle + 26 * math.cos(k), middle + 26 * math.sin(2.1 * k), middle + 26 * math.sin(1.3 * k))
             for k in range(14)]
    block = array.array("H", bytes(2 * edge ** 3))
    for bx, by, bz in blobs:
        profile = [[math.exp(-((i - centre) ** 2) / 128) for i in range(edge)] for centre in (bx, by, bz)]
        for z in range(edge):
            for y in range(edge):
                height = 9000 * profile[2][z] * profile[1][y]
                if height < 20:
                    continue
                first = (z * edge + y) * edge
                for x in range(max(0, int(bx) - 26), min(edge, int(bx) + 26)):
                    block[first + x] += int(height * profile[0][x])
    part = {"kind": "volume", "frames": [0], "total_frames": 1, "frame_seconds": None, "shape": [edge] * 3,
            "voxel": 1.5, "level": 0.3, "series": [{"name": "blobs", "offset": 0, "step": 1e-4, "low": 0, "high": 1}],
            "blocks": {"series_0": {"id": "numbers", "type": "u16", "shape": [1, edge, edge, edge]}}}
    return part, block


def script_seconds(window):
    """What scripts of the page have taken so far."""
    ask = f"{window.session}/goog/cdp/execute"
    window.send("POST", ask, {"cmd": "Performance.enable", "params": {}})
    metrics = window.send("POST", ask, {"cmd": "Performance.getMetrics", "params": {}})["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration")


def measure(build):
    if browser.missing():
        print(f"  left out: {browser.missing()}")
        return
    result = {"machine": machine(), "window": [1300, 1000], "drawn_by": "SwiftShader, no graphics card", "rows": []}
    cases = (("3,000 atoms", sheet(), (("turning", TURN), ("playing", PLAY))),
             ("surface of 128³", molecule(), (("turning", TURN), ("moving the level", LEVEL))))
    with tempfile.TemporaryDirectory() as folder, browser.open_browser(1300, 1000, *WEBGL) as window:
        for name, (part, block), changes in cases:
            path = pathlib.Path(folder) / "page.html"
            path.write_text(page(build, part, block), encoding="utf-8")
            window.visit(path.as_uri())
            window.wait("document.querySelector('canvas.scene')?.width > 0")
            time.sleep(1)
            triangles = window.run("return document.querySelector('[data-part]').dataset.triangles ?? null")
            for what, change in changes:
                before = script_seconds(window)
                rate = window.run(COUNT, change, SECONDS)
                script = 1000 * (script_seconds(window) - before) / (rate * SECONDS)
                row = {"view": name, "while": what, "frames_per_second": rate, "script_ms": script,
                       "triangles": int(triangles) if triangles else None}
                result["rows"].append(row)
                print(f"  {name}, {what}: {rate:.1f} frames a second, {script:.1f} ms of script each", flush=True)
    save("views3d", result)
