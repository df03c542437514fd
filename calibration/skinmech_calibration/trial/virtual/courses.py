"""Courses of single patients with the marginal distribution that the population was fitted with.

`outcomes.reported` integrates ln(score/baseline) at one time over a mixture. A patient followed
over visits needs its joint distribution: the spread σ of grading and course is split into a part
that stays with the patient and one of each visit, and whether and how far a patient improves by
itself is the patient's own,

    ln s(t) = ln S(t) − μ c(t) + σ (√r a + √(1 − r) e_t) − [remits] c(t) (δ + ς b),
    c(t) = 1 − exp(−k t),    a, b, e_t ~ N(0, 1),

so that at every visit the distribution is the fitted one.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from .design import TrialDesign

STAYING = 0.5
"""r: share of the visit-to-visit variance that stays with the patient. Assumed: weekly scores of
one patient correlate, and no open table says how much."""
TRIAL_SHIFT = 0.1
"""Spread between trials of ln score, the same for all arms of a trial. Assumed: it moves the log
odds of a response by about the 0.25 that replicate trials of the open tables differ by."""


def ratios(
    v: Mapping[str, float],
    left: Float[np.ndarray, "cell visit pool"],
    cell: Int[np.ndarray, "trial patient"],
    days: list[int],
    random: np.random.Generator,
    shift: Float[np.ndarray, " trial"] | float = 0.0,
) -> Float[np.ndarray, "trial patient visit"]:
    """Score over baseline of every patient at every visit.

    Args:
        v: Values of the population parameters.
        left: S of a pool of patients in every arm and stratum.
        cell: Where each patient is; each is drawn from the pool.
        days: Of the visits.
        random: Draws.
        shift: Of ln score, for each trial.
    """
    shape = cell.shape
    chosen = random.integers(left.shape[2], size=shape)
    drug = np.log(left[cell, :, chosen])
    come = 1.0 - np.exp(-v["placebo_rate"] * np.array(days, float))
    remits = (random.random(shape) < v["remitting"])[..., None]
    own, depth = random.standard_normal((2, *shape, 1))
    visit = random.standard_normal((*shape, len(days)))
    wander = np.sqrt(STAYING) * own + np.sqrt(1.0 - STAYING) * visit
    further = come * (v["remission_shift"] + v["remission_spread"] * depth)
    moved = np.asarray(shift, float).reshape(-1, 1, 1)
    return np.exp(
        drug - v["care_shift"] * come + v["visit_spread"] * wander - remits * further + moved
    )


def missing(
    design: TrialDesign,
    v: Mapping[str, float],
    ratio: Float[np.ndarray, "trial patient visit"],
    random: np.random.Generator,
) -> np.ndarray:
    """Which visits do not count, since the patient has left or was rescued; same shape as `ratio`.

    Who leaves does so at any time of the trial alike; who was rescued stays so.
    """
    visits = np.array(design.visits)
    leaving = v["dropout"] if design.dropout is None else design.dropout
    shape = ratio.shape[:2]
    week = random.random(shape) * visits[-1]
    leaves = random.random(shape) < leaving
    gone = leaves[..., None] & (visits >= week[..., None])
    if design.rescue is not None:
        rescue = design.rescue
        bad = (ratio > rescue.above) & (visits >= rescue.after) & ~gone
        bad &= random.random(ratio.shape) < rescue.chance
        gone |= np.maximum.accumulate(bad, axis=2)
    return gone


def endpoint(
    design: TrialDesign,
    name: str,
    v: Mapping[str, float],
    ratio: Float[np.ndarray, "trial patient visit"],
    gone: np.ndarray,
    random: np.random.Generator,
) -> Float[np.ndarray, "trial patient visit"]:
    """An endpoint of every patient at every visit: 1 or 0, or the relative fall of the score.

    Gaps are filled as the design says; NaN where they are not. The fall of who is gone is that of
    the last visit that counts, or none.
    """
    threshold: Any = design.disease.endpoints[name]
    if threshold == "change":
        value = 1.0 - ratio
    elif threshold == "clear":
        value = (ratio < v["clear_below"]).astype(float)
    elif threshold == "almost clear":
        blur = np.exp(v["assessment_spread"] * random.standard_normal(ratio.shape))
        value = (ratio < v["almost_clear_below"] * blur).astype(float)
    else:
        value = (ratio < threshold).astype(float)
    if design.imputation == "as observed":
        return np.where(gone, np.nan, value)
    if design.imputation == "non-responder" and threshold != "change":
        return np.where(gone, 0.0, value)
    return _last_observed(value, gone)


def _last_observed(value: np.ndarray, gone: np.ndarray) -> np.ndarray:
    filled = value.copy()
    filled[..., 0] = np.where(gone[..., 0], 0.0, value[..., 0])
    for k in range(1, value.shape[2]):
        filled[..., k] = np.where(gone[..., k], filled[..., k - 1], value[..., k])
    return filled
