"""The reports of atoms and of volumes in a headless browser: they open without complaint, play, an
atom is picked, the level of a surface moves.

    scenes_test.py KINEMA
"""

import json
import pathlib
import sys
import time

import browser
from kinema_cli import run, run_tests

if browser.missing():
    print(browser.missing())
    sys.exit(browser.SKIPPED)

WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
ATOM = "HETATM{:5d}  C   LIG A   1    {:8.3f}{:8.3f}{:8.3f}  1.00 20.00           C\n"


def make_atoms():
    run("simulate", "graphene", "-o", "movie.mrc", "--truth", "truth.extxyz", "--optics-out", "optics.toml",
        "--frames", 2, "--atoms", 110, "--relax", "springs", "--exposures", 1, "--ripple", "0.5 A",
        "--wavelength", "20 A", "--seed", 5)
    with open("optics.toml", "a", encoding="utf-8") as file:
        file.write("estimate = false\n")
    run("atoms", "reconstruct", "movie.mrc", "-o", "atoms", "--optics", "optics.toml", "--md-time", "0 ps",
        "--truth", "truth.extxyz")


def make_volumes():
    for name, shift in (("open.pdb", 0.0), ("closed.pdb", 12.0)):
        places = [(7 * (i % 3 - 1), 7 * (i // 3 % 3 - 1), 7 * (i // 9 - 1)) for i in range(27)]
        text = "".join(ATOM.format(i + 1, x + (shift if z > 0 else 0.0), y, z)
                       for i, (x, y, z) in enumerate(places))
        pathlib.Path(name).write_text(text + "END\n", encoding="ascii")
    run("simulate", "molecule", "open.pdb", "closed.pdb", "-o", "particles.star", "--truth", "truth",
        "--frames", 120, "--size", 16, "--pixel", "4 A", "--snr", 0.5, "--scattering", "blobs",
        "--truth-frames", 24)
    run("dynamics", "reconstruct", "particles.star", "-o", "volumes", "--model", "low-rank",
        "--iterations", 4, "--truth", "truth")


make_atoms()
make_volumes()


def summary(folder):
    with open(f"{folder}/summary.json", encoding="utf-8") as file:
        return json.load(file)


def visit(page, folder, host):
    page.visit(pathlib.Path(f"{folder}/report.html").resolve().as_uri())
    page.wait(f"document.querySelector('{host} canvas.scene')?.width > 0")
    page.run("document.querySelector(arguments[0]).scrollIntoView()", host)


def plays(page, host):
    """The play button moves the frame that the page looks at."""
    label = f"document.querySelector('{host} .frame-label').textContent"
    before = page.run(f"return {label}")
    page.run(f"document.querySelector('{host} .transport button').click()")
    page.wait(f"{label} !== '{before}'")
    page.run(f"document.querySelector('{host} .transport button').click()")


def complaints(page):
    """What the console says, but that drawing without a graphics card is slow."""
    return [text for text in page.complaints() if "GPU stall" not in text]


def centre_of(page, selector):
    return page.run("const b = document.querySelector(arguments[0]).getBoundingClientRect();"
                    "return [b.left + b.width / 2, b.top + b.height / 2]", selector)


def test_atoms_play_and_are_picked():
    host = "[data-part]:has(canvas.scene)"
    with browser.open_browser(1300, 1000, *WEBGL) as page:
        visit(page, "atoms", host)
        plays(page, host)
        page.run(f"document.querySelectorAll('{host} .views button')[1].click()")  # from above
        time.sleep(0.3)
        x, y = centre_of(page, f"{host} canvas.scene")
        for step in range(12):  # some place is no hole between atoms
            page.act(("move", x + 9 * step, y), ("down",), ("up",))
            if page.run(f"return document.querySelector('{host}').dataset.picked"):
                break
        picked = page.run(f"return document.querySelector('{host}').dataset.picked")
        card = page.run(f"return document.querySelector('{host} .atom-card').textContent")
        assert picked.isdigit() and f"atom{picked} (C)" in card, (picked, card)
        assert "\u00b1" in card and "error of z" in card, card
        before = page.screenshot()
        page.run(f"document.querySelector('{host} canvas.scene').focus()")
        page.keys("\ue014\ue014\ue014")  # arrow to the right
        time.sleep(0.3)
        assert page.screenshot() != before
        said = complaints(page)
        assert not said, said


def test_the_level_of_a_surface_moves():
    host = "[data-part]:has(canvas.scene)"
    with browser.open_browser(1300, 1000, *WEBGL) as page:
        visit(page, "volumes", host)
        plays(page, host)
        triangles = f"Number(document.querySelector('{host}').dataset.triangles)"
        before = page.run(f"return {triangles}")
        assert before > 100, before
        page.run(f"const level = document.querySelector('{host} input[aria-label^=Level]');"
                 "level.value = 2 * level.value; level.dispatchEvent(new Event('input'));")
        page.wait(f"{triangles} > 0 && {triangles} !== {before}")
        assert page.run("return document.querySelectorAll('canvas.scene').length") == 2
        said = complaints(page)
        assert not said, said


def test_what_is_shown_is_in_the_summary_and_says_that_it_is_simulated():
    for folder, kind, heading in (("atoms", "atoms", "Against the truth"), ("volumes", "volume", "Latents")):
        sections = summary(folder)["report"]["sections"]
        assert heading in [section["heading"] for section in sections], sections
        parts = [part for section in sections for part in section["parts"]]
        assert kind in [part["kind"] for part in parts]
        notes = [part["text"] for part in parts if part["kind"] == "note"]
        assert any("simulated data" in note for note in notes), notes
        assert pathlib.Path(f"{folder}/report.html").stat().st_size < 25_000_000


run_tests(globals())
