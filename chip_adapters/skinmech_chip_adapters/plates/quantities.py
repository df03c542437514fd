"""Which observable the values of a block are, in which unit."""

from dataclasses import dataclass

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.units import conversion

# A plate reader's optical density has no unit; these spellings state its scale. They are not in the
# general table of units, where a thousandth of an absorbance has no name.
_ABSORBANCE = {"AU": 1.0, "OD": 1.0, "A": 1.0, "mAU": 1e-3, "mOD": 1e-3}
_COUNTS = {"fluorescence": ("rfu", "RFU"), "luminescence": ("rlu", "RLU")}
_BY_UNIT = {"RFU": "fluorescence", "RLU": "luminescence"}

# 10 AU is one part in 10^10 of the light; plate readers end at 4 to 6.
HIGHEST_ABSORBANCE = 10.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where the values of a block go: observable, canonical unit, unit as stated, scale."""

    observable: str
    unit: str
    raw_unit: str
    scale: tuple[float, float] = (1.0, 0.0)


def target_of(name: str, quantity: str, declared: str, stated: str) -> Target | None:
    """Target of a block.

    Args:
        name: Label of the block, for messages.
        quantity: As the file tells it, or empty.
        declared: Unit from the side-car, or empty.
        stated: Unit from the file, or empty.

    Returns:
        None for a concentration whose unit nobody stated.

    Raises:
        ChipDataError: `mode_unknown`, `unit_conflict`, `unit_dimension` or `unknown_unit`.
    """
    unit = declared or stated
    if not quantity:
        quantity = "absorbance" if unit in _ABSORBANCE else _BY_UNIT.get(unit, "")
        if not quantity and unit:
            quantity = "concentration"
    if declared and stated and _scale(declared) != _scale(stated):
        raise _conflict(name, declared, f"{stated!r} as the file states")
    if quantity == "absorbance":
        if unit and unit not in _ABSORBANCE:
            raise _conflict(name, unit, "a unit of absorbance: " + ", ".join(_ABSORBANCE))
        unit = unit or "AU"
        return Target("absorbance", "dimensionless", unit, (_ABSORBANCE[unit], 0.0))
    if quantity in _COUNTS:
        observable, canonical = _COUNTS[quantity]
        if declared and declared != canonical:
            raise _conflict(name, declared, canonical)
        return Target(observable, canonical, stated or canonical)
    if quantity == "concentration":
        return _concentration(unit) if unit else None
    raise ChipDataError(
        "mode_unknown", locator=f"block {name!r}", found="no statement of the kind of reading",
        expected="absorbance, fluorescence, luminescence or a concentration",
        remedy=f'declare units = {{ "{name}" = "AU" }}, "RFU", "RLU" or a unit of concentration',
    )  # fmt: skip


def _scale(unit: str) -> object:
    return _ABSORBANCE.get(unit, unit)


def _concentration(unit: str) -> Target:
    try:
        return Target("concentration", "pg/mL", unit, conversion(unit, "pg/mL"))
    except ChipDataError as error:
        if error.code != "unit_dimension":
            raise
    return Target("molar_concentration", "mol/L", unit, conversion(unit, "mol/L"))


def _conflict(name: str, found: str, expected: str) -> ChipDataError:
    return ChipDataError(
        "unit_conflict", locator=f"block {name!r}", found=f"unit {found!r}", expected=expected,
        remedy="correct the unit in the side-car",
    )  # fmt: skip
