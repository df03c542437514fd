"""Discovery Workbench rows to measurements of signal and concentration."""

import math
from collections import defaultdict
from dataclasses import replace
from typing import Any

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.msd_discovery_workbench.reader import Plate
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import Cell, parse_cell
from skinmech_chip_adapters.readers.sentinels import SENTINELS, censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion
from skinmech_chip_adapters.values import value_columns

_METHOD = "MSD electrochemiluminescence"
_IN_RANGE = ("", "in detection range", "in fit curve range")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Signal (and concentration where its unit is declared) of every mapped well and assay."""
    plate: Plate = parsed.tables
    problems = Problems()
    placement = Placement(sidecar, entry, problems)
    _check_spots(plate, problems)
    unit = entry.units.get("Calc. Concentration", entry.units.get("Concentration", ""))
    found: list[Measurement] = []
    last = plate.rows[-1][0] if plate.rows else 0
    with problems.collect(locator="units"):
        _scale(unit)
    for line, row in plate.rows:
        with problems.collect(locator=f"line {line}"):
            flags = Flag.UNVERIFIED_END if line == last and not plate.ends_with_newline else 0
            found += _row(line, row, plate, placement, entry, parsed.decimal, unit, int(flags))
    vouched = placement.check_complete()
    vouched = vouched and placement.check_analytes({row["Assay"] for _, row in plate.rows})
    wells = len({row["Well"] for _, row in plate.rows})
    if "wells" in entry.expected and wells != entry.expected["wells"]:
        problems.add("cut_file", found=f"{wells} wells",
                     expected=f"{entry.expected['wells']} wells as declared",
                     remedy="export the file again, or correct the declaration")  # fmt: skip
    problems.raise_if_any()
    messages = _messages(plate, unit, placement)
    if found and not vouched:
        found[-1] = replace(found[-1], flags=found[-1].flags | int(Flag.UNVERIFIED_END))
    return Records(measurements=tuple(found), messages=tuple(messages))


def _messages(plate: Plate, unit: str, placement: Placement) -> list[Message]:
    messages = []
    stated = any(row.get("Calc. Concentration") for _, row in plate.rows)
    if stated and not unit:
        messages.append(
            Message(
                level="warning",
                code="unit_missing",
                text="the file states no unit of concentration, so only the signal was kept; "
                'declare units = { "Calc. Concentration" = "pg/mL" }',
            )  # fmt: skip
        )
    if placement.skipped:
        messages.append(
            Message(
                level="info",
                code="unmapped_skipped",
                text=f"{placement.skipped} rows are not in the well map",
            )
        )
    return messages


def _check_spots(plate: Plate, problems: Problems) -> None:
    """Every well of a plate carries the same assays; one that has fewer is cut."""
    assays: dict[str, set[str]] = defaultdict(set)
    seen: dict[tuple[str, str], int] = {}
    for line, row in plate.rows:
        key = (row["Well"], row["Assay"])
        if key in seen:
            problems.add(
                "duplicate_well", locator=f"lines {seen[key]} and {line}",
                found=f"well {row['Well'][:8]} and its assay twice", expected="each once",
                remedy="split the file by plate",
            )  # fmt: skip
        seen[key] = line
        assays[row["Well"]].add(row["Assay"])
    every = set().union(*assays.values()) if assays else set()
    for well, present in assays.items():
        if present != every:
            problems.add(
                "cut_file", locator=f"well {well[:8]}", found=f"{len(present)} assays",
                expected=f"{len(every)} assays as in the other wells",
                remedy="the file is cut: export it again",
            )  # fmt: skip


def _scale(unit: str) -> tuple[str, str, tuple[float, float]] | None:
    """Observable, canonical unit and scale of the declared unit of concentration."""
    if not unit:
        return None
    try:
        return "concentration", "pg/mL", conversion(unit, "pg/mL")
    except ChipDataError as error:
        if error.code != "unit_dimension":
            raise
    return "molar_concentration", "mol/L", conversion(unit, "mol/L")


def _row(
    line: int, row: dict[str, str], plate: Plate, placement: Placement, entry: FileEntry,
    decimal: str, unit: str, flags: int,
) -> list[Measurement]:  # fmt: skip
    well = well_of(row["Well"], f"line {line}")
    place = placement.of(well, row["Sample"], f"line {line}, well {well}")
    if place is None:
        return []
    analyte = placement.analyte(row["Assay"], f"line {line}")
    if analyte is None:
        return []
    columns = _place_columns(row, place, entry, decimal, line)
    spot = f", spot {row['Spot']}" if row.get("Spot") else ""
    shared: dict[str, Any] = {
        **columns,
        "analyte": analyte,
        "method": entry.method or _METHOD,
        "well": well,
        "plate_id": entry.plate or plate.name,
        "source_locator": f"line {line}{spot}",
    }
    signal = _cell(row, "Signal", entry, decimal, line)
    made = [
        Measurement(
            **shared,
            **_flagged(value_columns(signal), flags),
            observable="rlu",
            unit="RLU",
            raw_unit="",
            kind=Kind.RAW,
        )  # fmt: skip
    ]
    target = _scale(unit)
    if target is not None and "Calc. Concentration" in row:
        name, canonical, scale = target
        cell = _concentration(row, entry, decimal, line)
        values = value_columns(cell, scale, canonical, entry.limits.get(analyte))
        made.append(
            Measurement(
                **shared,
                **_flagged(values, flags),
                observable=name,
                unit=canonical,
                raw_unit=unit,
                kind=Kind.CALIBRATED,
            )  # fmt: skip
        )
    return made


def _flagged(columns: dict[str, Any], flags: int) -> dict[str, Any]:
    return {**columns, "flags": columns["flags"] | flags}


def _place_columns(
    row: dict[str, str], place: Place, entry: FileEntry, decimal: str, line: int
) -> dict[str, Any]:
    columns = place_columns(place)
    stated = _cell(row, "Dilution", entry, decimal, line).value
    if math.isnan(stated):
        return columns
    if not math.isnan(place.dilution) and place.dilution != stated:
        raise ChipDataError(
            "dilution_conflict", found=f"dilution {stated:g}",
            expected=f"{place.dilution:g} as in the side-car", remedy="correct the wrong one",
        )  # fmt: skip
    return {**columns, "dilution": stated}


def _cell(row: dict[str, str], name: str, entry: FileEntry, decimal: str, line: int) -> Cell:
    try:
        return parse_cell(row.get(name, ""), decimal, entry.sentinels)
    except ChipDataError as error:
        error = error.at(locator=f"line {line}, column {name!r}")
        if entry.on_bad_row == "error":
            raise error from None
        failed = censored(row[name], Censor.FAILED)
        return replace(failed, flags=int(Flag.BAD_ROW))


def _concentration(row: dict[str, str], entry: FileEntry, decimal: str, line: int) -> Cell:
    """The calculated concentration with the state that the detection range gives it."""
    cell = _cell(row, "Calc. Concentration", entry, decimal, line)
    word = " ".join(row.get("Detection Range", "").split())
    if word.lower() in _IN_RANGE:
        return cell
    state = SENTINELS.get(word.lower())
    if state is None or state not in (Censor.LEFT, Censor.RIGHT):
        raise ChipDataError(
            "unknown_word", locator=f"line {line}, column 'Detection Range'",
            found=f"{word[:40]!r}",
            expected="In, Above or Below Detection Range, Above or Below Fit Curve Range",
            remedy="correct the cell",
        )  # fmt: skip
    return replace(censored(row["Calc. Concentration"], state), raw=f"{cell.raw} ({word})")
