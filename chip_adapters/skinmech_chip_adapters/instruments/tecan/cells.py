"""A Tecan export as lines of text cells, whether it is a workbook or delimited text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import Line, decode, split_lines
from skinmech_chip_adapters.readers.delimited import DELIMITERS

WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# The cells that only these formats have, with the delimiter after them.
_MARK = re.compile(r'"?(?:<>|Well positions|Cycle Nr\.)"?([\t;,])')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet, or the whole of a text file."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A file as sheets of text cells, and how it was read; `is_text` if it can be cut."""

    sheets: tuple[Sheet, ...]
    is_text: bool
    encoding: str
    newline: str
    delimiter: str
    ends_with_newline: bool = True


def cells_of(content: bytes, entry: FileEntry) -> Cells:
    """Cells of a workbook or of delimited text.

    Raises:
        ChipDataError: `wrong_format`, what the reader of workbooks says, or of text.
    """
    if content.startswith(WORKBOOK_MARKS):
        # Imported here: workbooks need an optional extra, text does not.
        from skinmech_chip_adapters.readers.workbook import read_workbook

        sheets = tuple(
            Sheet(name=one.name, lines=_lines(one.rows))
            for one in read_workbook(content)
            if not one.hidden
        )
        return Cells(sheets=sheets, is_text=False, encoding="workbook", newline="", delimiter="")
    text = decode(content, entry.encoding)
    mark = next((found for line in text.lines if (found := _MARK.match(line.strip(" ")))), None)
    if mark is None:
        raise ChipDataError(
            "wrong_format", locator="line 1", found="no '<>', 'Well positions' or 'Cycle Nr.'",
            expected="a Tecan export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter, mark[1])
    return Cells(
        sheets=(Sheet(name="", lines=split_lines(text, delimiter)),),
        is_text=True,
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        ends_with_newline=text.ends_with_newline,
    )


def _lines(rows: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    lines = []
    for number, row in enumerate(rows, 1):
        cells = [_text(cell) for cell in row]
        width = len(cells)
        while cells and not cells[-1]:
            cells.pop()
        lines.append(Line(number, tuple(cells), width))
    return tuple(lines)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return repr(int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell).strip(" \t\r\n\xa0")
