"""How good volumes of a moving molecule are, model by model.

Adenylate kinase goes from open to closed and back (98 states between, `molecules/` of the sample data),
seen once in every frame in a random orientation that is known, under a CTF and noise. The first two
cases are blobs; in the others atoms scatter by their electron scattering factors in a solvent."""
import pathlib
import tempfile

from common import kinema, machine, run, save, test_data

SEEDS = (0, 1, 2)
MODELS = {"homogeneous": ("--model", "homogeneous"),
          "low-rank, independent": ("--model", "low-rank", "--prior", "independent"),
          "low-rank, Kalman": ("--model", "low-rank"),
          "inr-dvae, independent": ("--model", "inr-dvae", "--prior", "independent"),
          "inr-dvae, gated": ("--model", "inr-dvae"),
          "gaussians": ("--model", "gaussians")}
BLOBS = ("--scattering", "blobs")
CASES = {"blobs, sine, SNR 0.1": (BLOBS + ("--snr", 0.1), SEEDS),
         "blobs, sine, SNR 0.01": (BLOBS + ("--snr", 0.01), SEEDS),
         "atoms, sine, SNR 0.1": (("--snr", 0.1), SEEDS[:1]),
         "atoms, sine, SNR 0.03": (("--snr", 0.03), SEEDS[:1]),
         "atoms, sine, SNR 0.01": (("--snr", 0.01), SEEDS[:1]),
         "atoms, saw, SNR 0.1": (("--snr", 0.1, "--motion", "saw"), SEEDS[:1]),
         "atoms, jump, SNR 0.1": (("--snr", 0.1, "--motion", "jump"), SEEDS[:1]),
         "atoms, domain turns, SNR 0.1": (("--snr", 0.1, "--motion", "path", "--domain", "120:160"),
                                          SEEDS[:1]),
         "atoms, sine, 10⁴ e/Å²": (("--dose", "10000 e/A^2"), SEEDS[:1]),
         "atoms, sine, 10³ e/Å²": (("--dose", "1000 e/A^2"), SEEDS[:1]),
         "atoms, sine, 10² e/Å²": (("--dose", "100 e/A^2"), SEEDS[:1])}
FIGURES = ("fsc_0.5_angstrom", "auc_fsc", "dynamic_auc_fsc", "latent_r")


def simulate(build, folder, options, seed):
    molecules = test_data() / "molecules"
    path = () if "--domain" in options else (molecules / "adk_dims_heavy_98x1656x3.npy",)
    made = kinema(build, "simulate", "molecule", molecules / "adk_heavy.pdb", *path, "-o",
                  folder / "movie.star", "--truth", folder / "truth", "--seed", seed, *options)
    return made.result["snr"]


def measure_one(build, folder, options, seed):
    """One movie by every model."""
    out = folder / "out"
    made = kinema(build, "dynamics", "reconstruct", folder / "movie.star", "-o", out,
                  "--seed", seed, "--threads", 1, "--no-movie", *options)
    judged = run(build / "kinema", "dynamics", "evaluate", out, "--truth", folder / "truth", "--json")
    return {"cpu_seconds": round(made.cpu_seconds, 1), "peak_mib": made.peak_bytes >> 20,
            **{name: judged.result[name] for name in FIGURES}}


def measure(build):
    result = {"machine": machine(), "rows": []}
    for case, (options, seeds) in CASES.items():
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                snr = simulate(build, folder, options, seed)
                for model, chosen in MODELS.items():
                    row = measure_one(build, folder, chosen, seed)
                    result["rows"].append({"case": case, "seed": seed, "snr": snr, "model": model,
                                           **row})
                    print(f"  {case}, seed {seed}, {model}: {row}", flush=True)
        save("dynamics", result)
