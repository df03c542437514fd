"""`python -m benchmarks.recovery`: what a chip adds to what the clinic says of a donor.

Donors are drawn from the prior; their clinic (eight weeks of dupilumab, severity and water loss)
and a chip of their cells (under interleukin-4 and -13) are simulated with noise by the coupled
model on a coarse grid. Each donor is fitted from the clinic alone and from chip and clinic. The
answer is the ratio of the posterior standard deviations, and whether the truth lies inside.
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

import skinmech as sm  # noqa: E402
import skinmech_calibration as cal  # noqa: E402

FREE = (
    "signalling.sensitivity[pSTAT6]",
    "barrier.tight_junction_resistance",
    "cytokines.CCL17_STAT6",
    "keratinocytes.STAT6_inhibition",
    "immunity.antigen_load",
)
IL4_13 = {"inlet_cytokines[IL-4]": "5 ng/mL", "inlet_cytokines[IL-13]": "10 ng/mL"}
CHIP = [(name, day) for name in ("teer", "loricrin_fold", "compartment_CCL17")
        for day in (1.0, 4.0, 6.0, 8.0)]  # fmt: skip
CLINIC = [(name, day) for name in ("easi", "tewl", "itch_nrs") for day in (0.0, 14.0, 28.0, 56.0)]
SPREAD = 0.7  # of the donors drawn, over the prior's: donors near its edge have no steady start
RESULTS = _CHECKOUT / "benchmarks" / "results"


def experiment(name: str, values: np.ndarray) -> cal.Experiment:
    """The chip or the clinic of a donor with these readings."""
    rows = CHIP if name == "chip" else CLINIC
    observed = [cal.Observation(o, day, float(v)) for (o, day), v in zip(rows, values, strict=True)]
    if name == "chip":
        protocol = sm.Protocol(8.0, [sm.Change(at=2.0, environment=IL4_13)])
        return cal.Experiment("chip", sm.on_chip(), protocol, observed)
    protocol = sm.Protocol(56.0, [sm.Treatment("dupilumab")])
    return cal.Experiment("clinic", sm.in_vivo(), protocol, observed, start="atopic")


def noisy(model: Any, rows: Any, truth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Readings with the noise that each observable declares."""
    specs = model.observables()
    out = []
    for (name, _), value in zip(rows, truth, strict=True):
        spec, error = specs[name], random.standard_normal()
        is_proportional = spec.noise == "proportional"
        out.append(value * np.exp(spec.noise_size * error) if is_proportional
                   else value + spec.noise_size * error)  # fmt: skip
    return np.array(out)


def one_donor(model: Any, base: dict[str, float], seed: int) -> dict[str, Any] | None:
    """Both fits of one donor; None where the donor could not be simulated."""
    random = np.random.default_rng([11, seed])
    whole = cal.CalibrationProblem(
        model, [experiment("chip", np.ones(len(CHIP))), experiment("clinic", np.ones(len(CLINIC)))],
        FREE, base,
    )  # fmt: skip
    truth = np.clip(SPREAD * random.standard_normal(len(FREE)), *whole.free.bounds)
    told = whole.predictions(truth)
    if not all(np.all(np.isfinite(one)) for one in told.values()):
        return None
    chip = experiment("chip", noisy(model, CHIP, told["chip"], random))
    clinic = experiment("clinic", noisy(model, CLINIC, told["clinic"], random))
    found: dict[str, Any] = {"truth": truth.tolist()}
    for name, parts in (("clinic", [clinic]), ("both", [chip, clinic])):
        problem = cal.CalibrationProblem(model, parts, FREE, base)
        result = cal.fit(problem, starts=1, max_iterations=15)
        sd = np.sqrt(np.diag(result.covariance))
        found[name] = {
            "centre": result.z.tolist(), "sd": sd.tolist(), "is_converged": result.is_converged,
            "error": ((result.z - truth) / sd).tolist(),
        }  # fmt: skip
    return found


def run(donors: int, cells: tuple[int, int] = (6, 8), tell: bool = True) -> dict[str, Any]:
    """All donors and the summary."""
    began = time.perf_counter()
    model = sm.skin_model(corneum_cells=cells[0], epidermis_cells=cells[1])
    base = dict(sm.DONORS["atopic"])
    rows, lost = [], 0
    for seed in range(donors):
        found = one_donor(model, base, seed)
        lost += found is None
        if found is not None:
            rows.append(found)
        if tell:
            print(f"donor {seed + 1}: {time.perf_counter() - began:.0f} s", flush=True)
    alone = np.array([one["clinic"]["sd"] for one in rows])
    both = np.array([one["both"]["sd"] for one in rows])
    parameters = []
    for i, name in enumerate(FREE):
        errors = {k: np.array([one[k]["error"][i] for one in rows]) for k in ("clinic", "both")}
        parameters.append({
            "name": name, "clinic_sd": float(np.median(alone[:, i])),
            "both_sd": float(np.median(both[:, i])),
            "ratio": float(np.median(both[:, i] / alone[:, i])),
            "inside_2sd": {k: int(np.sum(np.abs(e) < 2.0)) for k, e in errors.items()},
            "rms_error": {k: float(np.sqrt(np.mean(
                [(one[k]["centre"][i] - one["truth"][i]) ** 2 for one in rows])))
                for k in errors},
        })  # fmt: skip
    return {
        "donors": donors, "not_simulated": lost, "cells": list(cells), "spread": SPREAD,
        "not_converged": sum(
            not one[k]["is_converged"] for one in rows for k in ("clinic", "both")
        ),
        "wall_s": time.perf_counter() - began, "parameters": parameters, "rows": rows,
    }  # fmt: skip


def markdown(told: dict[str, Any]) -> str:
    """The table."""
    fitted = told["donors"] - told["not_simulated"]
    lines = [
        "# Recovery of donor parameters: clinic alone, and chip with clinic", "",
        f"{fitted} simulated donors (of {told['donors']} drawn; {told['not_simulated']} could not "
        f"be simulated), grid of {told['cells'][0]} and {told['cells'][1]} cells; "
        f"{told['not_converged']} of {2 * fitted} fits did not converge and count all the same. "
        "Posterior standard deviations in spreads of the prior, median over donors.", "",
        "| parameter | clinic alone | chip and clinic | ratio | error, clinic | error, both | "
        "truth within 2 sd, clinic | both |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for row in told["parameters"]:
        lines.append(
            f"| {row['name']} | {row['clinic_sd']:.2f} | {row['both_sd']:.2f} | "
            f"{row['ratio']:.2f} | {row['rms_error']['clinic']:.2f} | "
            f"{row['rms_error']['both']:.2f} | {row['inside_2sd']['clinic']}/{fitted} | "
            f"{row['inside_2sd']['both']}/{fitted} |"
        )
    return "\n".join([*lines, "", f"{told['wall_s']:.0f} s.", ""])


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--donors", type=int, default=20)
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of recovery.md, .json")
    options = parser.parse_args()
    told = run(options.donors)
    text = markdown(told)
    print(text)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "recovery.json").write_text(json.dumps(told, indent=1) + "\n")
    (options.output / "recovery.md").write_text(text)


if __name__ == "__main__":
    main()
