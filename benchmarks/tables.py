"""Writes the tables of benchmarks/README.md anew from results/*.json."""
import importlib.util
import re

import drawing
import pages
from common import FOLDER, load
from pages import table

NAMES = {"raw": "raw", "binned": "binned", "mean": "coded mean", "exact": "GAP-TV exact",
         "noise_aware": "GAP-TV noise-aware", "auto": "GAP-TV auto"}


def about(result):
    m = result["machine"]
    simd = f", {m['simd']} kernels" if "simd" in m else ""
    return (f"{m['cpu']}, {m['cores']} cores, {m['memory_gib']} GiB{simd}; load average before the "
            f"run {m['load_before']}.")


def encode_table(result):
    rows = []
    for r in result["rows"]:
        goal = 0.9 if r["case"] == "u8" else 0.75
        place = "in the cache" if r["edge"] == 512 and r["groups"] == 1 else "in memory"
        rows.append([r["case"], f"{r['edge']}²", r["B"], place,
                     f"{r['encode_median_gb_s']:.1f}", f"{r['memcpy_median_gb_s']:.1f}",
                     f"{r['ratio_median']:.2f}", f"{r['ratio_best']:.2f}", goal,
                     "yes" if r["ratio_median"] >= goal else "**no**"])
    return table(["pixels", "frame", "B", "frames lie", "encoder GB/s", "memcpy GB/s",
                  "ratio of medians", "ratio of bests", "goal", "reached"], rows)


def plane_table(result):
    return table(["plane", "noise, steps", "coder Mpx/s", "decoder Mpx/s", "coder / bit packing",
                  "coder / memcpy", "bits", "entropy of the noise", "bit-packed"],
                 [[f"{r['edge']}²", r["sigma_percent"] / 100, f"{r['code_mpx_s']:.0f}",
                   f"{r['decode_mpx_s']:.0f}", f"{r['ratio_to_bit_packing']:.3f}",
                   f"{r['ratio_to_memcpy']:.4f}", f"{r['coded_bits']:.3f}",
                   f"{r['entropy_bits']:.3f}", f"{r['packed_bits']:.2f}"] for r in result["rows"]])


def gap_tv_table(result):
    return table(["TV", "inner steps", "best ms", "median ms", "reference ms", "PSNR difference"],
                 [[r["case"], r["tv"], f"{r['best_ms']:.0f}", f"{r['median_ms']:.0f}",
                   f"{r['reference_ms']:.0f}", f"{abs(r['psnr_difference_db']):.4f} dB"]
                  for r in result["rows"]])


def memory_table(result):
    return table(["verb", "B", "peak GiB", "limit GiB", "seconds"],
                 [[r["verb"], r["ratio"], f"{r['peak_gib']:.2f}",
                   result["limits_gib"][r["verb"]], f"{r['seconds']:.1f}"]
                  for r in result["runs"]])


def cells(row, methods, figure, form):
    """One figure of some methods, the best in bold; a real recording is no rival of itself."""
    values = {m: row["methods"][m][figure] for m in methods if not (row["real"] and m == "raw")}
    texts = {m: "-" if value is None else format(value, form) for m, value in values.items()}
    best = texts[max(values, key=lambda m: values[m] or 0)]
    return ["(reference)" if m not in texts else
            f"**{texts[m]}**" if texts[m] == best != "-" else texts[m] for m in methods]


def bragg_cell(quality):
    if not quality["bragg_spots"]:
        return "no spots"
    return f"{quality['bragg_kept']}/{quality['bragg_spots']}, {quality['bragg_db']:.1f}"


def psnr_table(result):
    rows = [[r["movie"], r["ratio"], f"{r['bits_per_pixel']:.2f}",
             *cells(r, NAMES, "psnr", ".2f")] for r in result["rows"]]
    return table(["movie", "B", "bits a pixel", *NAMES.values()], rows)


def other_table(result):
    methods = ("raw", "binned", "auto")
    rows = []
    for r in result["rows"]:
        bragg = [bragg_cell(r["methods"][m]) for m in methods]
        rows.append([r["movie"], r["ratio"],
                     *cells(r, methods, "ssim", ".3f"),
                     *cells(r, methods, "temporal_psnr", ".2f"), *bragg,
                     f"{r['encode_seconds']:.2f}", f"{r['decode_seconds']['auto']:.1f}"])
    head = ["movie", "B"]
    for figure in ("SSIM", "temporal PSNR", "Bragg"):
        head += [f"{figure} {method}" for method in methods]
    return table([*head, "encode s", "decode s"], rows)


def verdict(result):
    """Where what needs no decoder beats the decoder that a user gets, GAP-TV auto."""
    figures = {"psnr": "mean PSNR", "ssim": "SSIM", "temporal_psnr": "temporal PSNR",
               "bragg_kept": "number of Bragg spots kept"}
    lines = []
    for method in ("binned", "raw"):
        rows = [r for r in result["rows"] if not (r["real"] and method == "raw")]
        for figure, name in figures.items():
            known = [r for r in rows if figure != "bragg_kept" or r["methods"][method]["bragg_spots"]]
            lost = [f"{r['movie']} (B = {r['ratio']})" for r in known
                    if r["methods"][method][figure] > r["methods"]["auto"][figure]]
            where = f": {'; '.join(lost)}" if 0 < len(lost) <= 6 else ""
            lines.append(f"- {NAMES[method].capitalize()} has the higher {name} than GAP-TV auto in {len(lost)} "
                         f"of {len(known)} rows{where}.")
    return "\n".join(lines)


def reading_table(result):
    rows = [[r["format"], r["file"], f"{r['file_gb']:.2f}", f"{r['read_gb_s']:.2f}",
             f"{r['frames_gb_s']:.2f}", f"{r['ratio']:.2f}", result["goal"],
             "yes" if r["ratio"] >= result["goal"] else "**no**"] for r in result["plain"]]
    return table(["format", "file", "GB", "read() GB/s", "frames GB/s", "ratio", "goal",
                  "reached"], rows)


def compressed_table(result):
    return table(["file", "threads", "file GB", "pixels GB", "pixels GB/s"],
                 [[r["file"], r["threads"], f"{r['file_gb']:.2f}", f"{r['pixel_gb']:.2f}",
                   f"{r['frames_gb_s']:.2f}"] for r in result["compressed"]])


def robustness_table(result):
    rows = [[r["file"], r["tried"], r["data"], r["refused"], len(r["findings"]),
             f"{r['worst_seconds']:.2f}", f"{r['worst_megabytes']:.0f}"] for r in result["files"]]
    rows.append(["**all**", *(sum(row[i] for row in rows) for i in range(1, 5)),
                 max(row[5] for row in rows), max((row[6] for row in rows), key=int)])
    return table(["file", "tried", "data", "refused", "findings", "worst s", "worst MB"], rows)


def detector_table(result):
    rows = []
    for r in result["rows"]:
        own = r["detector_fps"]
        joules = "not told" if r["joules_per_gpx"] is None else f"{r['joules_per_gpx']:.1f}"
        rows.append([r["detector"] + (" (pipe)" if r["source"] == "stdin" else ""),
                     f"{r['width']} x {r['height']} {r['dtype']}",
                     f"{own}{'' if r['origin'] else ' ?'}", f"{r['fps']:.0f}", f"{r['mpx_s']:.0f}",
                     f"{r['gb_s']:.2f}", f"{r['seconds']:.0f}", f"{r['ratio']:.3f}",
                     f"{r['largest_lag_ms']:.0f}", f"{r['cpu_seconds_per_gpx']:.2f}",
                     f"{r['peak_mib']:.0f}", joules,
                     ("yes" if r["fps"] >= own else "**no**") if r["held"] else "**lost some**"])
    return table(["detector", "frame", "its frames/s", "held frames/s", "Mpx/s", "GB/s", "for s",
                  "ratio to memcpy", "largest lag ms", "CPU s / Gpx", "peak MiB", "J / Gpx",
                  "its rate held"], rows)


def mean_cell(rows, name, digits):
    values = [row[name] for row in rows if row[name] is not None]
    return f"{sum(values) / len(values):.{digits}f}" if values else ""


def dynamics_table(result):
    groups = {}
    for r in result["rows"]:
        groups.setdefault((r["case"], r["model"]), []).append(r)
    rows = [[case, f"{sum(r['snr'] for r in group) / len(group):.3g}", len(group), model,
             mean_cell(group, "fsc_0.5_angstrom", 2), mean_cell(group, "auc_fsc", 3),
             mean_cell(group, "dynamic_auc_fsc", 3), mean_cell(group, "latent_r", 3),
             mean_cell(group, "cpu_seconds", 0), max(r["peak_mib"] for r in group)]
            for (case, model), group in groups.items()]
    return table(["movie", "SNR", "seeds", "model", "FSC 0.5, Å", "AUC", "dynamic AUC", "latent R",
                  "CPU s", "MiB"], rows)


def xy(rmsd):
    return max(rmsd["x"], rmsd["y"])


def atoms_table(result):
    rows = []
    for r in result["rows"]:
        start = [r["case"], r["frames"], r["road"], r["optics"]]
        if "refused" in r:
            rows.append([*start, "refused", *[""] * 11])
            continue
        rmsd, coverage = r["rmsd"], r["coverage"]["z"]
        rows.append([*start, *(f"{rmsd[part]['z']:.3f}" for part in ("all", "interior", "edge")),
                     f"{r['z_rms']:.2f}", f"{r['sigma_z']:.3f}",
                     *(f"{rmsd[part]['x']:.3f} / {rmsd[part]['y']:.3f}" for part in ("all", "edge")),
                     f"{100 * coverage[0]:.0f}", f"{100 * coverage[1]:.0f}", r["lost"], r["spurious"],
                     f"{r['cpu_seconds_per_frame']:.1f}"])
    return table(["movie", "frames", "taken", "optics", "z", "z interior", "z edge", "flat sheet", "sigma z", "x / y",
                  "x / y edge", "in 68 %", "in 95 %", "lost", "spurious", "CPU s a frame"], rows)


def span_cell(span):
    return f"{span[0]:.2f} to {span[1]:.2f}" if span[0] else span[1]


def atoms_goals(result):
    """What is asked for, from and to, and the row that answers it."""
    rows = {(r["case"], r["road"], r["optics"]): r for r in result["rows"] if "rmsd" in r}
    flake, sheet = "flake, LCBOP", "sheet with defects, LCBOP"
    single, held, joint = ("single", "estimated"), ("single", "held"), ("joint", "estimated")
    asked = [("x, y, flake", (flake, *single), lambda r: xy(r["rmsd"]["all"]), (0, 0.032), (0, 0.028)),
             ("z, flake", (flake, *single), lambda r: r["rmsd"]["all"]["z"], (0, 0.33), (0, 0.20)),
             ("z, flake, interior", (flake, *single), lambda r: r["rmsd"]["interior"]["z"], (0, 0.27), (0, 0.16)),
             ("z, sheet with defects", (sheet, *single), lambda r: r["rmsd"]["all"]["z"], (0, 0.24), (0, 0.18)),
             ("z, flake, 6 frames jointly (asked of 45)", (flake, *joint), lambda r: r["rmsd"]["all"]["z"],
              (0, 0.25), (0, 0.15)),
             ("lost or spurious, flake", (flake, *single), lambda r: r["lost"] + r["spurious"], (0, 0), (0, 0)),
             ("lost or spurious, sheet", (sheet, *single), lambda r: r["lost"] + r["spurious"], (0, 0), (0, 0)),
             ("share of z in 68 %, flake", (flake, *single), lambda r: r["coverage"]["z"][0], (0.60, 0.76), (0.65, 0.71)),
             ("share of z in 68 %, sheet", (sheet, *single), lambda r: r["coverage"]["z"][0], (0.60, 0.76), (0.65, 0.71)),
             ("CPU s a frame, flake, optics held", (flake, *held), lambda r: r["cpu_seconds_per_frame"], (0, 3), (0, 1))]
    lines = []
    for name, key, figure, must, aim in asked:
        if key in rows:
            value = figure(rows[key])
            reached = [low <= value <= high for low, high in (must, aim)]
            lines.append([name, span_cell(must), span_cell(aim), f"{value:.3g}",
                          "the aim" if reached[1] else "yes" if reached[0] else "**no**"])
    return table(["asked of one frame", "must", "aim", "found", "reached"], lines)


def atoms_wrong(result):
    right = next((r for r in result["wrong"] if r["case"] == "right" and "rmsd" in r), None)
    rows = []
    for r in result["wrong"]:
        if "refused" in r or right is None:
            rows.append([r["case"], "refused", *[""] * 7])
            continue
        ratio = r["rmsd"]["all"]["z"] / right["rmsd"]["all"]["z"]
        rows.append([r["case"], f"{r['rmsd']['all']['z']:.3f}", f"{ratio:.2f}",
                     "yes" if ratio <= 1.3 else "**no**", f"{xy(r['rmsd']['all']):.3f}", f"{r['sigma_z']:.3f}",
                     f"{100 * r['coverage']['z'][0]:.0f}", f"{r['lost']}, {r['spurious']}",
                     f"{r['c10']:.1f}, {r['cs'] * 1e-4:.2f}"])
    return table(["told", "z, Å", "over right", "within 1.3", "x, y", "sigma z", "in 68 %", "lost, spurious",
                  "found C10 Å, Cs µm"], rows)


def viewer_table(result):
    rows = [[f"first frame of a movie of {r['movie']}", f"{r['frame_seconds']:.2f} s",
             f"its address after {r['address_seconds']:.2f} s"] for r in result["first_frames"]]
    rows += [[f"frames of {r['edge']}² on a canvas of {r['canvas']}²",
              f"{r['frames_per_second']:.1f} a second", f"level {r['level']}"] for r in result["played"]]
    pan = result["panned"]
    rows.append([f"panning over {pan['edge']}² at its own pixels",
                 f"{pan['drawn_per_second']:.1f} pictures a second",
                 f"{100 * pan['waited_share']:.0f} % of them waited for a tile"])
    rows += [[f"bundle of pages, {r['bundle']}", f"{r['gzip_bytes'] / 1000:.1f} kB compressed",
              f"{r['bytes'] / 1000:.1f} kB; goal 400 kB compressed"] for r in result["bundles"]]
    return table(["measured", "found", "note"], rows)


def views3d_table(result):
    rows = [[r["view"], f"{r['triangles']:,}" if r["triangles"] else "", r["while"], f"{r['frames_per_second']:.1f}",
             f"{r['script_ms']:.1f}"] for r in result["rows"]]
    return table(["view", "triangles", "while", "frames a second", "ms of script a frame"], rows)


SECTIONS = {"viewer": (viewer_table,), "atoms": (atoms_table, atoms_goals, atoms_wrong),
            "dynamics": (dynamics_table,), "detector": (detector_table,), "encode": (encode_table,), "plane": (plane_table,),
            "gap_tv": (gap_tv_table,), "memory": (memory_table,),
            "views3d": (views3d_table,),
            "reading": (reading_table, compressed_table), "robustness": (robustness_table,),
            "rate": (pages.family_table, pages.verdict, pages.speed_table, pages.lossless_table),
            "quality": (psnr_table, other_table, verdict)}


def write():
    path = FOLDER / "README.md"
    page = path.read_text()
    for name, parts in SECTIONS.items():
        result = load(name)
        if result is None:
            continue
        text = "\n\n".join([about(result), *[part(result) for part in parts]])
        page = re.sub(f"(<!-- results: {name} -->\n).*?(<!-- end of results -->)",
                      lambda found: f"{found[1]}{text}\n{found[2]}", page, flags=re.S)
    path.write_text(page)
    write_rate()


def write_rate():
    """What the race has beside its tables here: its page, and a picture where matplotlib is at hand."""
    result = load("rate")
    if result is None:
        return
    pages.write_full(result, FOLDER)
    if importlib.util.find_spec("matplotlib"):
        drawing.draw(result, FOLDER.parent / "docs/images/rate.svg")
