"""EnVision bytes to plates and results, without meaning."""

import re
from dataclasses import dataclass
from itertools import pairwise

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.plates import Cuts, columns_of, grid_rows, plate_decimal
from skinmech_chip_adapters.plates.grid import LETTERS
from skinmech_chip_adapters.readers import Line, decode, decode_head, split_lines
from skinmech_chip_adapters.readers.delimited import DELIMITERS

_PLATE = "Plate information"
_HEADER = re.compile(r'"?Plate"?([,;\t])"?Repeat"?\1')
_RESULTS = re.compile(r"Results for (?P<label>.+)")
_OPERATION = re.compile(r"Plate \d+")


@dataclass(frozen=True, slots=True)
class Results:
    """A grid below `Results for …`: label, column numbers, and letter and line of each row."""

    line: int
    label: str
    columns: tuple[int, ...]
    rows: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate: line of its settings, the settings by title, and its results."""

    line: int
    settings: dict[str, str]
    results: tuple[Results, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """All plates, and the facts of the footer by key."""

    plates: tuple[Plate, ...]
    footer: dict[str, str]
    is_cut: bool


def sniff(head: bytes, name: str) -> Evidence:
    """The file begins with the settings of a plate."""
    lines = [line for line in decode_head(head)[:4096].splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].strip(',;\t" ') == _PLATE and _HEADER.match(lines[1]):
        return Evidence(0.95, ("begins with 'Plate information' and its titles",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split an EnVision file into plates and footer."""
    text = decode(content, entry.encoding)
    header = next((found for line in text.lines[:8] if (found := _HEADER.match(line))), None)
    if header is None:
        raise ChipDataError(
            "wrong_format", locator="line 2", found="no titles 'Plate', 'Repeat', …",
            expected="an EnVision export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter, header[1])
    lines = split_lines(text, delimiter)
    cuts = Cuts(entry)
    end = next(
        (i for i, line in enumerate(lines) if line.cell(0) == "Basic assay information"), len(lines)
    )
    plates = _plates(lines[:end], cuts)
    footer = _footer(lines[end:])
    _check_footer(lines, end, plates, footer, cuts)
    grids = [grid for plate in plates for grid in plate.results]
    tokens = [(line.number, cell) for grid in grids for _, line in grid.rows
              for cell in line.cells[1:]]  # fmt: skip
    labels = {grid.label for grid in grids}
    messages = list(cuts.messages)
    if not grids:
        messages.append(Message(level="warning", code="no_rows", text="the file holds no results"))
    return Parsed(
        tables=Export(tuple(plates), footer, cuts.is_cut),
        header="\n".join((*text.lines[:3], *text.lines[end:])),
        unparsed=(
            Unparsed("Background information", "Result, Signal", "background of the lamp"),
            Unparsed("end of the file", "protocol and labels", "settings; kept as header"),
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=plate_decimal(
            tokens, entry.decimal, delimiter=delimiter,
            is_absorbance=all(label.startswith("A") for label in labels),
        ),
        software=next((line for line in text.lines if line.startswith("Exported with")), "EnVision")
        .strip(delimiter),
    )  # fmt: skip


def unwrapped(cell: str) -> str:
    """Text of a cell that may be written as ="…" to keep Excel from changing it."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _plates(lines: tuple[Line, ...], cuts: Cuts) -> list[Plate]:
    starts = [i for i, line in enumerate(lines) if line.cell(0) == _PLATE]
    plates = []
    for start, end in pairwise([*starts, len(lines)]):
        part = lines[start:end]
        where = f"line {part[0].number}"
        if len(part) < 3 or len(part[2].cells) < 2 or part[2].width < len(part[1].cells):
            cuts.at(where, "no settings of the plate", "a row below its titles", "cut_row")
            break
        settings = dict(zip(part[1].cells, map(unwrapped, part[2].cells), strict=False))
        plates.append(Plate(part[2].number, settings, tuple(_results(part, cuts))))
        if not plates[-1].results:
            cuts.at(where, "a plate without results", "'Results for …'")
    return plates


def _results(lines: tuple[Line, ...], cuts: Cuts) -> list[Results]:
    found = []
    for index, line in enumerate(lines):
        title = _RESULTS.fullmatch(line.cell(0))
        if title is None:
            above = lines[index - 1].cell(0)
            if columns_of(line.cells[1:]) and not line.cell(0) and not _RESULTS.match(above):
                cuts.at(f"line {line.number}", "a plate without its title", "'Results for …'")
            continue
        where = f"line {line.number}"
        columns = columns_of(lines[index + 1].cells[1:]) if index + 1 < len(lines) else ()
        if not columns:
            cuts.at(where, "results without a row of column numbers", "01, 02, …")
            continue
        rows = grid_rows(lines, index + 2, len(columns), cuts)
        unclosed = next((one for _, one in rows if one.width < len(columns) + 2), None)
        if unclosed is not None:
            cuts.at(f"line {unclosed.number}", "a row that does not end in a delimiter",
                    "a delimiter, which shows that it is whole", "cut_row")  # fmt: skip
            rows = [(letter, one) for letter, one in rows if one is not unclosed]
        after = next((one for one in lines[index + 2 + len(rows) :] if one.cells), None)
        if after is not None and after.cell(0) in ("", *LETTERS):
            cuts.at(f"line {after.number}", "a row after the end of a plate",
                    "the rows of the plate without a gap", "cut_row")  # fmt: skip
        found.append(Results(line.number, title["label"], columns, tuple(rows)))
    return found


def _footer(lines: tuple[Line, ...]) -> dict[str, str]:
    """First cell to first further cell that is not empty."""
    found: dict[str, str] = {}
    for line in lines:
        value = next((cell for cell in line.cells[1:] if cell), "")
        if line.cells:
            found.setdefault(line.cells[0].rstrip(": "), unwrapped(value))
    found["Operations"] = str(sum(1 for line in lines if _OPERATION.fullmatch(line.cell(0))))
    return found


def _check_footer(
    lines: tuple[Line, ...], end: int, plates: list[Plate], footer: dict[str, str], cuts: Cuts
) -> None:
    last = f"line {lines[-1].number}"
    if "Instrument" not in footer or not footer.get("Serial number"):
        cuts.at(last, "no section 'Instrument'", "assay, protocol and instrument at the end")
    operations = int(footer["Operations"]) if end < len(lines) else 0
    if operations and operations != len(plates):
        cuts.at(last, f"results of {len(plates)} plates", f"{operations} as 'Operations' lists")
    size = (footer.get("Number of rows", ""), footer.get("Number of columns", ""))
    if not all(size):
        return
    for grid in (grid for plate in plates for grid in plate.results):
        found = (str(len(grid.rows)), str(len(grid.columns)))
        if found != size:
            cuts.at(f"line {grid.line}", f"{found[0]} rows of {found[1]} columns",
                    f"{size[0]} rows of {size[1]} as the plate type states")  # fmt: skip
