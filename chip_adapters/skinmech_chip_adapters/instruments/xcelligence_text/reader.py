"""xCELLigence cell-index export to a table, without meaning."""

import math
import re
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.impedance.cells import (
    check_line_end,
    check_width,
    column_missing,
    decimal_of,
    delimiter_of,
    no_rows,
    number_column,
    wrong_format,
)
from skinmech_chip_adapters.readers import Line, decode, decode_head, split_lines

_EXPERIMENT = re.compile(r"Experiment ID\s*:\s*(?P<name>.+)")
_WELL = re.compile(r"Y \((?P<well>[A-Za-z]\d{1,2})\)")
# Hours may exceed 24; the fraction of a second follows the computer's decimal sign.
_CLOCK = re.compile(
    r"T?(?P<h>\d{1,5}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,7}))?", re.ASCII
)
HOURS, CLOCK = "Time-Interval(Hour)", "Time-Interval"
_ROUNDING = 0.0051  # hours; the first column has two decimals


@dataclass(frozen=True, slots=True, eq=False)
class CellIndex:
    """A recording as written.

    Attributes:
        experiment: Text behind `Experiment ID:`.
        seconds: Since the start, shape (rows,); from the clock column where there is one.
        wells: Name and column of each well.
        rows: The rows.
    """

    experiment: str
    seconds: np.ndarray
    wells: tuple[tuple[str, int], ...]
    rows: tuple[Line, ...]


def sniff(head: bytes, name: str) -> Evidence:
    """An experiment, then a line of `Time-Interval` and wells."""
    lines = decode_head(head[:8192]).splitlines()[:6]
    if any("Time-Interval" in one and "Y (" in one for one in lines):
        return Evidence(0.95, ("Time-Interval and Y (well) columns",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Experiment, times and wells.

    Raises:
        ChipDataError: For a file of another format, a cut row, or times that contradict each other.
    """
    if not sniff(content[:8192], "").score:
        raise wrong_format(
            "a start without 'Time-Interval' and 'Y (A1)'",
            "an xCELLigence cell-index export: experiment, then times and wells",
        )
    text = decode(content, entry.encoding)
    check_line_end(text)
    header = next(line for line in text.lines if "Time-Interval" in line)
    delimiter = delimiter_of(header, entry)
    lines = [line for line in split_lines(text, delimiter) if any(line.cells)]
    at = next(i for i, line in enumerate(lines) if any("Time-Interval" in c for c in line.cells))
    titles, rows = lines[at], tuple(lines[at + 1 :])
    for row in rows:
        check_width(row, len(titles.cells))
    wells, unparsed, messages = _wells(titles)
    if HOURS not in titles.cells and CLOCK not in titles.cells:
        raise column_missing(titles.number, HOURS, titles.cells)
    numeric = [index for _, index in wells]
    numeric += [titles.cells.index(HOURS)] if HOURS in titles.cells else []
    decimal = decimal_of(rows, numeric, delimiter, entry)
    named = (_EXPERIMENT.search(cell) for line in lines[:at] for cell in line.cells)
    return Parsed(
        tables=CellIndex(
            experiment=next((one["name"] for one in named if one), ""),
            seconds=_seconds(titles, rows, decimal, entry),
            wells=wells,
            rows=rows,
        ),
        header="\n".join(text.lines[: titles.number]),
        unparsed=tuple(unparsed),
        messages=(*messages, *([] if rows else [no_rows()])),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decimal,
        software="xCELLigence RTCA",
    )


def _wells(
    titles: Line,
) -> tuple[tuple[tuple[str, int], ...], list[Unparsed], list[Message]]:
    wells, unparsed, messages = [], [], []
    where = f"line {titles.number}"
    for index, title in enumerate(titles.cells):
        match = _WELL.fullmatch(title)
        if match:
            wells.append((match["well"], index))
        elif title not in (HOURS, CLOCK):
            unparsed.append(Unparsed(where, title[:60], "unknown to this adapter"))
            text = f"column {title[:30]!r} was left out"
            messages.append(
                Message(level="warning", code="unknown_column", locator=where, text=text)
            )
    if not wells:
        raise column_missing(titles.number, "Y (A1)", titles.cells)
    names = [name for name, _ in wells]
    for name in names:
        if names.count(name) > 1:
            raise ChipDataError(
                "column_twice", locator=where, found=f"well {name} twice", expected="each once",
                remedy="export the file again",
            )  # fmt: skip
    return tuple(wells), unparsed, messages


def _seconds(titles: Line, rows: tuple[Line, ...], decimal: str, entry: FileEntry) -> np.ndarray:
    """Seconds from the clock, checked against the rounded hours beside it."""
    problems = Problems()
    hours = np.full(len(rows), math.nan)
    if HOURS in titles.cells:
        hours = number_column(rows, titles.cells.index(HOURS), decimal, entry, []).values
    if CLOCK not in titles.cells:
        return hours * 3600.0
    seconds = np.full(len(rows), math.nan)
    for row, line in enumerate(rows):
        text = line.cell(titles.cells.index(CLOCK))
        match = _CLOCK.fullmatch(text)
        if match is None:
            problems.add(
                "not_a_time", locator=f"line {line.number}", found=f"{text[:20]!r}",
                expected="hours, minutes and seconds such as 'T00:55:46,0'",
                remedy="the file is damaged: export it again",
            )  # fmt: skip
            continue
        fraction = float("0." + (match["f"] or "0"))
        seconds[row] = int(match["h"]) * 3600 + int(match["m"]) * 60 + int(match["s"]) + fraction
        if abs(seconds[row] / 3600.0 - hours[row]) > _ROUNDING:
            problems.add(
                "inconsistent_row", locator=f"line {line.number}",
                found=f"{hours[row]:g} h beside {text[:20]!r}", expected="the same time twice",
                remedy="the file is damaged: export it again",
            )  # fmt: skip
    problems.raise_if_any()
    return seconds
