"""ECIS model export to a table of wells and parameters, without meaning."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.impedance.cells import (
    check_line_end,
    check_width,
    column_missing,
    decimal_of,
    delimiter_of,
    no_rows,
    unknown_time_unit,
    wrong_format,
)
from skinmech_chip_adapters.instruments.ecis_abp.sections import (
    Section,
    parameters,
    section,
    sections_of,
    software_of,
)
from skinmech_chip_adapters.readers import Line, decode, decode_head, split_lines

_TYPE = re.compile(r'"?FileType"?\s*(?P<delimiter>[,;\t])\s*"?RBA"?[\s,;]*')
_TITLE = re.compile(r"(?P<name>[^()]+?)\s*(?:\((?P<unit>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Results:
    """A model export as written.

    Attributes:
        keys: Of [ECIS_Parameters].
        time_unit: Unit of the first column.
        columns: Well, name and unit of each further column.
        rows: Lines of [Data]; the cells have the order of time and columns.
    """

    keys: dict[str, str]
    time_unit: str
    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[Line, ...]


def sniff(head: bytes, name: str) -> Evidence:
    """[ECIS_Parameters] first, and keys that name the file type RBA."""
    lines = [line.strip() for line in decode_head(head[:4096]).splitlines()[:30]]
    if lines and lines[0].strip(' ,;\t"') == "[ECIS_Parameters]":
        if any(_TYPE.fullmatch(line) for line in lines):
            return Evidence(0.95, ("ECIS parameters of file type RBA",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Parameters, titles with their wells, and rows.

    Raises:
        ChipDataError: For a file of another format, or a cut row.
    """
    if not sniff(content[:4096], "").score:
        raise wrong_format(
            "a start without [ECIS_Parameters] and FileType , RBA",
            "an ECIS model export (Rb, Alpha, CellMCap)",
        )
    text = decode(content, entry.encoding)
    check_line_end(text)
    kind = next(line for line in text.lines if _TYPE.fullmatch(line.strip()))
    delimiter = delimiter_of(kind, entry)
    found = sections_of(text.lines)
    keys = parameters(section(found, "ECIS_Parameters"), delimiter)
    cells = {line.number: line for line in split_lines(text, delimiter)}
    time_unit, columns = _columns(section(found, "Headings"), cells)
    rows = [cells[number] for number, _ in section(found, "Data").lines if number in cells]
    rows = [row for row in rows if any(row.cells)]
    for row in rows:
        check_width(row, 1 + len(columns))
    return Parsed(
        tables=Results(keys, time_unit, columns, tuple(rows)),
        header="\n".join(text.lines[: found["Data"].line]),
        messages=() if rows else (no_rows(),),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decimal_of(rows, range(1 + len(columns)), delimiter, entry),
        software=software_of(keys),
    )


def _columns(
    headings: Section, cells: dict[int, Line]
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Unit of time, and well, name and unit of each further column."""
    lines = [cells[number] for number, _ in headings.lines if number in cells]
    if len(lines) < 2 or not lines[0].cells[0].startswith("Time"):
        raise column_missing(headings.line, "Time (hrs)", lines[0].cells if lines else ())
    titles, wells = lines[0], lines[1]
    if wells.cells[0] != "Well ID" or len(wells.cells) != len(titles.cells):
        raise ChipDataError(
            "header_missing", locator=f"line {wells.number}",
            found=f"{len(wells.cells) - 1} wells below {len(titles.cells) - 1} titles",
            expected="'Well ID', then a well for each title", remedy="export the file again",
        )  # fmt: skip
    time = _TITLE.fullmatch(titles.cells[0])
    columns = []
    for title, well in zip(titles.cells[1:], wells.cells[1:], strict=True):
        match = _TITLE.fullmatch(title)
        named = (match["name"], match["unit"] or "") if match else (title, "")
        columns.append((well, *named))
    twice = [one for one in columns if columns.count(one) > 1]
    if twice:
        raise ChipDataError(
            "column_twice", locator=f"line {titles.number}",
            found=f"column {twice[0][1][:20]!r} of well {twice[0][0][:8]} twice",
            expected="each once", remedy="export the file again",
        )  # fmt: skip
    unit = (time["unit"] or "") if time else ""
    if unit != "hrs":
        raise unknown_time_unit(unit, "hrs", f"line {titles.number}")
    return unit, tuple(columns)
