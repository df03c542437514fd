"""Text of plate readers' files, for the writers of the formats."""

import math
from collections.abc import Iterable


def number_text(value: float | str | None, decimal: str = ".", digits: int | None = None) -> str:
    """A cell: shortest text that reads back as the same number, or a word, or nothing.

    Args:
        value: A number, a word such as `OVRFLW`, or None (or NaN) for an empty cell.
        decimal: Decimal sign.
        digits: Fixed number of decimals, or None for all that the number has.
    """
    if value is None or isinstance(value, str):
        return value or ""
    if math.isnan(value):
        return ""
    return (repr(value) if digits is None else f"{value:.{digits}f}").replace(".", decimal)


def joined(cells: Iterable[str], delimiter: str) -> str:
    """A line; a cell that holds the delimiter or a quote is quoted."""
    return delimiter.join(
        '"' + cell.replace('"', '""') + '"' if delimiter in cell or '"' in cell else cell
        for cell in cells
    )


def encoded(lines: Iterable[str], encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    """Lines, each with its end, in an encoding of `skinmech_chip_adapters.readers.encoding`."""
    return "".join(line + newline for line in lines).encode(encoding)
