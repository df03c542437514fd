"""MARS bytes to header and blocks, without meaning."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.plates import Cuts, columns_of, grid_rows, plate_decimal
from skinmech_chip_adapters.readers import Line, Text, decode, decode_head, split_lines
from skinmech_chip_adapters.readers.delimited import DELIMITERS

_SECOND = re.compile(
    r'"?Test name: .*?"?(?P<delimiter>[,;\t])\s*"?Date: (?P<date>[^,;\t"]*)"?'
    r'(?P=delimiter)\s*"?Time: (?P<time>[^,;\t"]*)"?'
)
_IDENTIFIER = re.compile(r"ID\d+: ?(.*)")
MODES = ("Absorbance", "Fluorescence", "Luminescence")


@dataclass(frozen=True, slots=True)
class Block:
    """A grid below its title: column numbers, and letter and line of each row."""

    line: int
    title: str
    columns: tuple[int, ...]
    rows: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file as written: identifiers, place and text of the date, mode, and blocks."""

    identifiers: tuple[str, ...]
    date: tuple[str, str] | None
    mode: str
    blocks: tuple[Block, ...]
    is_cut: bool


def sniff(head: bytes, name: str) -> Evidence:
    """The first line ends in the run's number, the second names the test."""
    text = decode_head(head)[:4096]
    if "Test run no.:" in text and "Test name: " in text and text.lstrip('" ').startswith("User:"):
        return Evidence(0.95, ("header lines of MARS",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a MARS file into header and blocks."""
    text = decode(content, entry.encoding)
    second = next((found for line in text.lines[:6] if (found := _SECOND.match(line))), None)
    if second is None or "Test run no.:" not in "".join(text.lines[:2]):
        raise ChipDataError(
            "wrong_format", locator="line 2", found="no line with test name, date and time",
            expected="a MARS export", remedy="name the right adapter in the side-car",
        )  # fmt: skip
    delimiter = DELIMITERS.get(entry.delimiter, second["delimiter"])
    lines = split_lines(text, delimiter)
    cuts = Cuts(entry)
    blocks, other = _blocks(lines, cuts)
    _check_last_cell(text, blocks, cuts)
    first = blocks[0].line if blocks else len(lines) + 1
    mode = next(
        (one for line in lines for one in MODES if line.number < first and one in line.cell(0)), ""
    )
    row = next((one for one in other if len(one.cells) > 3), None)
    if row is not None and not cuts.is_cut:
        cuts.at(f"line {row.number}", "a row of values outside of a plate",
                "a row of column numbers above it")  # fmt: skip
    if not blocks:
        cuts.at(f"line {lines[-1].number}", "no plate", "a block such as 'Raw Data (450)'")
    tokens = [(line.number, cell) for block in blocks for _, line in block.rows
              for cell in line.cells[1:]]  # fmt: skip
    strange = [line for line in other if line.number > first]
    return Parsed(
        tables=Export(
            identifiers=tuple(m[1] for one in other if (m := _IDENTIFIER.match(one.cell(0)))),
            date=("line 2", f"{second['date']} {second['time']}".strip()),
            mode=mode,
            blocks=tuple(blocks),
            is_cut=cuts.is_cut,
        ),
        header="\n".join(text.lines[: first - 1]),
        unparsed=tuple(
            Unparsed(f"line {line.number}", line.cell(0)[:60], "unknown to this adapter")
            for line in strange
        ),
        messages=(*cuts.messages, *_remarks(strange)),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=plate_decimal(
            tokens, entry.decimal, delimiter=delimiter, is_absorbance=mode == "Absorbance"
        ),
        software="BMG MARS",
    )


def _remarks(strange: list[Line]) -> list[Message]:
    return [
        Message(level="warning", code="unknown_line", locator=f"line {line.number}",
                text=f"{line.cell(0)[:40]!r} is not known to this adapter and was left out")
        for line in strange
    ]  # fmt: skip


def _blocks(lines: tuple[Line, ...], cuts: Cuts) -> tuple[list[Block], list[Line]]:
    """Blocks, and the lines that belong to none."""
    blocks: list[Block] = []
    other: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        columns = columns_of(line.cells[1:]) if line.cells and not line.cells[0] else ()
        if columns:
            title = other.pop() if other else line
            rows = grid_rows(lines, index + 1, len(columns), cuts)
            blocks.append(Block(line.number, title.cell(0), columns, tuple(rows)))
            index += len(rows) + 1
            _check_end(lines, index, cuts)
        else:
            other += [line] if line.cells else []
            index += 1
    return blocks, other


def _check_end(lines: tuple[Line, ...], index: int, cuts: Cuts) -> None:
    after = next((line for line in lines[index:] if line.cells), None)
    if after is not None and len(after.cells) > 1 and not cuts.is_cut:
        cuts.at(f"line {after.number}", f"{after.cell(0)[:10]!r} after the end of a plate",
                "a title, or the rows of the plate without a gap", "cut_row")  # fmt: skip


def _check_last_cell(text: Text, blocks: list[Block], cuts: Cuts) -> None:
    """A number that ends with the file may be cut."""
    if text.ends_with_newline or not blocks or not blocks[-1].rows:
        return
    letter, line = blocks[-1].rows[-1]
    if line.number == len(text.lines) and line.width == len(blocks[-1].columns) + 1:
        cuts.at(f"line {line.number}, row {letter}", "a last number without a line end",
                "a line end, which shows that the number is whole", "cut_row")  # fmt: skip
