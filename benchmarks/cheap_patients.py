"""A patient solver that costs microseconds: the loop of a lesion under a drug, in closed form.

It stands in for the model where chunks, files and workers are looked at, through the same
interface. With a response r = dose/(dose + half) of the drug the score falls as

    score(t) = severity ((1 − r) + r exp(−rate t)).
"""

import dataclasses
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skinmech.cohorts import DrawnPatients, Patient, PatientOutcome, Therapy, Varied
from skinmech.numerics import Status
from skinmech.protocol import Protocol, TapeStrips
from skinmech_calibration.cohorts import CohortPlan

VARIED = (
    Varied("lesion.severity", "log-normal", 20.0, 0.4, 1.0, 72.0),
    Varied("lesion.rate", "log-normal", 0.05, 0.5, 1e-4, 10.0),
    Varied("lesion.half", "log-normal", 4.0, 0.8, 1e-3, 1e3),
)


@dataclasses.dataclass(frozen=True)
class CheapSolver:
    """The closed form.

    Attributes:
        pause: Seconds that a therapy takes beside the arithmetic.
        turns: Turns of an idle loop that a therapy takes, to give workers something to do.
        bad_every: Every so many patients is impossible; 0: none.
    """

    pause: float = 0.0
    turns: int = 0
    bad_every: int = 0

    @property
    def identity(self) -> str:
        """All that values depend on."""
        return f"cheap 1 {self.bad_every}"

    @property
    def units(self) -> Mapping[str, str]:
        """The score, and its fall."""
        return {"score": "points", "fall": "dimensionless"}

    def __call__(self) -> "CheapSolver":
        return self

    def prepare(self, therapies: Sequence[Therapy], patient: Patient) -> None:
        """Nothing to compile."""

    def begin(self, patient: Patient) -> float:
        """Severity before treatment."""
        if self.bad_every and patient.index % self.bad_every == self.bad_every - 1:
            raise ValueError(f"lesion.rate of patient {patient.index} lies outside its bounds.")
        return patient.parameters["lesion.severity"]

    def solve(self, patient: Patient, therapy: Therapy, start: Any) -> PatientOutcome:
        """The closed form; the dose is the number of tape strips."""
        total = 0.0
        for k in range(self.turns):
            total += math.sqrt(k)
        if self.pause:
            time.sleep(self.pause)
        dose = sum(event.count for event in therapy.protocol.events)  # type: ignore[union-attr]
        half, rate = (patient.parameters[f"lesion.{name}"] for name in ("half", "rate"))
        response = dose / (dose + half)
        left = [(1 - response) + response * math.exp(-rate * day) for day in therapy.times]
        values = np.array([[start * one, 1 - one] for one in left])
        return PatientOutcome(values, Status.OK, len(left))


def plan(
    count: int, *, seed: int = 1, solver: CheapSolver | None = None, therapies: int = 2,
    points: int = 9,
) -> CohortPlan:  # fmt: skip
    """A cohort of cheap patients."""
    days = tuple(float(day) for day in np.linspace(0.0, 112.0, points))
    arms = tuple(
        Therapy(f"dose {k}", Protocol(112.0, [TapeStrips(k, 0.0)] if k else []), days)
        for k in range(therapies)
    )
    weight = Varied("weight", "log-normal", 75.0, 0.2, 30.0, 200.0)
    patients = DrawnPatients(count, seed, VARIED, {}, weight)
    return CohortPlan(patients, arms, solver or CheapSolver())
