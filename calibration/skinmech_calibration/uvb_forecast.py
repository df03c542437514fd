"""The rest of a patient's course under ultraviolet light, forecast from the weeks fitted."""

import dataclasses
from pathlib import Path

import numpy as np

from skinmech.protocol import Protocol
from skinmech.settings import in_vivo

from .posterior import Posterior
from .predict import Prediction, predict
from .uvb import grading_sd, remaining_weeks

AFTERWARDS = 26.0
"""Weeks without light after the last exposure in which skin settles, healthy or psoriatic."""
RESIDUAL_SPREAD = 0.1
"""Half-normal spread over patients of the share of PASI that light leaves behind: scalp, folds and
what is covered. Two thirds then reach PASI90; of 122 plaque patients treated towards that goal 65 %
did (Fernandez-Guarino, narrow-band UVB in adult psoriasis, a study in clinical practice). The model
lights all of its skin; weeks 0 to 3 say next to nothing about this share."""
_NOISY = 64  # gradings drawn for each parameter draw
_FEW = 0.05  # share of draws below which a settling is called exceptional


@dataclasses.dataclass(frozen=True)
class UvbForecast:
    """A patient's PASI week by week, and where the skin settles once the light ends.

    Attributes:
        prediction: PASI at every week from 0 on, with what light leaves behind; its centre is the
            model's alone. Intervals with `measurement=True` are for a grading, whose spread grows
            with the score (`grading_sd`), and never below zero.
        days: Days of PASI after the weeks fitted, shape (grading,).
        observed: PASI then, kept back from the fit, shape (grading,).
        fully_lit: Median PASI then if the light reached all of the plaque, shape (grading,).
        relapsing: Share of draws whose plaque comes back within `AFTERWARDS` weeks.
        notes: What a reader of the forecast has to know; empty where there is nothing.
    """

    prediction: Prediction
    days: np.ndarray
    observed: np.ndarray
    fully_lit: np.ndarray
    relapsing: float
    notes: tuple[str, ...]

    @property
    def median(self) -> np.ndarray:
        """Median PASI on `days`, shape (grading,)."""
        return self.prediction.median("pasi")[self._rows]

    def band(self, level: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
        """Interval for a grading on `days`, shape (grading,) each."""
        low, high = self.prediction.band("pasi", level, measurement=True)
        return low[self._rows], high[self._rows]

    def is_inside(self, level: float = 0.8) -> np.ndarray:
        """Whether each grading kept back lies in its interval, shape (grading,)."""
        low, high = self.band(level)
        return (low <= self.observed) & (self.observed <= high)

    @property
    def _rows(self) -> np.ndarray:
        return np.searchsorted(self.prediction.times, self.days)


def uvb_forecast(
    posterior: Posterior,
    path: str | Path,
    label: str | int,
    *,
    weeks: int = 3,
    draws: int = 64,
    seed: int = 0,
) -> UvbForecast:
    """Forecast the weeks that were not fitted, under the exposures that were given in them.

    Args:
        posterior: From a fit of `uvb_problem` to the first weeks of the same patient.
        path: The table.
        label: The patient's number in it.
        weeks: Last week fitted.
        draws: Draws of parameters.
        seed: Of the draws and of the gradings.

    Raises:
        CalibrationError: no such patient.
        PredictionError: no draw could be simulated.
    """
    protocol, days, observed = remaining_weeks(path, label, weeks=weeks)
    last = float(np.floor(protocol.days / 7.0))
    whole = Protocol(protocol.days + 7.0 * AFTERWARDS, protocol.events)
    times = np.unique([*(7.0 * np.arange(last + 1)), *days, whole.days])
    found = predict(
        posterior, whole, in_vivo(), ["pasi"], list(times), draws=draws, seed=seed,
        start="psoriatic",
    )  # fmt: skip
    pasi = found.draws["pasi"]
    relapsing = float(np.mean(pasi[:, -1] > 0.5 * pasi[:, 0]))
    notes = (*found.failures, *_settling(relapsing, len(pasi)))
    random = np.random.default_rng([seed, 2])
    left = np.minimum(np.abs(RESIDUAL_SPREAD * random.standard_normal((len(pasi), 1))), 1.0)
    seen = (pasi + left * (pasi[:, :1] - pasi))[:, :-1]
    course = dataclasses.replace(
        found,
        times=times[:-1],
        draws={"pasi": seen},
        centre={"pasi": found.centre["pasi"][:-1]},
        noisy={"pasi": _graded(seen, random)},
    )
    lit = np.median(pasi, axis=0)[np.searchsorted(times, days)]
    return UvbForecast(course, days, observed, lit, relapsing, notes)


def _settling(relapsing: float, count: int) -> tuple[str, ...]:
    """Where draws of both attractors are left, in words."""
    if relapsing <= _FEW:
        return ()
    back = round(relapsing * count)
    if relapsing >= 1 - _FEW:
        return (f"The plaque comes back in {back} of {count} draws once the light ends.",)
    return (
        f"The course ends near the border of two attractors: the plaque comes back in {back} of "
        f"{count} draws once the light ends, and skin stays clear in the others. The median is no "
        "typical course.",
    )


def _graded(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Values as a grader would write them, several for each draw, shape (draw', time)."""
    many = np.repeat(np.maximum(values, 0.0), _NOISY, axis=0)
    return np.maximum(many + grading_sd(many) * random.standard_normal(many.shape), 0.0)
