"""A cell as the value columns of a measurement, in the canonical unit."""

import math
from typing import Any

from skinmech_chip_adapters.readers.sentinels import Cell
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.units import convert

Limits = tuple[tuple[float, str] | None, tuple[float, str] | None]


def value_columns(
    cell: Cell,
    scale: tuple[float, float] = (1.0, 0.0),
    unit: str = "",
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Value, state and limits of a cell.

    Args:
        cell: As read from the file.
        scale: Factor and offset from the file's unit to the canonical one.
        unit: Canonical unit, needed with `limits`.
        limits: Limits of quantification declared for the analyte, each (value, unit). They give
            the bound of a value that the file only calls below or above range, and flag values
            outside of them; such a value itself is kept.
    """
    factor, offset = scale
    low, high = cell.limit_low * factor + offset, cell.limit_high * factor + offset
    value, flags = cell.value * factor + offset, cell.flags
    lower, upper = (_in_unit(one, unit) for one in limits) if limits else (math.nan, math.nan)
    if cell.censor == Censor.LEFT and math.isnan(high):
        high = lower
    if cell.censor == Censor.RIGHT and math.isnan(low):
        low = upper
    if not (math.isnan(low) and math.isnan(high)):
        flags &= ~int(Flag.LIMIT_UNKNOWN)
    if value < lower or value > upper:
        flags |= int(Flag.OUT_OF_CALIBRATION)
    return {
        "value": value,
        "censor": cell.censor,
        "limit_low": low,
        "limit_high": high,
        "flags": flags,
        "raw_text": cell.raw,
    }


def _in_unit(limit: tuple[float, str] | None, unit: str) -> float:
    return math.nan if limit is None else convert(limit[0], limit[1], unit)
