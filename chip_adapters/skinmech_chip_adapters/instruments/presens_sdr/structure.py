"""SDR columns to one series for each well."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
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
from skinmech_chip_adapters.instruments.presens_sdr.reader import Log
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, normal_well, read_stamps
from skinmech_chip_adapters.schema import Flag, Series, TimeQuality
from skinmech_chip_adapters.sidecar import Sidecar

# What readings were compensated with; the same for the whole dish.
_COMPENSATION = ("Tm [°C]", "p [mbar]", "Salinity [g/1000g]")
_CLOCK_TOLERANCE = 5.0  # s; the elapsed time is written to 0.01 min, the date to 1 s


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One series for each well that the side-car maps."""
    log: Log = parsed.tables
    problems = Problems()
    cells = CellReader(parsed.decimal, entry)
    placement = Placement(sidecar, entry, problems)
    observable, unit, factor = "", "", 1.0
    with problems.collect(locator="line 'Parameter'"):
        observable, unit, factor = _quantity(log)
    stamps: tuple[Stamp, ...] = ()
    end: Stamp | None = None
    with problems.collect():
        stamps, end = _stamps(log, entry)
    elapsed = np.zeros(0)
    with problems.collect():
        elapsed = 60.0 * np.array(
            [cells.number(row[1], f"line {line}, column 'Time/Min.'") for line, row in log.rows]
        )
    vouched = False
    with problems.collect():
        vouched = check_rows(len(log.rows), entry)
    flag, ending = _end(log, stamps, end, vouched)
    unparsed, note = _rest(log)
    quality = stamps[0].quality if stamps else TimeQuality.ABSENT
    series: list[Series] = []
    for index, title in enumerate(log.titles):
        if index < 2 or not _is_well(title):
            continue
        locator = f"column {title!r}"
        with problems.collect(locator=locator):
            place = placement.of(normal_well(title), "", locator)
            column = [cells.cell(row[index], f"line {line}, {locator}") for line, row in log.rows]
            if place is None or not observable or len(stamps) != len(column) or not column:
                continue
            errors = [_error(log, row) for _, row in log.rows]
            channel = Channel(name=title, observable=observable, unit=unit, factor=factor,
                              cells=column, status=errors, note=note)  # fmt: skip
            times = times_of(elapsed, stamps, place, sidecar)
            series.append(series_of(channel, times, quality, place, flag))
    if log.rows:
        placement.check_complete()
    problems.raise_if_any()
    messages = [*cells.messages, *clock_messages(elapsed, stamps, _CLOCK_TOLERANCE), *ending]
    return Records(series=tuple(series), messages=tuple(messages), unparsed=unparsed)


def _quantity(log: Log) -> tuple[str, str, float]:
    if log.quantity.lower() == "oxygen":
        return oxygen_quantity(log.unit)
    if log.quantity.lower() == "ph":
        return "ph", "pH", 1.0
    raise ChipDataError("unknown_quantity", found=f"parameter {log.quantity!r}",
                        expected="Oxygen or pH")  # fmt: skip


def _stamps(log: Log, entry: FileEntry) -> tuple[tuple[Stamp, ...], Stamp | None]:
    """Dates of the rows, and the end in the header; the header helps to tell day from month."""
    texts = [
        (f"header line {key!r}", log.header[key])
        for key in ("Start Date/Time", "End Date/Time")
        if log.header.get(key)
    ]
    extra = len(texts)
    texts += [(f"line {line}", row[0]) for line, row in log.rows]
    stamps, _ = read_stamps(texts, entry.date_order, entry.timezone)
    has_end = extra > 0 and texts[extra - 1][0].endswith("'End Date/Time'")
    return stamps[extra:], stamps[extra - 1] if has_end else None


def _end(
    log: Log, stamps: Sequence[Stamp], end: Stamp | None, vouched: bool
) -> tuple[int, list[Message]]:
    """Flag for the end of the file: whole, not verified, or shorter than its header says."""
    if log.refused:
        return int(Flag.PARTIAL_SOURCE), []
    if vouched or not stamps:
        return 0, []
    if end is None or len(stamps) < 2:
        return int(Flag.UNVERIFIED_END), [unverified_message("the header states no end time")]
    steps = [b.local - a.local for a, b in zip(stamps, stamps[1:], strict=False)]
    shortest = min((one for one in steps if one > timedelta(0)), default=timedelta(0))
    missing = end.local - stamps[-1].local
    if timedelta(0) <= missing < shortest:
        return 0, []
    if missing > 3 * max(steps):
        text = (
            f"the header ends the measurement at {end.text}, the last row is of {stamps[-1].text}: "
            "rows are missing"
        )
        return int(Flag.PARTIAL_SOURCE), [Message(level="warning", code="ends_early", text=text)]
    return int(Flag.UNVERIFIED_END), [unverified_message("a row may be missing at the end")]


def _is_well(title: str) -> bool:
    try:
        normal_well(title)
    except ChipDataError:
        return False
    return True


def _error(log: Log, row: tuple[str, ...]) -> str:
    return row[log.titles.index("Error")] if "Error" in log.titles else ""


def _rest(log: Log) -> tuple[tuple[Unparsed, ...], str]:
    """Columns of the whole dish: listed, and what readings were compensated with as a note."""
    unparsed, notes = [], []
    where = f"line {log.title_line}"
    for index, title in enumerate(log.titles):
        if index < 2 or not title or title == "Error" or _is_well(title):
            continue
        known = title in (*_COMPENSATION, "T_internal [°C]")
        reason = "of the whole dish; the values stay in the file" if known else "unknown column"
        unparsed.append(Unparsed(where, title, reason))
        if title in _COMPENSATION and log.rows:
            found = list(dict.fromkeys(row[index] for _, row in log.rows))
            value = found[0] if len(found) == 1 else f"{len(found)} values from {found[0]}"
            notes.append(f"{title} {value}")
    return tuple(unparsed), "compensated with " + ", ".join(notes) if notes else ""
