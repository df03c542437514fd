"""Gen5 plates to records."""

import math
import re
from collections import Counter
from dataclasses import replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.instruments.gen5.reader import Export, Plate
from skinmech_chip_adapters.instruments.gen5.tables import LabelledRow
from skinmech_chip_adapters.plates import Reading, WellText, plate_records
from skinmech_chip_adapters.plates.grid import well_name
from skinmech_chip_adapters.readers import parse_cell
from skinmech_chip_adapters.schema import Censor, Kind
from skinmech_chip_adapters.sidecar import Sidecar

_BLANK = "Blank "
_CONCENTRATION = "[Concentration]"
_WAVELENGTH = re.compile(r"\d{3,4}(/\d+)?(,\d{3,4}(/\d+)?)?")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Readings, blank-corrected readings and concentrations of every mapped well."""
    export: Export = parsed.tables
    # Gen5 writes ????? where it could compute nothing.
    entry = replace(entry, sentinels={"?????": Censor.FAILED, **entry.sentinels})
    names = _plate_names(export)
    readings: list[Reading] = []
    unparsed: dict[str, Unparsed] = {}
    for plate, name in zip(export.plates, names, strict=True):
        readings += _endpoints(plate, name, parsed.decimal, unparsed)
        readings += _kinetics(plate, name, parsed.decimal)
    records = plate_records(
        readings, sidecar, entry, decimal=parsed.decimal, is_cut=export.is_cut,
        uncounted=("plates",),
    )  # fmt: skip
    left_out = Message(
        level="info", code="computed_left_out",
        text=f"blocks {', '.join(map(repr, unparsed))} are the vendor's computations, left out",
    )  # fmt: skip
    return replace(
        records,
        unparsed=(*records.unparsed, *unparsed.values()),
        messages=(*records.messages, *([left_out] if unparsed else [])),
    )


def _plate_names(export: Export) -> list[str]:
    """Names of the plates; the second of the same name becomes `Plate 1 #2`."""
    seen: Counter[str] = Counter()
    names = []
    for plate in export.plates:
        name = plate.keys.get("Plate Number", "")
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return names


def _number(text: str, decimal: str) -> float:
    return parse_cell(text, decimal).value if text else math.nan


def _date(plate: Plate) -> tuple[str, str] | None:
    date, time = plate.keys.get("Date", ""), plate.keys.get("Time", "")
    return (f"line {plate.line + 1}", f"{date} {time}".strip()) if date else None


def _mode(label: str, plate: Plate) -> str | None:
    """Mode of a label that a read gave; empty if unclear, None for a computed block."""
    prefix, _, rest = label.rpartition(":")
    named = [one for one in plate.reads if one.name and one.name in (prefix, label)]
    if not named and not _WAVELENGTH.fullmatch(rest) and not rest.startswith("Lum"):
        return None
    if "[" in label:
        return None
    modes = {one.mode for one in named or plate.reads}
    if rest.startswith("Lum") and "luminescence" in modes:
        return "luminescence"
    return modes.pop() if len(modes) == 1 else ""


def _detail(label: str) -> str:
    rest = label.rpartition(":")[2]
    return f"{rest} nm" if _WAVELENGTH.fullmatch(rest) else rest


def _endpoints(
    plate: Plate, name: str, decimal: str, unparsed: dict[str, Unparsed]
) -> list[Reading]:
    samples = {
        well_name(row.letter, column): text
        for row in plate.layout
        if row.label in ("Well ID", "Name")
        for column, text in zip(row.columns, row.texts, strict=True)
    }
    by_label: dict[str, list[LabelledRow]] = {}
    for row in plate.results:
        by_label.setdefault(row.label, []).append(row)
    readings = []
    for label, rows in by_label.items():
        base = label.removeprefix(_BLANK)
        is_concentration = label == _CONCENTRATION
        mode = "concentration" if is_concentration else _mode(base, plate)
        if mode is None:
            reason = "computed by the vendor's software"
            unparsed.setdefault(label, Unparsed(f"line {rows[0].line}", label, reason))
            continue
        kind, detail = Kind.RAW, _detail(base)
        if is_concentration:
            kind, detail = Kind.CALIBRATED, "from the standard curve of Gen5"
        elif base != label:
            kind, detail = Kind.DERIVED, f"{detail} less blank"
        readings.append(
            Reading(
                name=label,
                quantity=mode,
                detail=detail,
                plate=name,
                locator=f"line {rows[0].line}",
                wells=tuple(_well_texts(rows)),
                kind=kind,
                samples=samples,
                date=_date(plate),
                temperature=_number(plate.temperature, decimal),
                is_whole=plate.is_whole,
            )
        )
    return readings


def _well_texts(rows: list[LabelledRow]) -> list[WellText]:
    return [
        WellText(well_name(row.letter, column), text, f"line {row.line}")
        for row in rows
        for column, text in zip(row.columns, row.texts, strict=True)
    ]


def _kinetics(plate: Plate, name: str, decimal: str) -> list[Reading]:
    return [
        Reading(
            name=cycle.label,
            quantity=_mode(cycle.label, plate) or "",
            detail=_detail(cycle.label),
            plate=name,
            locator=f"line {cycle.line}",
            wells=tuple(
                WellText(well, text, f"line {cycle.line}")
                for well, text in zip(cycle.wells, cycle.texts, strict=True)
            ),
            date=_date(plate),
            elapsed=cycle.seconds,
            temperature=_number(cycle.temperature, decimal),
            is_whole=plate.is_whole,
        )
        for cycle in plate.cycles
    ]
