"""cellZscope model results to measurements."""

import math
from dataclasses import replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.impedance.sweeps import (
    check_expected,
    unverified_end,
    well_remarks,
)
from skinmech_chip_adapters.instruments.cellzscope_model.reader import Block, Results
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import Cell, parse_cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion
from skinmech_chip_adapters.values import value_columns

_METHOD = "cellZscope equivalent circuit (vendor)"
USED = {"TER": "teer", "Ccl": "layer_capacitance", "Rmed": "medium_resistance"}
IGNORED = {
    "CPE_A": "electrode polarisation, a property of the electrodes",
    "CPE_n": "electrode polarisation, a property of the electrodes",
    "Rins": "insert without cells, from the reference wells",
    "Cins": "insert without cells, from the reference wells",
}


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Resistance, capacitance and medium resistance of every mapped well and time."""
    results: Results = parsed.tables
    blocks = results.blocks
    problems, messages = Problems(), []
    count = sum(len(one.rows) for one in blocks)
    verified = check_expected("rows", count, entry, problems)
    wells = sorted({well_of(name, f"line {one.line}") for one in blocks for name in one.wells})
    check_expected("wells", len(wells), entry, problems)
    complete, partial = _complete(results, messages, problems)
    placement = Placement(sidecar, entry, problems)
    places = {well: placement.of(well, "", f"well {well}") for well in wells}
    placement.check_complete()
    problems.raise_if_any()
    found: list[Measurement] = []
    for block in complete:
        if block.name in USED:
            with problems.collect(locator=f"parameter {block.name}"):
                found += _measurements(block, places, parsed.decimal, entry, problems, messages)
    problems.raise_if_any()
    if not any(one.name in USED for one in blocks):
        text = f"the file holds no table of {', '.join(USED)}; it may be cut"
        messages.append(Message(level="warning", code="no_values", text=text))
    mark = Flag.PARTIAL_SOURCE if partial else Flag(0) if verified else Flag.UNVERIFIED_END
    if found and not verified and not partial:
        messages.append(unverified_end("rows = … (of all tables together)"))
    messages += [
        _message("warning", "unknown_column", one, f"parameter {one.name!r} was left out")
        for one in blocks
        if one.name not in (*USED, *IGNORED)
    ]
    messages += well_remarks(len(wells), placement.skipped, entry)
    return Records(
        measurements=_marked(found, mark),
        messages=tuple(messages),
        unparsed=tuple(_unparsed(blocks)),
    )


def _complete(
    results: Results, messages: list[Message], problems: Problems
) -> tuple[list[Block], bool]:
    """Tables that are whole, and True if the last one is not and was refused.

    The vendor leaves out times at which a parameter has no value at all, so that tables may differ
    in length; only the last table can be cut, and then no blank line follows it.
    """
    blocks = results.blocks
    wanted = max(len(one.rows) for one in blocks)
    complete, partial = list(blocks), False
    for one in blocks:
        text = f"parameter {one.name} has {len(one.rows)} of {wanted} rows"
        if one.wells != blocks[0].wells:
            problems.add(
                "cut_file", locator=f"parameter {one.name}", found=f"{len(one.wells)} other wells",
                expected="the wells of the first table", remedy="export the file again",
            )  # fmt: skip
        elif len(one.rows) < wanted and one is blocks[-1] and not results.closed:
            complete.remove(one)
            partial = True
            text += " and was refused; the tables before it were kept"
            messages.append(_message("error", "table_incomplete", one, text))
        elif len(one.rows) < wanted:
            messages.append(_message("warning", "table_shorter", one, text))
    names = [one.name for one in blocks]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add("duplicate_value", found=f"parameter {name[:20]!r} twice",
                     expected="each parameter once", remedy="export the file again")  # fmt: skip
    return complete, partial


def _message(level: str, code: str, block: Block, text: str) -> Message:
    return Message(level=level, code=code, locator=f"line {block.line}", text=text)


def _measurements(
    block: Block, places: dict[str, Place | None], decimal: str, entry: FileEntry,
    problems: Problems, messages: list[Message],
) -> list[Measurement]:  # fmt: skip
    observable = OBSERVABLES[USED[block.name]]
    scale = conversion(block.unit, observable.unit)
    hours = conversion(block.time_unit, "s")[0]
    found = []
    for line in block.rows:
        time = math.nan
        with problems.collect(locator=f"line {line.number}, column 1"):
            time = _time(line.cell(0), decimal) * hours
        for index, name in enumerate(block.wells, 1):
            well = well_of(name, f"line {block.line}")
            place = places[well]
            if place is None:
                continue
            if math.isnan(place.time_s):
                raise _start_missing(entry)
            where = f"line {line.number}, well {well}"
            with problems.collect(locator=where):
                cell = _cell(line.cell(index), decimal, entry, where, messages)
                reference = block.references[index - 1 : index]
                columns = place_columns(place)
                columns["note"] = "; ".join(one for one in (place.note, *reference) if one)
                columns["time_s"] = place.time_s + time
                columns |= value_columns(cell, scale)
                found.append(
                    Measurement(
                        **columns,
                        observable=observable.name,
                        unit=observable.unit,
                        raw_unit=block.unit,
                        kind=Kind.DERIVED,
                        method=entry.method or _METHOD,
                        well=well,
                        source_locator=f"{where}, parameter {block.name}",
                    )
                )
    return found


def _time(text: str, decimal: str) -> float:
    cell = parse_cell(text, decimal)
    if cell.censor != Censor.NONE:
        raise ChipDataError(
            "empty_cell", found="a row without its time", expected="a number of hours",
            remedy="the file is damaged: export it again",
        )  # fmt: skip
    return cell.value


def _cell(text: str, decimal: str, entry: FileEntry, where: str, messages: list[Message]) -> Cell:
    """A value; an unreadable one is an error, or failed and flagged if the side-car wants that."""
    try:
        return parse_cell(text, decimal, entry.sentinels)
    except ChipDataError as error:
        if entry.on_bad_row == "error":
            raise
        messages.append(
            Message(level="error", code=error.code, locator=where, text=str(error.at("", where)))
        )
        return replace(censored(text, Censor.FAILED), flags=int(Flag.BAD_ROW))


def _start_missing(entry: FileEntry) -> ChipDataError:
    return ChipDataError(
        "time_missing", locator=f"[[file]] ({entry.path})",
        found="hours since the start of the recording, and no declared start",
        expected="the time since t0 at which the recording started",
        remedy='add time = "…" to the entry, such as time = "24 h"',
    )  # fmt: skip


def _marked(found: list[Measurement], mark: Flag) -> tuple[Measurement, ...]:
    """Rows with the remark on the source: all of them if it is cut, else those of the last line."""
    if not mark or not found:
        return tuple(found)
    last = found[-1].source_locator.split(",")[0]
    everywhere = bool(mark & Flag.PARTIAL_SOURCE)
    return tuple(
        replace(row, flags=row.flags | int(mark))
        if everywhere or row.source_locator.startswith(f"{last},")
        else row
        for row in found
    )


def _unparsed(blocks: tuple[Block, ...]) -> list[Unparsed]:
    return [
        Unparsed(
            f"line {one.line}",
            f"{one.name}({one.unit})",
            IGNORED.get(one.name, "a parameter that this adapter does not know"),
        )
        for one in blocks
        if one.name not in USED
    ]
