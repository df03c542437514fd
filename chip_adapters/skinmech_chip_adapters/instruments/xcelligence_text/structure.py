"""xCELLigence rows to measurements of the cell index."""

import math
from dataclasses import replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.impedance.cells import number_column
from skinmech_chip_adapters.impedance.sweeps import (
    check_expected,
    unverified_end,
    well_remarks,
)
from skinmech_chip_adapters.instruments.xcelligence_text.reader import CellIndex
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import parse_cell
from skinmech_chip_adapters.readers.sentinels import censored, number_cell
from skinmech_chip_adapters.schema import Censor, Flag, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.values import value_columns

_METHOD = "xCELLigence RTCA"


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Cell index of every mapped well and time.

    A time declared for the file is that of the start of the recording; the file has no date.
    """
    table: CellIndex = parsed.tables
    problems, messages = Problems(), []
    verified = check_expected("rows", len(table.rows), entry, problems)
    check_expected("wells", len(table.wells), entry, problems)
    _check_times(table, problems)
    placement = Placement(sidecar, entry, problems)
    wells = [(well_of(name, "titles"), index) for name, index in table.wells]
    placed = [(well, index, placement.of(well, "", f"well {well}")) for well, index in wells]
    placement.check_complete()
    problems.raise_if_any()
    found: list[Measurement] = []
    for well, index, place in placed:
        if place is not None:
            with problems.collect(locator=f"well {well}"):
                found += _of_well(table, well, index, place, parsed.decimal, entry, messages)
    problems.raise_if_any()
    messages += well_remarks(len(table.wells), placement.skipped, entry)
    if found and not verified:
        messages.append(unverified_end("rows = …"))
        last = f"line {table.rows[-1].number},"
        found = [
            replace(row, flags=row.flags | int(Flag.UNVERIFIED_END))
            if row.source_locator.startswith(last)
            else row
            for row in found
        ]
    return Records(measurements=tuple(found), messages=tuple(messages))


def _check_times(table: CellIndex, problems: Problems) -> None:
    for row, line in enumerate(table.rows):
        before = table.seconds[row - 1] if row else -math.inf
        if not table.seconds[row] > before:
            problems.add(
                "time_range", locator=f"line {line.number}",
                found="a time that is not later than the one before", expected="times that rise",
                remedy="the file is damaged: export it again",
            )  # fmt: skip


def _of_well(
    table: CellIndex, well: str, index: int, place: Place, decimal: str, entry: FileEntry,
    messages: list[Message],
) -> list[Measurement]:  # fmt: skip
    if math.isnan(place.time_s):
        raise ChipDataError(
            "time_missing", locator=f"[[file]] ({entry.path})",
            found="hours since the start of the recording, and no declared start",
            expected="the time since t0 at which the recording started",
            remedy='add time = "…" to the entry, such as time = "24 h"',
        )  # fmt: skip
    column = number_column(table.rows, index, decimal, entry, messages)
    shared = place_columns(place)
    found = []
    for row, line in enumerate(table.rows):
        text = line.cell(index)
        if column.bad[row]:
            cell = replace(censored(text, Censor.FAILED), flags=int(Flag.BAD_ROW))
        elif math.isnan(column.values[row]):
            cell = parse_cell(text, decimal, entry.sentinels)
        else:
            cell = number_cell(float(column.values[row]), text)
        shared["time_s"] = place.time_s + float(table.seconds[row])
        found.append(
            Measurement(
                **shared,
                **value_columns(cell),
                observable="cell_index",
                unit="cell_index",
                method=entry.method or _METHOD,
                plate_id=entry.plate or table.experiment,
                well=well,
                source_locator=f"line {line.number}, well {well}",
            )
        )
    return found
