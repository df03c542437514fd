"""ScioSpec spectrum files to a table, without meaning."""

import re
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.impedance.cells import (
    Column,
    check_line_end,
    check_width,
    column_missing,
    decimal_of,
    delimiter_of,
    no_rows,
    number_column,
    split_plainly,
    wrong_format,
)
from skinmech_chip_adapters.readers import Line, decode, decode_head

_TITLE = re.compile(r"(?P<name>.+?)\s*\[(?P<unit>[^\[\]]*)\]")
COLUMNS = {"frequency": "frequency", "Re": "real", "Im": "imaginary"}
_MOST_HEADER_LINES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A spectrum as written.

    Attributes:
        channel: Text behind `Channel:`.
        stamp: Date line, empty where there is none.
        stamp_line: Its line number.
        ranges: Number of measuring ranges the header lists, one for each point; 0 if none.
        offset: Text behind `Offset:`.
        rows: Line numbers of the points, shape (points,).
        columns: By the names in `COLUMNS`.
        units: Unit text by the same names.
    """

    channel: str
    stamp: str
    stamp_line: int
    ranges: int
    offset: str
    rows: np.ndarray
    columns: dict[str, Column]
    units: dict[str, str]


def sniff(head: bytes, name: str) -> Evidence:
    """The number of header lines alone on the first line, and a channel further down."""
    lines = decode_head(head[:8192]).splitlines()
    if not lines or _count(lines[0]) is None:
        return Evidence(0.0)
    if any(line.startswith(("Channel:", "VoltRange:")) for line in lines[1:40]):
        return Evidence(0.95, ("number of header lines, then a channel",))
    return Evidence(0.0)


def _count(line: str) -> int | None:
    token = line.strip(" ,;\t")
    if token.isascii() and token.isdigit() and len(token) < 4:
        number = int(token)
        return number if 2 <= number <= _MOST_HEADER_LINES else None
    return None


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Header and points.

    Raises:
        ChipDataError: For a file of another format, a cut row, or cells that are no numbers.
    """
    if not sniff(content[:8192], "").score:
        raise wrong_format(
            "a start without the number of header lines and a channel", "a ScioSpec .spec file"
        )
    text = decode(content, entry.encoding)
    check_line_end(text)
    count = _count(text.lines[0]) or 0
    if len(text.lines) < count or "[" not in text.lines[count - 1]:
        raise ChipDataError(
            "header_missing", locator=f"line {count}", found="no titles of columns",
            expected=f"the titles on line {count}, as the first line states",
            remedy="the file is cut: export it again",
        )  # fmt: skip
    delimiter = delimiter_of(text.lines[count - 1], entry)
    titles = split_plainly([text.lines[count - 1]], delimiter, count)[0]
    indices, units, unparsed = _columns(titles)
    rows = [
        line for line in split_plainly(text.lines[count:], delimiter, count + 1) if any(line.cells)
    ]
    for row in rows:
        check_width(row, len(titles.cells))
    decimal = decimal_of(rows, sorted(indices.values()), delimiter, entry)
    messages: list[Message] = [] if rows else [no_rows()]
    columns = {
        name: number_column(rows, index, decimal, entry, messages)
        for name, index in indices.items()
    }
    keys = _keys(text.lines[1 : count - 1])
    return Parsed(
        tables=Sweep(
            *(keys["Channel"][1], keys[""][1], keys[""][0]),
            keys["Range"][1].count(",") + 1 if keys["Range"][1] else 0,
            keys["Offset"][1],
            np.array([row.number for row in rows], dtype=np.int64),
            *(columns, units),
        ),
        header="\n".join(text.lines[:count]),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decimal,
        software="ScioSpec",
    )


def _keys(lines: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    """Line number and value of the known keys; the date, which has none, under an empty key."""
    found: dict[str, tuple[int, str]] = {key: (0, "") for key in ("Channel", "Range", "Offset", "")}
    for number, line in enumerate(lines, 2):
        key, colon, value = line.partition(":")
        if colon and key in found:
            found[key] = (number, value.strip(" []"))
        elif re.match(r"\d{1,4}[-./ ]", line):
            found[""] = (number, line.strip())
    return found


def _columns(titles: Line) -> tuple[dict[str, int], dict[str, str], list[Unparsed]]:
    indices: dict[str, int] = {}
    units: dict[str, str] = {}
    unparsed = []
    for index, title in enumerate(titles.cells):
        match = _TITLE.fullmatch(title)
        name = COLUMNS.get(match["name"]) if match else None
        if match and name and name not in indices:
            indices[name], units[name] = index, match["unit"]
        else:
            unparsed.append(
                Unparsed(f"line {titles.number}", title[:60], "a column this adapter skips")
            )
    for title, name in COLUMNS.items():
        if name not in indices:
            raise column_missing(titles.number, title, titles.cells)
    return indices, units, unparsed
