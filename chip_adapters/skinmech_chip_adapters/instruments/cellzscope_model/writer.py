"""Writing model results as cellZscope does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence

from skinmech_chip_adapters.adapter import Example

UNITS = {
    "CPE_A": "sⁿ⁻¹·µF/cm²",
    "CPE_n": "",
    "TER": "Ω·cm²",
    "Ccl": "µF/cm²",
    "Rins": "Ω·cm²",
    "Cins": "µF/cm²",
    "Rmed": "Ω",
}


def write(
    wells: Sequence[str],
    hours: Sequence[float],
    tables: Mapping[str, Sequence[Sequence[float | None]]],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8-sig",
    digits: int | None = 2,
    reference: str = "with reference: average of D1",
) -> bytes:
    """A model export.

    Args:
        wells: Titles of the columns.
        hours: Time of each row.
        tables: By parameter (a key of `UNITS`) the values of each row, None for "no fit".
        delimiter, decimal: Of the tables; must differ.
        newline, encoding: Of the file; the encoding has to hold the units.
        digits: Behind the decimal sign; None writes every digit a float64 has.
        reference: Text in the line below the titles.
    """
    lines = []
    for name, rows in tables.items():
        lines += ["C:\\data\\260723071429 New Measurement.cZsx"]
        lines += [f"Parameter : {name}({UNITS[name]})", ""]
        lines += [delimiter.join(["time (h)", *wells])]
        lines += [delimiter.join(["", *[reference for _ in wells]])]
        for hour, row in zip(hours, rows, strict=True):
            cells = [_number(cell, digits, decimal) for cell in (hour, *row)]
            lines.append(delimiter.join(cells))
        lines += ["", "", ""]
    return "".join(line + newline for line in lines).encode(encoding)


def _number(value: float | None, digits: int | None, decimal: str) -> str:
    if value is None:
        return ""
    text = repr(float(value)) if digits is None else f"{value:.{digits}f}"
    return text.replace(".", decimal)


def example() -> Example:
    """Two wells at three times, one value that the vendor's software could not fit."""
    hours = [0.03, 1.3, 2.57]
    tables = {
        "CPE_A": [[46.78, 42.87], [51.84, 46.13], [51.21, 47.14]],
        "TER": [[None, 12.5], [18.25, 14.75], [20.0, 16.5]],
        "Ccl": [[None, 1.25], [1.5, 1.3], [1.45, 1.2]],
        "Rmed": [[108.72, 136.68], [92.7, 99.68], [91.93, 97.8]],
    }
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "model.txt"
time = "24 h"
expected = { rows = 12 }
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
"""
    content = write(("A1", "A2"), hours, tables)
    return Example(filename="model.txt", content=content, sidecar=sidecar, measurements=18)
