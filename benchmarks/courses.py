"""Patients under narrow-band UVB: weeks 4 to 10 from weeks 0 to 3, each patient left out in turn.

`python -m benchmarks.courses` prints the figures. Beside the hierarchy of courses: the last value
carried forward, and ridge regression on the first weeks.
"""

from pathlib import Path

import numpy as np

from skinmech_calibration.trial.courses import forecast_table
from skinmech_calibration.uvb import uvb_patients

TABLE = Path(__file__).resolve().parents[2] / "shared/data/clinical/psoriasis_uvb_patients.csv"
OBSERVED, LAST = 3, 10


def compare() -> dict[str, float]:
    """Mean absolute errors in PASI points over the complete patients, and coverage."""
    patients = {k: p for k, p in uvb_patients(TABLE).items() if p.group == "open"}
    scores = np.full((len(patients), LAST + 1), np.nan)
    for row, one in zip(scores, patients.values(), strict=True):
        for week, value in zip(one.weeks, one.pasi, strict=True):
            if week <= LAST:
                row[int(week)] = value
    table = forecast_table(TABLE, observed_until=OBSERVED, last_week=LAST)
    place = {label: k for k, label in enumerate(patients)}
    centre, low, high = (np.full(scores.shape, np.nan) for _ in range(3))
    for label, week, *values in zip(*table.values(), strict=True):
        if label in place:
            at = place[label], int(week)
            centre[at], low[at], high[at] = map(float, values)
    later = scores[:, OBSERVED + 1 :]
    is_seen = ~np.isnan(later)
    cut = (slice(None), slice(OBSERVED + 1, None))

    def error(forecast: np.ndarray) -> float:
        return float(np.mean(np.abs(forecast - later)[is_seen]))

    inside = (low[cut] <= later) & (later <= high[cut])
    return {
        "courses": error(centre[cut]),
        "ridge": error(_ridge(scores)),
        "last value": error(_last(scores)),
        "covered by 80 %": float(np.mean(inside[is_seen])),
        "gradings": int(is_seen.sum()),
    }


def _last(scores: np.ndarray) -> np.ndarray:
    rows = [row[: OBSERVED + 1][~np.isnan(row[: OBSERVED + 1])][-1] for row in scores]
    return np.repeat(np.array(rows)[:, None], LAST - OBSERVED, axis=1)


def _ridge(scores: np.ndarray, penalty: float = 1.0) -> np.ndarray:
    """Each later week by ridge regression on the first weeks, the patient left out."""
    first = scores[:, : OBSERVED + 1]
    first = np.where(np.isnan(first), np.nanmean(first, axis=0), first)
    out = np.full((len(scores), LAST - OBSERVED), np.nan)
    for week in range(OBSERVED + 1, LAST + 1):
        known = ~np.isnan(scores[:, week])
        for k in range(len(scores)):
            use = known.copy()
            use[k] = False
            centre, scale = first[use].mean(axis=0), first[use].std(axis=0)
            x = (first[use] - centre) / scale
            y = scores[use, week]
            slope = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (y - y.mean()))
            out[k, week - OBSERVED - 1] = y.mean() + (first[k] - centre) / scale @ slope
    return out


if __name__ == "__main__":
    for name, value in compare().items():
        print(f"{name}: {value:.3g}")
