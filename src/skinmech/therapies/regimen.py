"""Dosing regimens: from the words of a label to dose events.

A regimen is a chain of phases. Each phase gives one amount (or a list of amounts) and when it is
given; `parse_regimen` reads the words, `Regimen.events` lays the doses out in time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import RegimenError

UNITS = ("mg", "mg/kg", "mg/cm2", "J/cm2")
"""Units of a dose: mass of drug, mass per body weight, topical product per area, light."""

_BEYOND = 1e6  # days; later than any treatment, so that a bounded phase is laid out whole


@dataclass(frozen=True)
class DoseEvent:
    """One dose.

    Attributes:
        time: Days since the start of treatment.
        amount: Size of the dose in `unit`.
        unit: `"mg"`, `"mg/cm2"` (topical product) or `"J/cm2"` (light).
        route: How it is given, for example `"subcutaneous"`.
    """

    time: float
    amount: float
    unit: str
    route: str


@dataclass(frozen=True)
class Phase:
    """One stretch of a regimen.

    Attributes:
        amounts: One amount for every dose, or one amount per dose in order.
        unit: One of `UNITS`.
        interval: Days between doses; `None` for a single dose or explicit times.
        times: Explicit dose times in days since the start of treatment, or `None`.
        doses_per_week: Number of doses a week on whole days (light), or `None`.
        start: Day of the first dose where stated, or `None` (follows the phase before).
        until: Last day on which a dose may fall, or `None`.
        duration: Length of the phase in days, or `None`.
        text: The words this phase was read from.
    """

    amounts: tuple[float, ...]
    unit: str
    interval: float | None = None
    times: tuple[float, ...] | None = None
    doses_per_week: int | None = None
    start: float | None = None
    until: float | None = None
    duration: float | None = None
    text: str = ""

    @property
    def is_periodic(self) -> bool:
        """Whether doses repeat at a fixed interval."""
        return self.interval is not None

    @property
    def is_open_ended(self) -> bool:
        """Whether the phase goes on until the end of the simulation."""
        ends = self.until is not None or self.duration is not None or len(self.amounts) > 1
        return self.is_periodic and not ends

    def first_day(self, follows: float | None, last_dose: float | None) -> float:
        """Day of the first dose, given where the phase before ended and its last dose [day]."""
        if self.times is not None:
            return self.times[0]
        if self.start is not None:
            return self.start
        if follows is not None:
            return follows
        if last_dose is None:
            return 0.0
        return last_dose + (self.interval or 0.0)

    def days(self, first: float, horizon: float) -> tuple[float, ...]:
        """Dose days of this phase before `horizon`, the first of them on day `first`."""
        if self.times is not None:
            return tuple(day for day in self.times if day < horizon)
        if self.interval is None:
            return (first,) if first < horizon else ()
        end = horizon
        if self.duration is not None:
            end = min(end, first + self.duration)
        count = math.ceil((end - first) / self.interval - 1e-9)
        if self.until is not None:
            count = min(count, math.floor((self.until - first) / self.interval + 1e-9) + 1)
        if len(self.amounts) > 1:
            count = min(count, len(self.amounts))
        if self.doses_per_week is None:
            return tuple(first + k * self.interval for k in range(max(count, 0)))
        # Light is given on whole days: three times a week falls on days 0, 2 and 4 of each week.
        week = [math.floor(k * self.interval) for k in range(self.doses_per_week)]
        days = (first + 7 * (k // len(week)) + week[k % len(week)] for k in range(max(count, 0)))
        return tuple(day for day in days if day < end)


@dataclass(frozen=True)
class Regimen:
    """A dosing regimen: phases one after the other.

    A phase without a stated start follows the phase before: one of its own intervals after the
    last dose, or, where that phase was given "for N weeks", at its end.

    Attributes:
        phases: The phases in order.
        text: The words it was read from.
    """

    phases: tuple[Phase, ...]
    text: str = ""

    def __post_init__(self):
        units = {phase.unit for phase in self.phases}
        if not self.phases:
            raise RegimenError("A regimen needs at least one phase, for example '300 mg q2w'.")
        if len(units) > 1:
            raise RegimenError(
                f"Regimen '{self.text}' mixes the units {', '.join(sorted(units))}. "
                "Write every phase in the same unit."
            )
        for phase in self.phases[:-1]:
            if phase.is_open_ended:
                raise RegimenError(
                    f"Phase '{phase.text}' of regimen '{self.text}' has no end, so the next phase "
                    "never starts. Add 'until week N' or 'for N weeks' to it."
                )

    @property
    def unit(self) -> str:
        """Unit of every dose, one of `UNITS`."""
        return next(phase.unit for phase in self.phases)

    def events(
        self, horizon: float, route: str = "", weight: float | None = None
    ) -> tuple[DoseEvent, ...]:
        """Dose events before the horizon.

        Args:
            horizon: Length of treatment [day]; a dose on the last day is not given.
            route: Route that each event carries.
            weight: Body weight [kg], needed where the regimen is per kilogram.

        Returns:
            Events in order of time; amounts in mg, mg/cm2 or J/cm2.

        Raises:
            RegimenError: The regimen is per kilogram and no weight is given.
        """
        scale, unit = 1.0, self.unit
        if unit == "mg/kg":
            if weight is None:
                raise RegimenError(
                    f"Regimen '{self.text}' is per kilogram and no body weight is known. "
                    "Give weight=… in kg."
                )
            scale, unit = float(weight), "mg"
        events: list[DoseEvent] = []
        for phase, first in self.starts():
            amounts = phase.amounts
            for index, day in enumerate(phase.days(first, horizon)):
                amount = amounts[index % len(amounts)]
                events.append(DoseEvent(float(day), amount * scale, unit, route))
        return tuple(sorted(events, key=lambda event: event.time))

    def starts(self) -> tuple[tuple[Phase, float], ...]:
        """Each phase with the day of its first dose."""
        placed: list[tuple[Phase, float]] = []
        follows: float | None = None
        last_dose: float | None = None
        for phase in self.phases:
            first = phase.first_day(follows, last_dose)
            placed.append((phase, first))
            if not phase.is_open_ended:
                days = phase.days(first, _BEYOND)
                last_dose = days[-1] if days else first
            follows = first + phase.duration if phase.duration is not None else None
        return tuple(placed)
