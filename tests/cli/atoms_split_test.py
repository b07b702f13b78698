"""atoms reconstruct --split: two halves of the electrons, reconstructed by themselves and compared."""

from kinema_cli import run, run_tests

run("simulate", "graphene", "-o", "movie.npy", "--optics-out", "optics.toml", "--frames", 1, "--atoms",
    100, "--relax", "springs", "--exposures", 1, "--ripple", "0.6 A", "--wavelength", "25 A")
with open("optics.toml", "a", encoding="ascii") as optics:
    optics.write("estimate = false\n")
WORDS = ["--optics", "optics.toml", "--md-time", "0 ps", "--no-report", "--no-movie"]


def test_halves_agree_within_their_errors():
    done = run("atoms", "reconstruct", "movie.npy", *WORDS, "--split", "-o", "out")
    assert "halves" in done.out and "sign agrees" in done.out, done.out
    found = run("atoms", "reconstruct", "movie.npy", *WORDS, "--split", "-o", "again", "--json").json()
    halves = found["split"]
    assert halves["matched"] >= 98 and halves["unmatched"] <= 2, halves
    for axis in "xy":
        assert halves["rmsd_angstrom"][axis] < 1.3 * halves["sigma_angstrom"][axis], halves
    assert halves["sigma_angstrom"]["z"] > found["z_sigma_angstrom"], halves
    assert 0.9 < halves["chi_squared_own_half"] < halves["chi_squared_other_half"] < 1.1, halves
    for half in ("half_1", "half_2"):
        with open(f"out/{half}.extxyz", encoding="ascii") as one, \
                open(f"again/{half}.extxyz", encoding="ascii") as other:
            assert one.read() == other.read()  # the same seed deals the electrons alike


run_tests(globals())
