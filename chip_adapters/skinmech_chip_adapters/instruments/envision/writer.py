"""Writing plates as EnVision does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.plates.grid import LETTERS, ROWS_OF_COLUMNS, well_name
from skinmech_chip_adapters.plates.writing import encoded, joined, number_text

Cells = Mapping[str, float | str | None]
_TITLES = (
    *("Plate", "Repeat", "Barcode", "Measured height", "Chamber temperature at start"),
    *("Chamber temperature at end", "Label", "Measurement date", ""),
)


def write(
    plates: Sequence[Mapping[str, Cells]],
    *,
    columns: int = 12,
    date: str = "1/15/2024 10:30:00 AM",
    encoding: str = "utf-8",
    newline: str = "\r\n",
    delimiter: str = ",",
    decimal: str = ".",
    digits: int | None = None,
) -> bytes:
    """An EnVision CSV of whole plates.

    Args:
        plates: For each plate, cells by well for each label, such as `A450(1) - channel 1 (A)`.
        columns: 3, 4, 6, 8, 12 or 24; the rows follow from it.
        date: Text of the measurement date of all plates.
        encoding: Such as `utf-8`, `utf-16`, `cp1252`.
        newline: End of each line.
        delimiter: Comma, semicolon or tab.
        decimal: Decimal sign.
        digits: Decimals; None writes all that a number has.
    """
    letters = LETTERS[: ROWS_OF_COLUMNS[columns]]
    numbers = range(1, columns + 1)
    lines: list[str] = []
    for number, labels in enumerate(plates, 1):
        temperatures = (number_text(value, decimal, 2) for value in (22.0, 22.1))
        height = number_text(14.35, decimal)
        settings = (str(number), "1", "", height, *temperatures, next(iter(labels), ""), date, "")
        lines += ["Plate information", joined(_TITLES, delimiter), joined(settings, delimiter), ""]
        lines += ["Background information", joined(("Plate", "Label", "Result", ""), delimiter), ""]
        for label, cells in labels.items():
            lines += [f"Results for {label}"]
            lines += [joined(("", *(f"{one:02d}" for one in numbers), ""), delimiter)]
            for letter in letters:
                row = (cells.get(well_name(letter, column)) for column in numbers)
                texts = (number_text(value, decimal, digits) for value in row)
                lines.append(joined((letter, *texts, ""), delimiter))
            lines.append("")
    gap = delimiter * 4
    lines += ["", "Basic assay information", f"Assay Started: {gap}{date}", "", "Plate type:"]
    lines += [f"Number of rows{gap}{len(letters)}", f"Number of columns{gap}{columns}"]
    lines += ["", "Operations:", *(f"Plate {one}" for one in range(1, len(plates) + 1)), ""]
    lines += ["Instrument:", f"Serial number{gap}1050242", ""]
    lines += ["Exported with EnVision Workstation version 1.14.3049.1642"]
    return encoded(lines, encoding, newline)


def example() -> Example:
    """One plate of six wells: two chips, a blank and an empty well."""
    wells = [well_name(letter, column) for letter in "AB" for column in (1, 2, 3)]
    values: dict[str, float | str | None] = {
        well: 0.105 + 0.25 * number for number, well in enumerate(wells)
    }
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "plate.csv"
location = "effluent_apical"
time = "48 h"
[file.well_map]
A1 = { use = "blank" }
B1 = { use = "empty" }
A2 = { chip = "C1" }
A3 = { chip = "C2" }
B2 = { chip = "C1", technical_replicate = "2" }
B3 = { chip = "C2", technical_replicate = "2" }
"""
    content = write([{"A450(1) - channel 1 (A)": values}], columns=3, date="1/15/2024 10:30:00 AM")
    return Example(filename="plate.csv", content=content, sidecar=sidecar, measurements=4)
