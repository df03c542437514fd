"""Trials of drugs left out: each drug of the open tables predicted from all the others.

`python -m benchmarks.trials` prints the table and writes `results/trials.md` and `.json`. Only the
open arms are read; efficacy of drugs that the tables leave out is nowhere in this project.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

from skinmech_calibration.trial import (  # noqa: E402
    PopulationProblem,
    Row,
    load_population,
    open_arms,
    predict_arms,
)
from skinmech_calibration.trial.predict import SHIPPED  # noqa: E402

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical"
RESULTS = Path(__file__).parent / "results"
GOALS = {"EASI75": 5, "PASI75": 5, "PASI90": 6, "EASI90": 6, "IGA01": 6, "PASI100": 6.5}


def left_out(
    problem: PopulationProblem, drug: str, folder: Path | None = None, seed: int = 0
) -> Any:
    """Predictions of a drug's rows by a population that never saw it.

    The search begins at the prior: the fit with the drug must not guide the one without. Where a
    folder is given, the fit is kept there, and one that is there already is taken.
    """
    mine = np.array([r.arm.drug is not None and r.arm.drug.name == drug for r in problem.rows])
    kept = None if folder is None else folder / f"without {drug}.json"
    if kept is not None and kept.is_file():
        found = load_population(kept)
    else:
        found = problem.fit(weights=1.0 - mine)
        if kept is not None:
            found.save(kept)
    rows = [row for row, is_mine in zip(problem.rows, mine, strict=True) if is_mine]
    return rows, predict_arms(rows, found, seed=seed)


def summary(rows: Sequence[Row], mean: np.ndarray, bands: tuple[np.ndarray, np.ndarray]) -> Any:
    """Error and coverage by endpoint, and the order of drugs."""
    seen = np.array([row.value for row in rows])
    out: dict[str, Any] = {}
    for endpoint in sorted({row.endpoint for row in rows}):
        pick = np.array([row.endpoint == endpoint for row in rows])
        out[endpoint] = {
            "rows": int(pick.sum()),
            "mae": float(np.mean(np.abs(mean - seen)[pick])),
            "bias": float(np.mean((mean - seen)[pick])),
            "cover80": float(np.mean((bands[0] <= seen)[pick] & (seen <= bands[1])[pick])),
        }
    return out


def kendall(rows: Sequence[Row], mean: np.ndarray, endpoint: str) -> float:
    """Kendall's tau between observed and predicted mean of each drug."""
    from scipy.stats import kendalltau

    by_drug: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row, value in zip(rows, mean, strict=True):
        if row.endpoint == endpoint and row.arm.drug is not None:
            by_drug[row.arm.drug.name].append((row.value, float(value)))
    pairs = np.array([np.mean(v, axis=0) for v in by_drug.values()])
    return float(kendalltau(pairs[:, 0], pairs[:, 1]).statistic) if len(pairs) > 2 else float("nan")


def main() -> None:
    """Leave each drug out in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drugs", nargs="*", help="only these")
    parser.add_argument("--keep", type=Path, help="folder of fits, to go on after a stop")
    options = parser.parse_args()
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    rows = open_arms(FOLDER)
    problem = PopulationProblem(rows)
    whole = load_population(SHIPPED)
    if whole.layout != problem.layout:
        raise SystemExit("The shipped population knows other drugs: run 'skinmech trial fit' first")
    inside = predict_arms(rows, whole)
    band = inside.band(0.8)

    def of(is_treated: bool) -> Any:
        places = [k for k, row in enumerate(rows) if (row.arm.drug is not None) == is_treated]
        chosen = [rows[k] for k in places]
        return summary(chosen, inside.mean[places], (band[0][places], band[1][places]))

    seen, quiet = of(True), of(False)
    all_rows: list[Row] = []
    parts: list[Any] = []
    lines: dict[str, Any] = {}
    for drug in options.drugs or whole.layout.drugs:
        mine, found = left_out(problem, drug, options.keep)
        low, high = found.band(0.8)
        all_rows += mine
        parts.append((found.mean, low, high))
        lines[drug] = summary(mine, found.mean, (low, high))
        print(drug, {k: round(v["bias"], 1) for k, v in lines[drug].items()}, flush=True)
        mean, low, high = (np.concatenate(one) for one in zip(*parts, strict=True))
        result = {
            "left_out": summary(all_rows, mean, (low, high)),
            "by_drug": lines,
            "seen": seen,
            "placebo": quiet,
            "kendall": {e: kendall(all_rows, mean, e) for e in ("PASI75", "PASI90", "PASI100")},
            "seconds": time.perf_counter() - start,
        }
        _write(result)  # after each drug: a stopped run has told what it knows
    print((RESULTS / "trials.md").read_text("utf-8"))


def _write(result: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "trials.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (RESULTS / "trials.md").write_text(markdown(result), encoding="utf-8")


def markdown(result: dict[str, Any]) -> str:
    """The tables as text."""
    lines = ["# Trials of drugs left out", ""]
    lines += ["Mean absolute error in percentage points. Left out: every drug predicted by a "
              "population fitted to all other drugs. Seen: the fit itself.", "",
              "| endpoint | rows | left out | bias | 80 % covers | goal | seen | placebo |",
              "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for endpoint, row in result["left_out"].items():
        seen, quiet = result["seen"].get(endpoint, {}), result["placebo"].get(endpoint, {})
        lines.append(
            f"| {endpoint} | {row['rows']} | {row['mae']:.1f} | {row['bias']:+.1f} | "
            f"{100 * row['cover80']:.0f} % | {GOALS.get(endpoint, '')} | "
            f"{seen.get('mae', float('nan')):.1f} | {quiet.get('mae', float('nan')):.1f} |"
        )
    lines += ["", "| drug | " + " | ".join(result["left_out"]) + " |",
              "|---" * (1 + len(result["left_out"])) + "|"]  # fmt: skip
    for drug, told in result["by_drug"].items():
        cells = [f"{told[e]['bias']:+.1f}" if e in told else "" for e in result["left_out"]]
        lines.append(f"| {drug} | " + " | ".join(cells) + " |")
    taus = ", ".join(f"{k} {v:.2f}" for k, v in result["kendall"].items())
    lines += ["", "(mean error, predicted minus observed)", "",
              f"Order of drugs by Kendall's tau: {taus}."]  # fmt: skip
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
