"""Quantification cycles: what a reaction without amplification says, and up to which cycle."""

import math
from dataclasses import replace
from typing import Any

from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import Cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag

CYCLES_KEY = {"cycles": "number of amplification cycles of the run, such as 40"}


def declared_cycles(entry: FileEntry) -> float:
    """Number of cycles the side-car states with `cycles`, or NaN.

    Raises:
        ChipDataError: `sidecar_value`.
    """
    stated: Any = entry.extra.get("cycles")
    if stated is None:
        return math.nan
    if isinstance(stated, bool) or not isinstance(stated, int) or not 1 <= stated <= 100:
        raise ChipDataError(
            "sidecar_value", locator="cycles", found=f"{str(stated)[:20]!r}",
            expected="a whole number of cycles from 1 to 100",
            remedy="correct cycles in the side-car",
        )  # fmt: skip
    return float(stated)


def agreed_cycles(stated: float, found: float) -> float:
    """Number of cycles from the side-car and from the file, NaN where neither says it.

    Raises:
        ChipDataError: `cycles_conflict`.
    """
    if not math.isnan(stated) and not math.isnan(found) and stated != found:
        raise ChipDataError(
            "cycles_conflict", found=f"{found:g} cycles", expected=f"{stated:g} as declared",
            remedy="correct cycles in the side-car",
        )  # fmt: skip
    return found if math.isnan(stated) else stated


def within_run(cell: Cell, cycles: float) -> Cell:
    """A quantification cycle with the state that the length of the run gives it.

    No amplification means that the true value lies at or above the last cycle: right-censored
    there, whether the file says so with a word or with the number of the last cycle. Zero and
    negative numbers are no cycles.

    Args:
        cell: As read.
        cycles: Last cycle of the run, or NaN.

    Raises:
        ChipDataError: `cycles_conflict` for a value beyond the last cycle.
    """
    if cell.censor == Censor.RIGHT and math.isnan(cell.limit_low) and not math.isnan(cycles):
        return replace(cell, limit_low=cycles, flags=cell.flags & ~int(Flag.LIMIT_UNKNOWN))
    if cell.censor != Censor.NONE:
        return cell
    if cell.value <= 0:
        return censored(cell.raw, Censor.FAILED)
    if cell.value > cycles:
        raise ChipDataError(
            "cycles_conflict", found=f"{cell.raw[:20]!r}",
            expected=f"a cycle of the run, which has {cycles:g}",
            remedy="correct cycles in the side-car",
        )  # fmt: skip
    return censored(cell.raw, Censor.RIGHT, cycles) if cell.value == cycles else cell
