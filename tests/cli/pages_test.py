"""Pages in a headless Chromium: they open, play, change contrast and show what they say."""

import contextlib
import os
import sys
import time

import browser
from kinema_cli import SKIPPED, run, run_tests, simulate
from view_test import View

HOSTILE = "<script>document.title='broken'<\u2044script>&\"'.npy"
PLAYER = "document.querySelector('.player').player"
SHOWN = f"{PLAYER} && {PLAYER}.panes.every((pane) => pane.shown_tiles().length > 0)"


def file_url(name):
    return "file://" + os.path.abspath(name)


def centre_of(page, selector):
    """Where the middle of an element lies in the window, scrolled there."""
    return page.run("const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'center'});"
                    "const b = e.getBoundingClientRect();"
                    "return [b.left + b.width / 2, b.top + b.height / 2]", selector)


def colours_in(page):
    """How many colours the window shows."""
    rows, channels = browser.pixels_of(page.screenshot())
    return len({row[x:x + 3] for row in rows[::7] for x in range(0, len(row), 5 * channels)})


@contextlib.contextmanager
def opened(url):
    """The page, whose console must stay silent."""
    page.complaints()
    page.visit(url)
    page.wait(SHOWN)
    yield
    complaints = [text for text in page.complaints() if "willReadFrequently" not in text]
    assert complaints == [], (url, complaints)


def test_a_report_plays():
    with opened(file_url("report.html")):
        assert page.run("return document.title") == "decoded.npy"
        assert page.run(f"return {PLAYER}.panes.map((pane) => pane.spec.name)") == [
            "raw", "measurement", "decoded", "raw \u2212 decoded"]
        page.run(f"{PLAYER}.toggle()")
        page.wait(f"{PLAYER}.place > 3")
        page.run(f"{PLAYER}.toggle()")
        place = page.run(f"return {PLAYER}.place")
        page.run("document.querySelector('.player').focus()")
        page.keys("\ue012")  # the left arrow
        page.wait(f"{PLAYER}.place === {place - 1}")
        assert f"frame {place - 1} of 12" in page.run("return document.querySelector('output').textContent")


def test_what_is_drawn_is_the_movie():
    with opened(file_url("report.html")):
        assert colours_in(page) > 100
        ends = page.run(f"""const pane = {PLAYER}.panes[0]; const [tile] = pane.shown_tiles();
            const at = (n) => {{ const i = tile.numbers.indexOf(n); return [i % tile.width, Math.floor(i / tile.width)]; }};
            const context = pane.canvas.getContext('2d'); const scale = pane.canvas.width / tile.width;
            const grey = ([x, y]) => context.getImageData((x + 0.5) * scale, (y + 0.5) * scale, 1, 1).data[0];
            const sorted = tile.numbers.slice().sort();
            return [grey(at(sorted[0])), grey(at(sorted[sorted.length - 1]))]""")
        assert ends == [0, 255], ends


def test_a_drag_changes_contrast():
    with opened(file_url("report.html")):
        window = f"return [{PLAYER}.panes[0].low, {PLAYER}.panes[0].high]"
        low, high = page.run(window)
        x, y = centre_of(page, ".pane canvas.image")
        page.act(("move", x, y), ("down",), ("move", x + 60, y), ("up",))
        wide_low, wide_high = page.run(window)
        assert wide_high - wide_low > 1.2 * (high - low)
        page.act(("move", x, y), ("down",), ("move", x, y - 40), ("up",))
        assert sum(page.run(window)) > wide_low + wide_high
        page.run(f"{PLAYER}.auto({PLAYER}.panes)")
        assert page.run(window) == [low, high]
        x, y = centre_of(page, "canvas.histogram")
        page.act(("move", x, y), ("down",), ("move", x + 20, y), ("up",))
        assert page.run(window) != [low, high]


def test_tools_show_what_they_say():
    with opened(file_url("report.html")):
        page.run("document.querySelector('.player').focus()")
        page.keys("fp")
        page.wait("document.querySelectorAll('.fourier-panel .range')[3].textContent.includes('64 \u00d7 64 px')")
        x, y = centre_of(page, ".pane canvas.image")
        page.act(("move", x - 40, y), ("down",), ("move", x + 40, y), ("up",))
        page.wait("document.querySelectorAll('.plot.profile path.curve').length === 4")
        page.keys("w")
        page.wait("document.querySelector('.wipe canvas')")
        edge = "document.querySelector('.wipe canvas').getContext('2d').getImageData(3, 3, 1, 1).data[3]"
        page.wait(f"{edge} === 255")
        page.keys("w+")
        page.wait(f"{PLAYER}.view.zoom === 1.5")


def test_a_finger_and_two():
    with opened(file_url("report.html")):
        x, y = centre_of(page, ".pane canvas.image")
        low = page.run(f"return {PLAYER}.panes[0].high - {PLAYER}.panes[0].low")
        page.act(("move", x, y), ("down",), ("move", x + 50, y), ("up",), kind="touch")
        assert page.run(f"return {PLAYER}.panes[0].high - {PLAYER}.panes[0].low") > low
        def finger(name, way):
            path = [{"type": "pointerMove", "x": int(x + 10 * way), "y": int(y), "duration": 0},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerMove", "x": int(x + 40 * way), "y": int(y), "duration": 100},
                    {"type": "pointerUp", "button": 0}]
            return {"type": "pointer", "id": name, "parameters": {"pointerType": "touch"},
                    "actions": path}
        page.send("POST", f"{page.session}/actions", {"actions": [finger("a", -1), finger("b", 1)]})
        assert page.run(f"return {PLAYER}.view.zoom") > 2


def test_light_and_dark():
    with opened(file_url("report.html")):
        ground = "return getComputedStyle(document.body).backgroundColor"
        assert page.run(ground) == "rgb(255, 255, 255)"
        page.dark()
        assert page.run(ground) == "rgb(20, 24, 27)"
        page.dark(False)


def test_floats_and_16_bits_are_shown():
    for bits in (16, 32):
        run("codec", "report", "coded.h5", "decoded.npy", "--raw", HOSTILE, "-o", f"r{bits}.html",
            "--bits", bits, "--quiet")
        with opened(file_url(f"r{bits}.html")):
            assert page.run(f"return {PLAYER}.panes[0].source.numbers.BYTES_PER_ELEMENT") == bits / 8
            assert colours_in(page) > 100


def test_names_do_no_harm():
    with View(HOSTILE) as view, opened(view.url):
        assert page.run("return document.title") == HOSTILE
        assert page.run("return document.querySelector('figcaption b').textContent") == HOSTILE
    with opened(file_url("report.html")):
        assert page.run("return document.body.textContent.includes(arguments[0])", HOSTILE)


def test_view_shows_raw_measurement_and_decoded():
    with View("movie.npy", "coded.h5") as view, opened(view.url):
        assert page.run(f"return {PLAYER}.panes.length") == 3
        page.run(f"{PLAYER}.go(9)")
        page.wait(f"{PLAYER}.panes.every((pane) => pane.image === pane.image_of(9, 9))")
        assert colours_in(page) > 100
        page.run(f"{PLAYER}.wipe_toggle.click()")
        page.wait("document.querySelector('.wipe canvas').width > 300")
        page.run(f"{PLAYER}.toggle()")
        page.wait(f"{PLAYER}.place === 2")


def test_a_large_frame_comes_in_tiles():
    simulate("large.npy", 1, 3000, 3000)
    with View("large.npy") as view, opened(view.url):
        levels = f"return {PLAYER}.panes[0].shown_tiles().map((tile) => tile.level)"
        assert page.run(levels) == [2]
        page.run(f"{PLAYER}.zoom(8)")
        page.wait(f"{PLAYER}.panes[0].shown_tiles().some((tile) => tile.level === 0)")
        page.run(f"{PLAYER}.move(-0.5, 0.2)")
        page.wait(f"{PLAYER}.ready(0)")
        time.sleep(0.1)
        assert set(page.run(levels)) == {0}


def test_a_view_that_ended_says_so():
    with View("large.npy") as view:
        page.visit(view.url)
        page.wait(SHOWN)
    page.run(f"{PLAYER}.zoom(8)")
    page.wait("document.querySelector('.pane-message').textContent.includes('not running')")


if __name__ == "__main__":
    if why := browser.missing():
        print(f"skipped: {why}")
        sys.exit(SKIPPED)
    simulate("movie.npy", 12, 64, 64)
    os.rename("movie.npy", HOSTILE)
    os.symlink(HOSTILE, "movie.npy")
    run("codec", "encode", HOSTILE, "-o", "coded.h5", "--ratio", 4, "--quiet")
    run("codec", "decode", "coded.h5", "-o", "decoded.npy", "--iterations", 5, "--quiet")
    run("codec", "report", "coded.h5", "decoded.npy", "--raw", HOSTILE, "-o", "report.html", "--quiet")
    with open("report.html", encoding="utf-8") as html:
        if "was built without esbuild" in html.read():
            print("skipped: built without esbuild")
            sys.exit(SKIPPED)
    with browser.open_browser(1200, 900) as page:
        run_tests(globals())
