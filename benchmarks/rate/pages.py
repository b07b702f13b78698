"""The tables of the race: rate/README.md in full, and the short ones of benchmarks/README.md."""
FAMILIES = {
    "coded masks": ("kinema masks, GAP-TV", "kinema masks, mean", "kinema masks, exact sums",
                    "kinema staggered, GAP-TV", "kinema auto masks, GAP-TV", "kinema auto masks and ratio"),
    "binned, kinema": ("binned, kinema planes", "binned, kinema planes, TV",
                       "binned, kinema planes, BM3D after"),
    "binned, then AV1 or JPEG XL": ("binned, AV1", "binned, JPEG XL"),
    "video": ("H.264", "HEVC", "hqdn3d, then HEVC", "AV1", "AV1, grain removed", "BM3D, then AV1"),
    "pictures": ("JPEG", "JPEG 2000", "JPEG XL"),
    "exact or thinned": ("kinema lossless", "Anscombe steps, lossless", "decimated, interpolated"),
}


def table(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def best_of(movie, family, budget):
    """(PSNR, row, its trial) of the best row of a family; None where none is so small."""
    found = [(movie["rows"][row][budget]["psnr"], row, movie["rows"][row][budget])
             for row in FAMILIES[family] if movie["rows"].get(row, {}).get(budget)]
    return max(found, key=lambda one: one[0], default=None)


def leading(cells, form):
    """Texts of numbers, the largest in bold; None is a dash."""
    top = max((cell for cell in cells if cell is not None), default=None)
    return ["-" if cell is None else
            f"**{cell:{form}}**" if cell == top else f"{cell:{form}}" for cell in cells]


def family_table(result, budget="30"):
    rows = []
    for movie in result["movies"]:
        found = [best_of(movie, family, budget) for family in FAMILIES]
        _, row, trial = max((one for one in found if one), key=lambda one: one[0])
        rows.append([movie["movie"], f"{movie['raw']['psnr']:.1f}",
                     *leading([one and one[0] for one in found], ".1f"),
                     f"{row}, {trial['ratio']:.0f}:1"])
    return table(["movie", "raw", *FAMILIES, "the best, and its own ratio"], rows)


def speed_table(result):
    rows = [[r["encoder"], f"{r['cpu_s_per_gpx']:.1f}" if r["cpu_s_per_gpx"] < 100 else
             f"{r['cpu_s_per_gpx']:.0f}", f"{r['peak_mb']:.0f}",
             f"{r['ratio']:.0f}:1" if r["ratio"] else "-"] for r in result["speed"]["rows"]]
    return table(["encoder", "CPU s a gigapixel", "memory MB", "ratio there"], rows)


def lossless_table(result):
    names = list(dict.fromkeys(name for movie in result["movies"] for name in movie["lossless"]))
    rows = [[movie["movie"], *leading([movie["lossless"].get(name) for name in names], ".2f")]
            for movie in result["movies"]]
    return table(["movie", *names], rows)


def verdict(result):
    """How often each family leads, by budget."""
    lines = []
    for budget in map(str, result["budgets"]):
        wins = dict.fromkeys(FAMILIES, 0)
        for movie in result["movies"]:
            found = {family: best_of(movie, family, budget) for family in FAMILIES}
            wins[max((f for f in found if found[f]), key=lambda f: found[f][0])] += 1
        lines.append([f"{budget}:1", *wins.values()])
    return table(["at or below", *FAMILIES], lines)


def full_page(result):
    rows = list(dict.fromkeys(row for movie in result["movies"] for row in movie["rows"]))
    parts = []
    for figure, name, form in (("psnr", "PSNR in dB", ".1f"), ("ssim", "SSIM", ".2f")):
        for budget in map(str, result["budgets"]):
            columns = []
            for movie in result["movies"]:
                trials = [movie["rows"].get(row, {}).get(budget) for row in rows]
                columns.append(leading([trial and trial[figure] for trial in trials], form))
            heads = [movie["movie"] for movie in result["movies"]]
            lines = [["raw, 1:1", *(f"{movie['raw'][figure]:{form}}" for movie in result["movies"])]]
            lines += [[row, *(column[i] for column in columns)] for i, row in enumerate(rows)]
            parts.append(f"## {name} at {budget}:1 or smaller\n\n" + table(["", *heads], lines))
    ratios = [[row, *(f"{trial['ratio']:.0f}" if (trial := movie["rows"].get(row, {}).get("30"))
                      else "-" for movie in result["movies"])] for row in rows]
    parts.append("## Ratios of the points at 30:1 or smaller\n\n"
                 + table(["", *(movie["movie"] for movie in result["movies"])], ratios))
    return "\n\n".join(parts)


OPENING = """# The race in full

Made by `./run bench rate`; what it is and how to read it stands in [benchmarks](../README.md#rate). Every cell is the best
point of its row at or below the budget; a dash means that there is none, or that the row does not run on that movie. Bold leads
its column. PSNR is the mean over frames, its peak the largest value of the reference; SSIM is that of the point with the best
PSNR, on every 7th frame.

"""


def write_full(result, folder):
    (folder / "rate" / "README.md").write_text(OPENING + full_page(result) + "\n")
