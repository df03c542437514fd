"""Ports, the only coupling between sub-models, and states, the fields a sub-model owns."""

import dataclasses
import difflib
from typing import Any

CORNEUM = "corneum"
EPIDERMIS = "epidermis"
GRIDS = (CORNEUM, EPIDERMIS, None)


@dataclasses.dataclass(frozen=True)
class PortSpec:
    """A named quantity that one sub-model provides and others read.

    Attributes:
        grid: `"corneum"`, `"epidermis"` or None (one number for the column).
        species: Names of the members where the port is a family (leading axis).
        default: Value (in `unit`) where nobody provides the port; None: it must be provided.
    """

    name: str
    unit: str
    description: str
    grid: str | None = None
    species: tuple[str, ...] | None = None
    default: float | None = None


@dataclasses.dataclass(frozen=True)
class StateSpec:
    """A state field of a sub-model.

    Attributes:
        scale: Typical size in `unit`; the solver works on state/scale.
        continues: `"submodel.state"` of the epidermis that this corneum field continues
            (carried across the interface by cornifying cells).
        positive: Whether the field must not go negative.
    """

    name: str
    unit: str
    description: str
    grid: str | None = None
    species: tuple[str, ...] | None = None
    scale: float = 1.0
    continues: str | None = None
    positive: bool = True


@dataclasses.dataclass(frozen=True)
class ObservableSpec:
    """A measured quantity: name, unit, what it is, and how its measurement errs.

    Attributes:
        noise: `"additive"` (standard deviation in `unit`) or `"proportional"` (of the value).
        noise_size: Standard deviation in that sense, of one measurement.
        source: Reference of the operator, or `"assumed"`.
    """

    name: str
    unit: str
    description: str
    noise: str = "proportional"
    noise_size: float = 0.15
    source: str = "assumed"


def observable(name: str, unit: str, description: str, **options: Any) -> ObservableSpec:
    """Declare an observable; see `ObservableSpec` for the options."""
    return ObservableSpec(name, unit, description, **options)


def port(name: str, unit: str, description: str, **options: Any) -> PortSpec:
    """Declare a port; see `PortSpec` for the options."""
    return PortSpec(name, unit, description, **options)


def state(name: str, unit: str, description: str, **options: Any) -> StateSpec:
    """Declare a state; see `StateSpec` for the options."""
    return StateSpec(name, unit, description, **options)


class Named(dict):
    """Arrays by name, read as attributes; a wrong name is answered with the nearest ones."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            near = difflib.get_close_matches(name, self, n=3)
            hint = f" Nearest: {', '.join(near)}." if near else ""
            raise AttributeError(f"Unable to find '{name}'.{hint}") from None
