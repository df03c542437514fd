"""NOVA bytes to sweeps, without meaning."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.readers import (
    Line,
    Text,
    decide_decimal,
    decode,
    decode_head,
    parse_number,
    split_lines,
)

_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
_NAMED = re.compile(r"(?P<name>.+?)\s*\((?P<unit>[^()]*)\)")

# Column names of the format and what they are called here.
COLUMNS = {
    "Time": "time",
    "Frequency": "frequency",
    "Z'": "real",
    "-Z''": "minus_imaginary",
    "Z": "magnitude",
    "-Phase": "minus_phase",
    "OCP value": "open_circuit",
}
NEEDED = ("Frequency", "Z'", "-Z''")


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep as written.

    Attributes:
        number: Position in the file, from 1.
        date: Text of the date line.
        date_line: Its line number.
        rows: Line numbers of the data rows.
        columns: Values by the names of `COLUMNS`, None for an empty cell.
        units: Unit text by the same names.
    """

    number: int
    date: str
    date_line: int
    rows: tuple[int, ...]
    columns: dict[str, list[float | None]]
    units: dict[str, str]


def sniff(head: bytes, name: str) -> Evidence:
    """A date line followed by the header of a frequency sweep."""
    lines = decode_head(head).splitlines()
    if len(lines) < 2 or not _DATE.fullmatch(lines[0].strip()):
        return Evidence(0.0)
    if "-Z'' (" in lines[1] and "Frequency (" in lines[1] and "\t" in lines[1]:
        return Evidence(0.95, ("date line, then Frequency and -Z'' columns",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a NOVA export into its sweeps."""
    text = decode(content, entry.encoding)
    _refuse_other_format(text)
    lines = [line for line in split_lines(text, "\t") if any(line.cells)]
    if lines and not text.ends_with_newline:
        raise ChipDataError(
            "cut_row", locator=f"line {lines[-1].number}", found="a last line without its end",
            expected="a line end after every row",
            remedy="the file is cut: export it again",
        )  # fmt: skip
    numbers = ((line.number, cell) for line in lines if not _is_text(line) for cell in line.cells)
    decimal = decide_decimal(numbers, entry.decimal)
    sweeps, unparsed = [], []
    position = 0
    while position < len(lines):
        sweep, position, unknown = _sweep(lines, position, len(sweeps) + 1, decimal)
        sweeps.append(sweep)
        unparsed += [one for one in unknown if one not in unparsed]
    return Parsed(
        tables=tuple(sweeps),
        header="\n".join("\t".join(line.cells) for line in lines if _is_text(line)),
        unparsed=tuple(unparsed),
        encoding=text.encoding,
        newline=text.newline,
        delimiter="\t",
        decimal=decimal,
        software="NOVA",
    )


def _refuse_other_format(text: Text) -> None:
    if any(_DATE.fullmatch(line.strip()) for line in text.lines[:1]):
        return
    raise ChipDataError(
        "wrong_format", locator="line 1", found="a first line that is no bare date",
        expected="a NOVA export: a date line, then the header of the sweep",
        remedy="name the right adapter in the side-car",
    )  # fmt: skip


def _is_text(line: Line) -> bool:
    return "(" in line.cells[0] or (len(line.cells) == 1 and bool(_DATE.fullmatch(line.cells[0])))


def _sweep(
    lines: list[Line], start: int, number: int, decimal: str
) -> tuple[Sweep, int, list[Unparsed]]:
    date = lines[start]
    if len(date.cells) != 1 or not _DATE.fullmatch(date.cells[0]):
        raise ChipDataError(
            "wrong_format", locator=f"line {date.number}", found="a row outside a sweep",
            expected="the date line of the next sweep", remedy="export the file again",
        )  # fmt: skip
    if start + 1 >= len(lines) or not _is_text(lines[start + 1]):
        raise ChipDataError(
            "header_missing", locator=f"line {date.number}, sweep {number}",
            found="a date line without the header of its sweep", expected="the header line",
            remedy="the file is cut: export it again",
        )  # fmt: skip
    names, units, unknown = _header(lines[start + 1])
    columns: dict[str, list[float | None]] = {name: [] for name in names if name}
    rows = []
    end = start + 2
    while end < len(lines) and not _is_text(lines[end]):
        _row(lines[end], names, lines[start + 1].width, decimal, columns)
        rows.append(lines[end].number)
        end += 1
    sweep = Sweep(number, date.cells[0], date.number, tuple(rows), columns, units)
    return sweep, end, unknown


def _header(line: Line) -> tuple[list[str], dict[str, str], list[Unparsed]]:
    names, units, unknown, found = [], {}, [], set()
    for cell in line.cells:
        match = _NAMED.fullmatch(cell)
        title = match["name"] if match else cell
        found.add(title)
        name = COLUMNS.get(title, "")
        names.append(name)
        if name and match:
            units[name] = match["unit"]
        elif not name:
            unknown.append(Unparsed(f"line {line.number}", cell, "a column this adapter skips"))
    for needed in NEEDED:
        if needed not in found:
            raise ChipDataError(
                "column_missing", locator=f"line {line.number}", found=f"no column {needed!r}",
                expected=one_of(COLUMNS, needed), remedy="export the sweep with this column",
            )  # fmt: skip
    return names, units, unknown


def _row(
    line: Line, names: list[str], width: int, decimal: str, columns: dict[str, list[float | None]]
) -> None:
    if line.width != width:
        raise ChipDataError(
            "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
            expected=f"{width} cells as in the header",
            remedy="the file is cut or was edited: export it again",
        )  # fmt: skip
    for index, name in enumerate(names):
        if not name:
            continue
        cell = line.cell(index)
        if not cell and name != "open_circuit":
            raise ChipDataError(
                "empty_cell", locator=f"line {line.number}, column {index + 1}",
                found="an empty cell", expected="a number",
            )  # fmt: skip
        try:
            columns[name].append(parse_number(cell, decimal) if cell else None)
        except ChipDataError as error:
            raise error.at(locator=f"line {line.number}, column {index + 1}") from error
