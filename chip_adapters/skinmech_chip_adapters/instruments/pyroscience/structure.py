"""PyroScience parts to series, with their status."""

from collections import Counter
from collections.abc import Sequence

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
from skinmech_chip_adapters.instruments.pyroscience.status import is_status, meaning
from skinmech_chip_adapters.instruments.pyroscience.tables import Column, Log, Part
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Cell, Stamp, read_stamps
from skinmech_chip_adapters.schema import Censor, Flag, Series
from skinmech_chip_adapters.sidecar import Sidecar

_CLOCK_TOLERANCE = 5.0  # s
_Row = tuple[int, tuple[str, ...]]


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One series for each quantity of each part; channels are placed by their name."""
    log: Log = parsed.tables
    problems = Problems()
    cells = CellReader(parsed.decimal, entry)
    placement = Placement(sidecar, entry, problems)
    verified = False
    with problems.collect():
        verified = check_rows(len(log.rows), entry)
    flag, messages = Flag(0), []
    if log.refused:
        flag = Flag.PARTIAL_SOURCE
    elif log.rows and not verified:
        flag = Flag.UNVERIFIED_END
        messages.append(unverified_message("the format has no end mark"))
    # A part that is logged at a slower pace leaves its cells empty in the other rows.
    own = [[row for row in log.rows if any(row[1][i] for i in part.clock.values())] for part in
           log.parts]  # fmt: skip
    stamps: list[tuple[Stamp, ...]] = []
    with problems.collect():
        stamps = _stamps(log, own, entry)
    series: list[Series] = []
    unparsed: list[Unparsed] = []
    for part, rows, dates in zip(log.parts, own, stamps, strict=False):
        with problems.collect(locator=f"channel {part.channel!r}"):
            reader = _PartReader(part, rows, dates, cells, placement, sidecar)
            series += reader.series(int(flag), log.program, unparsed)
            messages += reader.messages
    if log.rows:
        placement.check_complete()
    problems.raise_if_any()
    unique = list(dict.fromkeys((*cells.messages, *messages)))
    return Records(series=tuple(series), messages=tuple(unique), unparsed=tuple(unparsed))


def _stamps(log: Log, own: list[list[_Row]], entry: FileEntry) -> list[tuple[Stamp, ...]]:
    texts = [
        (f"line {line}", f"{row[part.clock['date']]} {row[part.clock['clock']]}")
        for part, rows in zip(log.parts, own, strict=True) for line, row in rows
    ]  # fmt: skip
    stamps, _ = read_stamps(texts, entry.date_order, entry.timezone)
    found, start = [], 0
    for rows in own:
        found.append(stamps[start : start + len(rows)])
        start += len(rows)
    return found


class _PartReader:
    """Reads one part of a log: its clock, its status, its quantities."""

    def __init__(
        self, part: Part, rows: list[_Row], stamps: Sequence[Stamp], cells: CellReader,
        placement: Placement, sidecar: Sidecar,
    ):  # fmt: skip
        self.part, self.rows, self.stamps, self.cells = part, rows, stamps, cells
        self.placement, self.sidecar = placement, sidecar
        self.messages: list[Message] = []

    def series(self, flags: int, program: str, unparsed: list[Unparsed]) -> list[Series]:
        """The quantities of the part."""
        columns = [(one, self._cells(one)) for one in self.part.columns]
        measured = [one for one in columns if any(cell.censor != Censor.MISSING for cell in one[1])]
        unparsed += [
            Unparsed(f"column {one.title!r}", one.title, "no value in any row")
            for one, found in columns if found and (one, found) not in measured
        ]  # fmt: skip
        if not measured:
            return []
        place = self.placement.of("", self.part.channel, f"channel {self.part.channel!r}")
        if place is None:
            return []
        elapsed = np.array(
            [self.cells.number(row[self.part.clock["elapsed"]], f"line {line}, elapsed time")
             for line, row in self.rows]
        )  # fmt: skip
        times = times_of(elapsed, self.stamps, place, self.sidecar)
        self.messages += clock_messages(elapsed, self.stamps, _CLOCK_TOLERANCE)
        status = self._status()
        # Ambient readings that only serve the oxygen sensor are told apart by their method.
        method = "compensation sensor" if self.part.name.startswith("Comp") else ""
        found = []
        for column, values in measured:
            observable, unit, factor = _quantity(column)
            channel = Channel(name=column.title, observable=observable, unit=unit, factor=factor,
                              cells=values, status=status, method=method)  # fmt: skip
            found.append(series_of(channel, times, self.stamps[0].quality, place, flags))
        return found

    def _cells(self, column: Column) -> list[Cell]:
        return [
            self.cells.cell(row[column.index], f"line {line}, column {column.title!r}")
            for line, row in self.rows
        ]

    def _status(self) -> list[str]:
        if "status" not in self.part.clock:
            return []
        words = []
        for line, row in self.rows:
            word = row[self.part.clock["status"]]
            if not is_status(word):
                raise ChipDataError(
                    "unknown_status", locator=f"line {line}", found=f"status {word[:20]!r}",
                    expected="OK or NotOK(…)", remedy="the row was damaged: export the log again",
                )  # fmt: skip
            words.append("" if word == "OK" else word)
        for word, times in Counter(one for one in words if one).items():
            text = f"{self.part.channel} {self.part.name}: {times} readings with {word}: "
            self.messages.append(
                Message(level="warning", code="vendor_status", text=text + meaning(word))
            )
        return words


def _quantity(column: Column) -> tuple[str, str, float]:
    if column.quantity == "oxygen":
        return oxygen_quantity(column.unit)
    if not column.unit:
        raise ChipDataError(
            "unit_missing", locator=f"column {column.title!r}", found="a column without unit",
            expected="a unit in brackets",
        )  # fmt: skip
    return column.quantity, column.unit, 1.0
