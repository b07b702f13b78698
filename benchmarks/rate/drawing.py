"""The race as a picture: who leads where at 30:1, and what encoding costs. docs/images/rate.svg."""
import pages

MARKS = {"coded masks": ("o", "#000000"), "binned, kinema": ("s", "#0072b2"),
         "binned, then AV1 or JPEG XL": ("D", "#56b4e9"), "video": ("^", "#d55e00"),
         "pictures": ("v", "#cc79a7"), "exact or thinned": ("x", "#666666")}


def draw_quality(axes, result, budget="30"):
    """PSNR of each family's best point, relative to that of coded masks."""
    movies = [movie for movie in result["movies"] if pages.best_of(movie, "coded masks", budget)]
    for family, (mark, colour) in MARKS.items():
        points = []
        for i, movie in enumerate(movies):
            ours, theirs = (pages.best_of(movie, f, budget) for f in ("coded masks", family))
            if theirs:
                points.append((theirs[0] - ours[0], i))
        hollow = {} if mark == "x" else {"facecolors": "none" if mark in "sD" else colour}
        axes.scatter(*zip(*points), marker=mark, s=34, label=family, zorder=3,
                     **({"c": colour} if mark == "x" else {"edgecolors": colour, **hollow}))
    axes.set_yticks(range(len(movies)), [movie["movie"] for movie in movies])
    axes.invert_yaxis()
    axes.grid(True, color="#dddddd", zorder=0)
    axes.set_xlim(-12, 12)
    axes.set_xlabel("PSNR above coded masks, dB (worse than -12 is off the left)")
    axes.set_title("Best point at 1/30 of the bytes or less", fontsize=10)
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.4, -0.1), ncol=3, frameon=False)


def draw_cost(axes, result):
    rows = result["speed"]["rows"]
    seconds = [row["cpu_s_per_gpx"] for row in rows]
    ours = [row["encoder"].startswith("kinema encode") for row in rows]
    bars = axes.barh(range(len(rows)), seconds, color=["#000000" if own else "#bbbbbb" for own in ours])
    axes.bar_label(bars, [f" {value:.0f}" if value >= 10 else f" {value:.1f}" for value in seconds],
                   fontsize=8)
    axes.set_yticks(range(len(rows)), [row["encoder"] for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(1, 1e5)
    axes.set_xlabel("CPU seconds a gigapixel, one thread")
    axes.set_title("What encoding costs", fontsize=10)


def draw(result, path):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "kinema", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 6.4), width_ratios=(1.5, 1))
    draw_quality(left, result)
    draw_cost(right, result)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    pyplot.close(figure)
