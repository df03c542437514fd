"""cellZscope spectra export to blocks, without meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.impedance.cells import (
    Column,
    check_line_end,
    check_width,
    column_missing,
    decimal_of,
    delimiter_of,
    no_rows,
    number_column,
    wrong_format,
)
from skinmech_chip_adapters.readers import Line, Text, decode, decode_head, split_lines

_WELL = re.compile(r"Well\s*:\s*(?P<well>[A-Za-z]\d+)\s*(?:-\s*(?P<sample>.*))?")
_SPECTRUM = re.compile(r"Spectrum\s*:\s*(?P<run>.+?)\s+measured at\s+(?P<stamp>.+)")
_TITLE = re.compile(r"(?P<name>.+?)\s*\((?P<unit>[^()]*)\)")
COLUMNS = {"frequency": "frequency", "impedance magnitude": "magnitude", "phase": "phase"}


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One spectrum of one well as written.

    Attributes:
        number: Position in the file, from 1.
        line: Line number of its `Well:` line.
        well, sample: As written behind `Well:`.
        run, stamp: Name of the run and date as written behind `Spectrum:`.
        stamp_line: Line number of the date.
        rows: Line numbers of the points, shape (points,).
        columns: Values by the names in `COLUMNS`, shape (points,) each.
        units: Unit text by the same names.
    """

    number: int
    line: int
    well: str
    sample: str
    run: str
    stamp: str
    stamp_line: int
    rows: np.ndarray
    columns: dict[str, Column]
    units: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Raw:
    """Lines of a block before its numbers are read."""

    line: int
    well: str
    sample: str
    run: str
    stamp: str
    stamp_line: int
    titles: Line
    rows: list[Line]


def sniff(head: bytes, name: str) -> Evidence:
    """A `Well:` line followed by a `Spectrum: … measured at` line."""
    lines = [line.strip(' "') for line in decode_head(head[:4096]).splitlines() if line.strip()]
    if len(lines) >= 2 and _WELL.match(lines[0]) and _SPECTRUM.match(lines[1]):
        return Evidence(0.95, ("a well, then a spectrum with its date",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a spectra export into its blocks.

    Raises:
        ChipDataError: For a file of another format, a cut row, or cells that are no numbers.
    """
    if not sniff(content[:4096], "").score:
        raise wrong_format(
            "a start without 'Well:' and 'Spectrum:'",
            "a cellZscope spectra export: a well, a spectrum with its date, then its points",
        )
    text = decode(content, entry.encoding)
    check_line_end(text)
    delimiter = _delimiter(text, entry)
    lines = [line for line in split_lines(text, delimiter) if any(line.cells)]
    raw = _blocks(lines, text, delimiter)
    unparsed, messages = [], []
    places = {one.titles.cells: _columns(one.titles, unparsed) for one in raw}
    every = [(one, {name: index for name, (index, _) in places[one.titles.cells].items()})
             for one in raw]  # fmt: skip
    decimal = decimal_of(
        [row for one, _ in every for row in one.rows],
        sorted({index for _, indices in every for index in indices.values()}),
        delimiter,
        entry,
    )
    blocks, problems = [], Problems()
    for number, (one, indices) in enumerate(every, 1):
        with problems.collect(locator=f"well {one.well}, {one.run}"):
            units = {name: unit for name, (_, unit) in places[one.titles.cells].items()}
            blocks.append(_block(number, one, indices, units, decimal, entry, messages))
    problems.raise_if_any()
    if not any(len(one.rows) for one in blocks):
        messages.append(no_rows())
    return Parsed(
        tables=tuple(blocks),
        header="\n".join(line for line in text.lines if line.strip(' "')[:1].isalpha()),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decimal,
        software="cellZscope",
    )


def _delimiter(text: Text, entry: FileEntry) -> str:
    """Delimiter of the first line of titles, which follows the first `Spectrum:` line."""
    written = [line for line in text.lines if line.strip()]
    return delimiter_of(written[2] if len(written) > 2 else ",", entry)


def _blocks(lines: Sequence[Line], text: Text, delimiter: str) -> list[_Raw]:
    blocks, position, end = [], 0, len(lines)
    while position < end:
        well = _WELL.fullmatch(_whole(lines[position], text, delimiter))
        if well is None:
            raise ChipDataError(
                "wrong_format", locator=f"line {lines[position].number}",
                found="a row outside a spectrum", expected="the 'Well:' line of the next spectrum",
                remedy="the file is damaged: export it again",
            )  # fmt: skip
        if position + 2 >= end:
            raise _header_cut(lines[position], well["well"])
        stamp_line, titles = lines[position + 1], lines[position + 2]
        spectrum = _SPECTRUM.fullmatch(_whole(stamp_line, text, delimiter))
        if spectrum is None:
            raise _header_cut(lines[position], well["well"])
        start = position + 3
        position = start
        while position < end and not lines[position].cells[0].startswith(("Well", "Spectrum")):
            check_width(lines[position], len(titles.cells))
            position += 1
        blocks.append(
            _Raw(
                *(lines[start - 3].number, well["well"], (well["sample"] or "").strip()),
                *(spectrum["run"], spectrum["stamp"], stamp_line.number),
                *(titles, list(lines[start:position])),
            )
        )
    return blocks


def _whole(line: Line, text: Text, delimiter: str) -> str:
    """A line of text that the delimiter may have split: names of samples contain commas."""
    written = text.lines[line.number - 1]
    if '"' in written:  # saved again by a spreadsheet
        return line.cells[0]
    return written.strip().rstrip(delimiter + " ")


def _header_cut(line: Line, well: str) -> ChipDataError:
    return ChipDataError(
        "header_missing", locator=f"line {line.number}, well {well}",
        found="a well without the date and header of its spectrum",
        expected="'Spectrum: … measured at …', then the titles of the columns",
        remedy="the file is cut: export it again",
    )  # fmt: skip


def _columns(titles: Line, unparsed: list[Unparsed]) -> dict[str, tuple[int, str]]:
    """Index and unit of each wanted column."""
    found: dict[str, tuple[int, str]] = {}
    for index, cell in enumerate(titles.cells):
        match = _TITLE.fullmatch(cell)
        name = COLUMNS.get((match["name"] if match else cell).lower())
        if name and match and name not in found:
            found[name] = (index, match["unit"])
        else:
            unparsed.append(
                Unparsed(f"line {titles.number}", cell[:60], "a column this adapter skips")
            )
    for title, name in COLUMNS.items():
        if name not in found:
            raise column_missing(titles.number, title, titles.cells)
    return found


def _block(
    number: int, raw: _Raw, indices: dict[str, int], units: dict[str, str], decimal: str,
    entry: FileEntry, messages: list[Message],
) -> Block:  # fmt: skip
    columns = {
        name: number_column(raw.rows, index, decimal, entry, messages)
        for name, index in indices.items()
    }
    rows = np.array([row.number for row in raw.rows], dtype=np.int64)
    return Block(
        *(number, raw.line, raw.well, raw.sample, raw.run, raw.stamp, raw.stamp_line),
        *(rows, columns, units),
    )
