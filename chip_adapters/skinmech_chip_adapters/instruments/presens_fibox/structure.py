"""Fibox blocks to series of oxygen and temperature."""

from collections.abc import Sequence

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments._logger import (
    CellReader,
    Channel,
    check_rows,
    clock_messages,
    oxygen_quantity,
    series_of,
    times_of,
    unverified_message,
)
from skinmech_chip_adapters.instruments.presens_fibox.reader import Block, Log
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, read_stamps
from skinmech_chip_adapters.schema import Flag, Series
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion

_CLOCK_TOLERANCE = 5.0  # s


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One series of oxygen and one of temperature for each block."""
    log: Log = parsed.tables
    problems = Problems()
    cells = CellReader(parsed.decimal, entry)
    place = Placement(sidecar, entry, problems).file()
    num_rows = sum(len(block.rows) for block in log.blocks)
    verified = False
    with problems.collect():
        verified = check_rows(num_rows, entry)
    stamps: Sequence[Stamp] = ()
    with problems.collect():
        stamps = _stamps(log, entry)
    flag, messages = Flag(0), []
    if log.refused:
        flag = Flag.PARTIAL_SOURCE
    elif num_rows and not verified:
        flag = Flag.UNVERIFIED_END
        messages.append(unverified_message("the format has no end mark"))
    series: list[Series] = []
    start = 0
    filled = [block.number for block in log.blocks if block.rows]
    for block in log.blocks:
        own = stamps[start : start + len(block.rows)]
        start += len(block.rows)
        if place is None or not block.rows or len(own) != len(block.rows):
            continue
        # Every block but the last ended because another one began.
        last = block.number == filled[-1]
        flags = int(flag if last or flag == Flag.PARTIAL_SOURCE else 0)
        with problems.collect(locator=f"block {block.number}, from line {block.line}"):
            found, remarks = _block(block, own, cells, place, sidecar, log.no_error, flags)
            series += found
            messages += remarks
    problems.raise_if_any()
    return Records(series=tuple(series), messages=(*cells.messages, *messages))


def _stamps(log: Log, entry: FileEntry) -> tuple[Stamp, ...]:
    stated = {block.date_order for block in log.blocks if block.rows} - {""}
    declared = {entry.date_order} - {""}
    if len(stated | declared) > 1:
        raise ChipDataError(
            "mixed_dates", found="orders " + ", ".join(sorted(stated | declared)),
            expected="one order of day and month in the titles and the side-car",
            remedy="take date_order out of the side-car; the file states it",
        )  # fmt: skip
    texts = [
        (f"line {line}", f"{row[block.places['date']]} {row[block.places['clock']]}")
        for block in log.blocks for line, row in block.rows
    ]  # fmt: skip
    return read_stamps(texts, next(iter(stated | declared), ""), entry.timezone)[0]


def _block(
    block: Block, stamps: Sequence[Stamp], cells: CellReader, place: Place, sidecar: Sidecar,
    no_error: tuple[str, ...], flags: int,
) -> tuple[list[Series], list[Message]]:  # fmt: skip
    factor, _ = conversion(block.units["elapsed"] or "min", "s")
    elapsed = factor * np.array(
        [cells.number(row[block.places["elapsed"]], f"line {line}, elapsed time")
         for line, row in block.rows]
    )  # fmt: skip
    times = times_of(elapsed, stamps, place, sidecar)
    errors = [row[block.places["error"]] if "error" in block.places else "" for _, row in
              block.rows]  # fmt: skip
    status = ["" if one in no_error else one for one in errors]
    wanted = [("oxygen", *oxygen_quantity(block.units["oxygen"]))]
    if "temperature" in block.places:
        wanted.append(("temperature", "temperature", block.units["temperature"], 1.0))
    found = []
    for name, quantity, unit, factor in wanted:
        column = [
            cells.cell(row[block.places[name]], f"line {line}, {name}") for line, row in block.rows
        ]
        title = f"{name} {block.number}" if block.number > 1 else name
        channel = Channel(name=title, observable=quantity, unit=unit, factor=factor,
                          cells=column, status=status)  # fmt: skip
        found.append(series_of(channel, times, stamps[0].quality, place, flags))
    return found, clock_messages(elapsed, stamps, _CLOCK_TOLERANCE)
