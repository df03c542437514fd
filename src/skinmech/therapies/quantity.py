"""A number with its unit, its source and the kind of evidence behind it.

Every number in the drug catalogue is a `Quantity`. Units are converted by an explicit table, so
that reading a drug costs no unit library and an unknown unit can be answered with the known ones.
"""

from __future__ import annotations

from dataclasses import dataclass

EVIDENCE = ("measured", "fitted", "label", "assumed")
"""Kinds of evidence: read from an experiment, estimated by a published model fitted to data, stated
on the label, or taken on assumption (then a note says why)."""

BOUNDS = ("", ">", "<")

UNITS: dict[str, dict[str, float]] = {
    "rate": {"1/day": 1.0, "1/hour": 24.0, "1/week": 1 / 7, "1/min": 1440.0},
    "volume": {"L": 1.0, "mL": 1e-3},
    "clearance": {"L/day": 1.0, "L/hour": 24.0, "mL/day": 1e-3, "mL/hour": 0.024, "mL/min": 1.44},
    "areal volume": {"L/m2": 1.0, "mL/cm2": 10.0},
    "areal clearance": {"L/day/m2": 1.0, "mL/day/cm2": 10.0},
    "permeability": {"L/day/m2": 1.0, "cm/hour": 240.0, "cm/s": 864000.0},
    "fraction": {"1": 1.0, "%": 0.01},
    "number": {"1": 1.0},
    "mass concentration": {"mg/L": 1.0, "ug/mL": 1.0, "ng/mL": 1e-3, "g/L": 1e3},
    "elimination": {"mg/L/day": 1.0, "mg/L/hour": 24.0},
    "amount elimination": {"mg/day": 1.0, "mg/hour": 24.0},
    "concentration": {"nM": 1.0, "pM": 1e-3, "uM": 1e3},
    "molar mass": {"g/mol": 1.0, "Da": 1.0, "kDa": 1e3},
    "mass": {"kg": 1.0, "g": 1e-3},
    "amount": {"mg": 1.0, "g": 1e3, "ug": 1e-3},
    "area density": {"g/m2": 1.0, "mg/cm2": 10.0},
    "wavelength": {"nm": 1.0},
}
"""Accepted spellings of units by dimension, each with its factor to the first of its row."""


@dataclass(frozen=True)
class Quantity:
    """A sourced number.

    Attributes:
        value: The number as published, in `unit`.
        unit: One of the spellings in `UNITS`.
        source: Key of the drug file's `[references]` table, or `"assumed"`.
        evidence: One of `EVIDENCE`.
        note: Free text; always present where the evidence is `"assumed"`.
        bound: `">"` or `"<"` where only a limit is known; the limit is then used as the value.
        dimension: Row of `UNITS` that the unit belongs to.
    """

    value: float
    unit: str
    source: str
    evidence: str
    dimension: str
    note: str = ""
    bound: str = ""

    @property
    def magnitude(self) -> float:
        """The value in the first unit of its dimension (`unit_of(dimension)`)."""
        return self.value * UNITS[self.dimension][self.unit]


def unit_of(dimension: str) -> str:
    """Unit in which `Quantity.magnitude` of this dimension is expressed."""
    return next(iter(UNITS[dimension]))
