"""Tables as CSV text that spreadsheets open safely."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(columns: Mapping[str, Sequence[Any]], units: Mapping[str, str] | None = None) -> str:
    """Columns as CSV; a heading carries its unit in brackets.

    Args:
        columns: Values by column, all of one length.
        units: Unit by column; a column without one, or dimensionless, has a plain heading.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    units = units or {}
    writer.writerow([_heading(name, units.get(name, "")) for name in columns])
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def _heading(name: str, unit: str) -> str:
    return name if unit in ("", "dimensionless") else f"{name} [{unit}]"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return "'" + value if value.startswith(_RISKY) else value
    number = float(value)
    return "" if number != number else f"{number:.9g}"
