"""Chance events that upset the skin: allergens and irritants, and stress, as changes around it."""

import dataclasses
from typing import Any

import numpy as np

from .protocol import Change


@dataclasses.dataclass(frozen=True)
class Triggers:
    """How often, how strongly and how long. Rates and sizes are assumed unless set.

    Attributes:
        per_year: Mean number of exposures to allergens or irritants a year (Poisson).
        strength: Median factor on the antigens on the skin while one lasts.
        spread: Standard deviation of the factor's logarithm.
        days: Mean length of one [day] (exponential).
        stress_per_year: Mean number of stressful episodes a year.
        stress_gain: Factor on itch while one lasts.
        stress_days: Mean length of one [day].
    """

    per_year: float = 8.0
    strength: float = 10.0
    spread: float = 0.6
    days: float = 14.0
    stress_per_year: float = 6.0
    stress_gain: float = 2.0
    stress_days: float = 7.0

    def __post_init__(self):
        wrong = [f"{f.name} = {getattr(self, f.name)}" for f in dataclasses.fields(self)
                 if not 0 <= getattr(self, f.name) < np.inf]  # fmt: skip
        if wrong:
            raise ValueError(f"Expected finite numbers of zero or more, got {', '.join(wrong)}.")


@dataclasses.dataclass(frozen=True)
class Episode:
    """One trigger: port of the surroundings, when [day], and the factor on the port."""

    port: str
    start: float
    end: float
    factor: float


def episodes(days: float, triggers: Triggers, seed: int | list[int]) -> list[Episode]:
    """Draw the triggers of one course.

    Args:
        days: Length of the course.
        triggers: Their distribution.
        seed: Of the draw; the same seed gives the same episodes.
    """
    random = np.random.default_rng(seed)
    found = []
    for port, per_year, mean in (
        ("exposome", triggers.per_year, triggers.days),
        ("itch_gain", triggers.stress_per_year, triggers.stress_days),
    ):
        for start in np.sort(random.uniform(0, days, random.poisson(per_year * days / 365.25))):
            length = random.exponential(mean)
            factor = triggers.stress_gain
            if port == "exposome":
                factor = triggers.strength * float(np.exp(triggers.spread * random.normal()))
            found.append(Episode(port, float(start), float(min(start + length, days)), factor))
    return sorted(found, key=lambda one: one.start)


def changes(found: list[Episode], days: float, usual: dict[str, float] | None = None) -> list[Any]:
    """Episodes as changes of the surroundings; where two overlap the stronger one counts.

    Args:
        found: Episodes, from `episodes`.
        days: Length of the course; what would change at its end is left out.
        usual: Values of the ports without a trigger; default 1 each.
    """
    events = []
    for port in sorted({one.port for one in found}):
        mine = [one for one in found if one.port == port]
        base = (usual or {}).get(port, 1.0)
        for at in sorted({t for one in mine for t in (one.start, one.end) if t < days}):
            factor = max((one.factor for one in mine if one.start <= at < one.end), default=1.0)
            events.append(Change(at, {port: base * factor}))
    return events
