"""Cells that say something else than a number: limits, failures, nothing."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers.numbers import is_number, parse_number
from skinmech_chip_adapters.schema import Censor, Flag

# Words in lower case with blanks collapsed. `ND` is not here: it means "not detected" to some and
# "not determined" to others, so a side-car has to say which.
SENTINELS: dict[str, Censor] = {
    "": Censor.MISSING,
    "n/a": Censor.MISSING,
    "na": Censor.MISSING,
    "nan": Censor.MISSING,
    "-": Censor.MISSING,
    "--": Censor.MISSING,
    "---": Censor.MISSING,
    "null": Censor.MISSING,
    "none": Censor.MISSING,
    "missed": Censor.FAILED,
    "inf": Censor.MISSING,
    "-inf": Censor.MISSING,
    "+inf": Censor.MISSING,
    "infinity": Censor.MISSING,
    "1.#inf": Censor.MISSING,
    "-1.#inf": Censor.MISSING,
    "1.#qnan": Censor.MISSING,
    "-1.#ind": Censor.MISSING,
    "1.#ind": Censor.MISSING,
    "#div/0!": Censor.FAILED,
    "#value!": Censor.FAILED,
    "#num!": Censor.FAILED,
    "#n/a": Censor.MISSING,
    "#ref!": Censor.FAILED,
    "error": Censor.FAILED,
    "failed": Censor.FAILED,
    "undetermined": Censor.FAILED,
    "ovrflw": Censor.RIGHT,
    "overflow": Censor.RIGHT,
    "over": Censor.RIGHT,
    "#sat": Censor.RIGHT,
    "saturated": Censor.RIGHT,
    "oor >": Censor.RIGHT,
    "oor>": Censor.RIGHT,
    "> uloq": Censor.RIGHT,
    ">uloq": Censor.RIGHT,
    "above detection range": Censor.RIGHT,
    "above fit curve range": Censor.RIGHT,
    "oor <": Censor.LEFT,
    "oor<": Censor.LEFT,
    "< lloq": Censor.LEFT,
    "<lloq": Censor.LEFT,
    "< lod": Censor.LEFT,
    "<lod": Censor.LEFT,
    "below detection range": Censor.LEFT,
    "below fit curve range": Censor.LEFT,
}

_LIMIT = re.compile(r"(<=|>=|<|>|≤|≥)\s*(.+)")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says.

    Attributes:
        value: The number, NaN unless `censor` is `NONE`.
        censor: State of the value.
        limit_low: Lower bound of the true value for `RIGHT`, NaN if not stated.
        limit_high: Upper bound of the true value for `LEFT`, NaN if not stated.
        flags: `LIMIT_UNKNOWN` for a limit without a number.
        raw: The cell as written.
    """

    value: float
    censor: Censor
    limit_low: float
    limit_high: float
    flags: int
    raw: str


def parse_cell(text: str, decimal: str = ".", declared: Mapping[str, Censor] | None = None) -> Cell:
    """Read a cell that should hold a number.

    Args:
        text: The cell.
        decimal: Decimal sign of the file.
        declared: Words of this file and what they mean, from the side-car; they go first, so that
            a number can be declared a sentinel too (`"999"`).

    Raises:
        ChipDataError: `not_a_number`, `number_range`, or `ambiguous_sentinel` for `ND`.
    """
    if not declared and is_number(text, decimal):
        value = float(text.replace(",", "."))
        if value != 0.0 and not math.isinf(value):  # else the digits have to be looked at
            return number_cell(value, text)
    token = " ".join(text.split())
    state = (declared or {}).get(token)
    if state is None:
        state = SENTINELS.get(token.lower())
    if state is not None:
        return censored(text, state)
    limit = _LIMIT.fullmatch(token)
    if limit:
        number = parse_number(limit[2], decimal)
        state = Censor.LEFT if limit[1] in ("<", "<=", "≤") else Censor.RIGHT
        return censored(text, state, number)
    if token.lower() in ("nd", "n.d.", "n/d"):
        raise ChipDataError(
            "ambiguous_sentinel", found=f"{token!r}",
            expected="a number; the word may mean not detected or not determined",
            remedy=f'declare sentinels = {{ "{token}" = "left" }} or "failed" in the side-car',
        )  # fmt: skip
    return number_cell(parse_number(token, decimal), text)


def number_cell(value: float, raw: str) -> Cell:
    """A cell that holds a plain number."""
    return Cell(value, Censor.NONE, math.nan, math.nan, 0, raw)


def censored(raw: str, state: Censor, limit: float = math.nan) -> Cell:
    """A cell in a state other than a plain number, with the limit where one is known."""
    low = limit if state == Censor.RIGHT else math.nan
    high = limit if state == Censor.LEFT else math.nan
    at_limit = state in (Censor.LEFT, Censor.RIGHT)
    flags = int(Flag.LIMIT_UNKNOWN) if at_limit and math.isnan(limit) else 0
    return Cell(math.nan, state, low, high, flags, raw)
