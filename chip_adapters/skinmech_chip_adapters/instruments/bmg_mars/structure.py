"""MARS blocks to records."""

import re
from collections import Counter

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.instruments.bmg_mars.reader import Block, Export
from skinmech_chip_adapters.plates import Reading, WellText, is_whole, plate_records
from skinmech_chip_adapters.plates.grid import well_name
from skinmech_chip_adapters.schema import Kind
from skinmech_chip_adapters.sidecar import Sidecar

_RAW = re.compile(r"Raw Data\s*\((?P<detail>.+)\)")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Values of every block in every mapped well."""
    export: Export = parsed.tables
    plate = export.identifiers[0].rstrip(",; ") if export.identifiers else ""
    seen: Counter[str] = Counter()
    readings = []
    for block in export.blocks:
        name = " ".join(block.title.split())
        seen[name] += 1
        if seen[name] > 1:  # the same title again: another plate of the same run
            readings.append(_reading(block, name, f"{plate} #{seen[name]}", export))
        else:
            readings.append(_reading(block, name, plate, export))
    return plate_records(
        readings, sidecar, entry, decimal=parsed.decimal, is_cut=export.is_cut,
        uncounted=("blocks", "plates"),
    )  # fmt: skip


def _reading(block: Block, name: str, plate: str, export: Export) -> Reading:
    raw = _RAW.fullmatch(name)
    detail = raw["detail"].strip() if raw else name
    return Reading(
        name=name,
        quantity=export.mode.lower(),
        detail=f"{detail} nm" if detail.isdigit() else detail,
        plate=plate,
        locator=f"line {block.line}",
        wells=tuple(
            WellText(well_name(letter, column), line.cell(index), f"line {line.number}")
            for letter, line in block.rows
            for index, column in enumerate(block.columns, 1)
        ),
        kind=Kind.RAW if raw else Kind.DERIVED,
        date=export.date,
        is_whole=is_whole([letter for letter, _ in block.rows], block.columns),
    )
