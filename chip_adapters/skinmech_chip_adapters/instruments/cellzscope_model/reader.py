"""cellZscope model results to one table for each parameter, without meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.impedance.cells import (
    check_line_end,
    check_width,
    decimal_of,
    delimiter_of,
    no_rows,
    unknown_time_unit,
    wrong_format,
)
from skinmech_chip_adapters.readers import Line, Text, decode, decode_head, split_lines

_PARAMETER = re.compile(r"Parameter\s*:\s*(?P<name>[^()]+?)\s*\((?P<unit>.*)\)")
_ORIGINAL = re.compile(r".*\.czsx", re.IGNORECASE)
_PADDING = ' ",;\t'  # what a spreadsheet adds around a line
_TIME = re.compile(r"time\s*\((?P<unit>[^()]*)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One parameter of the vendor's equivalent circuit as written.

    Attributes:
        name, unit: As written behind `Parameter :`.
        line: Its line number.
        time_unit: Unit of the first column.
        wells: Titles of the other columns.
        references: Text of each well in the line below the titles.
        rows: Line number and cells of each row, the time first.
    """

    name: str
    unit: str
    line: int
    time_unit: str
    wells: tuple[str, ...]
    references: tuple[str, ...]
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """All tables of a file.

    Attributes:
        blocks: In file order.
        closed: True if a blank line follows the last row, as after every whole table.
    """

    blocks: tuple[Block, ...]
    closed: bool


def sniff(head: bytes, name: str) -> Evidence:
    """A `Parameter : …(unit)` line followed by a `time (h)` line with wells."""
    lines = [line.strip(_PADDING) for line in decode_head(head[:4096]).splitlines()]
    lines = [line for line in lines if line]
    for first, second in zip(lines[:4], lines[1:5], strict=False):
        if _PARAMETER.match(first) and second.startswith("time"):
            return Evidence(0.95, ("a parameter with its unit, then times and wells",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a model export into the tables of its parameters.

    Raises:
        ChipDataError: For a file of another format, or a cut row.
    """
    if not sniff(content[:4096], "").score:
        raise wrong_format(
            "a start without 'Parameter :' and 'time (h)'",
            "a cellZscope model export: the original file, then a table for each parameter",
        )
    text = decode(content, entry.encoding)
    check_line_end(text)
    titles = (line for line in text.lines if line.lstrip(_PADDING).startswith("time"))
    delimiter = delimiter_of(next(titles, ""), entry)
    lines = [line for line in split_lines(text, delimiter) if any(line.cells)]
    blocks = _blocks(lines, text, delimiter)
    widest = max(len(one.wells) for one in blocks)
    rows = [row for one in blocks for row in one.rows]
    decimal = decimal_of(rows, range(widest + 1), delimiter, entry)
    originals = {_whole(line, text, delimiter): None for line in lines if _is_original(line)}
    return Parsed(
        tables=Results(blocks, not text.lines[-1].strip(_PADDING)),
        header="\n".join(originals),
        messages=() if rows else (no_rows(),),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decimal,
        software="cellZscope",
    )


def _blocks(lines: Sequence[Line], text: Text, delimiter: str) -> tuple[Block, ...]:
    """Tables of the parameters, each after the name of the file it was computed from."""
    blocks, position = [], 0
    while position < len(lines):
        if _is_original(lines[position]) and position + 1 < len(lines):
            position += 1
        match = _PARAMETER.fullmatch(_whole(lines[position], text, delimiter))
        if match is None:
            raise ChipDataError(
                "wrong_format", locator=f"line {lines[position].number}",
                found="a row outside a table", expected="the 'Parameter :' line of the next table",
                remedy="the file is damaged: export it again",
            )  # fmt: skip
        block, position = _block(lines, position, match)
        blocks.append(block)
    return tuple(blocks)


def _block(lines: Sequence[Line], start: int, match: re.Match[str]) -> tuple[Block, int]:
    where = f"line {lines[start].number}, parameter {match['name'][:20]}"
    titles = lines[start + 1] if start + 1 < len(lines) else None
    time = _TIME.fullmatch(titles.cells[0]) if titles else None
    if titles is None or time is None or len(titles.cells) < 2:
        raise ChipDataError(
            "header_missing", locator=where, found="a parameter without times and wells",
            expected="a line 'time (h)' with the wells", remedy="the file is cut: export it again",
        )  # fmt: skip
    if time["unit"] != "h":
        raise unknown_time_unit(time["unit"], "h", where)
    position, references = start + 2, ()
    if position < len(lines) and not lines[position].cells[0]:
        references, position = lines[position].cells[1:], position + 1
    first = position
    while position < len(lines) and not _starts_table(lines[position]):
        check_width(lines[position], len(titles.cells))
        position += 1
    block = Block(
        *(match["name"], match["unit"], lines[start].number, time["unit"], titles.cells[1:]),
        *(references, tuple(lines[first:position])),
    )
    return block, position


def _is_original(line: Line) -> bool:
    return _ORIGINAL.fullmatch(line.cells[-1]) is not None


def _starts_table(line: Line) -> bool:
    return _is_original(line) or line.cells[0].startswith("Parameter")


def _whole(line: Line, text: Text, delimiter: str) -> str:
    written = text.lines[line.number - 1]
    return line.cells[0] if '"' in written else written.strip().rstrip(delimiter + " ")
