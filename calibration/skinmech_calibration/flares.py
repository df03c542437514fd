"""Flares ahead: a fitted donor's own dynamics under triggers drawn by chance."""

import dataclasses
from typing import Any

import numpy as np

from skinmech.numerics import Status
from skinmech.protocol import Protocol
from skinmech.schedule import schedule
from skinmech.settings import Setting
from skinmech.triggers import Episode, Triggers, changes, episodes

from .engine import Case, engine, padded_plans, padded_times
from .errors import CalibrationError
from .posterior import Posterior
from .predict import PredictionError

RISE, POINTS, LASTING = 1.3, 3.0, 3.0  # factor, score points, days: all three make a flare
WARNED, AHEAD = 7.0, 14.0  # days looked back on, days looked ahead to


@dataclasses.dataclass(frozen=True)
class FlareOutlook:
    """Courses of a donor under triggers, and when they flare.

    Attributes:
        times: Days, shape (time,), one a day.
        score: Score by course, shape (course, time).
        is_flaring: Whether in a flare, shape (course, time).
        draw: Which draw of the donor each course is of, shape (course,).
        triggers: Episodes of each course.
        num_failed: Courses that could not be simulated and are left out.
    """

    times: np.ndarray
    score: np.ndarray
    is_flaring: np.ndarray
    draw: np.ndarray
    triggers: tuple[tuple[Episode, ...], ...]
    num_failed: int

    @property
    def first(self) -> np.ndarray:
        """Day of the first flare of each course; inf without one, shape (course,)."""
        any_ = self.is_flaring.any(axis=1)
        return np.where(any_, self.times[self.is_flaring.argmax(axis=1)], np.inf)

    @property
    def per_year(self) -> float:
        """Flares begun a year, mean over courses."""
        starts = self.is_flaring[:, 1:] & ~self.is_flaring[:, :-1]
        return float(starts.sum(axis=1).mean() * 365.25 / self.times[-1])

    def risk(self, days: float) -> float:
        """Probability of a flare within so many days."""
        return float(np.mean(self.first <= days))

    def risk_curve(self, level: float = 0.8, resamples: int = 400, seed: int = 0) -> Any:
        """Probability of a flare by each day, with an interval over draws of the donor.

        Returns:
            Probability, lower and upper limit, shape (time,) each. The interval resamples whole
            draws, so that it tells what the fit leaves open.
        """
        reached = self.first[:, None] <= self.times
        random = np.random.default_rng(seed)
        known = np.unique(self.draw)
        means = np.stack([reached[self.draw == one].mean(axis=0) for one in known])
        picks = random.integers(0, len(known), (resamples, len(known)))
        tail = 0.5 - level / 2
        low, high = np.quantile(means[picks].mean(axis=1), [tail, 1 - tail], axis=0)
        return reached.mean(axis=0), low, high

    def warning(self) -> float:
        """How well the last week's rise of the score tells a flare in the next two weeks.

        The area under the receiver operating curve over all days outside flares: 0.5 tells
        nothing, 1 everything. NaN where no day, or every day, is followed by a flare.
        """
        step = self.times[1] - self.times[0]
        back, ahead = round(WARNED / step), round(AHEAD / step)
        rises, follows = [], []
        for row, flaring in zip(self.score, self.is_flaring, strict=True):
            for k in range(back, len(row) - ahead):
                if not flaring[k]:
                    rises.append(row[k] - row[k - back])
                    follows.append(flaring[k + 1 : k + 1 + ahead].any())
        rises, follows = np.array(rises), np.array(follows, bool)
        if not len(follows) or follows.all() or not follows.any():
            return float("nan")
        order = np.argsort(np.argsort(rises, kind="stable"))
        hits = order[follows].sum() - follows.sum() * (follows.sum() - 1) / 2
        return float(hits / (follows.sum() * (~follows).sum()))


def flaring(score: np.ndarray, usual: float, step: float = 1.0) -> np.ndarray:
    """Where a course is in a flare.

    A flare is a stretch of at least three days at 1.3 times the usual score or more and at least
    three points above it; the definition is ours.

    Args:
        score: Course, shape (time,).
        usual: The score without triggers.
        step: Days between two values.
    """
    above = (score >= RISE * usual) & (score >= usual + POINTS)
    out = np.zeros(len(score), bool)
    begin = None
    for k, is_above in enumerate([*above, False]):
        if is_above and begin is None:
            begin = k
        elif not is_above and begin is not None:
            out[begin:k] = (k - begin) * step >= LASTING
            begin = None
    return out


def flare_outlook(
    posterior: Posterior,
    setting: Setting,
    *,
    days: float = 84.0,
    protocol: Protocol | None = None,
    triggers: Triggers | None = None,
    score: str = "easi",
    draws: int = 16,
    courses: int = 4,
    seed: int = 0,
    start: Any = None,
    weight: float | None = None,
) -> FlareOutlook:
    """Simulate a fitted donor under triggers drawn by chance.

    Args:
        posterior: What is known about the donor.
        setting: Where the tissue lives.
        days: How far ahead.
        protocol: Treatments; its length is `days`.
        triggers: Their distribution.
        score: Observable that flares.
        draws: Draws of the donor's parameters.
        courses: Courses of triggers for each draw.
        seed: Of draws and triggers; the same triggers meet every therapy.
        start: As in `Experiment`; default that of the first experiment fitted.
        weight: Body weight [kg].

    Raises:
        CalibrationError: an unknown score, or fewer than two draws or one course.
        PredictionError: no course could be simulated.
    """
    model = posterior.model
    if score not in model.observables():
        raise CalibrationError(
            f"Unrecognized observable: '{score}'. Expected easi, pasi or scorad."
        )
    if draws < 2 or courses < 1 or days < 2 * AHEAD:
        raise CalibrationError(
            f"Expected at least 2 draws, 1 course and {2 * AHEAD:g} days, got {draws}, {courses}, "
            f"{days:g}."
        )
    if start is None:
        start = next(iter(posterior.studied.values())).start
    machine, triggers = engine(model), triggers or Triggers()
    treated = tuple(protocol.events) if protocol is not None else ()
    plans, found = [], []
    quiet = schedule(model, Protocol(days, treated), setting, weight=weight)
    for course in range(courses):
        drawn = episodes(days, triggers, [seed, course])
        found.append(tuple(drawn))
        events = (*treated, *changes(drawn, days, dict(setting.environment)))
        plans.append(schedule(model, Protocol(days, events), setting, weight=weight))
    quiet, *plans = padded_plans([quiet, *plans])
    times = np.arange(0.0, days + 0.5)
    saved = padded_times([times], model.system.factor("day"))[0]
    guess = machine.guess(start)
    people = posterior.draws(draws, seed)
    cases = [
        Case(machine.flat(one), plan, guess, saved) for one in people for plan in [quiet, *plans]
    ]
    outcomes = machine.run(cases)
    column, rows = machine.observables.index(score), []
    for index in range(draws):
        first, *rest = outcomes[index * (courses + 1) : (index + 1) * (courses + 1)]
        if first.status != Status.OK:
            continue
        # Under a treatment the usual score is the one of the same day without triggers.
        usual = first.values[: len(times), column]
        for course, one in enumerate(rest):
            if one.status == Status.OK:
                values = one.values[: len(times), column]
                rows.append((index, course, values, flaring(values - usual + usual[0], usual[0])))
    if not rows:
        raise PredictionError(
            f"None of {draws * courses} courses could be simulated. Check the start state, and "
            "whether the posterior reaches bounds of parameters."
        )
    return FlareOutlook(
        times=times,
        score=np.stack([values for _, _, values, _ in rows]),
        is_flaring=np.stack([flags for _, _, _, flags in rows]),
        draw=np.array([index for index, _, _, _ in rows]),
        triggers=tuple(found[course] for _, course, _, _ in rows),
        num_failed=draws * courses - len(rows),
    )
