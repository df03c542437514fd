"""Delimited lines: strict splitting, with the line number kept for every row."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers.encoding import Text

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", ",": ",", ";": ";", "\t": "\t"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a delimited file.

    Attributes:
        number: Line number in the file, from 1 (of the row's last line if a quoted cell spans two).
        cells: The cells, blanks around them removed, empty cells at the end removed.
        width: Number of cells as written, the empty ones included.
    """

    number: int
    cells: tuple[str, ...]
    width: int

    def cell(self, index: int) -> str:
        """A cell, empty beyond the end of the row."""
        return self.cells[index] if index < len(self.cells) else ""


def split_lines(text: Text, delimiter: str) -> tuple[Line, ...]:
    """Split all lines at a delimiter, honouring double quotes.

    Raises:
        ChipDataError: `broken_quoting` with the line, for an unclosed or misplaced quote.
    """
    return tuple(_rows(text, delimiter))


def _rows(text: Text, delimiter: str) -> Iterator[Line]:
    reader = csv.reader((line + "\n" for line in text.lines), delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ChipDataError(
                "broken_quoting", locator=f"line {reader.line_num}",
                found="a quote that is not closed", expected="quotes in pairs",
                remedy="the file is cut or was edited; export it again",
            ) from error  # fmt: skip
        stripped = [cell.strip(" \t\n\r\xa0") for cell in cells]
        while stripped and not stripped[-1]:
            stripped.pop()
        yield Line(reader.line_num, tuple(stripped), len(cells))


def decide_delimiter(text: Text, declared: str = "") -> str:
    """Delimiter of a table: declared, or the one candidate that splits the lines evenly.

    Raises:
        ChipDataError: `unknown_delimiter` if none or several candidates fit.
    """
    if declared:
        if declared not in DELIMITERS:
            raise ChipDataError(
                "unknown_delimiter", found=f"declared delimiter {declared!r}",
                expected="one of comma, semicolon, tab",
            )  # fmt: skip
        return DELIMITERS[declared]
    fits = {}
    for candidate in ("\t", ";", ","):
        widths = Counter(
            line.width for line in split_lines(text, candidate) if any(line.cells)
        )  # fmt: skip
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        if width > 1 and times >= 0.6 * widths.total():
            fits[candidate] = width
    # A tab or semicolon never occurs by accident in every line; commas may be decimal signs.
    for candidate in ("\t", ";", ","):
        if candidate in fits:
            return candidate
    raise ChipDataError(
        "unknown_delimiter", found="lines that no delimiter splits evenly",
        expected="tab, semicolon or comma",
        remedy='declare delimiter = "semicolon" in the side-car',
    )  # fmt: skip
