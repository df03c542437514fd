"""Writing model results as the ECIS software does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.instruments.ecis_abp.writer import header

TITLES = ("Rb (ohm.cm^2)", "Alpha (cm.ohm^0.5)", "CellMCap(uF/cm^2)", "Drift (%)", "RMSE")
_ROWS = "ABCDEFGH"


def write(
    values: Mapping[tuple[float, int], Sequence[float | None]],
    start: datetime,
    *,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "ascii",
    digits: int | None = 2,
    padding: int = 0,
) -> bytes:
    """A model export of a 96-well plate.

    Args:
        values: Rb, alpha, membrane capacitance, drift and residual by hours and well number; None
            for an empty cell. Every well at every time.
        start: Local date and time of hour 0.
        delimiter, decimal: Of the file; must differ. Other delimiters than a comma come from a
            spreadsheet that saved the file again.
        newline, encoding: Of the file.
        digits: Behind the decimal sign; None writes every digit a float64 has.
        padding: Empty cells that a spreadsheet adds to every line.
    """
    hours = list(dict.fromkeys(hour for hour, _ in values))
    wells = list(dict.fromkeys(well for _, well in values))
    frequency = np.array([250.0, 4000.0, 64000.0])
    lines = header(wells, frequency, start, file_type="RBA", separator=delimiter, interval=3600.0)
    names = [f"{_ROWS[(well - 1) % 8]}{(well - 1) // 8 + 1:02d}" for well in wells]
    blank = f"{delimiter} "
    lines += ["", "[Headings]"]
    lines += [blank.join(["Time (hrs)", *(title for _ in wells for title in TITLES), ""])]
    lines += [blank.join(["Well ID", *(name for name in names for _ in TITLES)]) + delimiter]
    lines += ["", "[Data]"]
    for hour in hours:
        cells = [hour, *(value for well in wells for value in values[hour, well])]
        lines.append(delimiter.join(_number(cell, digits, decimal) for cell in cells))
    return "".join(line + delimiter * padding + newline for line in lines).encode(encoding)


def _number(value: float | None, digits: int | None, decimal: str) -> str:
    if value is None:
        return ""
    text = repr(float(value)) if digits is None else f"{value:.{digits}f}"
    return text.replace(".", decimal)


def example() -> Example:
    """Two wells at three times; at the first time the vendor's fit found nothing."""
    values: dict[tuple[float, int], Sequence[float | None]] = {
        (0.0, 1): (0.0, 0.0, 1000.0, 0.0, 0.0),
        (0.0, 13): (0.0, 0.63, 21.41, 7.7, 0.0),
    }
    for hour in (1.0, 2.0):
        values[hour, 1] = (1.8 * hour, 6.23, 1.34, 17.48, 0.02)
        values[hour, 13] = (0.5 * hour, 5.58, 10.9, 27.09, 0.02)
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "run_RbA.csv"
time = "2 h"
expected = { rows = 3 }
[file.well_map]
A1 = { chip = "C1" }
E2 = { chip = "C2" }
"""
    content = write(values, datetime(2026, 7, 23, 16, 54, 44))
    return Example(filename="run_RbA.csv", content=content, sidecar=sidecar, measurements=6)
