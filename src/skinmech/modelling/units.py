"""Units: pint at the edges, plain numbers in one coherent internal system inside.

A `UnitSystem` names one base unit per dimension. Every parameter, state and port declares
its unit as text; the system turns that text into one factor. A model built in two systems
must give the same physical answer: that test catches a wrong exponent or a bare constant.
"""

import dataclasses
import functools
import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from ..numerics import cache_folder, write_at_once

if TYPE_CHECKING:
    import pint

_BASE_DIMENSIONS = ("length", "time", "mass", "substance", "temperature", "cell")


@functools.cache
def registry() -> "pint.UnitRegistry":
    """The one pint registry of the package, with cells as a dimension of their own."""
    import pint

    ureg = pint.UnitRegistry()
    ureg.define("cell = [cell]")
    return ureg


class UnitError(ValueError):
    """A unit is unknown, or its dimension is not the expected one."""


@functools.cache
def parse_unit(unit: str) -> "pint.Unit":
    """Parse a unit text such as `"pg/mL"`.

    Raises:
        UnitError: the text is no unit pint knows.
    """
    import pint

    try:
        return registry().Unit(unit)
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError) as error:
        raise UnitError(
            f"Unrecognized unit: '{unit}'. Expected a unit such as 'pg/mL', 'um', '1/day'."
        ) from error


def check_unit(unit: str) -> None:
    """Refuse a text that is no unit.

    Raises:
        UnitError: the text is no unit pint knows.
    """
    _meaning(unit)


def compatible(first: str, second: str) -> bool:
    """Whether two unit texts have the same dimension."""
    return first == second or _meaning(first)[1] == _meaning(second)[1]


def magnitude(quantity: "float | int | str", unit: str, *, what: str = "value") -> float:
    """A number in `unit`, from a plain number (taken as being in `unit`) or a text with a unit.

    Args:
        quantity: `16`, `"16 week"`, `"0.7 J/cm**2"`.
        unit: The unit wanted.
        what: What the number is, for the error.

    Raises:
        UnitError: the text is no quantity, or its unit has another dimension.
    """
    if isinstance(quantity, (int, float)):
        return float(quantity)
    import pint

    try:
        value = registry().Quantity(quantity)
        return float(value.to(unit).magnitude)
    except pint.DimensionalityError as error:
        raise UnitError(
            f"The unit of {what} does not fit: '{quantity}'. Expected a unit like '{unit}'."
        ) from error
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, TypeError, ValueError) as error:
        raise UnitError(
            f"Unable to read {what}: '{quantity}'. Expected a number with a unit like '{unit}'."
        ) from error


@dataclasses.dataclass(frozen=True)
class UnitSystem:
    """One base unit per dimension; `factor` converts declared units into it.

    The default (µm, day, 1e-24 g) makes pg/mL, the unit of every cytokine, equal to one.
    """

    length: str = "um"
    time: str = "day"
    mass: str = "yg"
    substance: str = "fmol"
    temperature: str = "kelvin"
    cell: str = "cell"

    def factor(self, unit: str) -> float:
        """Multiply a number in `unit` by this to have it in the internal system."""
        return _factor(self, unit)


@functools.lru_cache(maxsize=4096)
def _factor(system: UnitSystem, unit: str) -> float:
    factor, dimensions = _meaning(unit)
    for name, exponent in dimensions.items():
        if name not in _BASE_DIMENSIONS:
            raise UnitError(f"Unsupported dimension '{name}' in unit '{unit}'.")
        factor /= _meaning(getattr(system, name))[0] ** exponent
    return factor


@functools.cache
def _meaning(unit: str) -> tuple[float, dict[str, float]]:
    """A unit's size in SI base units and its exponent of every dimension, by pint.

    Importing pint and reading its definitions takes a second, so what it said is kept beside JAX's
    compiled programs.
    """
    folder = cache_folder()
    path = None if folder is None else folder / f"skinmech-units-{version('pint')}.json"
    known = _kept(path)
    if unit not in known:
        quantity = registry().Quantity(1.0, parse_unit(unit)).to_base_units()
        size = float(quantity.m)  # pyright: ignore[reportArgumentType]  # real by construction
        dimensions = {str(d).strip("[]"): float(e) for d, e in quantity.dimensionality.items()}  # pyright: ignore[reportArgumentType]
        known[unit] = size, dimensions
        if path is not None:
            write_at_once(path, json.dumps(known, indent=0).encode())
    return known[unit]


@functools.cache
def _kept(path: Path | None) -> dict[str, tuple[float, dict[str, float]]]:
    """What earlier processes were told; nothing where there is no file or it is damaged."""
    if path is None or not path.is_file():
        return {}
    try:
        told = json.loads(path.read_bytes())
        return {str(unit): (float(size), {str(d): float(e) for d, e in dims.items()})
                for unit, (size, dims) in told.items()}  # fmt: skip
    except (ValueError, TypeError, AttributeError):
        return {}
