"""SoftMax Pro plates to records."""

import math
from collections import Counter
from itertools import groupby

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.softmax_pro.blocks import Plate, Row
from skinmech_chip_adapters.instruments.softmax_pro.reader import Export
from skinmech_chip_adapters.plates import Reading, WellText, plate_records
from skinmech_chip_adapters.plates.grid import LETTERS, well_name
from skinmech_chip_adapters.readers import parse_number
from skinmech_chip_adapters.schema import Flag
from skinmech_chip_adapters.sidecar import Sidecar


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Raw values of every plate, wavelength, time point and mapped well."""
    export: Export = parsed.tables
    seen: Counter[str] = Counter()
    readings = []
    for plate in export.plates:
        seen[plate.name] += 1
        name = plate.name if seen[plate.name] == 1 else f"{plate.name} #{seen[plate.name]}"
        readings += _readings(plate, name, parsed.decimal, export.has_footer)
    return plate_records(readings, sidecar, entry, decimal=parsed.decimal, is_cut=export.is_cut)


def _readings(plate: Plate, name: str, decimal: str, has_footer: bool) -> list[Reading]:
    def place(row: Row) -> tuple[int, float | None]:
        return row.wavelength, row.seconds

    ordered = sorted(plate.rows, key=lambda row: (row.wavelength, row.line))
    return [
        _reading(plate, name, list(rows), decimal, has_footer)
        for _, rows in groupby(ordered, key=place)
    ]


def _reading(plate: Plate, name: str, rows: list[Row], decimal: str, has_footer: bool) -> Reading:
    wavelength = plate.wavelengths[rows[0].wavelength]
    seconds = rows[0].seconds
    # Grids of the same wavelength (excited differently) are told apart by their number.
    again = plate.wavelengths.count(wavelength) > 1
    number = f" #{rows[0].wavelength + 1}" if again else ""
    return Reading(
        name=f"{wavelength or plate.mode}{number}",
        quantity=plate.mode.lower(),
        detail=(f"{wavelength} nm{number}" if wavelength else number).strip(),
        plate=name,
        locator=f"line {rows[0].line}",
        wells=tuple(
            WellText(well_name(LETTERS[row.row], column), text, f"line {row.line}")
            for row in rows
            for column, text in enumerate(row.texts, 1)
        ),
        elapsed=math.nan if seconds is None else seconds,
        temperature=_temperature(rows[0], decimal),
        # Blocks are counted and closed, so only the footer can be missing.
        flags=0 if has_footer else int(Flag.UNVERIFIED_END),
    )


def _temperature(row: Row, decimal: str) -> float:
    """In °C; SoftMax Pro writes 0 where the reader has no thermometer."""
    if not row.temperature:
        return math.nan
    try:
        value = parse_number(row.temperature, decimal)
    except ChipDataError as error:
        raise error.at(locator=f"line {row.line}, temperature") from error
    return value if value else math.nan
