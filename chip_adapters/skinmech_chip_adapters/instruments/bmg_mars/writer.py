"""Writing plates as MARS does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.plates.grid import LETTERS, ROWS_OF_COLUMNS, well_name
from skinmech_chip_adapters.plates.writing import encoded, joined, number_text

Cells = Mapping[str, float | str | None]


def write(
    blocks: Mapping[str, Cells],
    *,
    columns: int = 12,
    mode: str = "Absorbance",
    identifiers: Sequence[str] = ("plate 1",),
    date: str = "6/18/2026",
    time: str = "3:56:48 PM",
    encoding: str = "utf-8",
    newline: str = "\r\n",
    delimiter: str = ",",
    decimal: str = ".",
    digits: int | None = None,
) -> bytes:
    """A MARS CSV of one whole plate.

    Args:
        blocks: Cells by well for each title, such as `Raw Data (450)`; a well that is not named is
            an empty cell.
        columns: 3, 4, 6, 8, 12 or 24; the rows follow from it.
        mode: `Absorbance`, `Fluorescence` or `Luminescence`.
        identifiers: Texts of `ID1`, `ID2`, …
        date, time: Texts.
        encoding: Such as `utf-8`, `utf-16`, `cp1252`.
        newline: End of each line.
        delimiter: Comma, semicolon or tab.
        decimal: Decimal sign.
        digits: Decimals; None writes all that a number has.
    """
    lines = [
        joined(("User: USER", "Path: C:\\simulated", "Test run no.: 1"), delimiter),
        joined(("Test name: simulated", f"Date: {date}", f"Time: {time}"), delimiter),
        "",
        *(f"ID{number}: {text}{delimiter}" for number, text in enumerate(identifiers, 1)),
        *(mode, ""),
    ]
    numbers = range(1, columns + 1)
    for title, cells in blocks.items():
        lines += [title, "", joined(("", *map(str, numbers), ""), delimiter)]
        for letter in LETTERS[: ROWS_OF_COLUMNS[columns]]:
            row = (cells.get(well_name(letter, column)) for column in numbers)
            texts = (number_text(value, decimal, digits) for value in row)
            lines.append(joined((letter, *texts), delimiter))
        lines.append("")
    return encoded(lines, encoding, newline)


def example() -> Example:
    """A plate of six wells at two wavelengths: two chips, a blank, and an overflow."""
    wells = [well_name(letter, column) for letter in "AB" for column in (1, 2, 3)]
    values: dict[str, float | str | None] = {
        well: 0.105 + 0.25 * number for number, well in enumerate(wells)
    }
    reference: dict[str, float | str | None] = {well: 0.0405 for well in wells}
    values["B02"] = "overflow"
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "plate.csv"
location = "effluent_apical"
time = "48 h"
method = "ELISA"
[file.well_map]
A1 = { use = "blank" }
B1 = { use = "empty" }
A2 = { chip = "C1" }
A3 = { chip = "C2" }
B2 = { chip = "C1", technical_replicate = "2" }
B3 = { chip = "C2", technical_replicate = "2" }
"""
    blocks = {"Raw Data (450)": values, "Raw Data (620)": reference}
    return Example(
        filename="plate.csv", content=write(blocks, columns=3), sidecar=sidecar, measurements=8
    )
