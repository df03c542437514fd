"""`python -m benchmarks.sbc`: simulation-based calibration of the skin model's donor fits.

Talts et al. 2018 (arXiv:1804.06788): draw a donor from the prior, simulate an experiment with
noise, fit it, and see where the truth lies in the posterior. If the posterior is right, that rank
is uniform and a 90 % interval covers the truth nine times in ten. The configuration is small: the
signalling and expression of keratinocytes in a dish under interferon gamma, three doses, five
donor parameters. `--method laplace` judges the normal approximation that `fit` returns;
`--method importance` that approximation weighted by the exact posterior density.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax

jax.config.update("jax_enable_x64", True)
_CHECKOUT = Path(__file__).resolve().parent.parent
jax.config.update("jax_compilation_cache_dir", str(_CHECKOUT / ".jax_cache"))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)

import numpy as np  # noqa: E402  # after the flags
from scipy.stats import binomtest, chisquare, kstest, norm  # noqa: E402

import skinmech as sm  # noqa: E402
import skinmech_calibration as cal  # noqa: E402
from skinmech.culture_model import culture_model  # noqa: E402
from skinmech.settings import culture  # noqa: E402

FREE = (
    "signalling.IFNg_half",
    "signalling.sensitivity[pSTAT1]",
    "signalling.inactivation_rate[pSTAT1]",
    "expression.gain[CXCL10]",
    "expression.half[CXCL10]",
)
DOSES = (10.0, 300.0, 9000.0)  # pg/mL of IFN-γ, from well below to well above half effect
HOUR = 1.0 / 24.0
PSTAT1_HOURS, MRNA_HOURS, REST_HOURS = (0.5, 1.0, 2.0, 4.0), (4.0, 24.0), 1.0
READINGS = (*(("pSTAT1_MFI", h) for h in PSTAT1_HOURS), *(("mRNA_CXCL10", h) for h in MRNA_HOURS))
LEVEL, BINS = 0.9, 10
RESULTS = _CHECKOUT / "benchmarks" / "results"


def problem_of(values: np.ndarray) -> cal.CalibrationProblem:
    """One donor's dish; values of shape (dose, reading)."""
    experiments = []
    for dose, row in zip(DOSES, values, strict=True):
        observed = [
            cal.Observation(name, (REST_HOURS + hours) * HOUR, float(value))
            for (name, hours), value in zip(READINGS, row, strict=True)
        ]
        medium = {"inlet_cytokines[IFN-gamma]": dose}
        protocol = sm.Protocol("26 hour", [sm.Change(at=REST_HOURS * HOUR, environment=medium)])
        experiments.append(cal.Experiment(f"{dose:g} pg/mL", culture(), protocol, observed))
    return cal.CalibrationProblem(culture_model(), experiments, FREE)


def prior_draw(problem: cal.CalibrationProblem, random: np.random.Generator) -> np.ndarray:
    """A donor of the prior inside the bounds."""
    low, high = problem.free.bounds
    if any(m.prior.kind != "log-normal" or not m.is_log for m in problem.free.members):
        raise SystemExit("Every free parameter here must have a log-normal prior on a logarithm.")
    while True:
        z = random.standard_normal(len(problem.free))
        if np.all((z > low) & (z < high)):
            return z


def simulate(
    template: cal.CalibrationProblem, z: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Noisy readings of a donor, shape (dose, reading)."""
    specs = template.model.observables()
    truth = template.predictions(z)
    rows = []
    for one in template.experiments:
        row = []
        for o, value in zip(one.observations, truth[one.name], strict=True):
            spec = specs[o.observable]
            if spec.noise != "proportional":
                raise SystemExit("Every reading here must have proportional noise.")
            row.append(value * np.exp(spec.noise_size * random.standard_normal()))
        rows.append(row)
    return np.array(rows)


def replicate(template: cal.CalibrationProblem, seed: int, method: str, draws: int) -> Any:
    """Share of the posterior below the truth for each parameter, and z-scores."""
    random = np.random.default_rng([2026, seed])
    truth = prior_draw(template, random)
    problem = problem_of(simulate(template, truth, random))
    found = cal.fit(problem, starts=1, max_iterations=40)
    sd = np.sqrt(np.diag(found.covariance))
    told = {"truth": truth.tolist(), "centre": found.z.tolist(), "sd": sd.tolist(),
            "is_converged": found.is_converged}  # fmt: skip
    if method == "laplace":
        return told | {"share": norm.cdf((truth - found.z) / sd).tolist(), "effective": None}
    proposal = np.random.default_rng([seed, 7]).standard_t(5, (draws, len(truth)))
    root = np.linalg.cholesky(found.covariance)
    points = np.clip(found.z + proposal @ root.T, *problem.free.bounds)
    costs = [one.cost if one.is_ok else np.inf
             for one in problem.evaluate(list(points), with_jacobian=False)]  # fmt: skip
    log = -np.array(costs) + 3.0 * np.sum(np.log1p(proposal**2 / 5.0), axis=1)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    share = [float(weight[points[:, i] < truth[i]].sum()) for i in range(len(truth))]
    return told | {"share": share, "effective": float(1.0 / np.sum(weight**2))}


def judge(shares: np.ndarray) -> list[dict[str, Any]]:
    """Uniformity and coverage of each parameter, from shares of shape (replicate, free)."""
    rows = []
    for name, column in zip(FREE, shares.T, strict=True):
        counts = np.histogram(column, BINS, (0.0, 1.0))[0]
        inside = int(np.sum(np.abs(column - 0.5) <= LEVEL / 2))
        reach = binomtest(inside, len(column)).proportion_ci(0.95)
        rows.append({
            "name": name, "chi2_p": float(chisquare(counts).pvalue),
            "ecdf_p": float(kstest(column, "uniform").pvalue), "counts": counts.tolist(),
            "coverage": inside / len(column), "coverage_interval": [reach.low, reach.high],
        })  # fmt: skip
    return rows


def markdown(told: dict[str, Any]) -> str:
    """The table."""
    lines = [
        "# Simulation-based calibration", "",
        f"{told['replicates']} donors drawn from the prior, culture model, {len(FREE)} parameters, "
        f"{len(DOSES)} doses of {len(READINGS)} readings; posterior: {told['method']}. "
        f"{told['not_converged']} fits did not converge and count like the others. "
        f"{told['wall_s']:.0f} s.", "",
        f"| parameter | rank uniform: χ² p ({BINS} bins) | ECDF (Kolmogorov-Smirnov) p | "
        "90 % interval covers | 95 % range of that |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for row in told["parameters"]:
        low, high = row["coverage_interval"]
        lines.append(
            f"| {row['name']} | {row['chi2_p']:.3f} | {row['ecdf_p']:.3f} | "
            f"{100 * row['coverage']:.1f} % | {100 * low:.1f}-{100 * high:.1f} % |"
        )
    lines += [
        f"| all | {told['all']['chi2_p']:.3f} (Bonferroni) | {told['all']['ecdf_p']:.3f} "
        f"(Bonferroni) | {100 * told['all']['coverage']:.1f} % | |", "",
        "Goal: p above 0.05 over all, coverage of 85-95 %.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def run(replicates: int, method: str, draws: int, tell: bool = True) -> dict[str, Any]:
    """All replicates and their verdict."""
    template = problem_of(np.ones((len(DOSES), len(READINGS))))
    began, rows = time.perf_counter(), []
    for seed in range(replicates):
        rows.append(replicate(template, seed, method, draws))
        if tell and seed % 10 == 9:
            print(f"{seed + 1} replicates, {time.perf_counter() - began:.0f} s", flush=True)
    shares = np.array([row["share"] for row in rows])
    parameters = judge(shares)
    size = len(parameters)
    return {
        "replicates": replicates, "method": method, "draws": draws,
        "not_converged": sum(not row["is_converged"] for row in rows),
        "wall_s": time.perf_counter() - began, "parameters": parameters,
        "all": {
            "chi2_p": min(1.0, size * min(one["chi2_p"] for one in parameters)),
            "ecdf_p": min(1.0, size * min(one["ecdf_p"] for one in parameters)),
            "coverage": float(np.mean([one["coverage"] for one in parameters])),
        },
        "shares": np.round(shares, 4).tolist(),
    }  # fmt: skip


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--method", choices=("laplace", "importance"), default="laplace")
    parser.add_argument("--draws", type=int, default=400, help="of the importance sampler")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of sbc.md, sbc.json")
    options = parser.parse_args()
    told = run(options.replicates, options.method, options.draws)
    text = markdown(told)
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "sbc.json").write_text(json.dumps(told, indent=1) + "\n")
    (options.output / "sbc.md").write_text(text)


if __name__ == "__main__":
    main()
