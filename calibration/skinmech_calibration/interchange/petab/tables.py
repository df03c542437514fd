"""A PEtab problem of either version, as frozen data."""

import dataclasses
from typing import Any

from ..expression import Expr
from ..sbml.model import Description

SCALES = ("lin", "log", "log10")


@dataclasses.dataclass(frozen=True)
class Prior:
    """A distribution of one parameter.

    Attributes:
        kind: Name of the distribution as in version 2 (`normal`, `log-normal`, ...).
        values: Its parameters.
        on_scale: Whether it is one of the scaled parameter (version 1).
        is_truncated: Whether it is cut off at the parameter's bounds (version 2).
    """

    kind: str
    values: tuple[float, ...]
    on_scale: bool = False
    is_truncated: bool = True


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A row of the parameter table; numbers on linear scale.

    Attributes:
        id: Name.
        nominal: Nominal value; None where the table gives none.
        is_free: Whether it is estimated.
        lower: Lower bound.
        upper: Upper bound.
        scale: Scale on which version 1 estimates it.
        prior: Of the objective, if any.
        start: Of start points, if any.
    """

    id: str
    nominal: float | None
    is_free: bool
    lower: float
    upper: float
    scale: str = "lin"
    prior: Prior | None = None
    start: Prior | None = None


@dataclasses.dataclass(frozen=True)
class Observable:
    """A row of the observable table.

    Attributes:
        id: Name.
        formula: What is measured.
        noise: Standard deviation, or scale for Laplace noise.
        is_laplace: Whether noise is Laplace and not normal.
        transform: Scale on which noise is added.
        placeholders: Names in the formula that each measurement fills.
        noise_placeholders: And in the noise formula.
    """

    id: str
    formula: Expr
    noise: Expr
    is_laplace: bool
    transform: str
    placeholders: tuple[str, ...]
    noise_placeholders: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Measurement:
    """A row of the measurement table.

    Attributes:
        observable: What was measured.
        experiment: In which experiment.
        time: When; inf in steady state.
        value: The reading.
        fillings: Of the placeholders, numbers or names of parameters, those of noise last.
    """

    observable: str
    experiment: str
    time: float
    value: float
    fillings: tuple[float | str, ...]


@dataclasses.dataclass(frozen=True)
class Period:
    """A stretch of an experiment.

    Attributes:
        start: Its begin; -inf for one that runs to a steady state before the rest.
        changes: What is assigned there, by name.
    """

    start: float
    changes: dict[str, Expr]


@dataclasses.dataclass(frozen=True)
class Tables:
    """A whole problem.

    Attributes:
        version: 1 or 2.
        model: The model.
        parameters: By name, in the order of the table.
        observables: By name.
        experiments: Periods by experiment.
        measurements: In the order of the table.
        frame: The measurement table as read, one row a measurement.
        aliases: Names in the tables that stand for others in the model.
    """

    version: int
    model: Description
    parameters: dict[str, Parameter]
    observables: dict[str, Observable]
    experiments: dict[str, tuple[Period, ...]]
    measurements: tuple[Measurement, ...]
    frame: Any
    aliases: dict[str, str]
