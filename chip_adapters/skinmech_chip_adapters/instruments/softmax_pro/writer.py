"""Writing plates as SoftMax Pro does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.plates.grid import LETTERS, ROWS_OF_COLUMNS, well_name
from skinmech_chip_adapters.plates.writing import encoded, number_text

Cells = Mapping[str, float | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateData:
    """One plate.

    Attributes:
        name: Such as `Plate1`.
        mode: `Absorbance`, `Fluorescence` or `Luminescence`.
        wavelengths: In nm; empty for luminescence without a filter.
        points: For each time point, cells by well for each wavelength (at least one).
        times: Text of each time point for a kinetic run, or nothing for an endpoint.
        columns: 3, 4, 6, 8, 12 or 24.
    """

    name: str = "Plate1"
    mode: str = "Absorbance"
    wavelengths: Sequence[int] = (450,)
    points: Sequence[Sequence[Cells]]
    times: Sequence[str] = ()
    columns: int = 12
    temperature: float = 0.0


def write(
    plates: Sequence[PlateData],
    *,
    encoding: str = "utf-16",
    newline: str = "\r\n",
    decimal: str = ".",
    digits: int | None = None,
    note: str = "simulated",
    footer: bool = True,
) -> bytes:
    """A SoftMax Pro text export.

    Args:
        plates: In file order.
        encoding: `utf-16` as the software writes it, or `utf-8`, `mac_roman`, `cp1252`.
        newline: End of each line.
        decimal: Decimal sign; with a comma the version is `1,1` and fields at the end are left out.
        digits: Decimals; None writes all that a number has.
        note: Text of a block `Note:` before the plates.
        footer: False leaves the last line out.
    """
    lines = [f"##BLOCKS= {len(plates) + 1}", "Note:", note, "~End"]
    for plate in plates:
        lines += [*_plate(plate, decimal, digits), "~End"]
    if footer:
        lines.append("Original Filename: simulated; Date Last Saved: 3/6/2024 3:06:35 PM")
    return encoded(lines, encoding, newline)


def _plate(plate: PlateData, decimal: str, digits: int | None) -> list[str]:
    count, height = len(plate.points[0]), ROWS_OF_COLUMNS[plate.columns]
    numbers = "".join(f"{one} " for one in plate.wavelengths)
    first = ("Plate:", plate.name, "1.3" if decimal == "." else "1,1", "PlateFormat")
    kind = ("Kinetic" if plate.times else "Endpoint", plate.mode)
    counted = ("Raw", "FALSE", str(len(plate.points)), "", "", "", "", "", str(count), numbers)
    size = ("1", str(plate.columns), str(plate.columns * height), "1", str(height))
    more = ("FALSE",) if plate.mode != "Absorbance" else ()
    padding = ("", "", "") if decimal == "." else ()
    lines = ["\t".join((*first, *kind, *more, *counted, *size, *padding))]
    header = ["", "Temperature(°C)"]
    for _ in range(count):
        header += [*map(str, range(1, plate.columns + 1)), ""]
    lines.append("\t".join((*header, "")))
    for number, grids in enumerate(plate.points):
        for row in range(height):
            time = plate.times[number] if plate.times and not row else ""
            cells = [time, number_text(plate.temperature, decimal, 1) if not row else ""]
            for grid in grids:
                wells = (well_name(LETTERS[row], one) for one in range(1, plate.columns + 1))
                cells += [*(number_text(grid.get(well), decimal, digits) for well in wells), ""]
            lines.append("\t".join((*cells, "")))
        lines.append("")
    return lines


def example() -> Example:
    """A plate of six wells at two wavelengths; one well was not read."""
    wells = [well_name(letter, column) for letter in "AB" for column in (1, 2, 3)]
    values = {well: 0.105 + 0.25 * number for number, well in enumerate(wells)}
    reference: dict[str, float] = dict.fromkeys(wells, 0.0405)
    del values["B01"], reference["B01"]
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
A2 = { chip = "C1" }
A3 = { chip = "C2" }
B2 = { chip = "C1", technical_replicate = "2" }
B3 = { chip = "C2", technical_replicate = "2" }
"""
    plate = PlateData(
        wavelengths=(450, 620), points=[(values, reference)], columns=3, temperature=22.5
    )
    return Example(
        filename="plate.txt",
        content=write([plate], encoding="utf-8"),
        sidecar=sidecar,
        measurements=8,
    )
