"""Writing plates as Gen5 does, for tests and simulated recordings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.plates.writing import encoded, number_text

Cells = Mapping[str, float | str | None]
_WELL = re.compile(r"([A-P])(\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateData:
    """One plate: cells (numbers or words such as `OVRFLW`) by well, for each label.

    Attributes:
        name: Such as `Plate 1`.
        date, time: Texts.
        reads: Name (may be empty) and mode of each read, such as `("", "Absorbance")`.
        results: Cells by label; all labels with the same wells, which fill a rectangle.
        layout: Name of the sample by well, or nothing.
        cycles: By label, (elapsed text, temperature, cells) of each cycle.
    """

    name: str = "Plate 1"
    date: str = "4/21/2024"
    time: str = "5:27:15 PM"
    reads: Sequence[tuple[str, str]] = (("", "Absorbance"),)
    results: Mapping[str, Cells] = field(default_factory=dict)
    layout: Mapping[str, str] = field(default_factory=dict)
    cycles: Mapping[str, Sequence[tuple[str, float, Cells]]] = field(default_factory=dict)
    temperature: float | None = None
    curve: bool = False


def write(
    plates: Sequence[PlateData],
    *,
    encoding: str = "utf-8",
    newline: str = "\r\n",
    delimiter: str = "\t",
    decimal: str = ".",
    digits: int | None = None,
) -> bytes:
    """A Gen5 text export.

    Args:
        plates: In file order.
        encoding: Such as `utf-8`, `utf-16`, `cp1252`.
        newline: End of each line.
        delimiter: Tab or semicolon.
        decimal: Decimal sign of results and temperatures.
        digits: Decimals of results; None writes all that the number has.
    """
    lines: list[str] = []
    for plate in plates:
        lines += _plate(plate, delimiter, decimal, digits)
    return encoded(lines, encoding, newline)


def _plate(plate: PlateData, tab: str, decimal: str, digits: int | None) -> list[str]:
    lines = ["", "", f"Software Version{tab}3.12.08", "", "", ""]
    lines += [f"Experiment File Path:{tab}C:\\simulated.xpt", f"Protocol File Path:{tab}C:\\p.prt"]
    lines += ["", "", "", f"Plate Number{tab}{plate.name}", f"Date{tab}{plate.date}"]
    lines += [f"Time{tab}{plate.time}", f"Reader Type:{tab}Simulated"]
    lines += [f"Reader Serial Number:{tab}0", f"Reading Type{tab}Reader", "", "Procedure Details"]
    lines += ["", f"Plate Type{tab}96 WELL PLATE"]
    counts = {len(cycles) for cycles in plate.cycles.values()}
    lines += [f"Start Kinetic{tab}Interval 0:01:00, {count} Reads" for count in counts]
    for name, mode in plate.reads:
        lines += [f"Read{tab}{name}", f"{tab}{mode} Endpoint"] if name else [
            f"Read{tab}{mode} Endpoint"
        ]  # fmt: skip
        lines.append(f"{tab}Full Plate")
    if plate.layout:
        lines += ["", "Layout", *_grid({"Well ID": plate.layout}, tab, decimal, None)]
    if plate.temperature is not None:
        lines += ["", f"Actual Temperature:{tab}{number_text(plate.temperature, decimal)}"]
    for label, cycles in plate.cycles.items():
        lines += ["", label, "", *_cycles(label, cycles, tab, decimal, digits)]
    if plate.results:
        lines += ["", "Results", *_grid(plate.results, tab, decimal, digits), ""]
    if plate.curve:
        lines += ["StdCurve Fitting Results", ""]
        lines += [tab.join(("Curve Name", "Curve Formula", "A", "B", "R2"))]
        numbers = [number_text(value, decimal) for value in (0.5, 68.75, 0.825)]
        lines += [tab.join(("StdCurve", "Y=A*X+B", *numbers))]
    return lines


def _grid(blocks: Mapping[str, Cells], tab: str, decimal: str, digits: int | None) -> list[str]:
    matches = [m for well in next(iter(blocks.values())) if (m := _WELL.fullmatch(well))]
    letters = list(dict.fromkeys(match[1] for match in matches))
    columns = list(dict.fromkeys(int(match[2]) for match in matches))
    lines = [tab.join(("", *map(str, columns)))]
    for letter in letters:
        for number, (label, cells) in enumerate(blocks.items()):
            row = (cells[f"{letter}{column:02d}"] for column in columns)
            texts = (number_text(value, decimal, digits) for value in row)
            lines.append(tab.join(("" if number else letter, *texts, label)))
    return lines


def _cycles(
    label: str, cycles: Sequence[tuple[str, float, Cells]], tab: str, decimal: str,
    digits: int | None,
) -> list[str]:  # fmt: skip
    wells = list(cycles[0][2])
    names = [f"{well[0]}{int(well[1:])}" for well in wells]
    lines = [tab.join(("Time", f"T {label}", *names))]
    for elapsed, temperature, cells in cycles:
        texts = (number_text(cells[well], decimal, digits) for well in wells)
        lines.append(tab.join((elapsed, number_text(temperature, decimal), *texts)))
    return lines


def example() -> Example:
    """Two chips and a standard read at one wavelength, with blank correction and a curve."""
    wells = [f"{letter}{column:02d}" for letter in "AB" for column in (1, 2, 3)]
    raw: dict[str, float | str | None] = {
        well: 0.25 + 0.125 * number for number, well in enumerate(wells)
    }
    raw["B03"] = "OVRFLW"
    results: dict[str, Cells] = {
        "450": raw,
        "Blank 450": {w: v - 0.05 if isinstance(v, float) else v for w, v in raw.items()},
        "[Concentration]": {
            w: 40.5 * v if isinstance(v, float) else ">209.845" for w, v in raw.items()
        },
    }
    layout = {well: "STD1" if well in ("A01", "B01") else f"SPL{well}" for well in wells}
    plate = PlateData(results=results, layout=layout, temperature=21.6, curve=True)
    sidecar = """
[study]
id = "example"
targets = ["IL-6"]
[chip.C1]
[chip.C2]
[[file]]
path = "plate.txt"
location = "effluent_basal"
time = "3 d"
units = { "[Concentration]" = "pg/mL" }
analytes = { "[Concentration]" = "IL-6" }
[file.well_map]
A1 = { use = "standard" }
B1 = { use = "standard" }
A2 = { chip = "C1" }
A3 = { chip = "C2" }
B2 = { chip = "C1", technical_replicate = "2" }
B3 = { chip = "C2", technical_replicate = "2" }
"""
    return Example(filename="plate.txt", content=write([plate]), sidecar=sidecar, measurements=12)
