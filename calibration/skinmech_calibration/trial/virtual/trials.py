"""Simulate a trial many times, and say what its arms would show week by week."""

import dataclasses

import numpy as np

from ..fit import Population, load_population
from ..predict import SHIPPED
from .courses import TRIAL_SHIFT, endpoint, missing, ratios
from .design import TrialDesign
from .pools import Source
from .randomise import randomised
from .significance import p_values


@dataclasses.dataclass(frozen=True)
class WeekRow:
    """An endpoint of an arm at a visit, in per cent: mean over trials, and where 95 % of them lie.

    Attributes:
        arm: Name.
        endpoint: Name; falls of a score are negative.
        week: Of the visit.
        patients: Mean number in the arm.
        missing: Mean share of patients who had left or were rescued, in per cent.
        mean: Of trials.
        low: 2.5 % of trials are below.
        high: 2.5 % of trials are above.
    """

    arm: str
    endpoint: str
    week: float
    patients: float
    missing: float
    mean: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class VirtualTrials:
    """Many runs of one design.

    Attributes:
        design: The design.
        rows: Endpoints by arm and week.
        p_values: Of every active arm against the first in every trial, shape (trial, arm - 1).
        difference: Of the primary endpoint against the first arm, shape (trial, arm - 1), as a
            fraction.
        new_drugs: Drugs that the population was not fitted to.
        with_uncertainty: Whether every trial had parameters of its own.
    """

    design: TrialDesign
    rows: tuple[WeekRow, ...]
    p_values: np.ndarray
    difference: np.ndarray
    new_drugs: tuple[str, ...]
    with_uncertainty: bool

    def significant(self) -> np.ndarray:
        """How many trials found each active arm different from the first, shape (arm - 1,)."""
        return np.sum(self.p_values < self.design.alpha, axis=0)


def simulate_trials(
    design: TrialDesign,
    population: Population | None = None,
    *,
    trials: int = 400,
    seed: int = 0,
    with_uncertainty: bool = True,
    source: Source | None = None,
) -> VirtualTrials:
    """Run a trial many times with new patients.

    Args:
        design: The trial.
        population: Default the shipped one.
        trials: How often.
        seed: Of all draws.
        with_uncertainty: Every trial with parameters of its own, drawn from the population's
            posterior, affinity errors of drugs that were not in the fit, and a shift between
            trials that all arms share; without, all trials at the best parameters.
        source: Of pools for this design at another size, to compile once; default a new one.
    """
    source = source or Source(design, population or load_population(SHIPPED))
    names = list(design.disease.endpoints)
    primary, visit = names.index(design.endpoint), design.visits.index(design.week)
    arms = len(design.arms)
    shown: list[np.ndarray] = []
    absent: list[np.ndarray] = []
    counts: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for v, left, count, key in source.batches(trials, seed, with_uncertainty):
        random = np.random.default_rng(key)
        arm, stratum = randomised(design, count, random)
        shift = TRIAL_SHIFT * random.standard_normal(count) if with_uncertainty else 0.0
        cell = arm * len(design.strata) + stratum
        ratio = ratios(v, left, cell, design.days, random, shift)
        gone = missing(design, v, ratio, random)
        values = [endpoint(design, name, v, ratio, gone, random) for name in names]
        inside = [arm == k for k in range(arms)]
        shown.append(np.stack([[_mean(one, mine) for one in values] for mine in inside]))
        absent.append(np.stack([_mean(gone.astype(float), mine) for mine in inside]))
        counts.append(np.stack([mine.sum(axis=1) for mine in inside]))
        first = values[primary][..., visit]
        found.append(
            np.stack([p_values(first, arm, stratum, k, len(design.strata))
                      for k in range(1, arms)], axis=1)
        )  # fmt: skip
    results = np.concatenate(shown, axis=2)  # arm, endpoint, trial, visit
    outcome = results[:, primary, :, visit]
    return VirtualTrials(
        design, _rows(design, names, results, np.concatenate(absent, axis=1),
                      np.concatenate(counts, axis=1)),
        np.concatenate(found), (outcome[1:] - outcome[:1]).T, tuple(source.model.new_drugs),
        with_uncertainty,
    )  # fmt: skip


def _mean(value: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """Mean over the patients of an arm that have a value, shape (trial, visit)."""
    has = mine[..., None] & np.isfinite(value)
    total = np.where(has, value, 0.0).sum(axis=1)
    return total / np.maximum(has.sum(axis=1), 1)


def _rows(
    design: TrialDesign, names: list[str], results: np.ndarray, absent: np.ndarray,
    counts: np.ndarray,
) -> tuple[WeekRow, ...]:  # fmt: skip
    rows = []
    for a, one in enumerate(design.arms):
        for e, name in enumerate(names):
            sign = -100.0 if design.disease.endpoints[name] == "change" else 100.0
            for k, week in enumerate(design.visits):
                values = sign * results[a, e, :, k]
                low, high = np.percentile(values, [2.5, 97.5])
                rows.append(
                    WeekRow(one.name, name, week, float(counts[a].mean()),
                            100.0 * float(absent[a, :, k].mean()), float(values.mean()),
                            float(low), float(high))
                )  # fmt: skip
    return tuple(rows)
