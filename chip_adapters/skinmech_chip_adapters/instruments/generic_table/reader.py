"""A declared table to rows of cells."""

from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.instruments.generic_table.columns import (
    NUMERIC,
    Layout,
    declared_layout,
)
from skinmech_chip_adapters.readers import Line, decide_decimal, decode, split_lines
from skinmech_chip_adapters.readers.delimited import decide_delimiter


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one row by column title; `last` marks the file's last row."""

    line: int
    cells: dict[str, str]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """The table below the header."""

    layout: Layout
    rows: tuple[Row, ...]
    ends_with_newline: bool
    cut_rows: int


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Find the header with the declared columns and split the rows below it."""
    layout = declared_layout(entry)
    text = decode(content, entry.encoding)
    delimiter = decide_delimiter(text, entry.delimiter)
    lines = split_lines(text, delimiter)
    header = _header(lines, layout)
    _check_titles(header, layout)
    names = [_plain(cell) for cell in header.cells]
    rows, messages = _rows([one for one in lines if one.number > header.number], header, names,
                           entry)  # fmt: skip
    declared = {_plain(one.name): one for one in layout.columns}
    numeric = {name for name, one in declared.items() if one.role in NUMERIC}
    tokens = (
        (row.line, row.cells[name].lstrip("<>=≤≥ ")) for row in rows for name in numeric
    )  # fmt: skip
    decimal = decide_decimal(tokens, entry.decimal)
    unknown = [name for name in names if name and name not in declared]
    messages += [
        Message(level="warning", code="undeclared_column", locator=f"line {header.number}",
                text=f"column {name!r} is not declared and was left out")
        for name in unknown
    ]  # fmt: skip
    ignored = [one for one in layout.columns if one.role == "ignore"]
    if not rows:
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds a header and no values")
        )
    where = f"line {header.number}"
    return Parsed(
        tables=Rows(layout, tuple(rows), text.ends_with_newline, _num_cut(messages)),
        header="\n".join(text.lines[: header.number]),
        unparsed=(
            *(Unparsed(where, name, "not declared in the side-car") for name in unknown),
            *(Unparsed(where, one.name, one.reason or "declared as ignored") for one in ignored),
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decimal,
    )


def _num_cut(messages: list[Message]) -> int:
    return sum(one.code == "cut_row" for one in messages)


def _plain(title: str) -> str:
    return " ".join(title.split())


def _header(lines: tuple[Line, ...], layout: Layout) -> Line:
    wanted = {_plain(one.name) for one in layout.columns if one.role != "ignore"}
    if layout.header_line:
        candidates = [one for one in lines if one.number == layout.header_line]
    else:
        candidates = [one for one in lines if wanted & {_plain(cell) for cell in one.cells}]
    for line in candidates:
        if wanted <= {_plain(cell) for cell in line.cells}:
            return line
    best = max(
        candidates or [one for one in lines if one.cells][:1],
        key=lambda one: len(wanted & {_plain(cell) for cell in one.cells}),
    )
    found = {_plain(cell) for cell in best.cells}
    missing = sorted(wanted - found)
    raise ChipDataError(
        "column_missing", locator=f"line {best.number}",
        found="no column " + ", ".join(map(repr, missing)),
        expected=one_of((name[:40] for name in found if name), missing[0]),
        remedy="correct the titles in the side-car, or the file's delimiter",
    )  # fmt: skip


def _check_titles(header: Line, layout: Layout) -> None:
    titles = [_plain(cell) for cell in header.cells]
    for column in layout.columns:
        if titles.count(_plain(column.name)) > 1:
            raise ChipDataError(
                "column_twice", locator=f"line {header.number}", found=f"column {column.name!r}",
                expected="each declared title once", remedy="rename one of the columns",
            )  # fmt: skip


def _rows(
    lines: list[Line], header: Line, names: list[str], entry: FileEntry
) -> tuple[list[Row], list[Message]]:
    rows: list[Row] = []
    messages: list[Message] = []
    filled = [line for line in lines if any(line.cells)]
    for line in filled:
        short = line.width < header.width and line.width < len(names)
        if short or len(line.cells) > len(names):
            problem = ChipDataError(
                "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
                expected=f"{len(names)} cells as in the header",
                remedy="the file is cut, or a decimal comma splits a number: check the delimiter",
            )  # fmt: skip
            if entry.on_bad_row == "error":
                raise problem
            messages.append(Message(level="error", code="cut_row", locator=problem.locator,
                                    text=f"row refused: {problem.found}"))  # fmt: skip
            continue
        cells = {name: line.cell(index) for index, name in enumerate(names) if name}
        rows.append(Row(line.number, cells, last=line is filled[-1]))
    return rows, messages
