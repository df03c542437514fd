"""Forecasts of patients' weekly PASI under narrow-band UVB, from a hierarchy of courses.

The logarithm of a patient's score is a mean course plus a few patient-specific ones,

    ln(PASI_iw + c) = μ_w + Σ_k B_k(w) b_ik + e_iw,     b_i ~ N(0, G),   e ~ N(0, σ²)

with B the responses of the proliferating, immune and differentiated pools to light that begins in
week 0 (saturating in a pool's own time). μ, G and σ are fitted by expectation-maximisation
(Laird & Ware 1982, Biometrics 38, 963) to all patients; those with a few weeks only take part with
these. A patient's own b is then inferred from the weeks that were observed.
"""

import dataclasses
from pathlib import Path

import numpy as np
from jaxtyping import Float

from ..errors import CalibrationError
from ..uvb import UvbPatient, uvb_patients

OFFSET = 0.35
"""PASI points added before the logarithm: about the error of grading a nearly clear patient."""
HALF_TIMES = (3.0, 6.0)
"""Weeks at which the pools' responses are half of what they become."""
_STEEPNESS = 3.0
_ITERATIONS = 30
_PRIOR_WEIGHT, _PRIOR_VARIANCE = 1.0, 0.05  # one patient's worth of a small spread keeps G regular


@dataclasses.dataclass(frozen=True)
class Courses:
    """The hierarchy.

    Attributes:
        mean: μ by week from 0 on, shape (week,).
        basis: B, shape (week, effect).
        spread: G, shape (effect, effect).
        variance: σ².
    """

    mean: np.ndarray
    basis: np.ndarray
    spread: np.ndarray
    variance: float

    def forecast(
        self, scores: Float[np.ndarray, " week"]
    ) -> tuple[Float[np.ndarray, " week"], Float[np.ndarray, " week"]]:
        """Centre and standard deviation of ln(PASI + c) of a grading in every week.

        Args:
            scores: PASI by week; NaN where nothing was observed.
        """
        effect, covariance = self._effects(_logarithm(scores))
        centre = self.mean + self.basis @ effect
        variance = np.einsum("wk,kl,wl->w", self.basis, covariance, self.basis) + self.variance
        return centre, np.sqrt(variance)

    def _effects(self, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        is_seen = ~np.isnan(seen)
        basis = self.basis[is_seen]
        precision = np.linalg.inv(self.spread) + basis.T @ basis / self.variance
        covariance = np.linalg.inv(precision)
        return covariance @ basis.T @ (seen - self.mean)[is_seen] / self.variance, covariance


def fit_courses(scores: Float[np.ndarray, "patient week"]) -> Courses:
    """Fit the hierarchy.

    Args:
        scores: PASI by patient and week from 0 on; NaN where nothing was observed.
    """
    seen = _logarithm(scores)
    count, weeks = seen.shape
    basis = _basis(weeks)
    mean = _by_week(seen)
    found = Courses(mean, basis, 0.2 * np.eye(basis.shape[1]), 0.03)
    is_seen = ~np.isnan(seen)
    for _ in range(_ITERATIONS):
        told = [found._effects(row) for row in seen]
        effects = np.stack([effect for effect, _ in told])
        moments = sum(c + np.outer(b, b) for b, c in told)
        ridge = _PRIOR_WEIGHT * _PRIOR_VARIANCE * np.eye(basis.shape[1])
        rest = seen - found.mean - effects @ basis.T
        blur = np.stack([np.einsum("wk,kl,wl->w", basis, c, basis) for _, c in told])
        variance = float(np.sum(np.where(is_seen, rest**2 + blur, 0.0)) / is_seen.sum())
        found = Courses(
            _by_week(seen - effects @ basis.T), basis,
            (moments + ridge) / (count + _PRIOR_WEIGHT), variance,
        )  # fmt: skip
    return found


def forecast_table(
    path: str | Path, *, observed_until: float = 3.0, last_week: int = 10
) -> dict[str, list[str]]:
    """Weekly forecasts of every patient of a table, with 80 % intervals for a grading.

    A patient's weeks after `observed_until` are never used for that patient. `mean` is the median
    of the forecast, at which the expected absolute error is least.

    Args:
        path: Columns patient_id, set, variable, week, value; see `uvb.uvb_patients`.
        observed_until: Last week looked at.
        last_week: Last week forecast.

    Returns:
        Columns patient_id, week, mean, lo80, hi80 as text.

    Raises:
        CalibrationError: the table cannot be read, or there is nothing to forecast.
    """
    patients = uvb_patients(path)
    if last_week <= observed_until:
        raise CalibrationError(
            f"Expected a last week after week {observed_until:g}, the last observed one, got "
            f"{last_week}."
        )
    if not patients:
        raise CalibrationError(f"{Path(path).name}: no patient with PASI and doses.")
    scores = np.stack([_weekly(one, last_week) for one in patients.values()])
    out: dict[str, list[str]] = {
        name: [] for name in ("patient_id", "week", "mean", "lo80", "hi80")
    }
    for place, label in enumerate(patients):
        for week, values in _one(scores, place, observed_until):
            out["patient_id"].append(label)
            out["week"].append(f"{week}")
            for name, value in zip(("mean", "lo80", "hi80"), values, strict=True):
                out[name].append(f"{value:.3f}")
    return out


def _one(scores: np.ndarray, place: int, observed_until: float) -> list[tuple[int, np.ndarray]]:
    from scipy.stats import norm

    known = scores.copy()
    weeks = np.arange(scores.shape[1])
    known[place, weeks > observed_until] = np.nan
    if np.all(np.isnan(known[place])):
        return []
    centre, sd = fit_courses(known).forecast(known[place])
    half = norm.ppf(0.9) * sd
    rows = np.stack([centre, centre - half, centre + half], axis=1)
    values = np.maximum(np.exp(rows) - OFFSET, 0.0)
    return [(int(w), values[w]) for w in weeks if w > observed_until]


def _weekly(patient: UvbPatient, last_week: int) -> np.ndarray:
    out = np.full(last_week + 1, np.nan)
    for week, score in zip(patient.weeks, patient.pasi, strict=True):
        if float(week).is_integer() and 0 <= week <= last_week:
            out[int(week)] = score
    return out


def _basis(weeks: int) -> np.ndarray:
    week = np.arange(weeks, dtype=float)
    rise = [week**_STEEPNESS / (week**_STEEPNESS + h**_STEEPNESS) for h in HALF_TIMES]
    return np.stack([np.ones(weeks), *rise], axis=1)


def _logarithm(scores: np.ndarray) -> np.ndarray:
    return np.log(scores + OFFSET)


def _by_week(values: np.ndarray) -> np.ndarray:
    """Mean of each week; the last known one where a week has none."""
    counts = np.sum(~np.isnan(values), axis=0)
    sums = np.nansum(values, axis=0)
    out = np.full(values.shape[1], np.nan)
    last = 0.0
    for k in range(len(out)):
        last = sums[k] / counts[k] if counts[k] else last
        out[k] = last
    return out
