"""A headless Chromium, told what to do over the WebDriver protocol with Python's own library.

    with browser.open_browser(width, height) as page:
        page.visit("file:///...")
        page.run("return document.title")
"""

import base64
import contextlib
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time
import urllib.request
import zlib

SKIPPED = 77


def missing():
    """What a test needs that is not installed; empty where all is there."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium or not shutil.which("chromedriver"):
        return "no chromium and chromedriver (apt install chromium chromium-driver)"
    return ""


class Page:
    """A session of the browser."""

    def __init__(self, address, arguments):
        self.address = address
        options = {"args": arguments, "binary": shutil.which("chromium") or "chromium-browser"}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self.send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = f"/session/{answer['sessionId']}"

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def visit(self, url):
        self.send("POST", f"{self.session}/url", {"url": url})

    def run(self, script, *arguments):
        """Runs a script in the page and returns what it returns, a promise's value too."""
        return self.send("POST", f"{self.session}/execute/sync",
                         {"script": script, "args": list(arguments)})

    def wait(self, condition, seconds=20):
        """Waits until a JavaScript expression holds."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, f"it does not come true: {condition}; {self.complaints()}"
            time.sleep(0.05)

    def act(self, *steps, kind="mouse"):
        """Moves a pointer: steps are ("move", x, y), ("down",), ("up",), ("pause", ms)."""
        actions = []
        for name, *rest in steps:
            if name == "move":
                actions.append({"type": "pointerMove", "x": int(rest[0]), "y": int(rest[1]),
                                "duration": 30})
            elif name == "pause":
                actions.append({"type": "pause", "duration": rest[0]})
            else:
                actions.append({"type": "pointer" + name.capitalize(), "button": 0})
        pointer = {"type": "pointer", "id": kind, "parameters": {"pointerType": kind},
                   "actions": actions}
        self.send("POST", f"{self.session}/actions", {"actions": [pointer]})

    def keys(self, text):
        actions = [{"type": f"key{way}", "value": key} for key in text for way in ("Down", "Up")]
        self.send("POST", f"{self.session}/actions",
                  {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def complaints(self):
        """Warnings and errors of the console since the last call."""
        entries = self.send("POST", f"{self.session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]

    def screenshot(self):
        """The bytes of a PNG."""
        return base64.b64decode(self.send("GET", f"{self.session}/screenshot"))

    def dark(self, is_dark=True):
        """Lets the page believe that the system is dark."""
        value = [{"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]
        self.send("POST", f"{self.session}/goog/cdp/execute",
                  {"cmd": "Emulation.setEmulatedMedia", "params": {"features": value}})


@contextlib.contextmanager
def open_browser(width=1200, height=900, *more):
    """A browser with a window of that size; ends with the block."""
    with tempfile.TemporaryDirectory(prefix="kinema_browser_") as profile:
        environment = {**os.environ, "HOME": profile, "XDG_CONFIG_HOME": profile}
        driver = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            port = None
            for line in driver.stdout:
                if found := re.search(r"started successfully on port (\d+)", line):
                    port = int(found[1])
                    break
            assert port, "chromedriver does not start"
            page = Page(f"http://127.0.0.1:{port}",
                        ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         f"--user-data-dir={profile}", f"--window-size={width},{height}",
                         "--allow-file-access-from-files", *more])
            try:
                yield page
            finally:
                page.send("DELETE", page.session)
        finally:
            driver.terminate()
            driver.wait()


def pixels_of(png):
    """Rows of (r, g, b) bytes of a PNG of 8-bit RGB or RGBA, as browsers write them."""
    place, packed = 8, b""
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place:place + 8])
        body = png[place + 8:place + 8 + size]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        place += size + 12
    channels = {2: 3, 6: 4}[colour]
    raw, stride, rows, above = zlib.decompress(packed), width * channels, [], None
    for y in range(height):
        line = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        unfilter(line, above, raw[y * (stride + 1)], channels)
        above = line
        rows.append(bytes(line))
    return rows, channels


def unfilter(line, above, kind, channels):
    """Undoes the filter of one row of a PNG, in place."""
    for x, value in enumerate(line):
        left = line[x - channels] if x >= channels else 0
        up = above[x] if above else 0
        corner = above[x - channels] if above and x >= channels else 0
        if kind == 4:
            guess = left + up - corner
            guess = min((left, up, corner), key=lambda near, of=guess: abs(of - near))
        else:
            guess = (0, left, up, (left + up) // 2)[kind]
        line[x] = (value + guess) & 255
