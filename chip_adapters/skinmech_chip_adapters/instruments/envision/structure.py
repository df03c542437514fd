"""EnVision results to records."""

import math
import re
from collections import Counter

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.envision.reader import Export, Plate, Results
from skinmech_chip_adapters.plates import Reading, WellText, is_whole, plate_records
from skinmech_chip_adapters.plates.grid import well_name
from skinmech_chip_adapters.readers import parse_number
from skinmech_chip_adapters.sidecar import Sidecar

# `A450(1) - channel 1 (A)`: label with its number, channel, and kind of quantity.
_LABEL = re.compile(
    r"(?P<label>.+?)(\((?P<number>\d+)\))? - channel (?P<channel>\d+)( \((?P<kind>.+)\))?"
)
_MODES = {"A": "absorbance"}
_STARTED = "Assay Started"


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Values of every label, plate and mapped well."""
    export: Export = parsed.tables
    seen: Counter[str] = Counter()
    readings = []
    for plate in export.plates:
        number = plate.settings.get("Plate", "")
        seen[number] += 1
        name = f"{number} #{seen[number]}" if seen[number] > 1 else number
        readings += [_reading(grid, plate, name, parsed.decimal) for grid in plate.results]
    started = export.footer.get(_STARTED, "")
    return plate_records(
        readings, sidecar, entry, decimal=parsed.decimal, is_cut=export.is_cut,
        dates=[(_STARTED, started)] if started[:1].isdigit() else [],
    )  # fmt: skip


def _reading(grid: Results, plate: Plate, name: str, decimal: str) -> Reading:
    match = _LABEL.fullmatch(grid.label)
    label = match["label"] if match else grid.label
    kind = (match["kind"] or "") if match else ""
    detail = f"{label[1:]} nm" if kind == "A" and label[1:].isdigit() else label
    if match and match["channel"] != "1":
        detail += f", channel {match['channel']}"
    date = plate.settings.get("Measurement date", "")
    return Reading(
        name=f"{label}({match['number']})" if match and match["number"] else label,
        quantity=_MODES.get(kind, ""),
        detail=detail,
        plate=name,
        locator=f"line {grid.line}",
        wells=tuple(
            WellText(well_name(letter, column), line.cell(index), f"line {line.number}")
            for letter, line in grid.rows
            for index, column in enumerate(grid.columns, 1)
        ),
        date=(f"line {plate.line}", date) if date else None,
        temperature=_temperature(plate, decimal),
        is_whole=is_whole([letter for letter, _ in grid.rows], grid.columns),
    )


def _temperature(plate: Plate, decimal: str) -> float:
    """Mean of the chamber's temperature at start and end, in °C."""
    texts = [plate.settings.get(f"Chamber temperature at {when}", "") for when in ("start", "end")]
    try:
        numbers = [parse_number(text, decimal) for text in texts if text not in ("", "N/A")]
    except ChipDataError as error:
        raise error.at(locator=f"line {plate.line}, chamber temperature") from error
    return sum(numbers) / len(numbers) if numbers else math.nan
