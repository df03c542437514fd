"""Gamry Framework data file to tags and tables, without meaning."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.impedance.cells import (
    Column,
    check_line_end,
    check_width,
    column_missing,
    decimal_of,
    decode_western,
    no_rows,
    number_column,
    split_plainly,
    unknown_time_unit,
    wrong_format,
)
from skinmech_chip_adapters.readers import Line, Text, decode_head

CURVE = "ZCURVE"
COLUMNS = {
    "Pt": "point",
    "Time": "time",
    "Freq": "frequency",
    "Zreal": "real",
    "Zimag": "imaginary",
    "Zmod": "magnitude",
    "Zphz": "phase",
}
NEEDED = ("Freq", "Zreal", "Zimag")
IGNORED = {
    "Zsig": "amplitude of the signal",
    "Idc": "direct current",
    "Vdc": "direct voltage",
    "IERange": "current range of the instrument",
    "ZrealDrCor": "drift-corrected by the vendor; the raw value is kept",
    "ZimagDrCor": "drift-corrected by the vendor; the raw value is kept",
}


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One impedance table as written.

    Attributes:
        name: Of the table.
        stated: Number of rows behind the word TABLE, None where there is none.
        closed: True if a further tag follows, so that the table is whole.
        rows: Line number of each row.
        columns: By the names in `COLUMNS`.
        units: Unit text by the same names.
    """

    name: str
    stated: int | None
    closed: bool
    rows: tuple[int, ...]
    columns: dict[str, Column]
    units: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """A data file as written: values behind each tag, and the impedance tables."""

    tags: dict[str, tuple[str, ...]]
    curves: tuple[Curve, ...]


@dataclass(slots=True)
class _Table:
    name: str
    line: int
    stated: int | None
    titles: tuple[str, ...]
    units: tuple[str, ...]
    rows: list[tuple[int, str]] = field(default_factory=list)
    closed: bool = False


def sniff(head: bytes, name: str) -> Evidence:
    """EXPLAIN alone on the first line, TAG on the second."""
    lines = decode_head(head[:2048]).splitlines()
    if len(lines) > 1 and lines[0].strip() == "EXPLAIN" and lines[1].startswith("TAG\t"):
        return Evidence(0.95, ("EXPLAIN, then TAG",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Tags and impedance tables.

    Raises:
        ChipDataError: For a file of another format or technique, a cut row, or cells that are no
            numbers.
    """
    if not sniff(content[:2048], "").score:
        raise wrong_format("a start without EXPLAIN and TAG", "a Gamry Framework file (.DTA)")
    text = decode_western(content, entry, _has_degrees)
    check_line_end(text)
    tags, tables = _tags(text.lines)
    curves = [one for one in tables if one.name.startswith(CURVE)]
    if not curves:
        raise _no_impedance(tags)
    messages: list[Message] = []
    split = [_split(one, messages) for one in curves]
    indices = [_indices(one) for one in curves]
    decimal = decimal_of(
        [line for lines in split for line in lines],
        sorted({index for one in indices for index in one.values()}),
        "\t",
        entry,
    )
    if not any(split):
        messages.append(no_rows())
    found = []
    for table, lines, wanted in zip(curves, split, indices, strict=True):
        columns = {
            name: number_column(lines, index, decimal, entry, messages)
            for name, index in wanted.items()
        }
        units = {name: table.units[index] for name, index in wanted.items()}
        rows = tuple(line.number for line in lines)
        found.append(Curve(table.name, table.stated, table.closed, rows, columns, units))
    unparsed = _unparsed(tables, curves, messages)
    inside = {number for one in tables for number, _ in one.rows}
    return Parsed(
        tables=Experiment(tags, tuple(found)),
        header="\n".join(line for n, line in enumerate(text.lines, 1) if n not in inside),
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter="\t",
        decimal=decimal,
        software="Gamry Framework",
    )


def _has_degrees(text: Text) -> bool:
    return any("°" in line.split("\t") for line in text.lines)


def _tags(lines: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], list[_Table]]:
    tags: dict[str, tuple[str, ...]] = {}
    tables: list[_Table] = []
    position, inside = 0, False
    while position < len(lines):
        line, number = lines[position], position + 1
        cells = [cell.strip(" ") for cell in line.split("\t")]
        position += 1
        if not line.strip():
            continue
        if line[0] in "\t ":
            if not inside:
                raise ChipDataError(
                    "wrong_format", locator=f"line {number}", found="a row outside a table",
                    expected="a tag at the start of the line",
                    remedy="the file is damaged: export it again",
                )  # fmt: skip
            tables[-1].rows.append((number, line))
            continue
        inside = False
        for table in tables[-1:]:
            table.closed = True
        kind = cells[1] if len(cells) > 1 else ""
        if kind == "TABLE":
            tables.append(_table(lines, position, cells))
            position, inside = position + 2, True
            continue
        tags.setdefault(cells[0], tuple(cells[1:]))
        if kind == "NOTES" and len(cells) > 2:
            position += min(_count(cells[2]) or 0, len(lines))
    return tags, tables


def _table(lines: Sequence[str], position: int, cells: list[str]) -> _Table:
    heads = split_plainly(lines[position : position + 2], "\t", position + 1)
    if len(heads) < 2 or not all(len(one.cells) > 1 and not one.cells[0] for one in heads):
        raise ChipDataError(
            "header_missing", locator=f"line {position}, table {cells[0][:20]}",
            found="a table without names and units of its columns",
            expected="a line of names and a line of units", remedy="export the file again",
        )  # fmt: skip
    titles, units = (one.cells[1:] for one in heads)
    units = (*units, *[""] * (len(titles) - len(units)))
    stated = _count(cells[2]) if len(cells) > 2 else None
    return _Table(cells[0], position, stated, titles, units)


def _count(token: str) -> int | None:
    return int(token) if token.isascii() and token.isdigit() and len(token) < 8 else None


def _no_impedance(tags: dict[str, tuple[str, ...]]) -> ChipDataError:
    technique = (tags.get("TAG") or ("",))[0]
    if "EIS" in technique.upper():
        return ChipDataError(
            "header_missing", found=f"technique {technique[:20]!r} without a {CURVE} table",
            expected=f"the table {CURVE}", remedy="the file is cut: export it again",
        )  # fmt: skip
    return ChipDataError(
        "not_impedance", locator="TAG", found=f"technique {technique[:20]!r}",
        expected="an impedance technique such as EISPOT or EISGALV",
        remedy="leave this file out: it holds no impedance",
    )  # fmt: skip


def _split(table: _Table, messages: list[Message]) -> list[Line]:
    """Cells of the rows; a row whose tabs became blanks is split at these, with a remark."""
    lines = []
    for number, row in table.rows:
        line = split_plainly([row.removeprefix("\t")], "\t", number)[0]
        blanks = split_plainly([row], None, number)[0]
        if line.width < len(table.titles) and len(blanks.cells) == len(table.titles):
            text = "tabs of this row were replaced by blanks; split at the blanks"
            messages.append(
                Message(level="warning", code="tabs_lost", locator=f"line {number}", text=text)
            )
            line = blanks
        check_width(line, len(table.titles))
        lines.append(line)
    return lines


def _indices(table: _Table) -> dict[str, int]:
    for name in NEEDED:
        if name not in table.titles:
            raise column_missing(table.line + 1, name, table.titles)
    found: dict[str, int] = {}
    for index, title in enumerate(table.titles):
        if title in COLUMNS:
            found.setdefault(COLUMNS[title], index)
            if title == "Time" and table.units[index] != "s":
                raise unknown_time_unit(table.units[index], "s", f"line {table.line + 2}")
    return found


def _unparsed(
    tables: list[_Table], curves: list[_Table], messages: list[Message]
) -> list[Unparsed]:
    unparsed = [
        Unparsed(f"line {one.line}", one.name, "not impedance")
        for one in tables
        if one not in curves
    ]
    titles = {title: one.line + 1 for one in curves for title in one.titles}
    for title, line in titles.items():
        if title in COLUMNS:
            continue
        reason = IGNORED.get(title, "unknown to this adapter")
        unparsed.append(Unparsed(f"line {line}", title[:60], reason))
        if title not in IGNORED:
            text = f"column {title[:30]!r} was left out"
            messages.append(
                Message(level="warning", code="unknown_column", locator=f"line {line}", text=text)
            )
    return unparsed
