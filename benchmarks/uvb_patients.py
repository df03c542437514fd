"""Real psoriasis patients under narrow-band UVB: weeks 0-3 fitted, the rest forecast.

`python -m benchmarks.uvb_patients --patients 20` takes the first complete patients by number, not
chosen, one after the other on one core, and compares the model with two baselines on the same
gradings: the last value carried forward, and ridge regression of each week on PASI of weeks 0-3
(leave-one-patient-out over all complete patients; its penalty by cross-validation within); and
with itself if the light left nothing behind ("lit"). Writes benchmarks/results/uvb_patients.json
after every patient.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("EQX_ON_ERROR", "nan")
CHECKOUT = Path(__file__).parent.parent

import jax  # noqa: E402  # after the environment

jax.config.update("jax_enable_x64", True)
_CACHE = os.environ.get("JAX_COMPILATION_CACHE_DIR", str(CHECKOUT / ".jax_cache"))
jax.config.update("jax_compilation_cache_dir", _CACHE)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)

import numpy as np  # noqa: E402

import skinmech as sm  # noqa: E402
import skinmech_calibration as cal  # noqa: E402

TABLE = CHECKOUT.parent / "shared" / "data" / "clinical" / "psoriasis_uvb_patients.csv"
RESULTS = Path(__file__).with_name("results") / "uvb_patients.json"
FITTED, LAST, LEVEL = 3, 10, 0.8
PENALTIES = 10.0 ** np.arange(-2, 4)
FOLDS = 8


def complete(patients: dict[str, Any]) -> list[str]:
    """Patients graded in every week fitted and later, in order of their numbers."""
    fine = [
        label
        for label, one in patients.items()
        if one.group == "open"
        and set(range(FITTED + 1)) <= set(one.weeks)
        and one.weeks[-1] > FITTED
    ]
    return sorted(fine, key=int)


def courses(patients: dict[str, Any], labels: list[str]) -> np.ndarray:
    """PASI of weeks 0 to the last, NaN where not graded, shape (patient, week)."""
    out = np.full((len(labels), LAST + 1), np.nan)
    for row, label in enumerate(labels):
        one = patients[label]
        inside = one.weeks <= LAST
        out[row, one.weeks[inside].astype(int)] = one.pasi[inside]
    return out


def ridge(x: np.ndarray, y: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Ridge regression with the penalty of least cross-validated error, shape (query,)."""
    fold = np.arange(len(y)) % FOLDS
    errors = [
        sum(
            np.sum((_ridge(x[fold != k], y[fold != k], x[fold == k], p) - y[fold == k]) ** 2)
            for k in range(min(FOLDS, len(y)))
        )
        for p in PENALTIES
    ]
    return _ridge(x, y, query, float(PENALTIES[int(np.argmin(errors))]))


def _ridge(x: np.ndarray, y: np.ndarray, query: np.ndarray, penalty: float) -> np.ndarray:
    centre, spread = x.mean(0), x.std(0) + 1e-9
    scaled = (x - centre) / spread
    gram = scaled.T @ scaled + penalty * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, scaled.T @ (y - y.mean()))
    return (query - centre) / spread @ weights + y.mean()


def left_out(table: np.ndarray) -> np.ndarray:
    """Ridge forecast of every patient from all others, shape (patient, week); PASI not below 0."""
    out = np.full(table.shape, np.nan)
    known = table[:, : FITTED + 1]
    for week in range(FITTED + 1, table.shape[1]):
        graded = np.isfinite(table[:, week])
        for row in range(len(table)):
            others = graded & (np.arange(len(table)) != row)
            found = ridge(known[others], table[others, week], known[row : row + 1])
            out[row, week] = max(float(found[0]), 0.0)
    return out


def forecast(model: Any, label: str, draws: int) -> tuple[dict[str, Any], dict[int, Any]]:
    """Fit and forecast one patient.

    Returns:
        What to tell of it, and by week: median, interval, grading, median if all skin were lit.
    """
    began = time.process_time()
    problem = cal.uvb_problem(model, cal.uvb_patient(TABLE, label, weeks=FITTED))
    fitted = cal.fit(problem, starts=1)
    ahead = cal.uvb_forecast(fitted.posterior, TABLE, label, weeks=FITTED, draws=draws)
    low, high = ahead.band(LEVEL)
    weeks = np.round(ahead.days / 7.0).astype(int)
    rows = {
        int(week): tuple(map(float, values))
        for week, *values in zip(
            weeks, ahead.median, low, high, ahead.observed, ahead.fully_lit, strict=True
        )
        if week <= LAST
    }
    told = {
        "patient": label,
        "is_converged": fitted.is_converged,
        "data_cost": fitted.data_cost,
        "values": fitted.values,
        "relapsing": ahead.relapsing,
        "failed_draws": ahead.prediction.num_failed,
        "notes": list(ahead.notes),
        "cpu_seconds": round(time.process_time() - began, 1),
        "weeks": {str(week): list(values) for week, values in rows.items()},
    }
    return told, rows


def summary(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Errors over all gradings of all patients, and the share inside the interval."""
    gradings = sum(len(one["weeks"]) for one in told)
    mean = {name: sum(sum(one["errors"][name]) for one in told) / gradings
            for name in told[0]["errors"]}  # fmt: skip
    inside = sum(a <= seen <= b for one in told for _, a, b, seen, _ in one["weeks"].values())
    bias = sum(m - seen for one in told for m, _, _, seen, _ in one["weeks"].values())
    return {
        "num_patients": len(told),
        "num_gradings": gradings,
        "mean_absolute_error": {name: round(value, 3) for name, value in mean.items()},
        "model_bias": round(bias / gradings, 3),
        "coverage": {f"{LEVEL:g}": round(inside / gradings, 3)},
        "num_converged": sum(one["is_converged"] for one in told),
        "num_relapsing": sum(one["relapsing"] > 0.5 for one in told),
        "num_undecided": sum(0.05 < one["relapsing"] < 0.95 for one in told),
    }


def main() -> None:
    """Run, print a line for each patient and the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=20, help="how many, first by number")
    parser.add_argument("--draws", type=int, default=32, help="draws of a patient's parameters")
    parser.add_argument("--resume", action="store_true", help="keep the patients done before")
    given = parser.parse_args()
    if not TABLE.is_file():
        raise SystemExit(f"Unable to find {TABLE.name} in ../shared/data/clinical.")
    patients = cal.uvb_patients(TABLE)
    labels = complete(patients)
    table = courses(patients, labels)
    regressed = left_out(table)
    model = sm.skin_model(corneum_cells=6, epidermis_cells=8)
    told: list[dict[str, Any]] = []
    if given.resume and RESULTS.is_file():
        before = json.loads(RESULTS.read_text("utf-8"))
        told = before["patients"] if before["draws"] == given.draws else []
    done = {one["patient"] for one in told}
    print("patient  extent    kill  relapsing    model      lit     last    ridge  inside  CPU s")
    for row, label in enumerate(labels[: given.patients]):
        if label in done:
            continue
        one, rows = forecast(model, label, given.draws)
        seen = {week: values[3] for week, values in rows.items()}
        one["errors"] = {
            "model": [abs(rows[week][0] - seen[week]) for week in seen],
            "model, fully lit": [abs(rows[week][4] - seen[week]) for week in seen],
            "last value": [abs(table[row, FITTED] - seen[week]) for week in seen],
            "ridge": [abs(regressed[row, week] - seen[week]) for week in seen],
        }
        told.append(one)
        inside = sum(a <= value <= b for _, a, b, value, _ in rows.values())
        print(
            f"{label:>7}  {one['values']['clinic.psoriatic_extent']:6.3f}"
            f"  {one['values']['pigmentation.kill_efficacy']:6.2f}  {one['relapsing']:9.2f}"
            + "".join(f"  {np.mean(errors):7.2f}" for errors in one["errors"].values())
            + f"  {inside:2d}/{len(rows):<2d}  {one['cpu_seconds']:6.1f}",
            flush=True,
        )
        content = {
            "table": TABLE.name,
            "num_complete": len(labels),
            "fitted_weeks": [0, FITTED],
            "forecast_weeks": [FITTED + 1, LAST],
            "grid": [6, 8],
            "draws": given.draws,
            "summary": summary(told),
            "patients": told,
        }
        part = RESULTS.with_suffix(".part")
        part.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        part.replace(RESULTS)
    print(json.dumps(summary(told), indent=1))


if __name__ == "__main__":
    main()
