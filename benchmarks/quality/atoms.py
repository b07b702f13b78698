"""How near to the truth the atoms of graphene come: heights above all, frame by frame and jointly.

Movies whose truth is known: the practice frames of the sample data (another program's multislice), and
simulated ones (a flake; a sheet with defects) relaxed with LCBOP, the optics estimated or held; then optics told
wrong, and optics from which heights cannot be had. One thread, no molecular dynamics, no report, so that seconds
are processor seconds of the reconstruction and reading alone."""
import pathlib
import tempfile

from common import kinema, machine, run, save, test_data

NOMINAL = {"voltage": "80 kV", "defocus": "-36 A", "cs": "0 A", "focal_spread": "8.485 A", "blur": "0.15 A"}
SHEET = ("--shape", "periodic", "--stone-wales", 2, "--vacancies", 2, "--seed", 12)
# case: (options of the simulation, or none where the movie is at hand; optics told; dose; frames)
MOVIES = {
    **{f"practice flake, {dose} e/Å²": (None, {"periodic": True}, dose, frames)
       for dose, frames in ((8000, 12), (2300, 6), (27000, 6))},
    "flake, LCBOP": (("--seed", 11), {}, 8000, 6),
    "sheet with defects, LCBOP": (SHEET, {"periodic": True}, 8000, 6),
    "sheet, C10 54 Å": ((*SHEET, "--defocus", "-54 A"),
                                           {"periodic": True, "defocus": "-54 A"}, 8000, 2),
    "sheet, no monochromator: 35 Å rms": ((*SHEET, "--focal-spread", "49.5 A"),
                                          {"periodic": True, "focal_spread": "49.5 A"}, 8000, 2)}
HELD, FIRST, JOINT = ("single", "held"), ("single", "estimated"), ("joint", "estimated")
ROADS = {"practice flake, 8000 e/Å²": (FIRST, JOINT, HELD, ("joint", "held")),
         "practice flake, 2300 e/Å²": (HELD, JOINT), "practice flake, 27000 e/Å²": (HELD, JOINT),
         "flake, LCBOP": (HELD, FIRST, JOINT), "sheet with defects, LCBOP": (HELD, FIRST, JOINT),
         "sheet, C10 54 Å": (HELD,), "sheet, no monochromator: 35 Å rms": (HELD,)}
WRONG = {"right": {}, "defocus 5 Å wrong": {"defocus": "-41 A"}, "C12 12 Å wrong": {"c12": "12 A"},
         "C21 400 Å wrong": {"c21": "400 A"}, "Cs 15 µm wrong": {"cs": "15 um"}}
WRONG_FRAMES = 2
PARTS = ("all", "interior", "edge")


def write_optics(path, optics):
    texts = {name: str(value).lower() if isinstance(value, bool) else f'"{value}"' for name, value in optics.items()}
    path.write_text("".join(f"{name} = {text}\n" for name, text in texts.items()))


def movie(build, folder, case):
    """The movie of a case, its truth, and the optics that are told of it."""
    simulation, optics, dose, frames = MOVIES[case]
    if simulation is None:
        place = test_data() / "graphene"
        return place / f"flake12_counts_{dose}.npy", place / "flake12_truth.extxyz", {**NOMINAL, **optics}
    recorded, truth = folder / "movie.npy", folder / "truth.extxyz"
    kinema(build, "simulate", "graphene", "-o", recorded, "--truth", truth, "--relax", "lcbop",
           "--frames", frames, "--dose", f"{dose} e/A^2", "--threads", 1, *simulation)
    return recorded, truth, {**NOMINAL, **optics}


def figures(judged, made, frames):
    """What a row holds, of the program's own judgement and of what the run took."""
    sigma, summary = judged.get("sigma", {}), made.result
    return {"rmsd": {part: {axis: judged["rmsd_angstrom"][part][axis] for axis in "xyz"} for part in PARTS},
            "z_rms": judged["truth_z_rms_angstrom"], "sign_accuracy": judged["sign_accuracy"],
            "sigma_z": sigma["z"]["rms_angstrom"], "log_score_z": sigma["z"]["log_score_nats"],
            "coverage": {axis: [sigma[axis]["coverage_68"], sigma[axis]["coverage_95"]] for axis in "xyz"},
            "lost": judged["lost"], "spurious": judged["spurious"], "swapped": judged["swapped"],
            "chi_squared": summary["chi_squared"], "failed_frames": len(summary["failed_frames"]),
            "c10": summary["optics"]["c10"]["value"], "cs": summary["optics"]["cs"]["value"],
            "cpu_seconds_per_frame": made.cpu_seconds / frames, "peak_mib": made.peak_bytes >> 20}


def measure_one(build, folder, recorded, truth, optics, dose, frames, road):
    """One movie by one road; the program's own words where it refuses."""
    write_optics(folder / "optics.toml", optics)
    out = folder / "out"
    try:
        made = kinema(build, "atoms", "reconstruct", recorded, "-o", out, "--optics", folder / "optics.toml",
                      "--pixel-size", "0.2 A", "--dose", f"{dose} e/A^2", "--frames", f"0:{frames}",
                      "--joint", "true" if road == "joint" else "false", "--md-time", "0 ps", "--no-report", "--no-movie",
                      "--threads", 1)
    except SystemExit as refusal:
        return {"refused": str(refusal).splitlines()[-1]}
    judged = run(build / "kinema", "atoms", "evaluate", out / "trajectory.extxyz", "--truth", truth, "--json")
    return figures(judged.result, made, frames)


def add(result, table, row):
    result[table].append(row)
    heights = row["rmsd"]["all"]["z"] if "rmsd" in row else row["refused"]
    print(f"  {row['case']}, {row.get('road', '')} {row.get('optics', '')}: z {heights}", flush=True)
    save("atoms", result)


def measure(build):
    result = {"machine": machine(), "rows": [], "wrong": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for case, (_, _, dose, frames) in MOVIES.items():
            recorded, truth, optics = movie(build, folder, case)
            for road, known in ROADS[case]:
                told = {**optics, "estimate": known == "estimated"}
                row = measure_one(build, folder, recorded, truth, told, dose, frames, road)
                add(result, "rows", {"case": case, "dose": dose, "frames": frames, "road": road,
                                     "optics": known, **row})
        recorded, truth, optics = movie(build, folder, "practice flake, 8000 e/Å²")
        for case, change in WRONG.items():
            row = measure_one(build, folder, recorded, truth, {**optics, **change}, 8000, WRONG_FRAMES, "single")
            add(result, "wrong", {"case": case, "frames": WRONG_FRAMES, **row})
