"""How good decoded movies are, beside the recorded and the binned movie.

Simulated nanocrystals at three speeds and two doses, judged against their clean truth, and real
movies where they are at hand, judged against the recording itself (nothing better is known)."""
import pathlib
import tempfile

from common import kinema, machine, save, test_data

RATIOS = (10, 30)
SPEEDS = {"slow": 0.3, "medium": 1, "fast": 3}
DOSES = (30, 6)
REAL = {"liquid cell": "movies/lptem_nanoparticle_50x384x384_u8.npy",
        "dislocations": "movies/ti_dislocation_17x504x660_u8.npy"}
DECODERS = {"mean": ("--decoder", "mean"),
            "exact": ("--data-step", "exact"),
            "noise_aware": ("--data-step", "noise-aware"),
            "auto": ("--data-step", "auto")}


def movies(build, folder):
    """(name, recorded movie, reference) one by one."""
    for speed, motion in SPEEDS.items():
        for dose in DOSES:
            recorded, truth = folder / "movie.npy", folder / "truth.npy"
            kinema(build, "simulate", "nanocrystals", "-o", recorded, "--truth", truth,
                   "--motion", motion, "--dose", f"{dose} e/px")
            yield f"{speed}, {dose} e/px", recorded, truth
    for name, path in REAL.items():
        if (test_data() / path).exists():
            yield name, test_data() / path, test_data() / path


def figures(quality):
    bragg = quality["bragg"]
    return {"psnr": quality["mean_psnr"], "ssim": quality["mean_ssim"],
            "temporal_psnr": quality["temporal_psnr"], "bragg_kept": bragg["kept"],
            "bragg_spots": bragg["spots"], "bragg_db": bragg.get("mean_db")}


def measure_one(build, folder, recorded, reference, ratio):
    """One movie at one ratio by every decoder."""
    coded, decoded = folder / "coded.h5", folder / "decoded.npy"
    encoding = kinema(build, "codec", "encode", recorded, "-o", coded, "--ratio", ratio)
    row = {"ratio": ratio, "bits_per_pixel": encoding.result["rate"]["bits_per_pixel"],
           "compression_ratio": encoding.result["rate"]["compression_ratio"],
           "encode_seconds": round(encoding.seconds, 3), "decode_seconds": {}, "methods": {}}
    for name, options in DECODERS.items():
        decoding = kinema(build, "codec", "decode", coded, "-o", decoded, *options)
        row["decode_seconds"][name] = round(decoding.seconds, 3)
        quality = kinema(build, "codec", "evaluate", decoded, "--reference", reference,
                         "--raw", recorded, "--ratio", ratio).result
        row["methods"][name] = figures(quality["decoded"])
        groups = decoding.result["groups"]
        if name == "auto":
            row["noise_aware_groups"] = sum(group["noise_aware"] for group in groups)
            row["groups"] = len(groups)
    row["methods"]["raw"] = figures(quality["raw"])
    row["methods"]["binned"] = figures(quality["binned"])
    return row


def measure(build, scratch=None):
    result = {"machine": machine(), "rows": []}
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        folder = pathlib.Path(folder)
        for name, recorded, reference in movies(build, folder):
            for ratio in RATIOS:
                row = measure_one(build, folder, recorded, reference, ratio)
                result["rows"].append({"movie": name, "real": recorded == reference, **row})
                shown = {m: round(q["psnr"], 2) for m, q in row["methods"].items() if q["psnr"]}
                print(f"  {name}, B = {ratio}: {shown}", flush=True)
    save("quality", result)
