"""What is done to the skin, and when: treatments, light, tape strips, changes around it."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .light.dose import equivalent
from .modelling.units import UnitError, magnitude
from .settings.environment import environment_values
from .therapies import Drug, load_drug
from .therapies.dosing import model_amount


class ProtocolError(ValueError):
    """The protocol cannot be carried out; the message lists every problem."""


@dataclasses.dataclass(frozen=True)
class Treatment:
    """A drug by a regimen.

    Attributes:
        drug: Name in the catalogue, path of a drug file, or a `Drug`.
        regimen: Words such as `"300 mg q2w"`, an indication of the label, or None for the label.
        start: When it begins (numbers in days).
        stop: When it ends; None: with the protocol.
        weight: Body weight in kg.
        adherence: Fraction of each dose that is taken.
    """

    drug: str | Path | Drug
    regimen: str | None = None
    start: str | float = 0.0
    stop: str | float | None = None
    weight: float | None = None
    adherence: float = 1.0


@dataclasses.dataclass(frozen=True)
class Dose:
    """One single dose of a drug.

    Attributes:
        drug: As in `Treatment`.
        amount: Numbers and texts in the drug's dose unit, e.g. `"600 mg"`.
        at: When (numbers in days).
    """

    drug: str | Path | Drug
    amount: str | float
    at: str | float


@dataclasses.dataclass(frozen=True)
class Ultraviolet:
    """An exposure to ultraviolet light.

    Attributes:
        fluence: Incident energy (numbers in J/cm2), of all wavelengths of the lamp.
        at: When (numbers in days).
        lamp: One of `skinmech.light.LAMPS`; other lamps than narrow-band UVB count by the
            photoproducts that they leave at the base of resting skin.
    """

    fluence: str | float
    at: str | float
    lamp: str = "NB-UVB"


@dataclasses.dataclass(frozen=True)
class TapeStrips:
    """Tape strips: how many, and when (numbers in days)."""

    count: int
    at: str | float


@dataclasses.dataclass(frozen=True)
class Change:
    """From a time on, the environment is different.

    Attributes:
        at: When (numbers in days).
        environment: Names (or `name[member]`) to values, see `settings.environment_values`.
    """

    at: str | float
    environment: Mapping[str, Any]


Event = Treatment | Dose | Ultraviolet | TapeStrips | Change


@dataclasses.dataclass(frozen=True)
class Step:
    """One plain thing at one time, as the simulator takes it."""

    time: float
    kind: str
    slot: int = 0
    amount: float = 0.0
    into_central: float = 0.0
    environment: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Protocol:
    """Everything done to the skin over a stretch of time.

    Attributes:
        duration: Length (numbers in days).
        events: What is done, in any order.
    """

    duration: str | float
    events: Sequence[Event] = ()

    @property
    def days(self) -> float:
        """The duration in days.

        Raises:
            ProtocolError: not a positive, finite time.
        """
        try:
            days = magnitude(self.duration, "day", what="duration")
        except UnitError as error:
            raise ProtocolError(str(error)) from error
        if not (math.isfinite(days) and days > 0):
            raise ProtocolError(f"Expected a positive duration, got {self.duration}.")
        return days

    def drugs(self) -> list[Drug]:
        """Drugs in the order of their slots; light takes no slot."""
        found: dict[str, Drug] = {}
        for event in self.events:
            if isinstance(event, (Treatment, Dose)):
                drug = _drug(event.drug)
                if drug.kind != "phototherapy":
                    found.setdefault(drug.name, drug)
        return list(found.values())

    def steps(self) -> list[Step]:
        """Plain steps in order of time; every problem of the protocol is reported at once.

        Raises:
            ProtocolError: an unknown drug, a negative or unreadable dose, time or fluence, ...
        """
        problems: list[str] = []
        steps: list[Step] = []
        days = self.days
        slots: dict[str, int] = {}
        for number, event in enumerate(self.events, start=1):
            try:
                steps += _expand(event, days, slots)
            except ValueError as error:
                problems.append(f"Event {number} ({type(event).__name__}): {error}")
        if problems:
            raise ProtocolError("\n".join(problems))
        return sorted(steps, key=lambda step: step.time)


def _drug(drug: str | Path | Drug) -> Drug:
    return drug if isinstance(drug, Drug) else load_drug(drug)


def _time(value: str | float, what: str, days: float) -> float:
    time = magnitude(value, "day", what=what)
    if not (math.isfinite(time) and 0 <= time < days):
        raise ValueError(f"{what} is {value}; expected a time from 0 to before {days:g} days.")
    return time


def _expand(event: Event, days: float, slots: dict[str, int]) -> list[Step]:
    if isinstance(event, Treatment):
        return _expand_treatment(event, days, slots)
    at = _time(event.at, "at", days)
    if isinstance(event, Dose):
        drug = _drug(event.drug)
        amount = _amount(event.amount, drug)
        if drug.kind == "phototherapy":
            return [Step(at, "light", amount=amount)]
        return [Step(at, "dose", slots.setdefault(drug.name, len(slots)), amount)]
    if isinstance(event, Ultraviolet):
        fluence = magnitude(event.fluence, "J/cm**2", what="fluence")
        if not (math.isfinite(fluence) and fluence >= 0):
            raise ValueError(f"Expected a fluence of zero or more, got {event.fluence}.")
        return [Step(at, "light", amount=equivalent(event.lamp, fluence))]
    if isinstance(event, TapeStrips):
        if event.count < 0 or event.count > 200:
            raise ValueError(f"Expected 0 to 200 tape strips, got {event.count}.")
        return [Step(at, "strips", amount=float(event.count))]
    return [Step(at, "change", environment=environment_values(event.environment))]


def _amount(amount: str | float, drug: Drug) -> float:
    unit = {"phototherapy": "J/cm**2", "topical": "mg/cm**2", "emollient": "mg/cm**2"}.get(
        drug.kind, "mg"
    )
    value = magnitude(amount, unit, what=f"dose of {drug.name}")
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"Expected a dose of {drug.name} of zero or more, got {amount}.")
    return value * model_amount(drug)


def _expand_treatment(event: Treatment, days: float, slots: dict[str, int]) -> list[Step]:
    from .therapies import dosing

    drug = _drug(event.drug)
    start = _time(event.start, "start", days)
    stop = days if event.stop is None else magnitude(event.stop, "day", what="stop")
    if not start < stop:
        raise ValueError(f"stop ({event.stop}) must come after start ({event.start}).")
    if not 0 <= event.adherence <= 1:
        raise ValueError(f"Expected an adherence from 0 to 1, got {event.adherence}.")
    plan = dosing(drug, event.regimen, horizon=min(stop, days) - start, weight=event.weight)
    if drug.kind == "phototherapy":
        return [
            Step(start + e.time, "light", amount=e.amount * event.adherence) for e in plan.events
        ]
    slot = slots.setdefault(drug.name, len(slots))
    steps = [
        Step(
            start + e.time,
            "dose",
            slot,
            e.amount * event.adherence,
            float(e.route == "intravenous"),
        )
        for e in plan.events
    ]
    steps += [Step(start + r.time, "rate", slot, r.rate * event.adherence) for r in plan.rates]
    if plan.rates and stop < days:
        steps.append(Step(stop, "rate", slot, 0.0))
    return steps


def times_of(steps: Sequence[Step]) -> np.ndarray:
    """The distinct times of the steps [day], ascending."""
    return np.unique([step.time for step in steps])
