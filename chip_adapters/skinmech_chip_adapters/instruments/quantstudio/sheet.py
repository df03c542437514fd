"""The workbook of Design & Analysis to the same tables as the text."""

from datetime import datetime
from typing import Any

from skinmech_chip_adapters.adapter import Evidence
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.quantstudio.tables import NEEDED, Run, named
from skinmech_chip_adapters.readers import Line
from skinmech_chip_adapters.readers.titled import titled, wrong_format

_MARK = b"PK\x03\x04"


def is_sheet(content: bytes) -> bool:
    """True for a zip container, which a workbook is."""
    return content.startswith(_MARK)


def sniff_sheet(content: bytes) -> Evidence:
    """Words of Design & Analysis among the first strings of the workbook."""
    from skinmech_chip_adapters.readers.workbook import peek  # text files need no workbook

    text = peek(content)
    if "Well Position" in text and "Quantification Cycle Method" in text:
        return Evidence(0.9, ("Well Position and Quantification Cycle Method",))
    return Evidence(0.0)


def read_sheet(content: bytes, entry: FileEntry) -> tuple[Run, str, str]:
    """The run, and what a workbook has for an encoding and line ends.

    Raises:
        ChipDataError: `wrong_format`, or what `read_workbook` says.
    """
    from skinmech_chip_adapters.readers.workbook import read_workbook

    expected = "a QuantStudio text, or a Design & Analysis workbook with a sheet Results"
    try:
        sheets = {sheet.name: sheet for sheet in read_workbook(content)}
    except ChipDataError as error:
        if error.code != "not_a_workbook":
            raise
        raise wrong_format("byte 0", "a zip container that is no workbook", expected) from error
    results = sheets.get("Results")
    lines = [_line(i, row) for i, row in enumerate(results.rows, 1)] if results else []
    start = next((i for i, line in enumerate(lines) if NEEDED[0] in line.cells), None)
    if start is None:
        raise wrong_format("sheet 'Results'", "no row of titles with Well Position", expected)
    before = [line for line in lines[:start] if line.cells]
    keys = {line.cells[0]: line.cell(1) for line in before}
    at = {line.cells[0]: line.number for line in before}
    table = titled(named(lines[start]), lines[start + 1 :], entry, needed=NEEDED)
    return Run(keys, at, table, frozenset(), 0, True), "xlsx", "xlsx"


def _line(number: int, row: tuple[Any, ...]) -> Line:
    cells = [_text(cell) for cell in row]
    width = len(cells)
    while cells and not cells[-1]:
        cells.pop()
    return Line(number, tuple(cells), width)


def _text(cell: Any) -> str:
    """A cell as text from which the same number is read again."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return repr(cell) if isinstance(cell, (int, float)) else str(cell).strip(" \t\r\n\xa0")
