"""A block `Plate:` of a SoftMax Pro export."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.plates import Cuts, columns_of
from skinmech_chip_adapters.plates.grid import ROWS_OF_COLUMNS
from skinmech_chip_adapters.readers import Line

MODES = ("Absorbance", "Fluorescence", "Luminescence")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?")
_NUMBERS = re.compile(r"\d{3,4}( \d{3,4})*")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the plate at one wavelength and time point.

    Attributes:
        line: Line number.
        wavelength: Index of the grid, from 0.
        seconds: Since the start of a kinetic run, or None for an endpoint.
        temperature: Text beside the first row of the time point, or empty.
        row: Index of the row of the plate, from 0.
        texts: Cells, one for each column of the plate.
    """

    line: int
    wavelength: int
    seconds: float | None
    temperature: str
    row: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A plate as written; `wavelengths` holds one text for each grid, empty without a number."""

    line: int
    name: str
    mode: str
    wavelengths: tuple[str, ...]
    rows: tuple[Row, ...]
    reduced_line: int


def plate_block(lines: Sequence[Line], cuts: Cuts) -> Plate | None:
    """Read a block; None where it is cut and the side-car keeps what is whole.

    Raises:
        ChipDataError: `layout_unsupported` for another layout than the plate's, spectra or well
            scans; what `cuts` raises.
    """
    settings = lines[0]
    where = f"line {settings.number}"
    layout, read_type = settings.cell(3), settings.cell(4)
    mode = next((one for one in settings.cells[5:7] if one in MODES), "")
    if layout != "PlateFormat" or read_type not in ("Endpoint", "Kinetic") or not mode:
        raise ChipDataError(
            "layout_unsupported", locator=where,
            found=f"{layout[:20]!r}, {read_type[:20]!r}, mode {settings.cell(5)[:20]!r}",
            expected="PlateFormat, Endpoint or Kinetic; " + ", ".join(MODES),
            remedy="export the plate in plate format",
        )  # fmt: skip
    groups = _groups(lines[1]) if len(lines) > 1 else ()
    if not groups:
        cuts.at(where, "no row of column numbers", "Temperature, 1, 2, …")
        return None
    columns, count = groups
    height = ROWS_OF_COLUMNS.get(columns, 0)
    wells = {cell for cell in settings.cells[8:] if cell in ("6", "12", "24", "48", "96", "384")}
    if str(height * columns) not in wells:
        cuts.at(where, f"{columns} columns", "as many as the settings' number of wells")
    rows, end = _rows(lines, columns, count, height, read_type == "Kinetic", cuts)
    points = _points(settings)
    found = len({row.seconds for row in rows})
    if read_type == "Kinetic" and points and found != points:
        cuts.at(where, f"{found} time points", f"{points} as the settings state")
    below = [line for line in lines[end:] if line.cells]
    reduced = below[0].number if below and columns_of(below[0].cells[2:]) else 0
    if below and not reduced:
        cuts.at(f"line {below[0].number}", "a row after the end of the plate",
                "the rows of the plate without a gap", "cut_row")  # fmt: skip
    return Plate(
        line=settings.number,
        name=settings.cell(1),
        mode=mode,
        wavelengths=_wavelengths(settings, count),
        rows=tuple(rows),
        reduced_line=reduced,
    )


def _groups(header: Line) -> tuple[int, int] | tuple[()]:
    """Number of columns of the plate, and how many grids stand side by side."""
    cells = list(header.cells[2:])
    width = cells.index("") if "" in cells else len(cells)
    columns = columns_of(cells[:width])
    if not columns or columns[0] != 1:
        return ()
    count = (len(cells) + 1) // (width + 1)
    wanted = [*map(str, columns), ""] * count
    return (width, count) if cells == wanted[:-1] else ()


def _points(settings: Line) -> int:
    """Number of time points; it stands after two or three words TRUE or FALSE."""
    words = [i for i, cell in enumerate(settings.cells) if cell in ("TRUE", "FALSE")]
    text = settings.cell(words[-1] + 1) if words else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _wavelengths(settings: Line, count: int) -> tuple[str, ...]:
    """Texts of the wavelengths; the cell before them holds their number."""
    for index in range(8, len(settings.cells) - 1):
        text = " ".join(settings.cell(index + 1).split())
        if settings.cell(index) == str(count) and _NUMBERS.fullmatch(text):
            numbers = text.split()
            if len(numbers) == count:
                return tuple(numbers)
    if count == 1:
        return ("",)
    raise ChipDataError(
        "wavelength_missing", locator=f"line {settings.number}",
        found=f"{count} grids without as many wavelengths",
        expected="the wavelengths in the settings of the plate",
        remedy="export the plate again",
    )  # fmt: skip


def _rows(
    lines: Sequence[Line], columns: int, count: int, height: int, is_kinetic: bool, cuts: Cuts
) -> tuple[list[Row], int]:
    """Rows of all time points, and the index of the first line after them."""
    rows: list[Row] = []
    index = 2
    while index < len(lines):
        if not lines[index].cells and lines[index].width < 3:
            index += 1
            continue
        if columns_of(lines[index].cells[2:]):
            break
        part = lines[index : index + height]
        seconds = _seconds(part[0].cell(0)) if is_kinetic else None
        if (is_kinetic and seconds is None) or (not is_kinetic and rows):
            break
        width = lines[1].width
        short = next((one for one in part if not _fits(one, columns, count, width)), None)
        if len(part) < height or short is not None:
            line = short or part[-1]
            cuts.at(f"line {line.number}", f"{line.width} cells, row {len(part)} of the plate",
                    f"{height} rows of {count} times {columns} wells", "cut_row")  # fmt: skip
            break
        rows += _time_point(part, columns, count, seconds)
        index += height
    return rows, index


def _fits(line: Line, columns: int, count: int, width: int) -> bool:
    """True if a line is as wide as the row of column numbers and has no cell between the grids.

    A lost tab would shift values to other wells, and most cells of a partial plate are blank.
    """
    stop = 2 + count * (columns + 1) - 1
    gaps = (line.cell(2 + number * (columns + 1) - 1) for number in range(1, count))
    whole = line.width == width and width >= stop
    return whole and len(line.cells) <= stop and not any(gaps)


def _time_point(
    lines: Sequence[Line], columns: int, count: int, seconds: float | None
) -> list[Row]:
    rows = []
    for wavelength in range(count):
        start = 2 + wavelength * (columns + 1)
        for number, line in enumerate(lines):
            texts = tuple(line.cell(start + column) for column in range(columns))
            temperature = lines[0].cell(1)
            rows.append(Row(line.number, wavelength, seconds, temperature, number, texts))
    return rows


def _seconds(text: str) -> float | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    whole = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
    return whole + int(match[4] or 0) / 10 ** len(match[4] or "")
