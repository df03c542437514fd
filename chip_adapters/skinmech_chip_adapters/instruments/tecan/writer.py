"""Writing plates as Tecan's programs do, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.plates.grid import LETTERS, ROWS_OF_COLUMNS, well_name
from skinmech_chip_adapters.plates.writing import encoded, joined, number_text

Cells = Mapping[str, float | str | None]
Rows = list[Sequence[float | str | None]]
LAYOUTS = ("magellan", "grid", "cycles as columns", "cycles as rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelData:
    """One label: cells by well for each time point (one for an endpoint), in seconds."""

    name: str = "Label1"
    mode: str = "Absorbance"
    wavelength: int = 450
    points: Sequence[Cells]
    seconds: Sequence[float] = (0.0,)
    temperature: float = 24.5


def rows(labels: Sequence[LabelData], *, layout: str = "grid", columns: int = 12) -> Rows:
    """Cells of a sheet.

    Args:
        labels: In file order.
        layout: One of `LAYOUTS`; `grid` is for endpoints.
        columns: 3, 4, 6, 8, 12 or 24; the rows of the plate follow from it.
    """
    wells = [
        well_name(letter, column)
        for letter in LETTERS[: ROWS_OF_COLUMNS[columns]]
        for column in range(1, columns + 1)
    ]
    if layout == "magellan":
        return _magellan(labels, wells)
    found: Rows = [["Application: Tecan i-control", None, "2.0.10"], ["Device: simulated"], []]
    for label in labels:
        found += [[f"Label: {label.name}"], ["Mode", None, None, None, label.mode]]
        found += [["Wavelength", None, None, None, float(label.wavelength), "nm"], []]
        found += [["Start Time", None, None, None, "2023-04-18 13:21:57"]]
        if layout == "grid":
            found += [["Temperature", None, None, None, label.temperature, "°C"], []]
            found += _grid(label.points[0], columns)
        else:
            found += [[], *_cycles(label, wells, layout == "cycles as rows")]
        found += [[], []]
    return [*found, ["End Time", None, None, None, "2023-04-18 13:25:03"]]


def write(
    labels: Sequence[LabelData],
    *,
    layout: str = "grid",
    columns: int = 12,
    encoding: str = "utf-8",
    newline: str = "\r\n",
    delimiter: str = "\t",
    decimal: str = ".",
) -> bytes:
    """Text of `rows`, delimited by tab, semicolon or comma."""
    lines = []
    for row in rows(labels, layout=layout, columns=columns):
        texts = []
        for cell in row:
            whole = isinstance(cell, float) and layout != "magellan" and row[0] == "Wavelength"
            texts.append(str(int(cell)) if whole else _text(cell, decimal))  # type: ignore[arg-type]
        lines.append(joined(texts, delimiter))
    return encoded(lines, encoding, newline)


def _text(cell: float | str | None, decimal: str) -> str:
    if isinstance(cell, str) and cell.endswith((" °C", "s")) and cell[:1].isdigit():
        return cell.replace(".", decimal)
    return number_text(cell, decimal)


def _grid(cells: Cells, columns: int) -> Rows:
    numbers = range(1, columns + 1)
    found: Rows = [["<>", *map(str, numbers)]]
    for letter in LETTERS[: ROWS_OF_COLUMNS[columns]]:
        found.append([letter, *(cells.get(well_name(letter, one)) for one in numbers)])
    return found


def _short(well: str) -> str:
    return f"{well[0]}{int(well[1:])}"


def _cycles(label: LabelData, wells: Sequence[str], as_rows: bool) -> Rows:
    count = len(label.points)
    numbers = [str(one) for one in range(1, count + 1)]
    found: Rows = [
        ["Cycle Nr.", *numbers],
        ["Time [s]", *label.seconds],
        ["Temp. [°C]", *[label.temperature] * count],
        *([_short(well), *(cells.get(well) for cells in label.points)] for well in wells),
    ]
    return [list(row) for row in zip(*found, strict=True)] if as_rows else found


def _magellan(labels: Sequence[LabelData], wells: Sequence[str]) -> Rows:
    columns = [
        [label.name, f"{seconds!r}s", f"{label.temperature!r} °C", *(cells.get(w) for w in wells)]
        for label in labels
        for cells, seconds in zip(label.points, label.seconds, strict=True)
    ]
    first = ["Well positions", None, None, *map(_short, wells)]
    found: Rows = [list(row) for row in zip(first, *columns, strict=True)]
    found += [["Date of measurement: 2021-07-18/Time of measurement: 14:34:46"], ["simulated.mth"]]
    for number, label in enumerate(labels, 1):
        found += [[f"Measurement {number}:"], [f"Measurement mode: {label.mode}"]]
        found += [[f"Measurement wavelength: {label.wavelength} nm"]]
        found += [["Unit: OD"]] if label.mode == "Absorbance" else []
    return [*found, ["Date: 2021-07-18, Time: 14:34:46"]]


def example() -> Example:
    """A plate of six wells at two wavelengths as text: two chips and a blank."""
    wells = [well_name(letter, column) for letter in "AB" for column in (1, 2, 3)]
    values: dict[str, float | str | None] = {
        well: 0.105 + 0.25 * number for number, well in enumerate(wells)
    }
    values["B03"] = "OVER"
    reference: dict[str, float | str | None] = dict.fromkeys(wells, 0.0405)
    labels = [
        LabelData(points=[values]),
        LabelData(name="Label2", wavelength=620, points=[reference]),
    ]
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "plate.txt"
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
    return Example(
        filename="plate.txt", content=write(labels, columns=3), sidecar=sidecar, measurements=8
    )
