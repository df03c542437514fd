"""Lines of an impedance file to columns of numbers, fast and strict.

The text formats of the impedance instruments share this: a column is checked with one regular
expression and converted at once; only a column that holds something else is read cell by cell.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Message
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.readers import (
    Line,
    Text,
    decide_decimal,
    decode,
    parse_cell,
    parse_number,
)
from skinmech_chip_adapters.readers.delimited import DELIMITERS

_NUMBER = r"[+-]?(?:\d+(?:{0}\d*)?|{0}\d+)(?:[eE][+-]?\d{{1,4}})?"
_COLUMN = {
    sign: re.compile(f"(?:{one}\n)*{one}", re.ASCII)
    for sign, one in ((".", _NUMBER.format(r"\.")), (",", _NUMBER.format(",")))
}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of numbers.

    Attributes:
        values: Shape (rows,); NaN where the cell holds a word.
        bad: Shape (rows,); True where the cell is unreadable (with `on_bad_row = "keep_flagged"`).
    """

    values: np.ndarray
    bad: np.ndarray


def decode_western(content: bytes, entry: FileEntry, proves: Callable[[Text], bool]) -> Text:
    """Decode a file of a format known to use the Windows code page where it is not UTF-8.

    Args:
        content: The file.
        entry: A declared encoding goes first.
        proves: True for a text that reads as it should, such as a degree sign in a row of units; a
            file in another single-byte encoding does not, and needs a declaration.

    Raises:
        ChipDataError: As `readers.decode`.
    """
    try:
        return decode(content, entry.encoding)
    except ChipDataError as error:
        if error.code != "unknown_encoding" or entry.encoding:
            raise
        windows = any(0x80 <= one < 0xA0 for one in content)
        text = decode(content, "cp1252" if windows else "latin-1")
        if not proves(text):
            raise
        return text


def split_plainly(
    lines: Sequence[str], delimiter: str | None, first_number: int = 1
) -> tuple[Line, ...]:
    """Split lines where quotes have no meaning.

    Args:
        lines: Lines without their ends.
        delimiter: One character, or None for any run of blanks.
        first_number: Line number of the first of them.
    """
    found = []
    for number, line in enumerate(lines, first_number):
        written = line.split(delimiter)
        cells = [cell.strip(" \t\xa0") for cell in written]
        while cells and not cells[-1]:
            cells.pop()
        found.append(Line(number, tuple(cells), len(written)))
    return tuple(found)


def delimiter_of(header: str, entry: FileEntry) -> str:
    """Delimiter of a header line: declared, else a tab, a semicolon or a comma that occurs in it.

    Raises:
        ChipDataError: `unknown_delimiter` for a wrong declaration or a header without any.
    """
    if entry.delimiter and entry.delimiter not in DELIMITERS:
        raise ChipDataError(
            "unknown_delimiter", found=f"declared delimiter {entry.delimiter!r}",
            expected="one of comma, semicolon, tab", remedy="correct the side-car",
        )  # fmt: skip
    if entry.delimiter:
        return DELIMITERS[entry.delimiter]
    for candidate in ("\t", ";", ","):
        if candidate in header:
            return candidate
    raise ChipDataError(
        "unknown_delimiter", found="a header line without tab, semicolon or comma",
        expected="titles with a delimiter between them", remedy="export the file again",
    )  # fmt: skip


def decimal_of(
    lines: Iterable[Line], indices: Sequence[int], delimiter: str, entry: FileEntry
) -> str:
    """Decimal sign of the wanted columns; a comma-delimited file without evidence has a point."""
    tokens = ((line.number, line.cell(index)) for line in lines for index in indices)
    return decide_decimal(tokens, entry.decimal, "." if delimiter == "," else ".,")


def number_column(
    lines: Sequence[Line],
    index: int,
    decimal: str,
    entry: FileEntry,
    messages: list[Message],
) -> Column:
    """One column of numbers.

    Args:
        lines: The rows.
        index: Which cell of each row.
        decimal: Decimal sign of the file.
        entry: For declared sentinels and what to do with an unreadable cell.
        messages: Where unreadable cells are noted if the side-car wants them kept.

    Raises:
        ChipDataError: All unreadable cells at once, with line and column.
    """
    tokens = [line.cell(index) for line in lines]
    bad = np.zeros(len(tokens), dtype=bool)
    text = "\n".join(tokens)
    if not tokens or entry.sentinels or not _COLUMN[decimal].fullmatch(text):
        return _cell_by_cell(lines, index, decimal, entry, messages)
    values = np.array(list(map(float, text.replace(",", ".").split("\n"))), dtype=np.float64)
    problems = Problems()
    for row in np.flatnonzero(np.isinf(values) | (values == 0.0)).tolist():
        with problems.collect(locator=f"line {lines[row].number}, column {index + 1}"):
            parse_number(tokens[row], decimal)  # refuses what float64 cannot hold
    problems.raise_if_any()
    return Column(values, bad)


def _cell_by_cell(
    lines: Sequence[Line], index: int, decimal: str, entry: FileEntry, messages: list[Message]
) -> Column:
    values = np.full(len(lines), np.nan)
    bad = np.zeros(len(lines), dtype=bool)
    problems = Problems()
    for row, line in enumerate(lines):
        where = f"line {line.number}, column {index + 1}"
        try:
            values[row] = parse_cell(line.cell(index), decimal, entry.sentinels).value
        except ChipDataError as error:
            placed = error.at(locator=where)
            if entry.on_bad_row == "error":
                problems.found.append(placed)
            bad[row] = True
            messages.append(
                Message(level="error", code=placed.code, locator=where, text=str(placed))
            )
    problems.raise_if_any()
    return Column(values, bad)


def check_width(line: Line, width: int) -> None:
    """Refuse a row that has fewer cells than titles, or something behind the last of them."""
    if line.width < width or len(line.cells) > width:
        raise ChipDataError(
            "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
            expected=f"{width} cells as in the header",
            remedy="the file is cut or was edited: export it again",
        )  # fmt: skip


def check_line_end(text: Text) -> None:
    """Refuse a last line without its end: a number on it may be cut."""
    if not text.ends_with_newline and text.lines[-1].strip():
        raise ChipDataError(
            "cut_row", locator=f"line {len(text.lines)}", found="a last line without its end",
            expected="a line end after every row", remedy="the file is cut: export it again",
        )  # fmt: skip


def no_rows() -> Message:
    """Remark on a file that holds a header and nothing else."""
    return Message(level="warning", code="no_rows", text="the file holds a header and no values")


def wrong_format(found: str, expected: str) -> ChipDataError:
    """Error for a file of another format."""
    return ChipDataError(
        "wrong_format", locator="line 1", found=found, expected=expected,
        remedy="name the right adapter in the side-car",
    )  # fmt: skip


def unknown_time_unit(found: str, expected: str, locator: str) -> ChipDataError:
    """Error for another unit of time than the format has: one letter would shift every value."""
    return ChipDataError(
        "unknown_unit", locator=locator, found=f"unit of time {found[:20]!r}",
        expected=repr(expected), remedy="the file is damaged or of an unknown version",
    )  # fmt: skip


def column_missing(line: int, wanted: str, titles: Sequence[str]) -> ChipDataError:
    """Error for a needed column that the header does not have."""
    shown = ", ".join(repr(title[:30]) for title in titles[:12])
    return ChipDataError(
        "column_missing", locator=f"line {line}", found=f"no column {wanted!r}",
        expected=f"it among {shown or 'the titles'}", remedy="export the file with this column",
    )  # fmt: skip
