"""A control arm for a trial that had none: the same patients, had they got placebo.

Control patients match the real ones in disease, background treatment, age group and number. The
population's scores are relative to a patient's own baseline, so severity at baseline needs no
weights: a control patient starts where the real one did.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ..arms import Arm, Row
from ..fit import _CHANGE_SPREAD, Population
from ..predict import DRAWS, predict_arms

_MANY = 1e6  # control patients whose number adds no chance of its own
_USUAL_COUNT = 100.0  # where a table does not say


@dataclasses.dataclass(frozen=True)
class ControlPrediction:
    """Virtual controls of the lines of a table, in per cent (falls of a score are negative).

    Attributes:
        rows: The lines, with the values that were observed.
        control: What a control arm of the same size would have shown, shape (sample, row).
        difference: Observed arm less control, without the chance of the control's patients,
            shape (sample, row); NaN where nothing was observed.
    """

    rows: Sequence[Row]
    control: np.ndarray
    difference: np.ndarray

    def table(self) -> dict[str, list[str]]:
        """The lines as read; control, control_lo95, control_hi95, difference and its interval.

        `better` is the probability that the drug did more than placebo.
        """
        columns = {name: [row.given[name] for row in self.rows] for name in self.rows[0].given}
        for name, samples in (("control", self.control), ("difference", self.difference)):
            known = np.asarray(np.isfinite(samples).all(axis=0))
            shown = np.where(known, samples, 0.0)
            low, high = np.percentile(shown, [2.5, 97.5], axis=0)
            for column, values in ((name, shown.mean(axis=0)), (f"{name}_lo95", low),
                                   (f"{name}_hi95", high)):  # fmt: skip
                columns[column] = [
                    f"{value:.2f}" if is_known else ""
                    for value, is_known in zip(values, known, strict=True)
                ]
        falls = np.array([row.endpoint.endswith("_pct_change") for row in self.rows])
        better = np.where(falls, self.difference < 0, self.difference > 0).mean(axis=0)
        columns["better"] = [
            f"{value:.3f}" if np.isfinite(row.value) else ""
            for value, row in zip(better, self.rows, strict=True)
        ]
        return columns


def virtual_control(
    rows: Sequence[Row],
    population: Population | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> ControlPrediction:
    """Predict the control arm of single-arm rows, and the difference to what was observed.

    Intervals hold the posterior of the population, the spread between trials and the sampling of
    as many control patients as the arm had; those of the difference hold the sampling of the real
    arm instead, since a virtual arm can be as large as one wants.

    Args:
        rows: Of a table of arms, from `read_arms`.
        population: Default the shipped one.
        draws: From the posterior.
        seed: Of all draws.
    """
    placebo = [dataclasses.replace(row, arm=_without_drug(row)) for row in rows]
    many = [dataclasses.replace(row, count=_MANY) for row in placebo]
    samples = predict_arms([*placebo, *many], population, draws=draws, seed=seed).samples
    same_size, true = samples[:, : len(rows)], samples[:, len(rows) :]
    random = np.random.default_rng([seed, 4])
    observed = np.stack([_observed(row, len(samples), random) for row in rows], axis=1)
    return ControlPrediction(rows, same_size, observed - true)


def _without_drug(row: Row) -> Arm:
    return dataclasses.replace(row.arm, drug=None, regimen=None)


def _observed(row: Row, count: int, random: np.random.Generator) -> np.ndarray:
    """What the real arm would show again: Jeffreys' posterior of a share, a normal of a mean."""
    if not np.isfinite(row.value):
        return np.full(count, np.nan)
    n = row.count if np.isfinite(row.count) else _USUAL_COUNT
    if row.endpoint.endswith("_pct_change"):
        return row.value + 100.0 * _CHANGE_SPREAD / np.sqrt(n) * random.standard_normal(count)
    share = np.clip(row.value / 100.0, 0.0, 1.0)
    return 100.0 * random.beta(share * n + 0.5, (1.0 - share) * n + 0.5, count)
